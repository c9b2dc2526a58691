import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { UsableCredit } from '../../../src/billing/credit/credit-use.ts';
import type { Commitment } from '../../../src/billing/invoice/commitment.ts';
import type { Discount, DiscountScope } from '../../../src/billing/invoice/discount.ts';
import type { ExtraCharge } from '../../../src/billing/invoice/extra-charge.ts';
import { type Calculation, calculate, impossibility, type Terms } from '../../../src/billing/invoice/invoice.ts';
import type { CostSum } from '../../../src/billing/invoice/line.ts';
import { minorUnits } from '../../../src/billing/money/currency.ts';
import { Decimal, roundToMinor, sum, ZERO } from '../../../src/billing/money/money.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { NO_TAX, type TaxTerms } from '../../../src/billing/tax/tax.ts';
import { runs } from '../../support/runs.ts';
import { cost, credit, invoiceOf, PERIOD, rule, taxed, terms } from '../build.ts';

const RUNS = runs(10_000);

const currency = fc.constantFrom('JPY', 'EUR', 'KWD', 'CLF');
const decimal = (most: bigint, scale: number) =>
  fc
    .tuple(fc.bigInt({ min: -most / 5n, max: most }), fc.integer({ min: 0, max: scale }))
    .map(([digits, places]) => new Decimal(digits.toString()).div(new Decimal(10).pow(places)));
// large, typical, and far below any minor unit
const amount = fc.oneof(decimal(10n ** 13n, 12), decimal(10n ** 6n, 4), decimal(1000n, 15));
const positive = amount.map((one) => one.abs().plus('0.01'));
const project = fc.constantFrom('p0', 'p1', 'p2');
const service = fc.constantFrom('s0', 's1', 's2', 's3');
const percentage = fc.integer({ min: 1, max: 10_000 }).map((parts) => new Decimal(parts).div(100));

const costs = (code: string): fc.Arbitrary<CostSum[]> =>
  fc.uniqueArray(
    fc
      .tuple(amount, project, service, fc.constantFrom(code, code, code, 'USD', 'SEK'))
      .map(([value, projectName, serviceName, own]) => cost(value, { projectName, serviceName, currency: own })),
    { maxLength: 12, selector: (one) => `${one.projectName} ${one.serviceName} ${one.currency}` },
  );
const scope: fc.Arbitrary<DiscountScope> = fc.oneof(
  fc.constant({ kind: 'group' as const }),
  project.map((name) => ({ kind: 'project' as const, projectId: `prj_${name}`, projectName: name })),
  service.map((serviceName) => ({ kind: 'service' as const, serviceName })),
);
const from = toPeriod('2026-01');
const discounts = (code: string): fc.Arbitrary<Discount[]> =>
  fc
    .array(
      fc.tuple(scope, percentage, positive, fc.boolean()).map(([on, percent, off, isAmount]): Omit<Discount, 'id'> => {
        const value = isAmount
          ? ({ kind: 'amount', amount: roundToMinor(off, code), currency: code } as const)
          : ({ kind: 'percentage', percentage: percent } as const);
        return { description: 'Discount', scope: on, value, from, until: null };
      }),
      { maxLength: 3 },
    )
    .map((all) => all.map((one, at) => ({ ...one, id: `adj_${at}` })));
const charges = (code: string): fc.Arbitrary<ExtraCharge[]> =>
  fc
    .array(
      fc.tuple(positive, fc.option(project), fc.boolean()).map(
        ([off, name, isMonthly]): Omit<ExtraCharge, 'id'> => ({
          description: 'Charge',
          ...{ amount: roundToMinor(off, code), currency: code, isMonthly },
          project: name === null ? null : { id: `prj_${name}`, name },
          from: PERIOD,
          until: null,
        }),
      ),
      { maxLength: 2 },
    )
    .map((all) => all.map((one, at) => ({ ...one, id: `adj_c${at}` })));
const commitments = (code: string): fc.Arbitrary<Commitment[]> =>
  fc
    .array(
      positive.map((least) => ({
        ...{ description: 'Minimum', amount: roundToMinor(least, code), currency: code, from, until: null },
      })),
      { maxLength: 2 },
    )
    .map((all) => all.map((one, at) => ({ ...one, id: `adj_m${at}` })));
const credits: fc.Arbitrary<UsableCredit[]> = fc
  .array(
    fc.tuple(positive, fc.option(project), fc.constantFrom('promotion', 'trial', 'purchase'), fc.nat(5), fc.nat(5)),
    { maxLength: 5 },
  )
  .map((all) =>
    all.map(([value, name, type, expires, claimed], at) => ({
      ...credit('1', { code: `C${at}`, type }),
      remaining: value,
      projectId: name === null ? null : `prj_${name}`,
      expireTime: expires === 0 ? null : new Date(Date.UTC(2027, expires)),
      claimedAt: new Date(Date.UTC(2026, claimed)),
    })),
  );
const rate = fc.constantFrom('0', '5.5', '7', '19', '25.5', '9.975');
const tax: fc.Arbitrary<TaxTerms> = fc.oneof(
  fc.constant(NO_TAX),
  fc.record({
    rule: rate.map((one) => rule(one)),
    services: fc
      .dictionary(service, rate, { maxKeys: 3, noNullPrototype: true })
      .map((all) => new Map(Object.entries(all).map(([name, one]) => [name, rule(one)]))),
  }),
);
const invoice = currency.chain((code) =>
  fc.record({
    code: fc.constant(code),
    costs: costs(code),
    terms: fc
      .record({
        discounts: discounts(code),
        charges: charges(code),
        commitments: commitments(code),
        credits,
        tax,
      })
      .map((some): Terms => terms({ ...some, rateFor: (own, to) => RATES[own] && { ...RATES[own], to } })),
  }),
);
const RATES: Record<string, { from: string; rate: Decimal; date: string; source: string }> = {
  USD: { from: 'USD', rate: new Decimal('0.9210647509'), date: '2026-10-30', source: 'ECB' },
  SEK: { from: 'SEK', rate: new Decimal('0.08734'), date: '2026-10-30', source: 'manual' },
};

/** What doesn't add up, recalculated from the lines. */
function faultOf(result: Calculation, code: string): string | undefined {
  const { lines, net, taxes, total, prepaid, amountDue, creditUses } = result;
  const places = minorUnits(code);
  if (!sum(lines.map((line) => line.total)).equals(net)) return 'the net';
  if (lines.some((line) => line.total.decimalPlaces() > places)) return 'a line is not rounded';
  for (const { category, rate: percent, base, amount: due } of taxes) {
    const alike = lines.filter((line) => line.taxCategory === category && line.taxRate.equals(percent));
    if (!sum(alike.map((line) => line.total)).equals(base)) return `the base of ${percent} %`;
    const halfUp = base.times(percent).div(100).toDecimalPlaces(places, Decimal.ROUND_HALF_UP);
    if (!due.equals(halfUp)) return `the tax of ${percent} %`;
  }
  if (!net.plus(sum(taxes.map((one) => one.amount))).equals(total)) return 'the total';
  if (!amountDue.equals(Decimal.max(total.minus(prepaid), ZERO))) return 'the amount due';
  if (creditUses.some(({ amount: used, credit: of }) => !used.gt(0) || used.gt(of.remaining))) return 'a credit';
  return new Set(creditUses.map((use) => use.credit.id)).size < creditUses.length ? 'a credit twice' : undefined;
}

describe('any invoice', () => {
  it('adds up: lines to the net, tax half-up on its base, total, credits within their value, and the same each time', () => {
    fc.assert(
      fc.property(invoice, ({ code, costs: some, terms: of }) => {
        const result = calculate(some, code, of);
        const converted = sum(
          some.map((one) => (one.currency === code ? one.amount : one.amount.times(RATES[one.currency]?.rate ?? 0))),
        );
        expect(impossibility(result, converted, code)).toBeUndefined();
        expect(faultOf(result, code)).toBeUndefined();
        const again = calculate([...some].reverse(), code, {
          ...of,
          credits: [...of.credits].reverse(),
          discounts: [...of.discounts].reverse(),
        });
        expect(JSON.stringify(again)).toBe(JSON.stringify(result));
      }),
      { numRuns: RUNS },
    );
  }, 240_000);

  it('is never made negative by credits, nor is a project by another’s credits', () => {
    fc.assert(
      fc.property(invoice, ({ code, costs: some, terms: of }) => {
        const without = calculate(some, code, { ...of, credits: [] });
        const result = calculate(some, code, of);
        const promotional = sum(result.creditUses.flatMap((use) => use.parts.map((part) => part.amount)));
        expect(promotional.lte(Decimal.max(without.net, ZERO))).toBe(true);
        expect(result.prepaid.lte(Decimal.max(result.total, ZERO))).toBe(true);
        for (const name of ['p0', 'p1', 'p2']) {
          const own = sum(without.lines.filter((line) => line.projectName === name).map((line) => line.total));
          const used = result.creditUses.filter(
            (use) => use.credit.projectId === `prj_${name}` && use.parts.length > 0,
          );
          expect(sum(used.map((use) => use.amount)).lte(Decimal.max(own, ZERO))).toBe(true);
        }
      }),
      { numRuns: runs(1_000) },
    );
  }, 120_000);
});

describe('the order of the steps', () => {
  it('is charges, discounts on costs, the minimum, credits before tax, tax, credits after tax', () => {
    const { lines, figures, uses, calculation } = invoiceOf([cost('100')], {
      charges: [
        {
          id: 'c',
          description: 'Onboarding',
          amount: new Decimal(10),
          currency: 'EUR',
          isMonthly: false,
          project: null,
          from: PERIOD,
          until: null,
        },
      ],
      discounts: [
        {
          id: 'd',
          description: 'Partner',
          scope: { kind: 'group' },
          value: { kind: 'percentage', percentage: new Decimal(10) },
          from,
          until: null,
        },
      ],
      commitments: [{ id: 'm', description: 'Plan', amount: new Decimal(150), currency: 'EUR', from, until: null }],
      credits: [credit('30', { code: 'FREE' }), credit('1000', { code: 'PAID', type: 'purchase' })],
      tax: taxed('19'),
    });
    expect(lines).toEqual([
      ['service_charge', 's1', '90.00'],
      ['extra_charge', 'Onboarding', '10.00'],
      ['commitment_fee', 'Plan: up to the minimum of EUR 150.00', '50.00'],
      ['multiplier', 'Partner (10%), on all costs: EUR -10.00', '0.00'],
      ['credit_consumption', 'Credit FREE', '-30.00'],
    ]);
    expect(figures).toEqual(['120.00', '22.80', '142.80', '142.80', '0.00']);
    expect(uses).toEqual(['FREE 30.00', 'PAID 142.80']);
    expect(calculation.lines[0]?.preDiscount.toFixed(2)).toBe('100.00');
    expect(calculation.trail.map(({ step, before, after }) => [step, before, after])).toEqual([
      ['costs', null, '100'],
      ['charge', null, '10'],
      ['discount', '100', '90'],
      ['commitment', '100', '150'],
      ['rounding', '150', '150'],
      ['credit', '150', '120'],
      ['tax', '120', '22.8'],
      ['total', '120', '142.8'],
      ['prepaid', '142.8', '0'],
      ['due', '142.8', '0'],
    ]);
  });

  it('leaves the costs as they are without any terms, outside the scope of tax', () => {
    const { figures, calculation } = invoiceOf([cost('10.005'), cost('-3', { serviceName: 's2' })]);
    expect(figures).toEqual(['7.01', '0.00', '7.01', '0.00', '7.01']);
    expect(calculation.taxes).toMatchObject([{ category: 'O', reason: 'Outside the scope of VAT' }]);
  });

  it('leaves a negative total unpaid, with its negative tax', () => {
    const { figures } = invoiceOf([cost('-10')], { tax: taxed('19'), credits: [credit('5')] });
    expect(figures).toEqual(['-10.00', '-1.90', '-11.90', '0.00', '0.00']);
  });
});

describe('an impossible invoice', () => {
  it('is detected: tax on another base, credits above their value, more prepaid than the total', () => {
    const { calculation } = invoiceOf([cost('100')], {
      tax: taxed('19'),
      credits: [credit('10'), credit('20', { code: 'P', type: 'purchase' })],
    });
    const wrong = (over: Partial<typeof calculation>) =>
      impossibility({ ...calculation, ...over }, calculation.exact, 'EUR');
    expect(wrong({})).toBeUndefined();
    const [tax19] = calculation.taxes;
    if (!tax19) throw new Error('no tax');
    expect(wrong({ taxes: [{ ...tax19, base: new Decimal(80) }] })).toContain('their tax is on EUR 80.00');
    expect(wrong({ taxes: [{ ...tax19, amount: new Decimal(17) }] })).toContain('the tax of');
    expect(wrong({ taxes: [] })).toContain('no tax was calculated');
    const [first, second] = calculation.creditUses;
    if (!first || !second) throw new Error('no credits');
    expect(wrong({ creditUses: [{ ...first, amount: new Decimal(11) }, second] })).toContain('pays EUR 11.00');
    expect(wrong({ prepaid: new Decimal(21), creditUses: [first, { ...second, amount: new Decimal(21) }] })).toContain(
      'pays EUR 21.00',
    );
    expect(wrong({ amountDue: new Decimal(1) })).toContain('due');
  });
});
