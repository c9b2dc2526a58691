import { compareFractions, type Fraction, fraction, minus, read, times, total } from './fraction.ts';
import { inOrder, usePromotional, usePurchased } from './oracle-credits.ts';
import { takeDiscounts } from './oracle-discounts.ts';
import { byOrder, holds, type Into, type Line } from './oracle-lines.ts';
import { roundByProject } from './oracle-rounding.ts';
import { partsOf, stateTaxes, taxesOf } from './oracle-tax.ts';
import type { OracleInput, OracleInvoice } from './oracle-types.ts';

// A second calculation of invoices from domain.md (Money), with exact fractions. It shares no code with the product.
// Rules marked "ours" are those where domain.md leaves a choice; they follow the doc comments of src/billing.

/** An invoice calculated from the rules. */
export function invoiceByRules(input: OracleInput): OracleInvoice {
  const missing = new Set<string>();
  const into = ({ currency, amount }: { currency: string; amount: string }): Fraction | null => {
    // domain.md, Money 5: nothing needs no rate
    if (currency === input.currency || read(amount).n === 0n) return read(amount);
    const rate = input.rates[currency];
    if (rate === undefined) missing.add(currency);
    return rate === undefined ? null : times(read(amount), read(rate));
  };
  const lines = [...costLines(input, into), ...chargeLines(input, into)].sort(byOrder);
  const scale = fraction(10n ** BigInt(input.decimals));
  takeDiscounts(input, lines, into, scale);
  addCommitments(input, lines, into);
  lines.sort(byOrder);

  const rounded = roundByProject(lines, scale);
  stateTaxes(lines, rounded);
  const left = [...rounded];
  const uses = new Map<string, bigint>();
  for (const credit of inOrder(input.credits.filter(({ isPurchased }) => !isPurchased))) {
    usePromotional(credit, lines, left, uses, scale);
  }
  const net = left.reduce((sum, amount) => sum + amount, 0n);
  const taxes = taxesOf(lines, left);
  const tax = [...taxes.values()].reduce((sum, [, amount]) => sum + amount, 0n);
  const whole = net + tax;
  const prepaid = usePurchased(input.credits, partsOf(lines, left, taxes), whole, uses, scale);
  const due = whole - prepaid;
  return {
    lines: new Map(lines.map((line, at) => [line.key, rounded[at] ?? 0n])),
    uses,
    net,
    taxes,
    tax,
    total: whole,
    prepaid,
    due: due > 0n ? due : 0n,
    missing: [...missing].sort(),
  };
}

function costLines(input: OracleInput, into: Into): Line[] {
  return input.costs.flatMap((cost): Line[] => {
    const exact = into(cost);
    // domain.md, Money 8: the rate of the tax point, which is that of its own period for a late cost
    const tax = (cost.late && input.lateTax[cost.late]) || input.serviceTax[cost.service] || input.tax;
    const { project, service, late } = cost;
    const key = [project, service, late, cost.currency].join('|');
    return exact === null ? [] : [{ key, project, service, late, rank: 0, tax, exact }];
  });
}

function chargeLines(input: OracleInput, into: Into): Line[] {
  return input.charges
    .filter((charge) => (charge.isMonthly ? holds(charge, input.month) : charge.from === input.month))
    .flatMap((charge) => {
      const exact = into(charge);
      return exact === null ? [] : [added(charge.id, charge.project, exact, 1, input)];
    });
}

function added(key: string, project: string, exact: Fraction, rank: 1 | 2, { tax }: OracleInput): Line {
  return { key, project, service: '', late: '', rank, tax, exact };
}

/** Ours: the lowest minimum first, each adding what is missing to it; costs after discounts and extra charges count. */
function addCommitments(input: OracleInput, lines: Line[], into: Into): void {
  const minimums = input.commitments
    .filter((one) => holds(one, input.month))
    .flatMap((one) => {
      const amount = into(one);
      return amount === null ? [] : [{ id: one.id, amount }];
    })
    .sort((a, b) => compareFractions(a.amount, b.amount) || (a.id < b.id ? -1 : 1));
  for (const { id, amount } of minimums) {
    const gap = minus(amount, total(lines.map(({ exact }) => exact)));
    if (gap.n > 0n) lines.push(added(id, '', gap, 2, input));
  }
}
