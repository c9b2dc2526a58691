import * as jsvat from 'jsvat';
import { countryName } from './country.ts';

/** A VAT ID that was judged by its form: as it is kept, or why it can't be right. */
export type VatJudgement = { readonly vatId: string; readonly isKnownForm: boolean } | { readonly fault: string };

/** ISO 3166 codes of the EU's member states, whose numbers the EU's VIES service knows; Northern Ireland's is XI. */
const EU: readonly string[] = 'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(
  ' ',
);
/** How a number begins, where that is not the country's code. */
const PREFIXES: Readonly<Record<string, readonly string[]>> = { GR: ['EL', 'GR'], GB: ['GB', 'XI'], CH: ['CHE', 'CH'] };
const EXAMPLES: Readonly<Record<string, string>> = {
  AT: 'ATU12345678',
  BE: 'BE0123456789',
  CH: 'CHE-123.456.788 MWST',
  DE: 'DE123456788',
  ES: 'ESB12345678',
  FR: 'FR12123456789',
  GB: 'GB123456789',
  GR: 'EL123456789',
  IE: 'IE1234567FA',
  IT: 'IT12345678901',
  NL: 'NL123456789B01',
  PL: 'PL1234567890',
};
const LIMIT = 64;

const byCode = new Map(
  [...jsvat.countries].flatMap((country) => {
    const [code] = country.codes;
    // by the tax office's own codes, where they differ from ISO's
    return code === undefined ? [] : [[code === 'EL' ? 'GR' : code, country] as const];
  }),
);

export function isEuCountry(countryCode: string): boolean {
  return EU.includes(countryCode);
}

/** Whether the EU's VIES service can confirm the number: one of a member state, or of Northern Ireland. */
export function isEuVatId(countryCode: string, vatId: string): boolean {
  return isEuCountry(countryCode) || (countryCode === 'GB' && vatId.startsWith('XI'));
}

/**
 * Judges a VAT ID by its form and check digits for a country. Spaces, dots and dashes do not matter, nor case; the
 * country's prefix may be left out. Of a country whose form is not known, anything of up to 64 characters is taken.
 */
export function judgeVatId(typed: string, countryCode: string): VatJudgement {
  const number = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s.\-/_]/g, '');
  if (number === '') return { vatId: '', isKnownForm: false };
  if (number.length > LIMIT) return { fault: `A VAT ID has at most ${LIMIT} characters.` };
  if (!/^[A-Z0-9+*]+$/.test(number)) return { fault: 'A VAT ID has letters and digits only.' };
  if (countryCode === '') return { fault: 'Choose the country too: it says what a VAT ID looks like.' };
  const country = byCode.get(countryCode);
  if (!country) return { vatId: number, isKnownForm: false };
  for (const candidate of candidates(number, countryCode)) {
    const { isValid } = jsvat.checkVAT(candidate, [country]);
    if (isValid) return { vatId: candidate, isKnownForm: true };
  }
  return { fault: faultOf(number, countryCode, country) };
}

/** The number as it is, and with each prefix that it may lack. */
function candidates(number: string, countryCode: string): string[] {
  const prefixes = PREFIXES[countryCode] ?? [countryCode];
  const bare = prefixes.reduce((rest, prefix) => (rest.startsWith(prefix) ? rest.slice(prefix.length) : rest), number);
  return [...new Set([number, ...prefixes.flatMap((prefix) => [prefix + bare, prefix + number])])];
}

function faultOf(number: string, countryCode: string, country: jsvat.Country): string {
  const name = countryName(countryCode);
  const example = EXAMPLES[countryCode];
  const like = example === undefined ? '' : ` It looks like ${example}.`;
  const prefix = /^[A-Z]{2}/.exec(number)?.[0];
  const own = PREFIXES[countryCode] ?? [countryCode];
  if (prefix !== undefined && !own.some((one) => one.startsWith(prefix)) && (byCode.has(prefix) || prefix === 'EL')) {
    return `This VAT ID begins like one of another country than ${name}.`;
  }
  const hasForm = candidates(number, countryCode).some((one) => jsvat.checkVAT(one, [country]).isValidFormat);
  return hasForm
    ? `The check digits of this VAT ID are wrong: please look at it again.`
    : `This is no VAT ID of ${name}.${like}`;
}
