import { REFUSALS, type RefusalCode, type RefusalData } from './refusals/index.ts';
import type { NoData } from './refusals/kind.ts';

export interface RefusalOptions {
  /** The form fields at fault, if they differ from the code's. */
  readonly fields?: readonly string[];
  /** Slack user IDs of people who can help. */
  readonly people?: readonly string[];
  readonly cause?: unknown;
}

interface RefusalOf<Code extends RefusalCode> extends Error {
  readonly code: Code;
  readonly data: RefusalData<Code>;
  /** The form fields at fault. */
  readonly fields: readonly string[];
  /** Slack user IDs of people who can help. */
  readonly people: readonly string[];
}

/**
 * A request by a person or program that the rules don't allow: a code of the registry with its data. Slack and the API
 * provide the text. Every other error is a bug.
 */
export type Refusal<Code extends RefusalCode = RefusalCode> = Code extends RefusalCode ? RefusalOf<Code> : never;

type Rest<Code extends RefusalCode> =
  NoData extends RefusalData<Code>
    ? [data?: RefusalData<Code>, options?: RefusalOptions]
    : [data: RefusalData<Code>, options?: RefusalOptions];

interface RefusalConstructor {
  new <Code extends RefusalCode>(code: Code, ...rest: Rest<Code>): RefusalOf<Code>;
  [Symbol.hasInstance](value: unknown): value is Refusal;
}

class Refused extends Error {
  override readonly name: string = 'Refusal';
  readonly code: RefusalCode;
  readonly data: unknown;
  readonly fields: readonly string[];
  readonly people: readonly string[];

  constructor(code: RefusalCode, data: unknown = {}, options: RefusalOptions = {}) {
    super(code, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.data = data;
    this.fields = options.fields ?? REFUSALS[code].fields;
    this.people = options.people ?? [];
  }
}

// a class can't type its data by its code, so this is the only place where the registry is applied to it
export const Refusal = Refused as unknown as RefusalConstructor;
