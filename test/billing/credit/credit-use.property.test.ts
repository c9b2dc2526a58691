import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { calculate } from '../../../src/billing/invoice/calculate.ts';
import { Decimal, sum, ZERO } from '../../../src/billing/money/money.ts';
import type { TaxTerms } from '../../../src/billing/tax/tax.ts';
import { runs } from '../../support/runs.ts';
import { cost, credit, rule, terms } from '../build.ts';

const RATES = ['0', '7', '19', '25.5', '100'];
/** A service for each rate, so that each line can have any of them. */
const TAX: TaxTerms = { rule: rule('0'), services: new Map(RATES.map((rate) => [rate, rule(rate)])) };
const PROJECTS = ['p1', 'p2'];
const RUNS = runs(1000);

const line = fc.record({
  rate: fc.constantFrom(...RATES),
  project: fc.constantFrom(...PROJECTS),
  units: fc.oneof(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -20_000, max: 20_000 })),
});
const lines = fc.uniqueArray(line, {
  minLength: 1,
  maxLength: 8,
  selector: ({ rate, project }) => `${rate} ${project}`,
});
const promotion = fc.record({
  units: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 30_000 })),
  project: fc.option(fc.constantFrom(...PROJECTS)),
});
const promotions = fc.array(promotion, { minLength: 1, maxLength: 3 });

test('with any promotions, no total falls below zero or rises, and no project’s part falls below zero', () => {
  let limited = 0;
  fc.assert(
    fc.property(lines, promotions, (all, granted) => {
      const costs = all.map(({ rate, project, units }) =>
        cost(new Decimal(units).div(100), { serviceName: rate, projectName: project }),
      );
      const credits = granted.map(({ units, project }, at) =>
        credit(new Decimal(units).div(100).toFixed(), {
          code: `C${at}`,
          projectId: project === null ? null : `prj_${project}`,
        }),
      );
      const without = calculate(costs, 'EUR', terms({ tax: TAX }));
      const used = calculate(costs, 'EUR', terms({ tax: TAX, credits }));
      const taken = sum(used.creditUses.map(({ amount }) => amount));
      expect(used.total.gte(Decimal.min(without.total, ZERO))).toBe(true);
      expect(used.total.lte(without.total)).toBe(true);
      expect(used.net.equals(without.net.minus(taken))).toBe(true);
      expect(taken.isZero() || (used.net.gte(0) && used.total.gte(0))).toBe(true);
      limited += Number(used.total.lt('0.02') && used.net.gt('0.02') && taken.gt(0));
      // the same with the lines of one project alone: its own promotions don’t reach further on the whole invoice
      for (const project of PROJECTS) {
        const own = costs.filter(({ projectName }) => projectName === project);
        const ownCredits = credits.filter(({ projectId }) => projectId === `prj_${project}`);
        const alone = calculate(own, 'EUR', terms({ tax: TAX, credits: ownCredits }));
        const ids = new Set(ownCredits.map(({ id }) => id));
        const amount = sum(used.creditUses.filter((use) => ids.has(use.credit.id)).map((use) => use.amount));
        expect(amount.lte(sum(alone.creditUses.map((use) => use.amount)))).toBe(true);
      }
    }),
    { numRuns: RUNS },
  );
  // the generated invoices reach the limit of the total, not only that of the net
  expect(limited).toBeGreaterThanOrEqual(Math.floor(RUNS / 1000));
});
