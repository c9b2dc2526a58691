/** What is measured: a request from Slack, a request to the Invoice API, or a run of a background job. */
export type WorkKind = 'slack' | 'api' | 'job';

/**
 * Names from our own code, request IDs, methods and status codes. Never headers, tokens, user IDs, or anything that people
 * typed: this leaves the installation.
 */
export type WorkAttributes = Readonly<Record<string, string | number>>;

/** How a piece of work ended. */
export interface Outcome {
  /** The code of the error, as `errorCode` gives it; absent if there was none. */
  readonly code?: string | undefined;
  /** Whether the error is ours to fix. A refused request isn't. */
  readonly isFault?: boolean;
  /** For a name that is known only at the end. */
  readonly name?: string | undefined;
  readonly attributes?: WorkAttributes;
}

/** A piece of work that is being measured. It is reported when it ends, and never if it doesn't. */
export interface Measured {
  /** Records an instant on the way. */
  note(moment: 'acknowledged'): void;
  /** Only the first end counts. */
  end(outcome?: Outcome): void;
}

/** Where measurements go. */
export interface Recorder {
  begin(kind: WorkKind, name: string, attributes: WorkAttributes): Measured;
  /** Sends what is left, for a limited time. */
  stop(): Promise<void>;
}
