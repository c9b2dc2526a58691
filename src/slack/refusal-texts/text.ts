import type { RefusalCode, RefusalData } from '../../billing/refusals/index.ts';

/** What was wrong, and what to do about it. Commands are between backticks. */
export type RefusalText = string | readonly [message: string, wayOut: string];

/** A text for each code in a part of the registry. */
export type TextsOf<Registry> = {
  readonly [Code in keyof Registry & RefusalCode]: (data: RefusalData<Code>) => RefusalText;
};

/** `“A”, “B” and 3 more` */
export function quotedNames(names: readonly string[], more = 0): string {
  return `${names.map((name) => `“${name}”`).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
