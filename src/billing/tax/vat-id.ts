import * as jsvat from 'jsvat';
import { countryName } from '../group/country.ts';
import { normalized } from '../normalized.ts';
import { isEu, vatIdCountry } from './tax-place.ts';
import { checkOwnForm, type VatCheck } from './vat-id-forms.ts';

/** The result of checking a VAT ID's form: the ID as stored, or why it can't be valid. */
export type VatJudgement = { readonly vatId: string; readonly isKnownForm: boolean } | { readonly fault: string };

/** The prefix of numbers, if it isn't the country code. Northern Ireland's start with XI, as in VIES. */
const PREFIXES: Readonly<Record<string, readonly string[]>> = {
  GR: ['EL', 'GR'],
  GB: ['GB', 'XI'],
  CH: ['CHE', 'CH'],
  LI: ['LI', 'CHE'],
};
const EXAMPLES: Readonly<Record<string, string>> = {
  AT: 'ATU12345678',
  BE: 'BE0403019261',
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

const BY_CODE = new Map(
  [...jsvat.countries].flatMap((country) =>
    // the first is the ISO code, except for Greece
    country.codes.slice(0, 1).map((code) => [code === 'EL' ? 'GR' : code, [country]] as const),
  ),
);

/**
 * Whether the EU's VIES service can confirm the number: one of a member state, including Monaco's, or of Northern
 * Ireland.
 */
export function isEuVatId(countryCode: string, vatId: string): boolean {
  return isEu(vatIdCountry(countryCode)) || (countryCode === 'GB' && vatId.startsWith('XI'));
}

/**
 * Checks a VAT ID's form and check digits for a country, or for the country whose numbers a territory uses (Monaco:
 * France). Spaces, dots, dashes and case are ignored. The country prefix is optional and is added. For a country whose
 * form isn't known, up to 64 characters are accepted, unless they are another country's number.
 */
export function judgeVatId(typed: string, countryCode: string): VatJudgement {
  const number = normalized(typed, 'NFKC')
    .toUpperCase()
    .replace(/[\s.\-/_]/g, '');
  if (number === '') return { vatId: '', isKnownForm: false };
  if (number.length > LIMIT) return { fault: `A VAT ID can have at most ${LIMIT} characters.` };
  if (!/^[A-Z0-9+*]+$/.test(number)) return { fault: 'A VAT ID can only have letters and digits.' };
  if (!/\d/.test(number) || /^0+$/.test(number))
    return { fault: 'A VAT ID has digits. Leave the field empty if there is none.' };
  if (countryCode === '') return { fault: 'Choose the country too. The format of the VAT ID depends on it.' };
  const issuer = vatIdCountry(countryCode);
  const prefixes = PREFIXES[issuer] ?? [issuer];
  if (!isFormKnown(issuer)) {
    return isOfAnother(number, prefixes) ? otherCountry(countryCode) : { vatId: number, isKnownForm: false };
  }
  const own = issuer === countryCode ? prefixes : prefixes.slice(0, 1);
  const valid = candidates(number, own).find((candidate) => check(candidate, issuer).isValid);
  if (valid !== undefined) return { vatId: valid, isKnownForm: true };
  return isOfAnother(number, own) ? otherCountry(countryCode) : faultOf(number, own, countryCode);
}

/**
 * The number with each prefix it may lack, starting with the typed form if it has one. Old Belgian numbers also lack a
 * zero.
 */
function candidates(number: string, prefixes: readonly string[]): string[] {
  const isPrefixed = prefixes.some((prefix) => number.startsWith(prefix)) || prefixes.includes('BR');
  const bare = prefixes.reduce((rest, prefix) => (rest.startsWith(prefix) ? rest.slice(prefix.length) : rest), number);
  const completed = prefixes.flatMap((prefix) => [prefix + bare, prefix + number]);
  const all = isPrefixed ? [number, ...completed] : completed;
  return [...new Set(all.map((one) => one.replace(/^BE(?=\d{9}$)/, 'BE0')))];
}

function isFormKnown(issuer: string): boolean {
  return BY_CODE.has(issuer) || issuer === 'LI';
}

function check(number: string, issuer: string): VatCheck {
  return checkOwnForm(number) ?? jsvat.checkVAT(number, BY_CODE.get(issuer === 'LI' ? 'CH' : issuer));
}

/** The country whose prefix a number has, if its form is known; otherwise empty. */
export function countryOfVatId(number: string): string {
  const country = countryOf(number);
  return isFormKnown(country) ? country : '';
}

/** The country whose prefix a number has. */
function countryOf(number: string): string {
  const prefix = number.slice(0, 2);
  if (prefix === 'EL') return 'GR';
  return prefix === 'XI' ? 'GB' : prefix;
}

/** Whether a number belongs to another country. A US number can also start with two letters. */
function isOfAnother(number: string, own: readonly string[]): boolean {
  if (own.some((one) => number.startsWith(one))) return false;
  return check(number, countryOf(number)).isValidFormat;
}

function otherCountry(countryCode: string): VatJudgement {
  return { fault: `This VAT ID belongs to another country. Enter one from ${countryName(countryCode)}.` };
}

function faultOf(number: string, prefixes: readonly string[], countryCode: string): VatJudgement {
  const issuer = vatIdCountry(countryCode);
  if (candidates(number, prefixes).some((one) => check(one, issuer).isValidFormat)) {
    return { fault: 'The check digits of this VAT ID are wrong. Check it for typing errors.' };
  }
  const example = EXAMPLES[issuer];
  const like = example === undefined ? '' : ` A valid one looks like ${example}.`;
  return { fault: `This isn’t a valid VAT ID from ${countryName(countryCode)}.${like}` };
}
