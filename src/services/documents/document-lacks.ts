import { needsElectronicInvoice } from '../../billing/account/electronic-invoices.ts';
import { completeSeller } from '../../billing/account/seller.ts';
import { NO_BILLING_INFORMATION } from '../../billing/group/billing-information.ts';
import type { InvoiceLine } from '../../billing/invoice/invoice.ts';
import { isEu } from '../../billing/tax/tax-place.ts';
import { labeledFields } from '../../documents/buyer-fields.ts';
import type { BillingDocument } from '../../documents/document.ts';
import { undrawable } from '../../documents/pdf/undrawable.ts';
import { type Obstacle, obstacles, ublObstacles } from '../../documents/ubl/obstacles.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import type { InvoiceDoc, InvoiceSnapshot } from '../../store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { type IssuedDocument, toBillingDocument } from './document-content.ts';

/** What the documents of an estimate would lack if it were issued, as words for a list. */
export interface DocumentLacks {
  /** What every invoice of the account would lack. */
  readonly seller: readonly string[];
  readonly buyer: readonly string[];
}

/** The figures of an invoice, issued or not. */
type DocumentFigures = Omit<
  IssuedDocument,
  'kind' | 'number' | 'precedingInvoice' | 'snapshot' | 'issuedAt' | 'reason' | 'settlement'
>;

/** Countries outside the EU whose sellers send EN 16931 electronic invoices. */
const EN_16931: readonly string[] = ['CH', 'GB', 'IS', 'LI', 'NO'];
const REQUIRED_BUT_INCOMPLETE = 'The electronic invoice that the account requires can’t be generated.';
/** The maximum number of texts named for characters that no font has. */
const MOST_NAMED = 5;

/**
 * Why an estimate's electronic invoice can't be made, and which characters its PDF can't show. Sellers outside of
 * Europe don't send electronic invoices, so only the PDF is checked.
 */
export function missingDocumentDetails(account: AccountDoc, group: GroupDoc, estimate: InvoiceDoc): DocumentLacks {
  const document = documentOf(account, group, estimate);
  const found = sendsElectronicInvoices(document) ? obstacles(document) : [];
  return {
    seller: [...missing(found.filter(({ of }) => of === 'seller')), ...sellerCharacters(document)],
    buyer: [
      ...missing(found.filter(({ of }) => of !== 'seller')),
      ...buyerCharacters(document),
      ...(estimate.undrawable ?? []),
    ],
  };
}

/**
 * Why the electronic invoice of these figures can't be made, in sentences, if the account requires it for the group
 * (setting `electronic-invoices`). An invoice of zero isn't sent, so it needs none.
 */
export function electronicInvoiceBlockers(account: AccountDoc, group: GroupDoc, figures: DocumentFigures): string[] {
  if (!needsElectronicInvoice(account.electronicInvoices, group.billing)) return [];
  if (fromDecimal128(figures.total).isZero()) return [];
  const found = ublObstacles(documentOf(account, group, figures));
  return found.length === 0 ? [] : [`${REQUIRED_BUT_INCOMPLETE} ${found.join(' ')}`];
}

/**
 * What the electronic form of an issued invoice lacks, in sentences. Empty if it is attached, and where nobody expects
 * it: for sellers outside of Europe, and for an invoice of zero.
 */
export function electronicInvoiceLacks(invoice: DocumentFigures & { readonly snapshot: InvoiceSnapshot }): string[] {
  if (fromDecimal128(invoice.total).isZero()) return [];
  const document = toBillingDocument(
    { ...invoice, kind: 'invoice', number: '-', precedingInvoice: null, issuedAt: invoice.periodEnd },
    [],
  );
  return sendsElectronicInvoices(document) ? ublObstacles(document) : [];
}

/** Characters in the lines that no font has, with the first text that contains them. */
export function undrawableLines(lines: readonly InvoiceLine[]): string[] {
  const texts = new Map<string, string>();
  for (const { projectName, description, serviceName, serviceType } of lines) {
    texts.set(projectName, 'a project’s name');
    for (const text of [description, serviceName, serviceType ?? '']) texts.set(text, 'a line');
  }
  return [...texts].flatMap(([text, what]) => characters(what, text)).slice(0, MOST_NAMED);
}

function sendsElectronicInvoices({ seller: { countryCode } }: BillingDocument): boolean {
  return isEu(countryCode) || EN_16931.includes(countryCode);
}

function documentOf(account: AccountDoc, group: GroupDoc, estimate: DocumentFigures): BillingDocument {
  const seller = completeSeller(account.seller);
  const snapshot = {
    ...{ accountName: account.name, sellerName: seller.legalName, timeZone: account.timeZone, seller },
    ...{ billingGroupName: group.name, buyer: { ...NO_BILLING_INFORMATION, ...group.billing } },
    paymentMethod: { kind: 'no_payment_expected' as const },
  };
  const issuedAt = estimate.periodEnd;
  return toBillingDocument(
    { ...estimate, kind: 'invoice', number: '-', precedingInvoice: null, snapshot, issuedAt },
    [],
  );
}

function missing(found: readonly Obstacle[]): string[] {
  if (found.length === 0) return [];
  const words = found.map(({ text }) => text.replace(/^The (seller|buyer) has /, '').replace(/\.$/, ''));
  return [`no electronic invoice: ${words.join(', ')}`];
}

function sellerCharacters({ seller }: BillingDocument): string[] {
  return [
    ...characters('the legal name', seller.legalName),
    ...characters('the address', [...seller.addressLines, seller.zipCode, seller.city].join(' ')),
    ...characters('the bank', seller.bank?.name ?? ''),
  ];
}

function buyerCharacters({ buyer }: BillingDocument): string[] {
  const { groupName, company, addressLines, zipCode, city, state, extraText } = buyer;
  return [
    ...characters('the group’s name', groupName),
    ...characters('the company', company),
    ...characters('the address', [...addressLines, zipCode, city, state].join(' ')),
    ...characters('the invoice text', extraText),
    ...characters('the buyer reference', `${buyer.buyerReference} ${buyer.orderNumber}`),
    ...labeledFields(buyer, 'pdf').flatMap(({ label, text }) => characters(`“${label}”`, text)),
  ];
}

function characters(what: string, text: string): string[] {
  const found = undrawable(text);
  return found.length === 0 ? [] : [`no font for ${found.slice(0, MOST_NAMED).join(', ')} in ${what}`];
}
