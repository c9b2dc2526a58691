import { calculate, type Terms } from '../../src/billing/invoice/calculate.ts';
import type { InvoiceLine } from '../../src/billing/invoice/line.ts';
import { Decimal } from '../../src/billing/money/money.ts';
import { spanOf, toPeriod } from '../../src/billing/period/period.ts';
import type { TaxRule } from '../../src/billing/tax/tax.ts';
import { cost } from '../billing/build.ts';
import { write } from './fraction.ts';
import type { OracleInput, OracleInvoice, OracleTax } from './oracle-types.ts';

/** What both calculations must agree on, as text. */
export interface Figures {
  readonly lines: Readonly<Record<string, string>>;
  readonly uses: Readonly<Record<string, string>>;
  readonly taxes: Readonly<Record<string, string>>;
  readonly sums: readonly string[];
  readonly missing: readonly string[];
}

/** The product's figures. */
export function figuresOfProduct(input: OracleInput): Figures {
  const digits = (amount: Decimal) => amount.toFixed(input.decimals);
  const costs = input.costs.map((one) =>
    cost(one.amount, {
      projectId: one.project,
      projectName: one.project,
      serviceName: one.service,
      currency: one.currency,
      lateFrom: one.late === '' ? null : toPeriod(one.late),
    }),
  );
  const made = calculate(costs, input.currency, termsOf(input));
  const lines = made.lines.filter(({ lineType }) => !['multiplier', 'credit_consumption'].includes(lineType));
  return {
    lines: Object.fromEntries(lines.map((line) => [keyOf(line, input.currency), digits(line.total)])),
    uses: Object.fromEntries(made.creditUses.map(({ credit, amount }) => [credit.id, digits(amount)])),
    taxes: Object.fromEntries(
      made.taxes.map((one) => [`${one.category} ${one.rate.toFixed()}`, `${digits(one.base)} ${digits(one.amount)}`]),
    ),
    sums: [made.net, made.tax, made.total, made.prepaid, made.amountDue].map(digits),
    missing: made.missing,
  };
}

/** The oracle's figures. */
export function figuresOfOracle(invoice: OracleInvoice, decimals: number): Figures {
  const written = (all: ReadonlyMap<string, bigint>) =>
    Object.fromEntries([...all].map(([key, units]) => [key, write(units, decimals)]));
  const { net, tax, total, prepaid, due } = invoice;
  return {
    lines: written(invoice.lines),
    uses: written(invoice.uses),
    taxes: Object.fromEntries(
      [...invoice.taxes].map(([key, [base, amount]]) => [key, `${write(base, decimals)} ${write(amount, decimals)}`]),
    ),
    sums: [net, tax, total, prepaid, due].map((units) => write(units, decimals)),
    missing: invoice.missing,
  };
}

function keyOf(line: InvoiceLine, currency: string): string {
  if (line.records === 0) return line.description.split(':')[0] ?? '';
  return [line.projectId, line.serviceName, line.lateFrom ?? '', line.original?.currency ?? currency].join('|');
}

function termsOf(input: OracleInput): Terms {
  const period = toPeriod(input.month);
  const shared = ({ id, from, until }: { id: string; from: string; until: string | null }) => ({
    ...{ id, description: id, from: toPeriod(from) },
    until: until === null ? null : toPeriod(until),
  });
  const money = ({ amount, currency }: { amount: string; currency: string }) => ({
    ...{ amount: new Decimal(amount), currency },
  });
  return {
    period,
    span: spanOf(period, 'Etc/UTC'),
    charges: input.charges.map((one) => ({
      ...{ ...shared(one), ...money(one), isMonthly: one.isMonthly },
      project: one.project === '' ? null : { id: one.project, name: one.project },
    })),
    discounts: input.discounts.map((one) => ({
      ...shared(one),
      scope:
        one.scope === 'group'
          ? { kind: 'group' }
          : one.scope === 'project'
            ? { kind: 'project', projectId: one.on, projectName: one.on }
            : { kind: 'service', serviceName: one.on },
      value: one.isPercentage
        ? { kind: 'percentage', percentage: new Decimal(one.amount) }
        : { kind: 'amount', ...money(one) },
    })),
    commitments: input.commitments.map((one) => ({ ...shared(one), ...money(one) })),
    credits: input.credits.map((one) => ({
      ...{ id: one.id, code: one.id, type: one.isPurchased ? 'purchase' : 'promotion' },
      projectId: one.project === '' ? null : one.project,
      remaining: new Decimal(one.remaining),
      expireTime: one.expires === null ? null : new Date(one.expires),
      claimedAt: new Date(one.claimed),
    })),
    tax: {
      ...taxTermsOf(input.tax, input.serviceTax),
      late: new Map(
        Object.entries(input.lateTax).map(([month, tax]) => [toPeriod(month), taxTermsOf(tax, {})] as const),
      ),
    },
    rateFor: (from, to) => {
      const rate = input.rates[from];
      return rate === undefined ? undefined : { from, to, rate: new Decimal(rate), date: '2026-10-31', source: 'test' };
    },
  };
}

function taxTermsOf(tax: OracleTax, services: Readonly<Record<string, OracleTax>>) {
  const ruleOf = ({ category, rate }: OracleTax): TaxRule => ({
    ...{ category: category as TaxRule['category'], rate: new Decimal(rate) },
    ...{ reason: category === 'E' ? 'Exempt' : null, why: 'A test says so.' },
  });
  return {
    rule: ruleOf(tax),
    services: new Map(Object.entries(services).map(([name, of]) => [name, ruleOf(of)])),
  };
}
