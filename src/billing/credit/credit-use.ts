import { allocate } from '../money/allocate.ts';
import { minorUnits } from '../money/currency.ts';
import { Decimal, product, roundTogether, sum, ZERO } from '../money/money.ts';
import { type TaxRule, taxKey } from '../tax/tax.ts';

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
 * Takes promotional credits off the lines before tax (domain.md, Money 4), up to the total of the lines in the credit's
 * scope and of the invoice. Each credit is spread over its lines in proportion, so that each tax rate is lowered by its
 * share.
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
    const isMeant = (line: Payable) => credit.projectId === null || credit.projectId === line.projectId;
    const scope = sum(left.filter(isMeant).map(({ amount }) => amount));
    const amount = payable(credit, Decimal.min(scope, sum(left.map((line) => line.amount))), currency);
    if (!amount.gt(0)) continue;
    const weights = left.map((line) => (isMeant(line) ? Decimal.max(line.amount, ZERO) : ZERO));
    const shares = allocate(amount, weights, minorUnits(currency));
    uses.push({ credit, amount, parts: partsOf(left, shares) });
    left = left.map((line, at) => ({ ...line, amount: line.amount.minus(shares[at] ?? ZERO) }));
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
  const gross = grossByProject(left, currency);
  const uses: CreditUse[] = [];
  let open = total;
  for (const credit of inOrder(credits.filter(({ type }) => type === PREPAID_TYPE))) {
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

function partsOf(lines: readonly Payable[], shares: readonly Decimal[]): CreditUse['parts'] {
  const parts = new Map<string, { rule: TaxRule; amount: Decimal }>();
  for (const [at, { rule }] of lines.entries()) {
    const before = parts.get(taxKey(rule));
    const share = shares[at] ?? ZERO;
    if (!share.isZero()) parts.set(taxKey(rule), { rule, amount: share.plus(before?.amount ?? ZERO) });
  }
  return [...parts.values()];
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
