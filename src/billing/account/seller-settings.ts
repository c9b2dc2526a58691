import { z } from 'zod';
import { electronicAddressSchema, isEmail, MAX_EMAIL_LENGTH } from '../group/billing-schemas.ts';
import { isCountry } from '../group/country.ts';
import { compact, isBic, isIban, type Seller } from './seller.ts';
import { lineOf, type Setting } from './setting.ts';

/** Maximum lengths of a seller's texts, the same as for a billing group (domain.md, Entities). */
const SELLER_LIMITS = {
  legalName: 83,
  addressLine: 83,
  zipCode: 36,
  city: 50,
  vatId: 64,
  taxNumber: 64,
  bankName: 83,
  contactName: 83,
  phone: 40,
  electronicAddress: 60,
} as const;
const MAX_ADDRESS_LINES = 3;

type SellerSetting = Setting & { readonly section: 'seller' };

const SECTION = { section: 'seller' } as const;

/** Who issues the invoices: everything up to the tax number. */
export const SELLER_NAME_SETTINGS = {
  legalName: {
    ...{ ...SECTION, kind: 'line', isRequired: true, word: 'seller' },
    schema: lineOf(SELLER_LIMITS.legalName, 'The legal name').refine((name) => name !== '', 'Enter the legal name.'),
    logName: 'legal name of the seller',
    label: 'Legal name',
    maxLength: SELLER_LIMITS.legalName,
  },
  addressLines: {
    ...{ ...SECTION, kind: 'lines', word: 'address', isEmptiable: true },
    schema: z
      .array(lineOf(SELLER_LIMITS.addressLine, 'A line of the address'))
      .transform((lines) => lines.filter((line) => line !== ''))
      .refine((lines) => lines.length <= MAX_ADDRESS_LINES, `An address can have at most ${MAX_ADDRESS_LINES} lines.`),
    logName: 'address of the seller',
    label: 'Street and number, up to three lines',
    maxLength: MAX_ADDRESS_LINES * (SELLER_LIMITS.addressLine + 1),
  },
  zipCode: {
    ...{ ...SECTION, kind: 'line', word: 'postal_code', isEmptiable: true, isTaxed: true },
    schema: lineOf(SELLER_LIMITS.zipCode, 'A postal code'),
    logName: 'postal code of the seller',
    label: 'Postal code',
    maxLength: SELLER_LIMITS.zipCode,
  },
  city: {
    ...{ ...SECTION, kind: 'line', word: 'city', isEmptiable: true, isTaxed: true },
    schema: lineOf(SELLER_LIMITS.city, 'A city'),
    logName: 'city of the seller',
    label: 'City',
    maxLength: SELLER_LIMITS.city,
  },
  countryCode: {
    ...{ ...SECTION, kind: 'country', word: 'country', isEmptiable: true, isTaxed: true },
    schema: z
      .string()
      .transform((code) => code.trim().toUpperCase())
      .refine((code) => code === '' || isCountry(code), 'Choose a country from the list.'),
    logName: 'country of the seller',
    label: 'Country',
  },
  /** Checked together with the country, which may have been set earlier. */
  vatId: {
    ...{ ...SECTION, kind: 'line', word: 'vat_id', isEmptiable: true, isTaxed: true },
    schema: z
      .string()
      .transform(compact)
      .refine((id) => /^[A-Z0-9+*]*$/.test(id), 'A VAT ID can only have letters and digits.')
      .refine((id) => id.length <= SELLER_LIMITS.vatId, `A VAT ID can have at most ${SELLER_LIMITS.vatId} characters.`),
    logName: 'seller’s VAT ID',
    ...{ label: 'VAT ID', fact: 'VAT ID' },
    maxLength: SELLER_LIMITS.vatId,
  },
  /** Issued by the tax office to a seller without a VAT ID, or in addition to it. */
  taxNumber: {
    ...{ ...SECTION, kind: 'line', word: 'tax_number', isEmptiable: true },
    schema: lineOf(SELLER_LIMITS.taxNumber, 'A tax number'),
    logName: 'tax number of the seller',
    ...{ label: 'Tax number', fact: 'Tax number' },
    maxLength: SELLER_LIMITS.taxNumber,
  },
} as const satisfies Partial<Record<keyof Seller, SellerSetting>>;

/** Where buyers pay, and whom they contact. */
export const SELLER_CONTACT_SETTINGS = {
  iban: {
    ...{ ...SECTION, kind: 'line', word: 'iban', isEmptiable: true },
    schema: z
      .string()
      .transform(compact)
      .refine((iban) => iban === '' || isIban(iban), 'This isn’t a valid IBAN. Check it for typing errors.'),
    logName: 'IBAN',
    ...{ label: 'IBAN', fact: 'IBAN' },
    maxLength: 42,
    placeholder: 'DE89 3704 0044 0532 0130 00',
  },
  bic: {
    ...{ ...SECTION, kind: 'line', word: 'bic', isEmptiable: true },
    schema: z
      .string()
      .transform(compact)
      .refine((bic) => bic === '' || isBic(bic), 'A BIC has 8 or 11 letters and digits.'),
    logName: 'BIC',
    ...{ label: 'BIC', fact: 'BIC' },
    maxLength: 15,
  },
  bankName: {
    ...{ ...SECTION, kind: 'line', word: 'bank', isEmptiable: true },
    schema: lineOf(SELLER_LIMITS.bankName, 'A bank’s name'),
    logName: 'bank',
    ...{ label: 'Bank', fact: 'Bank' },
    maxLength: SELLER_LIMITS.bankName,
  },
  contactName: {
    ...{ ...SECTION, kind: 'line' },
    schema: lineOf(SELLER_LIMITS.contactName, 'A contact’s name'),
    logName: 'contact of the seller',
    ...{ label: 'Contact for questions about invoices', fact: 'Contact' },
    maxLength: SELLER_LIMITS.contactName,
  },
  phone: {
    ...{ ...SECTION, kind: 'line' },
    schema: lineOf(SELLER_LIMITS.phone, 'A phone number').refine(
      // DE-R-027: at least three digits
      (phone) => phone === '' || /\d(.*\d){2}/.test(phone),
      'Enter a phone number with its digits, such as +49 30 1234567.',
    ),
    logName: 'phone number of the seller',
    ...{ label: 'Phone number for questions about invoices', fact: 'Phone' },
    maxLength: SELLER_LIMITS.phone,
    placeholder: '+49 30 1234567',
  },
  email: {
    ...{ ...SECTION, kind: 'line', word: 'email', isEmptiable: true },
    schema: z
      .string()
      .trim()
      .refine((address) => address === '' || isEmail(address), 'This isn’t a valid email address.'),
    logName: 'email address of the seller',
    ...{ label: 'Email address for questions about invoices', fact: 'Email' },
    maxLength: MAX_EMAIL_LENGTH,
  },
  /** Scheme and identifier. If empty, it is derived from the VAT ID. */
  electronicAddress: {
    ...{ ...SECTION, kind: 'line' },
    schema: electronicAddressSchema(),
    logName: 'electronic address of the seller',
    ...{ label: 'Electronic address, if not your VAT ID', fact: 'Electronic address' },
    maxLength: SELLER_LIMITS.electronicAddress,
    placeholder: '0106:12345678',
  },
} as const satisfies Partial<Record<keyof Seller, SellerSetting>>;
