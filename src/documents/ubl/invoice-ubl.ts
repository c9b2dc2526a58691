import { isDiscountNote } from '../../billing/invoice/line.ts';
import { type Decimal, formatMoney, sum } from '../../billing/money/money.ts';
import { labeledFields } from '../buyer-fields.ts';
import type { BillingDocument, DocumentLine } from '../document.ts';
import { balanceText } from '../document-words.ts';
import { amount } from './amount.ts';
import { allowance, lineElement, nothing, period } from './line.ts';
import { buyerParty, sellerParty } from './party.ts';
import { paymentElements } from './payment.ts';
import { taxTotals } from './tax.ts';
import { group, leaf, type XmlElement, xmlFile } from './xml.ts';

const CUSTOMIZATION = 'urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0';
const PROFILE = 'urn:fdc:peppol.eu:2017:poacc:billing:01:1.0';
const UBL = 'urn:oasis:names:specification:ubl:schema:xsd';
/** A reference that identifies itself as an order: `PO-2026-17`, `P.O. 4711`, `Order: 12`. */
const ORDER = /^(?:p\.?\s?o\.?|purchase order|order|bestellung)(?:[\s:#-]+|(?=\d))(?:no\.?\s*|nr\.?\s*)?(\S.{0,60})$/iu;

/**
 * An invoice (type 380) or credit note (381) as UBL 2.1, in the PEPPOL BIS Billing 3.0 profile of EN 16931. Credits
 * before tax are allowances (BG-20), purchased ones the paid amount (BT-113). The amount due is the total less the paid
 * amount (BR-CO-16), so a negative total stays negative here.
 */
export function invoiceUbl(document: BillingDocument): string {
  const isInvoice = document.kind === 'invoice';
  const root = isInvoice ? 'Invoice' : 'CreditNote';
  const { shown, credits } = divided(document);
  const isOutsideScope = document.taxes.every(({ category }) => category === 'O');
  const reference = referenceOf(document);
  const content = [
    leaf('cbc:CustomizationID', CUSTOMIZATION),
    leaf('cbc:ProfileID', PROFILE),
    leaf('cbc:ID', document.number),
    leaf('cbc:IssueDate', document.issueDate),
    isInvoice && leaf('cbc:DueDate', document.dueDate),
    leaf(`cbc:${root}TypeCode`, isInvoice ? '380' : '381'),
    leaf('cbc:Note', notes(document)),
    leaf('cbc:DocumentCurrencyCode', document.currency),
    leaf('cbc:TaxCurrencyCode', document.taxAtHome?.currency),
    leaf('cbc:BuyerReference', reference.buyer),
    period(document.periodBegin, document.periodEnd),
    group('cac:OrderReference', leaf('cbc:ID', reference.order)),
    corrected(document),
    sellerParty(document.seller, isOutsideScope),
    buyerParty(document.buyer, isOutsideScope),
    ...paymentElements(document),
    ...credits.map((line) => allowance(line, document.currency)),
    ...taxTotals(document, [...shown, ...credits]),
    monetaryTotal(document, shown, credits),
    ...shown.map((line, at) => lineElement(document, line, at + 1)),
  ];
  return xmlFile({
    name: root,
    attributes: {
      xmlns: `${UBL}:${root}-2`,
      'xmlns:cac': `${UBL}:CommonAggregateComponents-2`,
      'xmlns:cbc': `${UBL}:CommonBasicComponents-2`,
    },
    content: content.filter((one): one is XmlElement => one !== null && one !== undefined && one !== false),
  });
}

interface Divided {
  /** Invoice lines, without discount notes. */
  readonly shown: readonly DocumentLine[];
  /** Amounts that reduce the net, as document allowances. */
  readonly credits: readonly DocumentLine[];
}

function divided(document: BillingDocument): Divided {
  const isCredit = (line: DocumentLine) => line.lineType === 'credit_consumption' && line.total.lte(0);
  const shown = document.lines.filter((line) => !isCredit(line) && !isDiscountNote(line));
  return {
    shown: shown.length === 0 ? [nothing(document)] : shown,
    credits: document.lines.filter((line) => isCredit(line) && !line.total.isZero()),
  };
}

/**
 * BG-22. A negative total that is kept as a credit is settled by that: its amount is a negative prepaid amount
 * (BT-113), so that nothing is payable (BR-CO-16).
 */
function monetaryTotal(
  { net, total, prepaid, balance, currency }: BillingDocument,
  shown: readonly DocumentLine[],
  credits: readonly DocumentLine[],
): XmlElement | null {
  const totalOf = (lines: readonly { readonly total: Decimal }[]) => sum(lines.map((line) => line.total));
  const paid = sum([...prepaid.map((one) => one.amount), ...(balance ? [balance.amount.neg()] : [])]);
  return group(
    'cac:LegalMonetaryTotal',
    amount('cbc:LineExtensionAmount', totalOf(shown), currency),
    amount('cbc:TaxExclusiveAmount', net, currency),
    amount('cbc:TaxInclusiveAmount', total, currency),
    credits.length > 0 && amount('cbc:AllowanceTotalAmount', totalOf(credits).neg(), currency),
    !paid.isZero() && amount('cbc:PrepaidAmount', paid, currency),
    amount('cbc:PayableAmount', total.minus(paid), currency),
  );
}

/** For a credit note: BG-3. */
function corrected({ corrects }: BillingDocument): XmlElement | null {
  return (
    corrects &&
    group(
      'cac:BillingReference',
      group('cac:InvoiceDocumentReference', leaf('cbc:ID', corrects.number), leaf('cbc:IssueDate', corrects.issueDate)),
    )
  );
}

/**
 * BT-10 and BT-13. The reference printed on a group's invoices is the buyer reference if there is no other, or the
 * order number if it looks like one. A document always has a BT-10 (DE-R-015), with the billing group's name as the
 * last resort.
 */
function referenceOf({ buyer }: BillingDocument): { readonly buyer: string; readonly order: string } {
  const { buyerReference = '', orderNumber = '', groupName } = buyer;
  const printed = buyer.extraText.trim();
  const text = printed.includes('\n') || printed.length > 100 ? '' : printed;
  const isOrder = ORDER.test(text);
  return {
    buyer: buyerReference || (isOrder ? '' : text) || groupName,
    order: orderNumber || (isOrder ? text : ''),
  };
}

/** BT-22 as one text, since PEPPOL allows only one (PEPPOL-EN16931-R002). */
function notes({ note, buyer, lines, conversions, prepaid, balance, currency }: BillingDocument): string {
  const extra = buyer.extraText.trim();
  return [
    ...(note === undefined ? [] : [note]),
    ...(extra.includes('\n') || extra.length > 100 ? [extra] : []),
    ...labeledFields(buyer, 'ubl').map(({ label, text }) => `${label}: ${text}`),
    ...lines.filter(isDiscountNote).map((line) => line.description),
    ...prepaid.map(({ code, amount: paid }) => `Purchased credit ${code}: ${formatMoney(paid, currency)}`),
    ...(balance ? [balanceText(balance, currency)] : []),
    ...conversions.map(
      ({ from, to, rate, date, source }) => `1 ${from} = ${rate.toFixed()} ${to} (${source}, ${date})`,
    ),
  ].join('\n');
}
