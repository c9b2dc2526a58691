import { createRequire } from 'node:module';

/** ISO 3166-1: each alpha-2 code with its English name. Imports only the English part of the library. */
const ENGLISH: { readonly countries: Readonly<Record<string, string | readonly string[]>> } = createRequire(
  import.meta.url,
)('i18n-iso-countries/langs/en.json');

/** Alpha-2 codes, sorted by English name. */
export const COUNTRIES: readonly string[] = Object.keys(ENGLISH.countries).sort((a, b) =>
  countryName(a).localeCompare(countryName(b), 'en'),
);

/** Whether a text is an ISO 3166-1 alpha-2 code in capital letters. */
export function isCountry(code: string): boolean {
  return Object.hasOwn(ENGLISH.countries, code);
}

/** The English name of a country, or the code itself if it has none. */
export function countryName(code: string): string {
  const name = isCountry(code) ? ENGLISH.countries[code] : undefined;
  return (typeof name === 'string' ? name : name?.[0]) ?? code;
}
