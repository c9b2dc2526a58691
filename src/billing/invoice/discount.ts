import { allocate } from '../money/allocate.ts';
import { currencyUnit, Decimal, formatMoney, product, roundByOwner, roundToMinor, sum, ZERO } from '../money/money.ts';
import type { Period, Span } from '../period/period.ts';
import { NO_TAX, type TaxRule, taxKey, taxOn } from '../tax/tax.ts';
import { type Amount, holdsIn, type Term } from './adjustment.ts';
import { addedLine, compare, type DraftLine, isCost } from './line.ts';
import { type TrailEntry, trailEntry } from './trail-entry.ts';

/** What a discount applies to. */
export type DiscountScope =
  | { readonly kind: 'group' }
  | { readonly kind: 'project'; readonly projectId: string; readonly projectName: string }
  | { readonly kind: 'service'; readonly serviceName: string };

export interface Discount extends Term {
  readonly id: string;
  readonly description: string;
  readonly scope: DiscountScope;
  readonly value:
    | { readonly kind: 'percentage'; readonly percentage: Decimal }
    | ({ readonly kind: 'amount' } & Amount);
}

export interface Discounted {
  readonly lines: readonly DraftLine[];
  /** A multiplier line for each discount that changed something, and what it applied to. */
  readonly notes: readonly { readonly line: DraftLine; readonly scope: DiscountScope }[];
  readonly trail: readonly TrailEntry[];
}

type TaxOf = (line: DraftLine) => Pick<TaxRule, 'category' | 'rate'>;

/** Decimals used to spread an amount over lines before they are rounded: far more than any currency has. */
const SPREAD_DECIMALS = 18;
const HUNDREDTH = new Decimal('0.01');
/** Narrower scopes first, so that group-wide discounts apply to what is left. */
const SCOPE_ORDER = ['service', 'project', 'group'] as const;

/**
 * Applies discounts to the cost lines in their scope (our rule): first those on a service, then on a project, then on
 * the whole group; within each scope, percentages before amounts, then by ID. Each discount applies to what the
 * previous one left. An amount is spread over the lines in proportion, up to their total, before and after tax: where
 * refunds have a higher rate than the costs, tax sets the lower limit. Extra charges and fees are never discounted.
 *
 * @param discounts amounts in the invoice's currency
 * @param taxOf how a line is taxed
 */
export function discount(
  lines: readonly DraftLine[],
  discounts: readonly Discount[],
  of: { readonly period: Period; readonly span: Span; readonly currency: string },
  taxOf: TaxOf = () => NO_TAX.rule,
): Discounted {
  let left = lines;
  const notes: { line: DraftLine; scope: DiscountScope }[] = [];
  const trail: TrailEntry[] = [];
  for (const one of discounts.filter((each) => holdsIn(each, of.period)).sort(byDiscountOrder)) {
    const meant = left.filter((line) => isDiscounted(line, one.scope));
    const before = sum(meant.map((line) => line.exact));
    const shares = sharesOf(one, meant, { base: before, currency: of.currency, taxOf });
    const off = sum(shares);
    if (shares.every((share) => share.isZero())) continue;
    const shareOf = new Map(meant.map((line, at) => [line, shares[at] ?? ZERO]));
    const description = noteOf(one, off, of.currency);
    left = left.map((line) => {
      const share = shareOf.get(line) ?? ZERO;
      return share.isZero() ? line : lowered(line, share, one, of.currency);
    });
    const line = addedLine({ lineType: 'multiplier', description, amount: ZERO, ...of.span, ...rest(one, of) });
    notes.push({ line, scope: one.scope });
    const what = `${nameOf(one)}, ${scopeText(one.scope)}`;
    trail.push(
      trailEntry('discount', {
        what,
        before,
        after: sum([before, off.neg()]),
        currency: of.currency,
        why: ruleText(one),
      }),
    );
  }
  return { lines: left, notes, trail };
}

/** What a discount applies to, as text. */
export function scopeText(scope: DiscountScope): string {
  if (scope.kind === 'group') return 'on all costs';
  return scope.kind === 'project' ? `on project ${scope.projectName}` : `on ${scope.serviceName}`;
}

/** Whether a discount applies to a line. */
export function isDiscounted(
  line: Pick<DraftLine, 'projectId' | 'serviceName' | 'records'>,
  scope: DiscountScope,
): boolean {
  if (!isCost(line)) return false;
  if (scope.kind === 'group') return true;
  return scope.kind === 'project' ? line.projectId === scope.projectId : line.serviceName === scope.serviceName;
}

/** The amount taken off each line. */
function sharesOf(
  { value }: Discount,
  lines: readonly DraftLine[],
  of: { readonly base: Decimal; readonly currency: string; readonly taxOf: TaxOf },
): Decimal[] {
  if (value.kind === 'percentage')
    return lines.map((line) => product(line.exact, product(value.percentage, HUNDREDTH)));
  const { base, currency, taxOf } = of;
  // negative costs, such as refunds, aren't discounted
  const weights = lines.map((line) => Decimal.max(line.exact, ZERO));
  const limit = base.gt(0) ? limitByTax(lines, weights, taxOf) : ZERO;
  const unit = currencyUnit(currency);
  // rounding decides the last units: a few steps, however large the amount
  for (let off = Decimal.min(value.amount, base, limit); off.gt(0); off = sum([off, unit.neg()])) {
    const shares = allocate(off, weights, Math.max(SPREAD_DECIMALS, off.decimalPlaces()));
    if (!roundedTotal(lines, shares, of).isNegative()) return shares;
  }
  return lines.map(() => ZERO);
}

/** The rounded total of the lines with their tax, as if nothing else was on the invoice. */
function roundedTotal(
  lines: readonly DraftLine[],
  shares: readonly Decimal[],
  { currency, taxOf }: { readonly currency: string; readonly taxOf: TaxOf },
): Decimal {
  const totals = roundByOwner(
    lines.map((line, at) => ({ owner: line.projectId, exact: sum([line.exact, (shares[at] ?? ZERO).neg()]) })),
    currency,
  );
  const bases = new Map<string, { readonly rate: Decimal; readonly base: Decimal }>();
  for (const [at, line] of lines.entries()) {
    const rule = taxOf(line);
    const { base = ZERO } = bases.get(taxKey(rule)) ?? {};
    bases.set(taxKey(rule), { rate: rule.rate, base: sum([base, totals[at] ?? ZERO]) });
  }
  return sum([...bases.values()].flatMap(({ rate, base }) => [base, taxOn(base, rate, currency)]));
}

/** The amount that brings the lines with their tax, unrounded, to 0; `weights` say how it is spread over them. */
function limitByTax(lines: readonly DraftLine[], weights: readonly Decimal[], taxOf: TaxOf): Decimal {
  const taxed = (amounts: readonly Decimal[]) =>
    sum(lines.map((line, at) => product(amounts[at] ?? ZERO, taxOf(line).rate.plus(100))));
  const whole = taxed(lines.map((line) => line.exact));
  return product(whole, sum(weights)).div(taxed(weights)).toDecimalPlaces(SPREAD_DECIMALS, Decimal.ROUND_FLOOR);
}

function lowered(line: DraftLine, share: Decimal, one: Discount, currency: string): DraftLine {
  const exact = sum([line.exact, share.neg()]);
  const what = `${nameOf(one)}, ${scopeText(one.scope)}`;
  const entry = trailEntry('discount', { what, before: line.exact, after: exact, currency, why: ruleText(one) });
  return { ...line, exact, trail: [...line.trail, entry] };
}

function rest({ scope }: Discount, { currency }: { currency: string }) {
  const project = scope.kind === 'project' ? { id: scope.projectId, name: scope.projectName } : null;
  return { currency, project };
}

function noteOf(one: Discount, off: Decimal, currency: string): string {
  return `${nameOf(one)}, ${scopeText(one.scope)}: ${formatMoney(roundToMinor(off, currency).neg(), currency)}`;
}

function nameOf({ description, value }: Discount): string {
  return value.kind === 'percentage' ? `${description} (${value.percentage.toFixed()}%)` : description;
}

function ruleText({ value }: Discount): string {
  return value.kind === 'percentage'
    ? `${value.percentage.toFixed()}% off the remaining amount.`
    : 'A fixed amount off, spread proportionally over the lines, up to their total.';
}

function byDiscountOrder(a: Discount, b: Discount): number {
  return (
    SCOPE_ORDER.indexOf(a.scope.kind) - SCOPE_ORDER.indexOf(b.scope.kind) ||
    Number(a.value.kind === 'amount') - Number(b.value.kind === 'amount') ||
    compare(a.id, b.id)
  );
}
