import type { UsableCredit } from '../../src/billing/credit/credit-use.ts';
import { calculate, type Terms } from '../../src/billing/invoice/calculate.ts';
import type { CostSum } from '../../src/billing/invoice/line.ts';
import { Decimal } from '../../src/billing/money/money.ts';
import { spanOf, toPeriod } from '../../src/billing/period/period.ts';
import { NO_TAX, type TaxRule, type TaxTerms } from '../../src/billing/tax/tax.ts';

export const PERIOD = toPeriod('2026-10');
export const SPAN = spanOf(PERIOD, 'Etc/UTC');

/** A line's total cost, by default for project p1 and service s1 in EUR. */
export function cost(amount: string | Decimal, over: Partial<CostSum> = {}): CostSum {
  return {
    projectId: `prj_${over.projectName ?? 'p1'}`,
    projectName: 'p1',
    serviceName: 's1',
    serviceType: null,
    servicePlan: null,
    cloudName: null,
    lineType: 'service_charge',
    currency: 'EUR',
    lateFrom: null,
    begin: SPAN.begin,
    end: SPAN.end,
    amount: new Decimal(amount),
    records: 1,
    ...over,
  };
}

export function terms(over: Partial<Terms> = {}): Terms {
  return {
    period: PERIOD,
    span: SPAN,
    charges: [],
    discounts: [],
    commitments: [],
    credits: [],
    tax: NO_TAX,
    rateFor: () => undefined,
    ...over,
  };
}

export function rule(rate: string, category: TaxRule['category'] = 'S'): TaxRule {
  return { category, rate: new Decimal(rate), reason: category === 'S' ? null : 'none', why: 'A test says so.' };
}

export function taxed(rate: string, services: Readonly<Record<string, string>> = {}): TaxTerms {
  return { rule: rule(rate), services: new Map(Object.entries(services).map(([name, of]) => [name, rule(of)])) };
}

export function credit(remaining: string, over: Partial<UsableCredit> = {}): UsableCredit {
  return {
    id: `crd_${over.code ?? 'A'}`,
    code: 'A',
    type: 'promotion',
    projectId: null,
    remaining: new Decimal(remaining),
    expireTime: null,
    claimedAt: new Date('2026-09-01T00:00:00Z'),
    ...over,
  };
}

/** An invoice in EUR, with amounts as text. */
export function invoiceOf(costs: readonly CostSum[], over: Partial<Terms> = {}) {
  const calculation = calculate(costs, 'EUR', terms(over));
  const { net, tax, total, prepaid, amountDue } = calculation;
  return {
    calculation,
    lines: calculation.lines.map((line) => [line.lineType, line.description, line.total.toFixed(2)]),
    figures: [net, tax, total, prepaid, amountDue].map((amount) => amount.toFixed(2)),
    uses: calculation.creditUses.map((use) => `${use.credit.code} ${use.amount.toFixed(2)}`),
  };
}
