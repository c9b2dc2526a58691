import type { FieldValues } from '../billing/group/billing-fields.ts';
import type { LineType } from '../billing/invoice/line.ts';
import type { Decimal } from '../billing/money/money.ts';
import type { Period } from '../billing/period/period.ts';
import type { TaxCategory } from '../billing/tax/tax.ts';

export type { TaxCategory };

/**
 * Everything that an invoice or credit memo says, as it was frozen: what PDF, CSV, JSON and XML are made of, and nothing
 * else, so that each is the same bytes whenever it is made.
 *
 * A credit memo's amounts have the invoice's signs: what the buyer is given back is positive.
 */
export interface BillingDocument {
  readonly kind: 'invoice' | 'credit_memo';
  /** What an invoice would say if it were issued now: it has no number, and nobody can pay by it. */
  readonly isPreview?: boolean;
  /** Empty for a preview. */
  readonly number: string;
  /** Of a credit memo: the invoice that it corrects, and its day of issue. */
  readonly corrects: { readonly number: string; readonly issueDate: string } | null;
  /** The reason of a credit memo, as entered; of an invoice, a note about its lines. */
  readonly note?: string;
  readonly seller: DocumentSeller;
  readonly buyer: DocumentBuyer;
  /** Days of the account's time zone, YYYY-MM-DD; `periodEnd` is the period's last day. */
  readonly issueDate: string;
  readonly dueDate: string | null;
  readonly period: Period;
  readonly periodBegin: string;
  readonly periodEnd: string;
  readonly currency: string;
  /** In the order of the invoice; what lowers the net before tax is among them, negative. */
  readonly lines: readonly DocumentLine[];
  readonly taxes: readonly DocumentTax[];
  /** The tax in the seller's own currency, where the invoice is in another (Directive 2006/112/EC, Article 230). */
  readonly taxAtHome: { readonly currency: string; readonly amount: Decimal } | null;
  /** `total_vat_zero` */
  readonly net: Decimal;
  readonly tax: Decimal;
  /** `total_inc_vat` */
  readonly total: Decimal;
  /** What purchased credits have paid towards the total. */
  readonly prepaid: readonly { readonly code: string; readonly amount: Decimal }[];
  /** Of an invoice never below zero; of a credit memo its total, which is below zero when it takes a credit back. */
  /** Of an invoice whose total is below zero: the credit that keeps it for the customer. */
  readonly balance?: { readonly code: string; readonly amount: Decimal };
  readonly amountDue: Decimal;
  /** Of a credit memo: what was done with its total. Absent where that is not known. */
  readonly settlement?: DocumentSettlement;
  readonly payment: DocumentPayment;
  readonly conversions: readonly DocumentConversion[];
}

export interface DocumentSettlement {
  /** Taken off what was still to be paid. */
  readonly offset: Decimal;
  /** Given back of what was paid. */
  readonly refund: Decimal;
  /** Given back to purchased credits. */
  readonly returned: Decimal;
}

export interface DocumentSeller {
  readonly legalName: string;
  readonly addressLines: readonly string[];
  readonly zipCode: string;
  readonly city: string;
  readonly countryCode: string;
  readonly vatId: string;
  /** The tax office's number, beside or instead of a VAT ID. */
  readonly taxNumber?: string;
  readonly email: string;
  readonly contactName?: string;
  readonly phone?: string;
  /** As entered; absent or empty for the one that follows from the VAT ID. */
  readonly electronicAddress?: string;
  readonly bank: { readonly name: string; readonly iban: string; readonly bic: string } | null;
  /** PNG or JPEG, and a colour such as `#1f4a3d`. */
  readonly logo: Uint8Array | null;
  readonly colour: string | null;
}

/** The billing information of the group, as it was frozen, and its name. */
export interface DocumentBuyer extends Omit<FieldValues, 'billingEmails' | 'contactEmails'> {
  readonly groupName: string;
  /** Who gets the invoices. */
  readonly emails: readonly string[];
}

export interface DocumentLine {
  readonly lineType: LineType;
  readonly description: string;
  /** Empty where the line belongs to no project. */
  readonly projectName: string;
  readonly projectLabel: string | null;
  readonly serviceName: string;
  readonly serviceType: string | null;
  readonly servicePlan: string | null;
  readonly cloudName: string | null;
  /** Days of the account's time zone, YYYY-MM-DD; `end` is the last day. */
  readonly begin: string;
  readonly end: string;
  readonly preDiscount: Decimal;
  readonly total: Decimal;
  readonly taxCategory: TaxCategory;
  /** A percentage, such as 19. */
  readonly taxRate: Decimal;
  readonly records: number;
}

export interface DocumentTax {
  readonly category: TaxCategory;
  /** A percentage, such as 19. */
  readonly rate: Decimal;
  readonly base: Decimal;
  readonly amount: Decimal;
  /** Why there is none, for the buyer to read; null where there is. */
  readonly reason: string | null;
}

export type DocumentPayment =
  /** A note says why the group's card is not charged. */
  | { readonly kind: 'bank_transfer'; readonly termsDays: number; readonly note?: string }
  /** Brand and digits are empty where there is no card yet; a note says why it is charged later. */
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
