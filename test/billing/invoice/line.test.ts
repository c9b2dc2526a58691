import { describe, expect, it } from '@jest/globals';
import { creditEntries, dueEntry } from '../../../src/billing/invoice/calculation-trail.ts';
import { compare, inLineOrder, isDiscountNote, LINE_TYPES, lineOf } from '../../../src/billing/invoice/line.ts';
import { Decimal } from '../../../src/billing/money/money.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { cost, credit, invoiceOf, PERIOD, SPAN, taxed } from '../build.ts';

const charge = (over: object = {}) => ({
  ...{ id: 'c', description: 'Setup', amount: new Decimal(5), currency: 'EUR', isMonthly: true, project: null },
  ...{ from: PERIOD, until: null, ...over },
});

describe('the lines of an invoice', () => {
  const july = toPeriod('2026-07');

  it('have one order, however they arrive', () => {
    const inOrder = [
      cost('1', { projectName: 'a', projectId: 'prj_1', serviceName: 'x' }),
      cost('1', { projectName: 'a', projectId: 'prj_1', serviceName: 'y', servicePlan: null }),
      cost('1', { projectName: 'a', projectId: 'prj_1', serviceName: 'y', servicePlan: 'large' }),
      cost('1', { projectName: 'a', projectId: 'prj_1', serviceName: 'y', servicePlan: 'small' }),
      cost('1', {
        ...{ projectName: 'a', projectId: 'prj_1', serviceName: 'y', servicePlan: 'small' },
        lineType: 'support_charge',
      }),
      cost('1', {
        ...{ projectName: 'a', projectId: 'prj_1', serviceName: 'y', servicePlan: 'small' },
        ...{ lineType: 'support_charge', lateFrom: july },
      }),
      cost('1', {
        ...{ projectName: 'a', projectId: 'prj_1', serviceName: 'y', servicePlan: 'small' },
        ...{ lineType: 'support_charge', lateFrom: july, currency: 'USD' },
      }),
      cost('1', { projectName: 'a', projectId: 'prj_2', serviceName: 'a' }),
      cost('1', { projectName: 'b', projectId: 'prj_0', serviceName: 'a' }),
      cost('1', { projectName: '', projectId: '', serviceName: 'a' }),
    ].map(lineOf);
    const key = (line: (typeof inOrder)[number]) => inOrder.indexOf(line);
    expect(inLineOrder([...inOrder].reverse()).map(key)).toEqual(inOrder.map((_, at) => at));
    for (const [at, line] of inOrder.entries()) {
      for (const next of inOrder.slice(at + 1)) expect(inLineOrder([next, line])).toEqual([line, next]);
    }
  });

  it('put a project’s charges after its costs, and account lines last', () => {
    const { lines } = invoiceOf([cost('1', { serviceName: 'z' }), cost('1', { projectName: 'p2', serviceName: 'a' })], {
      charges: [
        charge({ id: 'c1', description: 'B of the group' }),
        charge({ id: 'c2', description: 'A of the group' }),
        charge({ id: 'c3', description: 'Of p1', project: { id: 'prj_p1', name: 'p1' } }),
      ],
    });
    expect(lines.map(([, description]) => description)).toEqual([
      'z',
      'Of p1',
      'a',
      'A of the group',
      'B of the group',
    ]);
  });

  it('are compared by code unit', () => {
    expect([compare('a', 'b'), compare('b', 'a'), compare('a', 'a'), compare('Z', 'a')]).toEqual([-1, 1, 0, -1]);
  });

  it('are described by service and plan, and late ones by their period', () => {
    const described = (over: Parameters<typeof cost>[1]) => lineOf(cost('1', over)).description;
    expect(described({ serviceName: 'pg-1' })).toBe('pg-1');
    expect(described({ serviceName: 'pg-1', servicePlan: 'business-4' })).toBe('pg-1, business-4');
    expect(described({ serviceName: 'pg-1', lateFrom: july })).toBe('Late cost of July 2026: pg-1');
  });

  it('have a total of zero when they only note a discount', () => {
    const zero = new Decimal(0);
    expect(LINE_TYPES.filter((lineType) => isDiscountNote({ lineType, total: zero }))).toEqual(['multiplier']);
    expect(isDiscountNote({ lineType: 'multiplier', total: new Decimal(1) })).toBe(false);
  });

  it('added by the invoice have its period and no project', () => {
    const { calculation } = invoiceOf([], { charges: [charge()], credits: [credit('2')] });
    expect(calculation.lines).toMatchObject([
      { ...SPAN, projectId: '', projectName: '', serviceName: '', records: 0, code: null, currency: 'EUR' },
      { ...SPAN, lineType: 'credit_consumption', description: 'Credit A', code: 'A', currency: 'EUR' },
    ]);
    expect(calculation.lines.map(({ preDiscount }) => preDiscount.toFixed())).toEqual(['5', '-2']);
  });
});

describe('the trail of a calculation', () => {
  it('starts with the costs in each currency, in order, with the number of records', () => {
    const { calculation } = invoiceOf([
      cost('5', { currency: 'USD' }),
      cost('1.5', { records: 3 }),
      cost('2', { serviceName: 's2', records: 4 }),
    ]);
    expect(
      calculation.trail.slice(0, 2).map(({ step, what, after, currency }) => [step, what, after, currency]),
    ).toEqual([
      ['costs', '7 cost records, summed by project, service, plan and type into 2 sums', '3.5', 'EUR'],
      ['costs', '1 cost record, summed by project, service, plan and type into 1 sum', '5', 'USD'],
    ]);
  });

  it('shows what each credit reduces, whose it is and what remains', () => {
    const { calculation } = invoiceOf([cost('100')], {
      credits: [
        credit('30', { code: 'OWN', type: 'trial_over', projectId: 'prj_p1' }),
        credit('10', { code: 'GROUP' }),
        credit('50', { code: 'PAID', type: 'purchase' }),
      ],
      tax: taxed('10'),
    });
    const credits = calculation.trail.filter(({ step }) => step === 'credit' || step === 'prepaid');
    expect(credits.map(({ what, before, after, why }) => [what, before, after, why])).toEqual([
      ['Credit OWN (trial over, of a project)', '100', '70', 'Reduces the total before tax. EUR 0.00 of it is left.'],
      ['Credit GROUP (promotion, of the group)', '70', '60', 'Reduces the total before tax. EUR 0.00 of it is left.'],
      [
        'Credit PAID (purchase, of the group)',
        '66',
        '16',
        'Purchased, so it’s applied after tax. EUR 0.00 of it is left.',
      ],
    ]);
    const kept = creditEntries(
      'credit',
      [{ credit: credit('9'), amount: new Decimal(4), parts: [] }],
      new Decimal(4),
      'EUR',
    );
    expect(kept).toMatchObject([{ before: '4', after: '0', why: expect.stringContaining('EUR 5.00 of it is left') }]);
  });

  it('shows what each tax is based on, and ends with the amount due', () => {
    const { calculation } = invoiceOf([cost('100')], { tax: taxed('10') });
    expect(calculation.trail.slice(-3)).toMatchObject([
      { step: 'tax', what: 'Category S, 10% of EUR 100.00', before: '100', after: '10', currency: 'EUR' },
      { step: 'total', before: '100', after: '110', currency: 'EUR' },
      { step: 'due', what: 'The total', before: '110', after: '110', currency: 'EUR' },
    ]);
  });

  it('ends with a balance for a negative total, and with prepaid amounts', () => {
    const due = (total: string, prepaid: string) =>
      dueEntry(new Decimal(total), new Decimal(prepaid), new Decimal(0), 'EUR');
    expect(due('-5', '0').why).toContain('below zero');
    expect(due('0', '0').why).toContain('still to be paid');
    expect(due('-0', '0').why).toContain('still to be paid');
    expect(due('5', '5')).toMatchObject({
      what: 'The total less EUR 5.00 of purchased credits',
      before: '5',
      after: '0',
    });
  });

  it('shows whether a charge is one-time or monthly, and for which project', () => {
    const { calculation } = invoiceOf([], {
      charges: [charge({ id: 'b' }), charge({ id: 'a', isMonthly: false, project: { id: 'prj_p1', name: 'p1' } })],
    });
    const charges = calculation.trail.filter(({ step }) => step === 'charge');
    expect(charges.map(({ what, after, why }) => [what, after, why])).toEqual([
      ['Setup, project p1', '5', 'Charged once, in this month.'],
      ['Setup', '5', 'Charged every month.'],
    ]);
  });
});

describe('extra charges', () => {
  it('are listed in the order of their IDs', () => {
    const charges = ['c', 'a', 'd', 'b'].map((id) => charge({ id, description: `Charge ${id}` }));
    for (const some of [charges, [...charges].reverse()]) {
      const { calculation } = invoiceOf([], { charges: some });
      const steps = calculation.trail.filter(({ step }) => step === 'charge');
      expect(steps.map(({ what }) => what)).toEqual(['Charge a', 'Charge b', 'Charge c', 'Charge d']);
    }
  });
});

describe('several minimums in a month', () => {
  const minimum = (id: string, amount: string, over: object = {}) => ({
    ...{
      id,
      description: `Plan ${id}`,
      amount: new Decimal(amount),
      currency: 'EUR',
      from: PERIOD,
      until: null,
      ...over,
    },
  });

  it('are filled one by one, the lowest first, then by ID', () => {
    const commitments = [minimum('c', '100'), minimum('b', '50'), minimum('a', '100'), minimum('d', '5')];
    for (const some of [commitments, [...commitments].reverse()]) {
      const { lines, calculation } = invoiceOf([cost('10')], { commitments: some });
      expect(lines.slice(1).map(([, description, total]) => `${description}: ${total}`)).toEqual([
        'Plan a: up to the minimum of EUR 100.00: 50.00',
        'Plan b: up to the minimum of EUR 50.00: 40.00',
      ]);
      const steps = calculation.trail.filter(({ step }) => step === 'commitment');
      expect(steps.map(({ what, before, after }) => `${what} ${before} ${after}`)).toEqual([
        'Plan b: up to the minimum of EUR 50.00 10 50',
        'Plan a: up to the minimum of EUR 100.00 50 100',
      ]);
    }
  });

  it('count extra charges, and costs after discounts', () => {
    const { figures } = invoiceOf([cost('100')], {
      charges: [charge()],
      discounts: [
        {
          ...{ id: 'd', description: 'Off', scope: { kind: 'group' }, from: PERIOD, until: null },
          value: { kind: 'percentage', percentage: new Decimal(50) },
        },
      ],
      commitments: [minimum('a', '60')],
    });
    expect(figures[0]).toBe('60.00');
  });

  it('add no fee when they are reached exactly', () => {
    expect(invoiceOf([cost('100')], { commitments: [minimum('a', '100')] }).lines).toHaveLength(1);
  });
});
