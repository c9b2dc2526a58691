import { scrubText } from '../../platform/redaction.ts';

/** The maximum length of an error's text that is stored and shown. */
const MAX_CHARACTERS = 300;
/** MongoDB names the existing value, which may be a person's name. */
const DUPLICATE_VALUES = /dup key: \{.*/s;
/** Quoted text was usually entered by someone. */
const QUOTED = /"[^"]*"|“[^“”]*”|'[^']*'|`[^`]*`/g;

/** An error's kind and message, without secrets and text entered by people. */
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
