/** Who issues an account's invoices. What was never said is absent in accounts of old, and empty in `completeSeller`. */
export interface Seller {
  readonly legalName: string;
  /** Street and number, at most three lines. */
  readonly addressLines?: readonly string[];
  readonly zipCode?: string;
  readonly city?: string;
  /** ISO 3166-1 alpha-2. */
  readonly countryCode?: string;
  readonly vatId?: string;
  /** The tax office's number of a seller, other than its VAT ID. */
  readonly taxNumber?: string;
  /** Where to pay by bank transfer. */
  readonly iban?: string;
  readonly bic?: string;
  readonly bankName?: string;
  /** Where buyers write to. */
  readonly email?: string;
  /** Whom buyers ask for, and by which number (BT-41, BT-42). */
  readonly contactName?: string;
  readonly phone?: string;
  /** Scheme and identifier, such as `0106:12345678`; empty for the one that follows from the VAT ID. */
  readonly electronicAddress?: string;
  /** Of lines and headings on documents: `#rrggbb`, readable on white. */
  readonly colour?: string;
  /** The hash of the picture on documents. */
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

/** Every part, empty where nothing was said. */
export function completeSeller(seller: Seller): Required<Seller> {
  return { ...NOTHING_SAID, ...seller };
}

/** A number as it is kept: capital letters and digits alone, however it was grouped. */
export function compact(number: string): string {
  return number.replace(/[\s.\-/]/g, '').toUpperCase();
}

/** Whether a compact text is an IBAN: 15 to 34 characters whose check digits hold (ISO 13616, mod 97 of ISO 7064). */
export function isIban(text: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(text)) return false;
  const digits = [...text.slice(4), ...text.slice(0, 4)].map((letter) => String(Number.parseInt(letter, 36))).join('');
  let rest = 0;
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97;
  return rest === 1;
}

/** Whether a compact text has the form of a BIC: bank, country, place, and a branch or none (ISO 9362). */
export function isBic(text: string): boolean {
  return /^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$/.test(text);
}
