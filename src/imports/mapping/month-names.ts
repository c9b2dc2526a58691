import { normalized } from '../../billing/normalized.ts';

/** The languages whose names of months are read. A name that means different months in two of them isn't. */
const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'da', 'sv', 'nb', 'fi', 'pl', 'cs', 'hu', 'ro', 'tr'];
/** Short forms that programs write and the languages' own lists lack. */
const OTHERS: Readonly<Record<string, number>> = { sept: 9, okt: 10, oct: 10, dez: 12, dec: 12, mrz: 3, maerz: 3 };

let known: ReadonlyMap<string, string> | undefined;

/** The number of a month, such as `10`, by its name in one of several languages; undefined if it isn't one. */
export function monthNumber(name: string): string | undefined {
  known ??= monthNames();
  return known.get(plain(name));
}

function monthNames(): ReadonlyMap<string, string> {
  const found = new Map<string, number>(Object.entries(OTHERS));
  const unclear = new Set<string>();
  for (const language of LANGUAGES) {
    for (const form of [{ month: 'long' }, { month: 'short' }, { month: 'long', day: 'numeric' }] as const) {
      const names = new Intl.DateTimeFormat(language, { ...form, timeZone: 'UTC' });
      for (let month = 0; month < 12; month++) {
        const part = names.formatToParts(Date.UTC(2026, month, 15)).find(({ type }) => type === 'month')?.value ?? '';
        const name = plain(part);
        // one or two letters, or a number
        if (name.length < 3 || /\d/.test(name)) continue;
        const before = found.get(name);
        if (before !== undefined && before !== month + 1) unclear.add(name);
        found.set(name, month + 1);
      }
    }
  }
  return new Map(
    [...found].filter(([name]) => !unclear.has(name)).map(([name, month]) => [name, String(month).padStart(2, '0')]),
  );
}

/** Without case, accents and the point of a short form. */
function plain(name: string): string {
  return normalized(name, 'NFD').replace(/\p{M}/gu, '').replace(/\.$/, '').toLowerCase();
}
