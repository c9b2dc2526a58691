import { expect, it } from '@jest/globals';
import { calculate } from '../../../src/billing/invoice/calculate.ts';
import { Decimal } from '../../../src/billing/money/money.ts';
import { stepText } from '../../../views/invoices/invoice-why.ts';
import { cost, taxed, terms } from '../../billing/build.ts';

it('explanations show money, and the exact value as well where it isn’t rounded yet', () => {
  const discount = { id: 'd1', description: 'Partner', from: terms().period, until: null };
  const percentage = { kind: 'percentage', percentage: new Decimal('12.5') } as const;
  const made = calculate(
    [cost('1234.005'), cost('0.0000012', { serviceName: 's2' }), cost('-2', { serviceName: 's3' })],
    'EUR',
    terms({ discounts: [{ ...discount, scope: { kind: 'group' }, value: percentage }], tax: taxed('19') }),
  );
  const amounts = made.trail.map((entry) => stepText(entry).split('\n')[1]);
  expect(amounts).toEqual([
    '*EUR 1,232.01 (exactly 1,232.0050012)*',
    'EUR 1,232.01 (exactly 1,232.0050012) → *EUR 1,078.00 (exactly 1,078.00437605)*',
    'EUR 1,078.00 (exactly 1,078.00437605) → *EUR 1,078.00*',
    'EUR 1,078.00 → *EUR 204.82*',
    'EUR 1,078.00 → *EUR 1,282.82*',
    'EUR 1,282.82 → *EUR 1,282.82*',
  ]);
});
