import { createRequire } from 'node:module';

/** ISO 3166-1, each alpha-2 code with its English name, and only that part of the library, which has many languages. */
const ENGLISH: { readonly countries: Readonly<Record<string, string | readonly string[]>> } = createRequire(
  import.meta.url,
)('i18n-iso-countries/langs/en.json');

/** Alpha-2 codes in the order of their English names. */
export const COUNTRIES: readonly string[] = Object.keys(ENGLISH.countries).sort((a, b) =>
  countryName(a).localeCompare(countryName(b), 'en'),
);

/** Whether a code is one of ISO 3166-1 alpha-2, in capital letters. */
export function isCountry(code: string): boolean {
  return Object.hasOwn(ENGLISH.countries, code);
}

/** The English name of a country, the code itself where there is none. */
export function countryName(code: string): string {
  const name = isCountry(code) ? ENGLISH.countries[code] : undefined;
  return (typeof name === 'string' ? name : name?.[0]) ?? code;
}
