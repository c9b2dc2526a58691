import { allocate } from '../money/allocate.ts';
import { minorUnits } from '../money/currency.ts';
import { Decimal, product, roundTogether, sum, ZERO } from '../money/money.ts';
import { type TaxRule, taxKey } from '../tax/tax.ts';
import { takenOffRates } from './promotion-limit.ts';

/** A credit that can pay for an invoice: claimed, started, not expired, and in the invoice's currency. */
export interface UsableCredit {
  readonly id: string;
  readonly code: string;
  /** domain.md, Entities. `purchase` pays after tax, all other types before tax. */
  readonly type: string;
  /** Null for the whole group. */
  readonly projectId: string | null;
  readonly remaining: Decimal;
  readonly expireTime: Date | null;
  readonly claimedAt: Date;
}

/** What an invoice uses of a credit. */
export interface CreditUse {
  readonly credit: UsableCredit;
  readonly amount: Decimal;
  /** The amount used for each tax rule. Empty for a purchased credit. */
  readonly parts: readonly { readonly rule: TaxRule; readonly amount: Decimal }[];
}

/** An invoice line as needed to apply credits, rounded. */
export interface Payable {
  readonly projectId: string;
  readonly rule: TaxRule;
  readonly amount: Decimal;
}

export const PREPAID_TYPE = 'purchase';

/**
 * The order in which credits pay (domain.md, Money 4): project-scoped before group-scoped, then the earliest to expire,
 * then the oldest claim, then by ID so that the order is always the same.
 */
export function inOrder(credits: readonly UsableCredit[]): UsableCredit[] {
  const expiry = ({ expireTime }: UsableCredit) => expireTime?.getTime() ?? Number.POSITIVE_INFINITY;
  const later = (a: number, b: number) => (a === b ? 0 : a < b ? -1 : 1);
  return [...credits].sort(
    (a, b) =>
      Number(a.projectId === null) - Number(b.projectId === null) ||
      later(expiry(a), expiry(b)) ||
      a.claimedAt.getTime() - b.claimedAt.getTime() ||
      (a.id < b.id ? -1 : 1),
  );
}

/**
 * Takes promotional credits off the lines before tax (domain.md, Money 4), up to the sum of the lines in the credit's
 * scope and of the invoice, before and after tax: a promotion lowers what is to be paid, and never becomes money to pay
 * out. Each credit is spread over the tax rates of its lines in proportion, and within each rate over its lines.
 *
 * @returns the uses in order, and the amount left of each line
 */
export function usePromotional(
  lines: readonly Payable[],
  credits: readonly UsableCredit[],
  currency: string,
): { readonly uses: readonly CreditUse[]; readonly left: readonly Payable[] } {
  let left = lines;
  const uses: CreditUse[] = [];
  for (const credit of inOrder(credits.filter(({ type }) => type !== PREPAID_TYPE))) {
    const rates = linesByRate(left, credit);
    const shares = takenOffRates(rates, payable(credit, credit.remaining, currency), currency);
    const amount = sum(shares);
    if (!amount.gt(0)) continue;
    const parts = rates.map(({ rule }, at) => ({ rule, amount: shares[at] ?? ZERO }));
    uses.push({ credit, amount, parts: parts.filter((part) => !part.amount.isZero()) });
    const lowered = [...left];
    for (const [at, { lowerable }] of rates.entries()) {
      const amounts = lowerable.map(({ line }) => line.amount);
      const taken = allocate(shares[at] ?? ZERO, amounts, minorUnits(currency));
      for (const [index, { place, line }] of lowerable.entries()) {
        lowered[place] = { ...line, amount: line.amount.minus(taken[index] ?? ZERO) };
      }
    }
    left = lowered;
  }
  return { uses, left };
}

/**
 * Applies purchased credits to the total after tax. A project's part of the total is what is left of its lines plus its
 * share of their tax. Shares are rounded together, so they add up to the total.
 */
export function usePurchased(
  left: readonly Payable[],
  credits: readonly UsableCredit[],
  total: Decimal,
  currency: string,
): readonly CreditUse[] {
  const prepaid = inOrder(credits.filter(({ type }) => type === PREPAID_TYPE));
  if (prepaid.length === 0) return [];
  const gross = grossByProject(left, currency);
  const uses: CreditUse[] = [];
  let open = total;
  for (const credit of prepaid) {
    const scope = credit.projectId === null ? open : (gross.get(credit.projectId) ?? ZERO);
    const amount = payable(credit, Decimal.min(scope, open), currency);
    if (!amount.gt(0)) continue;
    if (credit.projectId !== null) gross.set(credit.projectId, scope.minus(amount));
    open = open.minus(amount);
    uses.push({ credit, amount, parts: [] });
  }
  return uses;
}

/** The requested amount, or less if the credit has less, in whole minor units. Fractions stay on the credit. */
function payable(credit: UsableCredit, asked: Decimal, currency: string): Decimal {
  const amount = Decimal.max(Decimal.min(credit.remaining, asked), ZERO);
  return amount.toDecimalPlaces(minorUnits(currency), Decimal.ROUND_DOWN);
}

/** The lines by tax rate, in their order, with what a credit is meant for and which of them it can lower. */
function linesByRate(lines: readonly Payable[], { projectId }: UsableCredit) {
  const byRate = new Map<string, { readonly rule: TaxRule; readonly all: { line: Payable; place: number }[] }>();
  for (const [place, line] of lines.entries()) {
    const same = byRate.get(taxKey(line.rule));
    if (same) same.all.push({ line, place });
    else byRate.set(taxKey(line.rule), { rule: line.rule, all: [{ line, place }] });
  }
  return [...byRate.values()].map(({ rule, all }) => {
    const meant = all.filter(({ line }) => projectId === null || projectId === line.projectId);
    const lowerable = meant.filter(({ line }) => line.amount.gt(0));
    const total = (some: typeof all) => sum(some.map(({ line }) => line.amount));
    return { rule, rate: rule.rate, lowerable, weight: total(lowerable), own: total(meant), whole: total(all) };
  });
}

/** The total of each project's lines with its share of each rate's tax, rounded and adding up to the invoice total. */
function grossByProject(lines: readonly Payable[], currency: string): Map<string, Decimal> {
  const byRate = new Map<string, { readonly rule: TaxRule; readonly nets: Map<string, Decimal> }>();
  for (const { rule, projectId, amount } of lines) {
    const { nets } = byRate.get(taxKey(rule)) ?? { nets: new Map<string, Decimal>() };
    nets.set(projectId, sum([nets.get(projectId) ?? ZERO, amount]));
    byRate.set(taxKey(rule), { rule, nets });
  }
  const gross = new Map<string, Decimal>();
  for (const { rule, nets } of byRate.values()) {
    const projects = [...nets];
    const taxes = roundTogether(
      projects.map(([, net]) => product(net, rule.rate).div(100)),
      currency,
    );
    for (const [at, [projectId, net]] of projects.entries()) {
      gross.set(projectId, sum([gross.get(projectId) ?? ZERO, net, taxes[at] ?? ZERO]));
    }
  }
  return gross;
}
