export interface RefusalOptions {
  /** What the person can do instead; commands stand between backticks. */
  readonly wayOut?: string;
  /** Slack user ids of those who can help. */
  readonly people?: readonly string[];
  /** A sentence for each field of a form that has to change, by the field's name. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/**
 * Something that a person asked for and that the rules do not allow. The message is a plain sentence for that person;
 * the code is for programs and tests. Every other error is a fault.
 */
export class Refusal extends Error {
  override readonly name: string = 'Refusal';
  readonly code: string;
  readonly wayOut: string | undefined;
  readonly people: readonly string[];
  readonly fields: Readonly<Record<string, string>> | undefined;

  constructor(code: string, message: string, options: RefusalOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.people = options.people ?? [];
    this.wayOut = options.wayOut;
    this.fields = options.fields;
  }
}
