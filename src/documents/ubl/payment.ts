import { sum } from '../../billing/money.ts';
import type { BillingDocument } from '../document.ts';
import { balanceText } from '../words.ts';
import { group, leaf, type XmlElement } from './xml.ts';

/** UNCL4461. */
const MEANS = { unknown: '1', transfer: '30', card: '48', creditCard: '54', sepa: '58' } as const;

/** BG-16 with the account or card, and the terms (BT-20), which what is to be paid must have (BR-CO-25). */
export function paymentElements(document: BillingDocument): (XmlElement | null)[] {
  if (document.kind === 'credit_memo') return [terms('This amount is given back. Nothing is to be paid.')];
  if (document.balance) return [terms(balanceText(document.balance, document.currency))];
  if (document.payment.kind === 'none') return [terms('No payment is expected.')];
  const due = document.total.minus(sum(document.prepaid.map((one) => one.amount)));
  if (due.lte(0)) return [terms('Nothing is to be paid.')];
  return [document.payment.kind === 'credit_card' ? card(document.payment) : transfer(document), termsOf(document)];
}

function transfer({ seller, number, currency }: BillingDocument): XmlElement | null {
  const { bank } = seller;
  const code = bank === null ? MEANS.unknown : currency === 'EUR' ? MEANS.sepa : MEANS.transfer;
  return group(
    'cac:PaymentMeans',
    leaf('cbc:PaymentMeansCode', code),
    leaf('cbc:PaymentID', number),
    bank &&
      group(
        'cac:PayeeFinancialAccount',
        leaf('cbc:ID', bank.iban),
        leaf('cbc:Name', seller.legalName),
        group('cac:FinancialInstitutionBranch', leaf('cbc:ID', bank.bic)),
      ),
  );
}

/** BG-18: no more of a card's number than its last digits (BR-51). A card that is no credit card by its brand is a bank card. */
function card({ brand, last4 }: { readonly brand: string; readonly last4: string }): XmlElement | null {
  const isDebit = /debit|maestro|girocard|electron/i.test(brand);
  return group(
    'cac:PaymentMeans',
    leaf('cbc:PaymentMeansCode', isDebit ? MEANS.card : MEANS.creditCard),
    last4 !== '' &&
      group('cac:CardAccount', leaf('cbc:PrimaryAccountNumberID', last4), leaf('cbc:NetworkID', brand || 'card')),
  );
}

function termsOf({ payment, dueDate }: BillingDocument): XmlElement | null {
  if (payment.kind === 'credit_card') return terms(payment.note ?? 'Charged to the card on file.');
  if (payment.kind === 'bank_transfer') return terms(`Within ${payment.termsDays} days.`);
  return dueDate === null ? terms('On receipt.') : null;
}

function terms(text: string): XmlElement | null {
  return group('cac:PaymentTerms', leaf('cbc:Note', text));
}
