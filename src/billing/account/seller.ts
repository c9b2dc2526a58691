/**
 * Who issues an account's invoices. Accounts of earlier versions may lack some parts; `completeSeller` fills them in as
 * empty.
 */
export interface Seller {
  readonly legalName: string;
  /** Street and number, up to three lines. */
  readonly addressLines?: readonly string[];
  readonly zipCode?: string;
  readonly city?: string;
  /** ISO 3166-1 alpha-2. */
  readonly countryCode?: string;
  readonly vatId?: string;
  /** The tax number, in addition to or instead of a VAT ID. */
  readonly taxNumber?: string;
  /** Where to pay by bank transfer. */
  readonly iban?: string;
  readonly bic?: string;
  readonly bankName?: string;
  /** Where buyers can write to. */
  readonly email?: string;
  /** The contact for buyers, and its phone number (BT-41, BT-42). */
  readonly contactName?: string;
  readonly phone?: string;
  /** Scheme and identifier, such as `0106:12345678`. If empty, it is derived from the VAT ID. */
  readonly electronicAddress?: string;
  /** The color of lines and headings on documents: `#rrggbb`, readable on white. */
  readonly colour?: string;
  /** The hash of the logo on documents. */
  readonly logo?: string;
}

const NOTHING_SAID: Required<Omit<Seller, 'legalName'>> = {
  addressLines: [],
  zipCode: '',
  city: '',
  countryCode: '',
  vatId: '',
  taxNumber: '',
  iban: '',
  bic: '',
  bankName: '',
  email: '',
  contactName: '',
  phone: '',
  electronicAddress: '',
  colour: '',
  logo: '',
};

/** All parts of a seller; those that weren't entered are empty. */
export function completeSeller(seller: Seller): Required<Seller> {
  return { ...NOTHING_SAID, ...seller };
}

/** A number as stored: capital letters and digits only, without separators. */
export function compact(number: string): string {
  return number.replace(/[\s.\-/]/g, '').toUpperCase();
}

/** Whether a compact text is an IBAN: 15 to 34 characters with correct check digits (ISO 13616, mod 97 of ISO 7064). */
export function isIban(text: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(text)) return false;
  const digits = [...text.slice(4), ...text.slice(0, 4)].map((letter) => String(Number.parseInt(letter, 36))).join('');
  let rest = 0;
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97;
  return rest === 1;
}

/** Whether a compact text has the form of a BIC: bank, country, location, and optionally a branch (ISO 9362). */
export function isBic(text: string): boolean {
  return /^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$/.test(text);
}
