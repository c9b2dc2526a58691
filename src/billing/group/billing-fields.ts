import { z } from 'zod';
import type { BillingField, FieldKind, StoredOf } from './billing-field.ts';
import { electronicAddressSchema, MAX_EMAIL_LENGTH } from './billing-schemas.ts';
import { countryName } from './country.ts';

const EMAILS_HINT = 'Email addresses, one per line, at most ten.';
/** Where documents show the parts of the buyer's address. */
const ADDRESS = { api: true, json: true, csv: false, pdf: { place: 'Bill to' }, ubl: { place: 'BG-8' } } as const;
/** Where electronic invoices have references. */
const REFERENCE = { api: false, json: true, csv: false, pdf: null } as const;

/**
 * The fields of a group's billing information, in the order of the form. Everything that shows, asks for, checks,
 * sends, prints or logs a field uses this list, so a new field only needs an entry here. Limits: domain.md, Entities.
 */
export const BILLING_FIELDS = {
  company: {
    kind: 'line',
    limit: 83,
    noun: 'A company’s name',
    label: 'Company',
    viewLabel: 'Company',
    logName: 'company',
    api: { name: 'company' },
    documents: { api: true, json: true, csv: false, pdf: { place: 'Bill to' }, ubl: { place: 'BT-44' } },
  },
  addressLines: {
    kind: 'lines',
    limit: 83,
    noun: 'An address',
    inputName: 'address',
    label: 'Address',
    hint: 'At most 3 lines: street, number, floor.',
    viewLabel: 'Address',
    logName: 'address',
    api: { name: 'address_lines' },
    documents: ADDRESS,
  },
  zipCode: {
    kind: 'line',
    limit: 36,
    noun: 'A postal code',
    isTaxed: true,
    label: 'Postal code',
    viewLabel: 'Address',
    logName: 'postal code',
    api: { name: 'zip_code' },
    documents: ADDRESS,
  },
  city: {
    kind: 'line',
    limit: 50,
    noun: 'A city’s name',
    isTaxed: true,
    label: 'City',
    viewLabel: 'Address',
    logName: 'city',
    api: { name: 'city' },
    documents: ADDRESS,
  },
  state: {
    kind: 'line',
    limit: 30,
    noun: 'A state’s name',
    isTaxed: true,
    label: 'State or region',
    viewLabel: 'Address',
    logName: 'state',
    api: { name: 'state', description: 'Of the address' },
    documents: ADDRESS,
  },
  countryCode: {
    kind: 'country',
    limit: 2,
    noun: 'A country code',
    isTaxed: true,
    label: 'Country',
    viewLabel: 'Address',
    logName: 'country',
    api: { name: 'country_code' },
    documents: ADDRESS,
  },
  vatId: {
    kind: 'line',
    limit: 64,
    noun: 'A VAT ID',
    // checked together with the country, ignoring spaces and dots
    schema: () => z.string().max(200, 'A VAT ID can have at most 64 characters.'),
    isTaxed: true,
    label: 'VAT ID',
    hint: 'With or without the country prefix. Spaces and dots are ignored.',
    viewLabel: 'VAT ID',
    logName: 'VAT ID',
    api: { name: 'vat_id' },
    documents: { api: true, json: true, csv: false, pdf: { place: 'Bill to' }, ubl: { place: 'BT-48' } },
  },
  billingEmails: {
    kind: 'emails',
    limit: MAX_EMAIL_LENGTH,
    noun: 'An email address',
    label: 'Invoices go to',
    hint: EMAILS_HINT,
    viewLabel: 'Invoices go to',
    logName: 'billing email address',
    api: { name: 'billing_emails' },
    documents: { api: false, json: true, csv: false, pdf: null, ubl: { place: 'BT-58' } },
  },
  contactEmails: {
    kind: 'emails',
    limit: MAX_EMAIL_LENGTH,
    noun: 'An email address',
    label: 'Contacts for questions',
    hint: EMAILS_HINT,
    viewLabel: 'Contacts',
    logName: 'billing contact email address',
    api: { name: 'billing_contact_emails' },
    documents: { api: false, json: false, csv: false, pdf: null, ubl: null },
  },
  extraText: {
    kind: 'text',
    limit: 1000,
    noun: 'The text',
    label: 'Printed on the invoice',
    hint: 'Text for the buyer, such as a cost center. At most 1,000 characters.',
    viewLabel: 'Printed on the invoice',
    logName: 'invoice text',
    api: { name: 'billing_extra_text' },
    documents: { api: true, json: true, csv: false, pdf: { place: 'Your reference' }, ubl: { place: 'BT-10, BT-22' } },
  },
  /** The reference the buyer files the invoice under, such as a Leitweg-ID. */
  buyerReference: {
    kind: 'line',
    isOptional: true,
    limit: 100,
    noun: 'A buyer reference',
    label: 'Buyer reference',
    hint: 'The buyer’s own reference for invoices. For public buyers in Germany, the Leitweg-ID.',
    viewLabel: 'Buyer reference',
    logName: 'buyer reference',
    api: { name: 'buyer_reference', description: 'BT-10, such as a Leitweg-ID. Absent if not set' },
    documents: { ...REFERENCE, ubl: { place: 'BT-10' } },
  },
  orderNumber: {
    kind: 'line',
    isOptional: true,
    limit: 100,
    noun: 'A purchase order number',
    label: 'Purchase order number',
    viewLabel: 'Purchase order',
    logName: 'purchase order number',
    api: { name: 'purchase_order', description: 'BT-13. Absent if not set' },
    documents: { ...REFERENCE, ubl: { place: 'BT-13' } },
  },
  /** Scheme and identifier, such as `0208:0123456749`. If empty, it is derived from the VAT ID. */
  electronicAddress: {
    kind: 'line',
    isOptional: true,
    limit: 60,
    noun: 'An electronic address',
    schema: electronicAddressSchema,
    label: 'Electronic address',
    hint: 'Peppol scheme and identifier, such as 0208:0123456749. Leave it empty to derive it from the VAT ID.',
    viewLabel: 'Electronic address',
    logName: 'electronic address',
    api: { name: 'electronic_address', description: 'BT-49, as entered. Absent if not set' },
    documents: { ...REFERENCE, ubl: { place: 'BT-49' } },
  },
} as const satisfies Record<string, BillingField>;

type Fields = typeof BILLING_FIELDS;
export type FieldName = keyof Fields;
export type KindOf<K extends FieldName> = Fields[K]['kind'];
export type ApiName<K extends FieldName> = Fields[K]['api']['name'];
export type ViewLabel = Fields[FieldName]['viewLabel'];
/** Fields that information of earlier versions can lack. */
export type OptionalName = {
  [K in FieldName]: Fields[K] extends { readonly isOptional: true } ? K : never;
}[FieldName];
type RequiredName = Exclude<FieldName, OptionalName>;

/** What is stored: a value for each field. Texts and lists that weren't filled in are empty. */
export type FieldValues = {
  readonly [K in RequiredName]: StoredOf[KindOf<K>];
} & {
  readonly [K in OptionalName]?: StoredOf[KindOf<K>];
};

/** The field's name in forms and their errors. */
export type InputName<K extends FieldName = FieldName> = K extends FieldName
  ? Fields[K] extends { readonly inputName: infer Name extends string }
    ? Name
    : K
  : never;

export const FIELD_NAMES = Object.keys(BILLING_FIELDS) as readonly FieldName[];

/** The field's entry. Properties that it doesn't have are undefined. */
export function fieldOf(name: FieldName): BillingField {
  return BILLING_FIELDS[name];
}

export function viewLabelOf(name: FieldName): ViewLabel {
  return BILLING_FIELDS[name].viewLabel;
}

export function inputNameOf(name: FieldName): InputName {
  // a literal type for each name: the compiler can't tell these names from variable names
  return (fieldOf(name).inputName ?? name) as InputName;
}

/** A field's value, empty if information of an earlier version lacks it. */
export function fieldValue(values: Partial<FieldValues>, name: FieldName): string | readonly string[] {
  return values[name] ?? emptyOf(BILLING_FIELDS[name].kind);
}

/** A field's value as text for people: a country by its name, a list with `between` separating its items. */
export function fieldText(values: Partial<FieldValues>, name: FieldName, between = '\n'): string {
  const value = fieldValue(values, name);
  if (typeof value !== 'string') return value.join(between);
  return BILLING_FIELDS[name].kind === 'country' && value !== '' ? countryName(value) : value;
}

export function emptyOf(kind: FieldKind): string | readonly string[] {
  return kind === 'lines' || kind === 'emails' ? [] : '';
}
