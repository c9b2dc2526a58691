import { createHash } from 'node:crypto';

/** domain.md, Things: how long a name may be, in characters. */
export const NAME_LIMITS = { account: 83, project: 63, billingGroup: 128 } as const;

/** Marks that turn the direction of writing or hide in a name: two names could look alike, or one swallow its neighbours. */
const HIDDEN = /[\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu;

/**
 * A name as it is kept: composed (NFC), with single spaces, without control characters and hidden marks; letters stay
 * as they were typed, and joiners stay, since Persian, Hindi and emoji need them.
 */
export function cleanName(name: string): string {
  return name
    .normalize('NFC')
    .replace(HIDDEN, '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
}

/** What two names have in common when they are the same for people: no difference of case, composition or width. */
export function nameKey(name: string): string {
  return cleanName(name).normalize('NFKC').toLowerCase().normalize('NFC');
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
  return text.normalize('NFC').replace(/[^\p{L}\p{M}\p{N}._-]+/gu, '-');
}
