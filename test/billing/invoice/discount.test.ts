import { describe, expect, it } from '@jest/globals';
import {
  type Discount,
  type DiscountScope,
  discount,
  isDiscounted,
  scopeText,
} from '../../../src/billing/invoice/discount.ts';
import { addedLine, lineOf } from '../../../src/billing/invoice/line.ts';
import { Decimal } from '../../../src/billing/money/money.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { cost, PERIOD, SPAN } from '../build.ts';

const OF = { period: PERIOD, span: SPAN, currency: 'EUR' };
const GROUP: DiscountScope = { kind: 'group' };
const P1: DiscountScope = { kind: 'project', projectId: 'prj_p1', projectName: 'p1' };
const S2: DiscountScope = { kind: 'service', serviceName: 's2' };
const percent = (
  id: string,
  percentage: string,
  scope: DiscountScope = GROUP,
  over: Partial<Discount> = {},
): Discount => ({
  ...{ id, description: id, scope, from: PERIOD, until: null },
  value: { kind: 'percentage', percentage: new Decimal(percentage) },
  ...over,
});
const amount = (id: string, off: string, scope: DiscountScope = GROUP): Discount => ({
  ...percent(id, '1', scope),
  value: { kind: 'amount', amount: new Decimal(off), currency: 'EUR' },
});
const charge = addedLine({
  ...{ lineType: 'extra_charge', description: 'Setup', currency: 'EUR', ...SPAN, amount: new Decimal(40) },
  project: { id: 'prj_p1', name: 'p1' },
});
const lines = [
  lineOf(cost('100')),
  lineOf(cost('50', { serviceName: 's2' })),
  lineOf(cost('10', { projectName: 'p2' })),
  charge,
];
const exact = (discounts: readonly Discount[], some = lines) =>
  discount(some, discounts, OF).lines.map((line) => line.exact.toFixed());

describe('the scope of a discount', () => {
  it.each([
    ['all costs', GROUP, [true, true, true, false]],
    ['a project’s costs', P1, [true, true, false, false]],
    ['a service’s costs', S2, [false, true, false, false]],
  ])('is %s, and never an extra charge', (_what, scope, expected) => {
    expect(lines.map((line) => isDiscounted(line, scope))).toEqual(expected);
  });

  it('has a readable name', () => {
    expect([GROUP, P1, S2].map(scopeText)).toEqual(['on all costs', 'on project p1', 'on s2']);
  });
});

describe('the order of discounts', () => {
  it('is service, project, group, then percentages before amounts, then ID', () => {
    const inOrder = [
      ...[percent('s', '10', S2), amount('t', '1', S2), percent('p', '10', P1), amount('q', '1', P1)],
      ...[percent('a', '10'), percent('b', '10'), amount('c', '1'), amount('d', '1')],
    ];
    const mixed = [7, 2, 5, 0, 3, 6, 1, 4].flatMap((at) => inOrder[at] ?? []);
    for (const some of [inOrder, [...inOrder].reverse(), mixed]) {
      expect(discount(lines, some, OF).notes.map(({ line }) => line.description.split(/[ ,]/)[0])).toEqual([
        ...['s', 't', 'p', 'q', 'a', 'b', 'c', 'd'],
      ]);
    }
  });
});

describe('the amount of a discount', () => {
  it('is a share of each line, or a fixed amount in proportion', () => {
    expect(exact([percent('a', '12.5')])).toEqual(['87.5', '43.75', '8.75', '40']);
    expect(exact([amount('a', '16')])).toEqual(['90', '45', '9', '40']);
    expect(exact([amount('a', '15', P1)])).toEqual(['90', '45', '10', '40']);
  });

  it('is limited to the costs, and zero when they total zero', () => {
    expect(exact([amount('a', '500', P1)])).toEqual(['0', '0', '10', '40']);
    const refunds = [lineOf(cost('-30')), lineOf(cost('20', { serviceName: 's2' }))];
    const { lines: left, notes, trail } = discount(refunds, [amount('a', '5')], OF);
    expect([left.map((line) => line.exact.toFixed()), notes, trail]).toEqual([['-30', '20'], [], []]);
    expect(exact([amount('a', '5')], [lineOf(cost('-10')), lineOf(cost('20', { serviceName: 's2' }))])).toEqual([
      ...['-10', '15'],
    ]);
  });

  it('is exact for amounts with more than 18 decimals', () => {
    const long = '0.0000000000000000000123';
    expect(exact([amount('a', long)], [lineOf(cost('1'))])).toEqual([new Decimal(1).minus(long).toFixed()]);
  });

  it('is zero outside its term, and for a zero discount', () => {
    const ended = percent('a', '10', GROUP, { from: toPeriod('2026-01'), until: toPeriod('2026-09') });
    for (const one of [ended, percent('a', '10', { kind: 'service', serviceName: 'other' }), percent('a', '0')]) {
      expect(discount(lines, [one], OF)).toEqual({ lines, notes: [], trail: [] });
    }
  });

  it('is noted even when one of several lines was zero', () => {
    const some = [lineOf(cost('0')), lineOf(cost('50', { serviceName: 's2' }))];
    const { lines: left, notes } = discount(some, [percent('a', '10')], OF);
    expect(left[0]).toBe(some[0]);
    expect(left[1]?.exact.toFixed()).toBe('45');
    expect(notes).toHaveLength(1);
  });
});

describe('a discount on the invoice', () => {
  it('is shown as a multiplier line that charges nothing, under its project if it has one', () => {
    const { notes } = discount(lines, [percent('Partner', '10', P1), amount('Goodwill', '1.005')], OF);
    const [project, group] = notes;
    expect(project?.line).toMatchObject({
      ...{ lineType: 'multiplier', currency: 'EUR', projectId: 'prj_p1', projectName: 'p1', ...SPAN },
      description: 'Partner (10%), on project p1: EUR -15.00',
    });
    expect(project?.line.exact.toFixed()).toBe('0');
    expect(project?.scope).toBe(P1);
    expect(group?.line).toMatchObject({ projectId: '', description: 'Goodwill, on all costs: EUR -1.01' });
  });

  it('is a step in the trail of the invoice and of each line that it reduces', () => {
    const result = discount(lines, [percent('Partner', '10', S2), amount('Goodwill', '15.5')], OF);
    const [first, second] = [
      { step: 'discount', what: 'Partner (10%), on s2', before: '50', after: '45', currency: 'EUR' },
      { step: 'discount', what: 'Goodwill, on all costs', before: '155', after: '139.5', currency: 'EUR' },
    ];
    const why = ['10% off the remaining amount.', expect.stringContaining('A fixed amount off')];
    expect(result.trail).toEqual([
      { ...first, why: why[0] },
      { ...second, why: why[1] },
    ]);
    expect(result.lines[1]?.trail).toEqual([
      { ...first, why: why[0] },
      { ...second, before: '45', after: '40.5', why: why[1] },
    ]);
    expect(result.lines[3]).toBe(charge);
  });
});
