import type { FieldValues } from '../billing/group/billing-fields.ts';
import type { InvoiceLine, LineSubject } from '../billing/invoice/line.ts';
import type { Decimal } from '../billing/money/money.ts';
import type { Period } from '../billing/period/period.ts';
import type { TaxCategory } from '../billing/tax/tax.ts';

export type { TaxCategory };

/**
 * The frozen data of an invoice or credit memo. PDF, CSV, JSON and XML are generated from it and nothing else, so that
 * each is always the same bytes.
 *
 * A credit memo's amounts have the invoice's signs: amounts credited to the buyer are positive.
 */
export interface BillingDocument {
  readonly kind: 'invoice' | 'credit_memo';
  /** The invoice that would be issued now. It has no number, and can't be paid. */
  readonly isPreview?: boolean;
  /** Empty for a preview. */
  readonly number: string;
  /** For a credit memo: the invoice that it corrects, and its day of issue. */
  readonly corrects: { readonly number: string; readonly issueDate: string } | null;
  /** A credit memo's reason as entered, or a note about an invoice's lines. */
  readonly note?: string;
  readonly seller: DocumentSeller;
  readonly buyer: DocumentBuyer;
  /** Days in the account's time zone, YYYY-MM-DD; `periodEnd` is the period's last day. */
  readonly issueDate: string;
  readonly dueDate: string | null;
  readonly period: Period;
  readonly periodBegin: string;
  readonly periodEnd: string;
  readonly currency: string;
  /** In the invoice's order, including the negative lines that reduce the net before tax. */
  readonly lines: readonly DocumentLine[];
  readonly taxes: readonly DocumentTax[];
  /** The tax in the seller's own currency, if the invoice is in another (Directive 2006/112/EC, Article 230). */
  readonly taxAtHome: { readonly currency: string; readonly amount: Decimal } | null;
  /** `total_vat_zero` */
  readonly net: Decimal;
  readonly tax: Decimal;
  /** `total_inc_vat` */
  readonly total: Decimal;
  /** The amounts that purchased credits have paid towards the total. */
  readonly prepaid: readonly { readonly code: string; readonly amount: Decimal }[];
  /** For an invoice with a negative total: the credit that keeps it for the customer. */
  readonly balance?: { readonly code: string; readonly amount: Decimal };
  /** Never negative for an invoice. For a credit memo its total, which is negative when it takes a credit back. */
  readonly amountDue: Decimal;
  /** For a credit memo: how its total was settled. Undefined if that isn't known. */
  readonly settlement?: DocumentSettlement;
  readonly payment: DocumentPayment;
  readonly conversions: readonly DocumentConversion[];
}

export interface DocumentSettlement {
  /** Deducted from the open amount. */
  readonly offset: Decimal;
  /** Refunded from payments. */
  readonly refund: Decimal;
  /** Returned to purchased credits. */
  readonly returned: Decimal;
}

export interface DocumentSeller {
  readonly legalName: string;
  readonly addressLines: readonly string[];
  readonly zipCode: string;
  readonly city: string;
  readonly countryCode: string;
  readonly vatId: string;
  /** The tax office's number, in addition to a VAT ID or instead of one. */
  readonly taxNumber?: string;
  readonly email: string;
  readonly contactName?: string;
  readonly phone?: string;
  /** As entered; absent or empty to derive it from the VAT ID. */
  readonly electronicAddress?: string;
  readonly bank: { readonly name: string; readonly iban: string; readonly bic: string } | null;
  /** PNG or JPEG, and a color such as `#1f4a3d`. */
  readonly logo: Uint8Array | null;
  readonly color: string | null;
}

/** The group's name, and its billing information as frozen. */
export interface DocumentBuyer extends Omit<FieldValues, 'billingEmails' | 'contactEmails'> {
  readonly groupName: string;
  /** The invoice recipients. */
  readonly emails: readonly string[];
}

/** A line of an invoice or credit memo. The project's name is empty if it has none. */
export interface DocumentLine
  extends LineSubject,
    Pick<InvoiceLine, 'preDiscount' | 'total' | 'taxCategory' | 'taxRate'> {
  readonly projectLabel: string | null;
  /** Days in the account's time zone, YYYY-MM-DD; `end` is the last day. */
  readonly begin: string;
  readonly end: string;
}

export interface DocumentTax {
  readonly category: TaxCategory;
  /** A percentage, such as 19. */
  readonly rate: Decimal;
  readonly base: Decimal;
  readonly amount: Decimal;
  /** For the buyer: why there is no tax; null if there is. */
  readonly reason: string | null;
}

export type DocumentPayment =
  /** A note says why the group's card isn't charged. */
  | { readonly kind: 'bank_transfer'; readonly termsDays: number; readonly note?: string }
  /** Brand and digits are empty if there is no card yet. A note says why it is charged later. */
  | { readonly kind: 'credit_card'; readonly brand: string; readonly last4: string; readonly note?: string }
  | { readonly kind: 'none' };

export interface DocumentConversion {
  readonly from: string;
  readonly to: string;
  readonly rate: Decimal;
  /** YYYY-MM-DD */
  readonly date: string;
  readonly source: string;
}
