import { emptyOf, FIELD_NAMES, type FieldValues, fieldOf } from './billing-fields.ts';

/** How far a VAT ID is to be trusted: `unconfirmed` has the right form, `valid` was confirmed by the issuing office. */
export const VAT_STATES = ['none', 'unconfirmed', 'valid', 'invalid'] as const;
export type VatState = (typeof VAT_STATES)[number];

/** Who an invoice is made out to, and who gets it: the fields of the list, and what is known of the VAT ID. */
export interface BillingInformation extends FieldValues {
  readonly vatState: VatState;
}

export const NO_BILLING_INFORMATION: BillingInformation = {
  // a value for each field of the list
  ...(Object.fromEntries(FIELD_NAMES.map((name) => [name, emptyOf(fieldOf(name).kind)])) as unknown as FieldValues),
  vatState: 'none',
};
