import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { INVOICE_STATES, type InvoiceState, issuedState, stateName } from '../../../src/billing/invoice/invoice.ts';
import {
  CHARGEABLE_STATES,
  canTransition,
  DEFAULT_REMINDER_DAYS,
  isUnpaid,
  openAmount,
  reminderDue,
  settleMemo,
} from '../../../src/billing/invoice/invoice-life.ts';
import { Decimal, sum } from '../../../src/billing/money/money.ts';
import { runs } from '../../support/runs.ts';

const cents = fc.integer({ min: 0, max: 100_000 }).map((units) => new Decimal(units).div(100));

describe('invoice states', () => {
  const NEXT: Readonly<Record<InvoiceState, string>> = {
    estimate: 'draft',
    draft: 'due mailed no_payment_expected failed_no_credit_card',
    due: 'paid failed_credit_card_charge failed_no_credit_card waived',
    mailed: 'paid uncollectible waived',
    failed_credit_card_charge: 'paid mailed uncollectible waived',
    failed_no_credit_card: 'paid mailed uncollectible waived',
    no_payment_expected: '',
    paid: '',
    waived: '',
    uncollectible: 'paid',
  };

  it.each(Object.entries(NEXT))('%s leads to %s, and to no other', (from, next) => {
    const reached = INVOICE_STATES.filter((to) => canTransition(from as InvoiceState, to));
    expect([...reached].sort()).toEqual(next.split(' ').filter(Boolean).sort());
  });

  it('count as unpaid while the invoice is waiting for a card or transfer payment', () => {
    expect(INVOICE_STATES.filter(isUnpaid)).toEqual([
      'due',
      'mailed',
      'failed_credit_card_charge',
      'failed_no_credit_card',
    ]);
    expect(CHARGEABLE_STATES).toEqual(['due', 'failed_credit_card_charge', 'failed_no_credit_card']);
  });

  it('have readable names', () => {
    expect(stateName('no_payment_expected')).toBe('no payment expected');
    expect(stateName('paid')).toBe('paid');
    expect(stateName('draft')).toBe('being issued');
  });
});

describe('the state of a new invoice', () => {
  const card = {
    kind: 'credit_card' as const,
    ...{ brand: 'Visa', last4: '4242', expMonth: 12, expYear: 2029, name: '', countryCode: '' },
  };
  const transfer = { kind: 'bank_transfer' as const, termsDays: 30, currency: 'EUR' };

  it.each([
    ['0.01', card, 'due'],
    ['0.01', transfer, 'mailed'],
    ['0.01', { kind: 'disabled' as const }, 'failed_no_credit_card'],
    ['0.01', { kind: 'no_payment_expected' as const }, 'no_payment_expected'],
    ['0', card, 'no_payment_expected'],
    ['0', { kind: 'disabled' as const }, 'no_payment_expected'],
    ['-5', transfer, 'no_payment_expected'],
  ])('with %s to pay by %p is %s', (amount, method, state) => {
    expect(issuedState(new Decimal(amount), method)).toBe(state);
  });
});

describe('the settlement of a credit memo', () => {
  it('adds up to the memo, never returns more than was paid, and leaves the right amount open', () => {
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
        // nothing is refunded while an amount is open, and credits come last
        if (refund.gt(0)) expect(offset.equals(openAmount(balance))).toBe(true);
        if (returned.gt(0)) expect(refund.equals(balance.paid)).toBe(true);
        const after = { ...balance, paid: balance.paid.minus(refund), offset: offset.plus(refund) };
        expect(openAmount(after).equals(openAmount(balance).minus(offset))).toBe(true);
      }),
      { numRuns: runs(2_000) },
    );
  });

  const balance = (over: Partial<Record<'amountDue' | 'prepaid' | 'paid' | 'offset' | 'returned', string>>) => {
    const of = { amountDue: '100', prepaid: '50', paid: '0', offset: '0', returned: '0', ...over };
    return {
      ...{ amountDue: new Decimal(of.amountDue), prepaid: new Decimal(of.prepaid), paid: new Decimal(of.paid) },
      ...{ offset: new Decimal(of.offset), returned: new Decimal(of.returned) },
    };
  };

  it.each([
    ['30', {}, '30 0 0'],
    ['120', {}, '100 0 20'],
    ['30', { paid: '100' }, '0 30 0'],
    ['30', { paid: '80' }, '20 10 0'],
    ['150', { paid: '80' }, '20 80 50'],
    // earlier memos have reduced the open amount and returned credits
    ['30', { offset: '90' }, '10 0 20'],
    ['30', { offset: '90', paid: '10' }, '0 10 20'],
    ['30', { offset: '100', returned: '45' }, '0 0 5'],
    // nothing was ever to be paid, as for a negative invoice
    ['-30', { amountDue: '0', prepaid: '0' }, '0 0 0'],
  ])('of %s with %j is %s: open amount, refund, returned credits', (total, over, parts) => {
    const { offset, refund, returned } = settleMemo(new Decimal(total), balance(over));
    expect([offset, refund, returned].join(' ')).toBe(parts);
  });

  it('never leaves a negative amount open', () => {
    expect(openAmount(balance({ paid: '60', offset: '15' })).toFixed()).toBe('25');
    expect(openAmount(balance({ paid: '100', offset: '15' })).toFixed()).toBe('0');
  });
});

describe('the next reminder', () => {
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
    expect(reminderDue(DEFAULT_REMINDER_DAYS, days, sent)).toBe(due);
    expect(reminderDue([...DEFAULT_REMINDER_DAYS].reverse(), days, sent)).toBe(due);
  });
});
