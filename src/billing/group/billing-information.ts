/** How far a VAT ID is to be trusted: `unconfirmed` has the right form, `valid` was confirmed by the issuing office. */
export const VAT_STATES = ['none', 'unconfirmed', 'valid', 'invalid'] as const;
export type VatState = (typeof VAT_STATES)[number];

/** Who an invoice is made out to, and who gets it (domain.md, Entities). Empty texts and lists where nothing was said. */
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
  /** What the buyer files the invoice by, such as a Leitweg-ID (BT-10). These three are absent in information of old. */
  readonly buyerReference?: string;
  /** The number of the buyer's purchase order (BT-13). */
  readonly orderNumber?: string;
  /** Scheme and identifier, such as `0208:0123456749`; empty for the one that follows from the VAT ID. */
  readonly electronicAddress?: string;
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
  buyerReference: '',
  orderNumber: '',
  electronicAddress: '',
};
