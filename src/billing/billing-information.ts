/** How far a VAT ID is to be trusted: `unconfirmed` has the right form, `valid` was confirmed by the issuing office. */
export const VAT_STATES = ['none', 'unconfirmed', 'valid', 'invalid'] as const;
export type VatState = (typeof VAT_STATES)[number];

/** Who an invoice is made out to, and who gets it (domain.md, Things). Empty texts and lists where nothing was said. */
export interface BillingInformation {
  readonly company: string;
  readonly addressLines: readonly string[];
  readonly city: string;
  readonly state: string;
  readonly zipCode: string;
  /** ISO 3166-1 alpha-2, or empty. */
  readonly countryCode: string;
  readonly vatId: string;
  readonly vatState: VatState;
  /** Who gets the invoices. */
  readonly billingEmails: readonly string[];
  /** Who is written to about them. */
  readonly contactEmails: readonly string[];
  /** Printed on the invoice: a purchase order or cost centre. */
  readonly extraText: string;
}

export const NO_BILLING_INFORMATION: BillingInformation = {
  company: '',
  addressLines: [],
  city: '',
  state: '',
  zipCode: '',
  countryCode: '',
  vatId: '',
  vatState: 'none',
  billingEmails: [],
  contactEmails: [],
  extraText: '',
};
