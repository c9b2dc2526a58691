import { emptyOf, FIELD_NAMES, type FieldValues, fieldOf } from './billing-fields.ts';

/** How reliable a VAT ID is: `unconfirmed` has the right form, `valid` was confirmed by the issuing office. */
export const VAT_STATES = ['none', 'unconfirmed', 'valid', 'invalid'] as const;
export type VatState = (typeof VAT_STATES)[number];

/** Whom an invoice is addressed to and sent to: the fields of the list, and the status of the VAT ID. */
export interface BillingInformation extends FieldValues {
  readonly vatState: VatState;
}

export const NO_BILLING_INFORMATION: BillingInformation = {
  // a value for each field of the list
  ...(Object.fromEntries(FIELD_NAMES.map((name) => [name, emptyOf(fieldOf(name).kind)])) as unknown as FieldValues),
  vatState: 'none',
};
