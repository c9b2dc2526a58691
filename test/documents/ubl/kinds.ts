import { Decimal } from '../../../src/billing/money/money.ts';
import type { BillingDocument } from '../../../src/documents/document.ts';
import { BUYER, credit, documentOf, line, SELLER, taxed } from '../documents.ts';
import { domestic, long, reverseCharge, yen } from '../samples.ts';

const SWISS = {
  ...BUYER,
  company: 'Alpenblick AG',
  countryCode: 'CH',
  vatId: 'CHE-116.281.710 MWST',
  city: 'Zürich',
  zipCode: '8001',
};
const rate = (percent: string) => ({ taxRate: new Decimal(percent) });
const memo = {
  kind: 'credit_memo',
  number: 'NW-CM-7',
  corrects: { number: 'NW-2026-00042', issueDate: '2026-11-02' },
} as const;

/** A document of each kind for which a file must be valid. */
export const KINDS: readonly (readonly [string, () => BillingDocument])[] = [
  ['domestic, prepaid in part', domestic],
  ['reverse charge with credits', reverseCharge],
  ['export', () => documentOf(taxed([line('p', 'Compute', '100.00')], 'G'), { buyer: SWISS })],
  ['exempt', () => documentOf(taxed([line('p', 'Compute', '100.05')], 'E'))],
  ['outside the scope', () => documentOf(taxed([line('p', 'Compute', '7.00'), credit('C', '-7.00')], 'O'))],
  ['zero rated', () => documentOf(taxed([line('p', 'Compute', '12.34')], 'Z'))],
  ['several rates', long],
  [
    'several rates and categories, with a credit of each',
    () =>
      documentOf([
        line('a', 'Compute', '33.33'),
        line('a', 'Books', '10.05', rate('7')),
        line('b', 'Insurance', '5.00', { taxCategory: 'E', ...rate('0') }),
        credit('C', '-3.30'),
        credit('C', '-1.00', rate('7')),
        credit('C', '-0.50', { taxCategory: 'E', ...rate('0') }),
      ]),
  ],
  ['foreign currency without decimals, no VAT ID', yen],
  ['credit memo', () => documentOf([line('p', 'Compute', '50.00'), credit('C', '-5.00')], memo)],
  [
    'credit memo of a reverse charge',
    () => documentOf(taxed([line('p', 'Compute', '50.00')], 'AE'), { ...memo, buyer: reverseCharge().buyer }),
  ],
  ['nothing at all', () => documentOf([], { payment: { kind: 'none' }, dueDate: null })],
  [
    'negative rows, discounts and notes of them',
    () =>
      documentOf([
        line('p', 'Compute', '80.00', { preDiscount: new Decimal('100.00') }),
        line('p', 'Refund of the provider', '-95.01'),
        line('p', '', '0.00', { lineType: 'multiplier', description: '20 % off Compute' }),
      ]),
  ],
  [
    'a card without digits, a seller without an account',
    () =>
      documentOf([line('p', 'Compute', '1.00')], {
        payment: { kind: 'credit_card', brand: '', last4: '' },
        seller: { ...SELLER, bank: null },
      }),
  ],
];
