import { createHash } from 'node:crypto';
import { normalized } from '../normalized.ts';

/** domain.md, Entities: the maximum length of a name, in characters. */
export const NAME_LIMITS = { account: 83, project: 63, billingGroup: 128 } as const;

/**
 * Characters that are invisible in a name or change the writing direction, so that two names could look alike or hide
 * the text next to them. These include soft hyphens, fillers, byte order marks and tags, but not joiners and variation
 * selectors.
 */
const HIDDEN = /(?!\u200C|\u200D|[\uFE00-\uFE0F])\p{Default_Ignorable_Code_Point}|[\uFFF9-\uFFFB]/gu;
/** Characters that look like spaces: the empty Braille pattern, a null notehead and hieroglyphic blanks. */
const BLANK = /[\u2800\u{1D159}\u{13441}\u{13442}]/gu;
/**
 * A variation selector with nothing to select a variant of: it doesn't follow an emoji, a Han character or a symbol.
 */
const IDLE_SELECTOR =
  /(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\p{Script=Han}\p{S}]|(?<=[0-9#*])(?=\uFE0F\u20E3))[\uFE00-\uFE0F]/gu;
/** Combining marks without a base letter. */
const LOOSE_MARKS = /(?<![\p{L}\p{M}\p{N}\p{P}\p{S}\u200C\u200D])\p{M}+/gu;
/** No script has this many marks on one letter. More would cover the lines above and below. */
const PILED_MARKS = /(\p{M}{6})\p{M}+/gu;
/** Unpaired surrogates, which can't be stored. */
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
 * A name as stored: composed (NFC), with single spaces, and without control or invisible characters. Letters stay as
 * typed, and joiners stay where Persian, Hindi or emoji need them. Empty if nothing is left.
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

/** Whether the joiner at this position has an effect. */
function isNeeded(text: string, at: number): boolean {
  const joiner = new RegExp(`${IN_WORD}|${IN_EMOJI}`, 'uy');
  joiner.lastIndex = at;
  return joiner.test(text);
}

/**
 * A name in the form used for comparison: ignores differences in case, composition, width and barely visible
 * characters.
 */
export function nameKey(name: string): string {
  const folded = normalized(cleanName(name).replace(UNSEEN, ''), 'NFKC').toLowerCase();
  return normalized(folded, 'NFC').replace(/\s+/g, ' ').trim();
}

/** Digits by their value, so that 2 comes before 10. */
const NATURAL = new Intl.Collator('en', { numeric: true });

/** The order of names in lists, as people count: "Team 2" before "Team 10". */
export function compareNames(a: string, b: string): number {
  // names that differ only in leading zeros or accents have an order too
  return NATURAL.compare(a, b) || (a < b ? -1 : Number(a > b));
}

/** The order of projects in lists, by what is shown first, the label or else the name: "Shop 2" before "Shop 10". */
export function compareProjects(
  a: { readonly name: string; readonly label: string | null },
  b: { readonly name: string; readonly label: string | null },
): number {
  return compareNames(a.label ?? a.name, b.label ?? b.name) || compareNames(a.name, b.name);
}

/** A provider's account ID in the form used for comparison: ignores case, which varies between a provider's exports. */
export function externalKeyOf(externalId: string): string {
  return normalized(externalId, 'NFC').toLowerCase();
}

/** A project's label followed by its unique name in parentheses, or the name alone if there is no label. */
export function titleOfProject({ name, label }: { readonly name: string; readonly label: string | null }): string {
  return label === null || label === name ? name : `${label} (${name})`;
}

/** The length of a name in code points, as people count characters. */
export function nameLength(name: string): number {
  return [...name].length;
}

/**
 * A project name made from a provider's account ID. IDs that are longer than a name may be (OCI's have 79 characters)
 * or already taken are cut and get a hash of the whole ID, so that two never share a name.
 */
export function projectNameOf(externalId: string, isTaken: (nameKey: string) => boolean = () => false): string {
  const name = cleanName(externalId);
  if (nameLength(name) <= NAME_LIMITS.project && !isTaken(nameKey(name))) return name;
  const hash = createHash('sha256').update(externalId).digest('hex').slice(0, 12);
  return `${[...name].slice(0, NAME_LIMITS.project - hash.length - 1).join('')}-${hash}`;
}

/** A text cut to the maximum length of a name. */
export function cutName(name: string, limit: number): string {
  const letters = [...name];
  return letters.length <= limit ? name : `${letters.slice(0, limit - 1).join('')}…`;
}

/** A text as a file name that every system accepts: letters, digits, dots, hyphens and underscores. */
export function fileName(text: string): string {
  return normalized(text, 'NFC').replace(/[^\p{L}\p{M}\p{N}._-]+/gu, '-');
}
