import * as jsvat from 'jsvat';

/** Whether a number has a country's form and correct check digits. */
export interface VatCheck {
  readonly isValid: boolean;
  readonly isValidFormat: boolean;
}

/**
 * Forms that jsvat lacks. Each is checked the way the issuing office does (European Commission, VIES, "VAT
 * identification number structure", and the national rules named).
 */
const OWN_FORMS: readonly { readonly form: RegExp; readonly isValid: (number: string) => boolean }[] = [
  // Belgium: 0 or 1 and nine digits (Royal Decree of 9 March 2022); jsvat only knows those with 0
  {
    form: /^BE(?:0[1-9]|1\d)\d{8}$/,
    isValid: (number) => 97 - (Number(number.slice(2, 10)) % 97) === Number(number.slice(10)),
  },
  // Cyprus: numbers starting with 6 have been issued since 2023, with the same check letter as the others
  { form: /^CY6\d{7}[A-Z]$/, isValid: (number) => cypriotLetter(number.slice(2, 10)) === number.slice(10) },
  // Ireland: a second letter from A to I; jsvat only knows A and H
  {
    form: /^IE\d{7}[A-W][B-GI]$/,
    isValid: (number) => irishLetter(number.slice(2, 9), number.slice(10)) === number[9],
  },
  // Northern Ireland: the United Kingdom's numbers with a different prefix
  { form: /^XI(?:\d{9}|\d{12}|GD\d{3}|HA\d{3})$/, isValid: (number) => isBritish(`GB${number.slice(2)}`) },
  // Liechtenstein: five digits without a check digit, or a Swiss number
  { form: /^LI\d{5}$/, isValid: () => true },
];

/** The check for a form that jsvat lacks; undefined for other forms. */
export function checkOwnForm(number: string): VatCheck | undefined {
  const own = OWN_FORMS.find(({ form }) => form.test(number));
  return own && { isValidFormat: true, isValid: own.isValid(number) };
}

/** Digits in odd positions are replaced by a table, then all are added up modulo 26. */
function cypriotLetter(digits: string): string {
  const odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
  const total = [...digits].reduce(
    (sum, digit, at) => sum + (at % 2 === 0 ? (odd[Number(digit)] ?? 0) : Number(digit)),
    0,
  );
  return letter(total % 26);
}

/** Weights 8 to 2 for the digits and 9 for the second letter, modulo 23. */
function irishLetter(digits: string, second: string): string {
  const total = [...digits].reduce((sum, digit, at) => sum + Number(digit) * (8 - at), 9 * (second.charCodeAt(0) - 64));
  return total % 23 === 0 ? 'W' : letter((total % 23) - 1);
}

function isBritish(number: string): boolean {
  return jsvat.checkVAT(number, [jsvat.unitedKingdom]).isValid;
}

function letter(place: number): string {
  return String.fromCharCode(65 + place);
}
