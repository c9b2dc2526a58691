import { count } from '../../billing/money/count.ts';
import { formatMoney, sum } from '../../billing/money/money.ts';
import type { BillingDocument } from '../document.ts';
import { balanceText } from '../document-words.ts';
import { group, leaf, type XmlElement } from './xml.ts';

/** UNCL4461. In Denmark, a debit transfer is the code that names account and bank. */
const MEANS = {
  ...{ unknown: '1', transfer: '30', debitTransfer: '31', card: '48', creditCard: '54', standing: '57', sepa: '58' },
} as const;
/**
 * Countries where code 30 can't name a transfer's account (DK-R-005), or 54 a card (DK-R-005, NL-R-008), for domestic
 * buyers.
 */
const ONLY_OWN_CODES: readonly string[] = ['DK', 'NL'];

/**
 * BG-16, which every document has (DE-R-001), with the account or card if something is to be paid, and the terms
 * (BT-20), which an amount to be paid requires (BR-CO-25).
 */
export function paymentElements(document: BillingDocument): (XmlElement | null)[] {
  const { kind, payment } = document;
  if (kind === 'credit_memo') return [plainMeans(document), terms(memoTerms(document))];
  if (document.balance) return [plainMeans(document), terms(balanceText(document.balance, document.currency))];
  if (payment.kind === 'none') return [plainMeans(document), terms('No payment is expected.')];
  const due = document.total.minus(sum(document.prepaid.map((one) => one.amount)));
  if (due.lte(0)) return [plainMeans(document), terms('No payment is due.')];
  return [payment.kind === 'credit_card' ? card(document, payment) : transfer(document), termsOf(document)];
}

/** For a negative credit memo: that it reverses a credit, as in its PDF. */
function memoTerms({ total, currency, corrects }: BillingDocument): string {
  if (total.isZero()) return 'No payment is due.';
  if (!total.isNegative()) return 'This amount is credited. No payment is due.';
  const invoice = corrects ? `invoice ${corrects.number}` : 'your invoice';
  return `This credit memo reverses the credit of ${formatMoney(total.abs(), currency)} on ${invoice}. No payment is due.`;
}

/** Payment means without an account. In the Netherlands only a standing agreement can be (NL-R-008). */
function plainMeans(document: BillingDocument): XmlElement | null {
  const code = homeOf(document) === 'NL' ? MEANS.standing : MEANS.unknown;
  return group('cac:PaymentMeans', leaf('cbc:PaymentMeansCode', code));
}

function transfer(document: BillingDocument): XmlElement | null {
  const { seller, number } = document;
  const { bank } = seller;
  if (bank === null) return plainMeans(document);
  return group(
    'cac:PaymentMeans',
    leaf('cbc:PaymentMeansCode', transferCode(document, bank.bic)),
    leaf('cbc:PaymentID', number),
    group(
      'cac:PayeeFinancialAccount',
      leaf('cbc:ID', bank.iban),
      leaf('cbc:Name', seller.legalName),
      group('cac:FinancialInstitutionBranch', leaf('cbc:ID', bank.bic)),
    ),
  );
}

function transferCode(document: BillingDocument, bic: string): string {
  if (document.currency === 'EUR') return MEANS.sepa;
  if (homeOf(document) !== 'DK') return MEANS.transfer;
  return bic === '' ? MEANS.unknown : MEANS.debitTransfer;
}

/**
 * BG-18, only if the card's last digits are known (DE-R-024-1), and no more of its number than these (BR-51). A card
 * whose brand isn't a credit card's is a bank card.
 */
function card(document: BillingDocument, { brand, last4 }: { readonly brand: string; readonly last4: string }) {
  if (last4 === '') return plainMeans(document);
  const isDebit = /debit|maestro|girocard|electron/i.test(brand) || ONLY_OWN_CODES.includes(homeOf(document) ?? '');
  return group(
    'cac:PaymentMeans',
    leaf('cbc:PaymentMeansCode', isDebit ? MEANS.card : MEANS.creditCard),
    group('cac:CardAccount', leaf('cbc:PrimaryAccountNumberID', last4), leaf('cbc:NetworkID', brand || 'card')),
  );
}

/** The country of seller and buyer if it is the same. */
function homeOf({ seller, buyer }: BillingDocument): string | null {
  return seller.countryCode === buyer.countryCode ? seller.countryCode : null;
}

function termsOf({ payment, dueDate }: BillingDocument): XmlElement | null {
  if (payment.kind === 'credit_card') return terms(payment.note ?? 'Charged to the card on file.');
  if (payment.kind === 'bank_transfer') return terms(`Within ${count(payment.termsDays, 'day')}.`);
  return dueDate === null ? terms('On receipt.') : null;
}

function terms(text: string): XmlElement | null {
  return group('cac:PaymentTerms', leaf('cbc:Note', text));
}
