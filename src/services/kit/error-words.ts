import { scrubText } from '../../platform/redaction.ts';

/** An error's words as they are kept and shown: short. */
const MAX_CHARACTERS = 300;
/** MongoDB says which value is there already, and that may be a person's name. */
const DUPLICATE_VALUES = /dup key: \{.*/s;
/** What stands in quotation marks was typed by somebody, as a rule. */
const QUOTED = /"[^"]*"|“[^“”]*”|'[^']*'|`[^`]*`/g;

/** What an error says, by its kind and in its words, without secrets and without what people have typed. */
export function errorWords(error: unknown): string {
  const name = error instanceof Error ? error.name : 'Error';
  const words = error instanceof Error ? error.message : String(error);
  const bare = words.replace(DUPLICATE_VALUES, 'dup key').replace(QUOTED, '…');
  return `${name}: ${scrubText(bare)}`.replace(/\s+/g, ' ').slice(0, MAX_CHARACTERS);
}

/** How long a server asked to wait (HTTP 429), in milliseconds; undefined for every other error. */
export function retryAfterMs(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('retryAfter' in error) || typeof error.retryAfter !== 'number') return undefined;
  return error.retryAfter * 1000;
}
