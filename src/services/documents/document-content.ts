import { completeSeller } from '../../billing/account/seller.ts';
import { NO_BILLING_INFORMATION } from '../../billing/group/billing-information.ts';
import { dueDate } from '../../billing/invoice/invoice.ts';
import { Decimal, sum, ZERO } from '../../billing/money/money.ts';
import { dayIn } from '../../billing/period/day.ts';
import type {
  BillingDocument,
  DocumentBuyer,
  DocumentLine,
  DocumentPayment,
  DocumentSeller,
  DocumentSettlement,
  DocumentTax,
} from '../../documents/document.ts';
import { categoryName } from '../../documents/document-words.ts';
import type { InvoiceDoc, InvoiceSnapshot, LineDoc } from '../../store/invoicing/invoices.ts';
import { type Decimal128, fromDecimal128 } from '../../store/kit/decimal.ts';

/** The stored data of an issued document: an invoice, or a credit memo in the same form. */
export interface IssuedDocument
  extends Pick<
    InvoiceDoc,
    | 'period'
    | 'periodBegin'
    | 'periodEnd'
    | 'currency'
    | 'net'
    | 'tax'
    | 'total'
    | 'taxes'
    | 'prepaid'
    | 'balance'
    | 'conversions'
    | 'dueAt'
  > {
  readonly kind: BillingDocument['kind'];
  readonly number: string;
  /** For a credit memo: the invoice that it corrects. */
  readonly precedingInvoice: { readonly number: string; readonly issuedAt: Date } | null;
  /** For a credit memo: the reason. */
  readonly reason?: string;
  /** For a credit memo: how its total was settled. */
  readonly settlement?: { readonly offset: Decimal128; readonly refund: Decimal128; readonly returned: Decimal128 };
  readonly snapshot: InvoiceSnapshot;
  readonly issuedAt: Date;
}

/** The content of a line, either stored or combined from several stored lines. */
export type StoredLine = Omit<LineDoc, '_id' | 'invoiceId' | 'period' | 'place' | 'projectId' | 'exact'>;

/**
 * A document's content, based only on what was frozen when it was issued: not its state or later payments, so it never
 * changes.
 *
 * @param logo the bytes of the snapshot's logo, if it has one
 */
export function toBillingDocument(
  issued: IssuedDocument,
  lines: readonly StoredLine[],
  logo: Uint8Array | null = null,
): BillingDocument {
  const { snapshot, currency } = issued;
  const zone = snapshot.timeZone;
  const [net, tax, total] = [fromDecimal128(issued.net), fromDecimal128(issued.tax), fromDecimal128(issued.total)];
  const prepaid = (issued.prepaid ?? []).map(({ code, amount }) => ({ code, amount: fromDecimal128(amount) }));
  const home = snapshot.taxAtHome;
  const isInvoice = issued.kind === 'invoice';
  const preceding = issued.precedingInvoice;
  return {
    kind: issued.kind,
    number: issued.number,
    corrects: preceding && { number: preceding.number, issueDate: dayIn(preceding.issuedAt, zone) },
    ...(issued.reason !== undefined && { note: issued.reason }),
    seller: sellerOf(snapshot, logo),
    buyer: buyerOf(snapshot),
    issueDate: dayIn(issued.issuedAt, zone),
    dueDate:
      isInvoice && !issued.balance
        ? dayIn(issued.dueAt ?? dueDate(issued.issuedAt, snapshot.paymentMethod, zone), zone)
        : null,
    period: issued.period,
    periodBegin: dayIn(issued.periodBegin, zone),
    periodEnd: lastDay(issued.periodBegin, issued.periodEnd, zone),
    currency,
    lines: lines.map((line) => toDocumentLine(line, zone)),
    taxes: taxesOf(issued, net),
    // memos of earlier versions used the invoice's
    taxAtHome:
      home && (isInvoice || home.rate) ? { currency: home.currency, amount: fromDecimal128(home.amount) } : null,
    ...{ net, tax, total, prepaid },
    ...(issued.balance && { balance: { ...issued.balance, amount: fromDecimal128(issued.balance.amount) } }),
    amountDue: isInvoice ? Decimal.max(total.minus(sum(prepaid.map(({ amount }) => amount))), ZERO) : total,
    ...(issued.settlement && { settlement: settlementOf(issued.settlement) }),
    payment: paymentOf(isInvoice ? snapshot : { ...snapshot, notCharged: undefined }),
    conversions: (issued.conversions ?? []).map(({ rate, ...one }) => ({
      ...one,
      to: currency,
      rate: fromDecimal128(rate),
    })),
  };
}

/** A line from stored data. Lines of earlier versions have no discount and no tax. */
export function toDocumentLine(line: StoredLine, zone: string): DocumentLine {
  const { lineType, description, projectName, projectLabel, serviceName, serviceType, servicePlan } = line;
  const total = fromDecimal128(line.total);
  return {
    ...{ lineType, description, projectName, projectLabel, serviceName, serviceType, servicePlan },
    cloudName: line.cloudName,
    begin: dayIn(line.begin, zone),
    end: lastDay(line.begin, line.end, zone),
    preDiscount: line.preDiscount ? fromDecimal128(line.preDiscount) : total,
    total,
    taxCategory: line.taxCategory ?? 'O',
    taxRate: line.taxRate ? fromDecimal128(line.taxRate) : ZERO,
    records: line.records,
  };
}

function sellerOf({ seller, sellerName }: InvoiceSnapshot, logo: Uint8Array | null): DocumentSeller {
  const { iban, bic, bankName, ...known } = completeSeller(seller ?? { legalName: sellerName });
  return {
    legalName: known.legalName,
    addressLines: known.addressLines,
    zipCode: known.zipCode,
    city: known.city,
    countryCode: known.countryCode,
    vatId: known.vatId,
    ...(known.taxNumber !== '' && { taxNumber: known.taxNumber }),
    email: known.email,
    contactName: known.contactName,
    phone: known.phone,
    electronicAddress: known.electronicAddress,
    bank: iban === '' ? null : { name: bankName, iban, bic },
    logo,
    color: known.colour === '' ? null : known.colour,
  };
}

function buyerOf({ buyer = NO_BILLING_INFORMATION, billingGroupName }: InvoiceSnapshot): DocumentBuyer {
  const known = { ...NO_BILLING_INFORMATION, ...buyer };
  const { billingEmails: emails, contactEmails: _contacts, vatState: _state, ...shown } = known;
  return { ...shown, groupName: billingGroupName, emails };
}

/** Invoices of earlier versions were outside the scope of any tax, and did not say so. */
function taxesOf({ taxes = [] }: IssuedDocument, net: Decimal): DocumentTax[] {
  if (taxes.length === 0 && !net.isZero()) {
    return [{ category: 'O', rate: ZERO, base: net, amount: ZERO, reason: categoryName('O') }];
  }
  return taxes.map(({ category, rate, base, amount, reason }) => ({
    ...{ category, reason },
    ...{ rate: fromDecimal128(rate), base: fromDecimal128(base), amount: fromDecimal128(amount) },
  }));
}

function settlementOf({ offset, refund, returned }: NonNullable<IssuedDocument['settlement']>): DocumentSettlement {
  return { offset: fromDecimal128(offset), refund: fromDecimal128(refund), returned: fromDecimal128(returned) };
}

function paymentOf({ paymentMethod: method, notCharged }: IssuedDocument['snapshot']): DocumentPayment {
  const note = notCharged === undefined ? {} : { note: notCharged };
  switch (method.kind) {
    case 'credit_card':
      return { kind: method.kind, brand: method.brand, last4: method.last4, ...note };
    case 'bank_transfer':
      return { kind: method.kind, termsDays: method.termsDays, ...note };
    // nothing can be charged, so an immediate bank transfer is the only way to pay
    case 'disabled':
      return { kind: 'bank_transfer', termsDays: 0 };
    case 'no_payment_expected':
      return { kind: 'none' };
  }
}

/** The last day of `[begin, end)`, which may be empty. */
function lastDay(begin: Date, end: Date, zone: string): string {
  return dayIn(new Date(Math.max(begin.getTime(), end.getTime() - 1)), zone);
}
