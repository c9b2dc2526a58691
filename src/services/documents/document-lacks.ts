import { completeSeller } from '../../billing/account/seller.ts';
import { NO_BILLING_INFORMATION } from '../../billing/group/billing-information.ts';
import type { InvoiceLine } from '../../billing/invoice/invoice.ts';
import { isEu } from '../../billing/tax/tax-place.ts';
import { labelledFields } from '../../documents/buyer-fields.ts';
import type { BillingDocument } from '../../documents/document.ts';
import { undrawable } from '../../documents/pdf/undrawable.ts';
import { type Obstacle, obstacles } from '../../documents/ubl/obstacles.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import type { InvoiceDoc } from '../../store/invoicing/invoices.ts';
import { toBillingDocument } from './document-content.ts';

/** What the documents of an estimate would lack if it were issued, as words for a list. */
export interface DocumentLacks {
  /** What every invoice of the account would lack. */
  readonly seller: readonly string[];
  readonly buyer: readonly string[];
}

/** Countries outside the EU whose sellers send EN 16931 electronic invoices. */
const EN_16931: readonly string[] = ['CH', 'GB', 'IS', 'LI', 'NO'];
/** The maximum number of texts named for characters that no font has. */
const MOST_NAMED = 5;

/**
 * Why an estimate's electronic invoice can't be made, and which characters its PDF can't show. Sellers outside of
 * Europe don't send electronic invoices, so only the PDF is checked.
 */
export function missingDocumentDetails(account: AccountDoc, group: GroupDoc, estimate: InvoiceDoc): DocumentLacks {
  const document = documentOf(account, group, estimate);
  const { countryCode } = document.seller;
  const isSent = isEu(countryCode) || EN_16931.includes(countryCode);
  const found = isSent ? obstacles(document) : [];
  return {
    seller: [...missing(found.filter(({ of }) => of === 'seller')), ...sellerCharacters(document)],
    buyer: [
      ...missing(found.filter(({ of }) => of !== 'seller')),
      ...buyerCharacters(document),
      ...(estimate.undrawable ?? []),
    ],
  };
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

function documentOf(account: AccountDoc, group: GroupDoc, estimate: InvoiceDoc): BillingDocument {
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
    ...labelledFields(buyer, 'pdf').flatMap(({ label, text }) => characters(`“${label}”`, text)),
  ];
}

function characters(what: string, text: string): string[] {
  const found = undrawable(text);
  return found.length === 0 ? [] : [`no font for ${found.slice(0, MOST_NAMED).join(', ')} in ${what}`];
}
