import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openAmount, reminderDue, settleMemo } from '../../src/billing/invoice-life.ts';
import { Decimal, sum } from '../../src/billing/money.ts';
import { runs } from '../support/runs.ts';

const cents = fc.integer({ min: 0, max: 100_000 }).map((units) => new Decimal(units).div(100));

describe('the settlement of a credit memo', () => {
  it('adds up to the memo, never gives back more than was paid, and leaves the right amount open', () => {
    fc.assert(
      fc.property(cents, cents, cents, cents, (amountDue, prepaid, received, wanted) => {
        const balance = {
          ...{ amountDue, prepaid, returned: new Decimal(0), offset: new Decimal(0) },
          paid: Decimal.min(received, amountDue),
        };
        const total = Decimal.min(wanted, amountDue.plus(prepaid));
        const { offset, refund, returned } = settleMemo(total, balance);
        expect(sum([offset, refund, returned]).equals(total)).toBe(true);
        expect([offset, refund, returned].every((part) => part.gte(0))).toBe(true);
        expect(refund.lte(balance.paid) && returned.lte(prepaid)).toBe(true);
        // nothing is given back while something is open, and credits come last
        if (refund.gt(0)) expect(offset.equals(openAmount(balance))).toBe(true);
        if (returned.gt(0)) expect(refund.equals(balance.paid)).toBe(true);
        const after = { ...balance, paid: balance.paid.minus(refund), offset: offset.plus(refund) };
        expect(openAmount(after).equals(openAmount(balance).minus(offset))).toBe(true);
      }),
      { numRuns: runs(2_000) },
    );
  });
});

describe('the reminder that is due', () => {
  it.each([
    [-4, [], undefined],
    [-3, [], -3],
    [-2, [-3], undefined],
    [0, [-3], 0],
    [0, [], 0],
    [6, [-3, 0], undefined],
    [30, [-3], 14],
    [30, [-3, 14], undefined],
    [8, [14], undefined],
  ])('%d days after the due date, with %j sent, is %s', (days, sent, due) => {
    expect(reminderDue([-3, 0, 7, 14], days, sent)).toBe(due);
  });
});
