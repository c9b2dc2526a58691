import { createHash } from 'node:crypto';
import { normalized } from '../normalized.ts';

/** domain.md, Entities: how long a name may be, in characters. */
export const NAME_LIMITS = { account: 83, project: 63, billingGroup: 128 } as const;

/**
 * What can't be seen in a name, or turns the direction of writing: two names could look alike, or one swallow its
 * neighbours. Among them soft hyphens, fillers, byte order marks and tags, but not joiners and variation selectors.
 */
const HIDDEN = /(?!\u200C|\u200D|[\uFE00-\uFE0F])\p{Default_Ignorable_Code_Point}|[\uFFF9-\uFFFB]/gu;
/** Look like spaces: the empty Braille pattern, a note without a head, and blanks of hieroglyphs. */
const BLANK = /[\u2800\u{1D159}\u{13441}\u{13442}]/gu;
/** A variation selector that has nothing to choose a variant of: it stands neither behind an emoji, a Han character nor a sign. */
const IDLE_SELECTOR =
  /(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\p{Script=Han}\p{S}]|(?<=[0-9#*])(?=\uFE0F\u20E3))[\uFE00-\uFE0F]/gu;
/** Marks above and below letters that have no letter: nobody can tell where they belong. */
const LOOSE_MARKS = /(?<![\p{L}\p{M}\p{N}\p{P}\p{S}\u200C\u200D])\p{M}+/gu;
/** So many marks on one letter are in no script; more of them would cover the lines above and below. */
const PILED_MARKS = /(\p{M}{6})\p{M}+/gu;
/** Halves of characters, which can't be stored. */
const HALVES = /\p{Cs}/gu;
/** Letters and marks of scripts in which a joiner changes how the next letter is written. */
const JOINING = [
  'Arabic',
  'Syriac',
  'Mongolian',
  'Devanagari',
  'Bengali',
  'Gurmukhi',
  'Gujarati',
  'Oriya',
  'Tamil',
].concat(['Telugu', 'Kannada', 'Malayalam', 'Sinhala', 'Khmer', 'Myanmar']);
const IN_WORD = `(?<=[${JOINING.map((script) => `\\p{Script=${script}}`).join('')}])[\u200C\u200D](?=[\\p{L}\\p{M}])`;
const IN_EMOJI = '(?<=\\p{Extended_Pictographic}\uFE0F?\\p{Emoji_Modifier}?)\u200D(?=\\p{Extended_Pictographic})';
const JOINERS = /\u200C|\u200D/gu;
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * A name as it is kept: composed (NFC), with single spaces, without control characters and what can't be seen; letters
 * stay as they were typed, and joiners stay where Persian, Hindi or emoji need them. Empty for a name of nothing else.
 */
export function cleanName(name: string): string {
  return normalized(name.replace(HALVES, ''), 'NFC')
    .replace(HIDDEN, '')
    .replace(IDLE_SELECTOR, '')
    .replace(JOINERS, (joiner, at: number, whole: string) => (isNeeded(whole, at) ? joiner : ''))
    .replace(BLANK, ' ')
    .replace(LOOSE_MARKS, '')
    .replace(PILED_MARKS, '$1')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
}

/** Whether the joiner at a place does something. */
function isNeeded(text: string, at: number): boolean {
  const joiner = new RegExp(`${IN_WORD}|${IN_EMOJI}`, 'uy');
  joiner.lastIndex = at;
  return joiner.test(text);
}

/**
 * What two names have in common when they are the same for people: no difference of case, composition, width or of what
 * can hardly be seen.
 */
export function nameKey(name: string): string {
  const folded = normalized(cleanName(name).replace(UNSEEN, ''), 'NFKC').toLowerCase();
  return normalized(folded, 'NFC').replace(/\s+/g, ' ').trim();
}

/** What two of a provider's account IDs have in common when they are the same: providers write them in either case. */
export function externalKeyOf(externalId: string): string {
  return normalized(externalId, 'NFC').toLowerCase();
}

/** The length of a name as a person counts it, by code points. */
export function nameLength(name: string): number {
  return [...name].length;
}

/**
 * A project's name made of a provider's account id. Ids longer than a name may be (OCI's have 79 characters), and
 * those whose name is taken, keep their beginning and get the hash of the whole, so that two never share a name.
 */
export function projectNameOf(externalId: string, isTaken: (nameKey: string) => boolean = () => false): string {
  const name = cleanName(externalId);
  if (nameLength(name) <= NAME_LIMITS.project && !isTaken(nameKey(name))) return name;
  const hash = createHash('sha256').update(externalId).digest('hex').slice(0, 12);
  return `${[...name].slice(0, NAME_LIMITS.project - hash.length - 1).join('')}-${hash}`;
}

/** A text cut to what a name may hold. */
export function cutName(name: string, limit: number): string {
  const letters = [...name];
  return letters.length <= limit ? name : `${letters.slice(0, limit - 1).join('')}…`;
}

/** A text as the name of a file that every system takes: letters, digits, dots, hyphens and underscores. */
export function fileName(text: string): string {
  return normalized(text, 'NFC').replace(/[^\p{L}\p{M}\p{N}._-]+/gu, '-');
}
