import { expect, it } from '@jest/globals';
import { methodName } from '../../../src/billing/group/payment-method.ts';
import { count } from '../../../src/billing/money/count.ts';

it('counts use the singular for one and the plural for everything else', () => {
  expect([0, 1, 2].map((number) => count(number, 'record'))).toEqual(['0 records', '1 record', '2 records']);
  expect([1, 3].map((number) => count(number, 'person', 'people'))).toEqual(['1 person', '3 people']);
});

it('payment terms of one day use the singular', () => {
  const terms = (termsDays: number) => methodName({ kind: 'bank_transfer', currency: 'EUR', termsDays });
  expect([terms(1), terms(30)]).toEqual(['Bank transfer in EUR, 1 day', 'Bank transfer in EUR, 30 days']);
});
