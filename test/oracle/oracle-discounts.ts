import { add, type Fraction, floor, fraction, least, minus, over, positive, read, times, total } from './fraction.ts';
import { holds, type Into, type Line } from './oracle-lines.ts';
import { largestRemainders, roundByProject } from './oracle-rounding.ts';
import { withTax } from './oracle-tax.ts';
import type { OracleDiscount, OracleInput } from './oracle-types.ts';

/**
 * Ours: service, project, group; percentages before amounts; then by ID; each applied to what the previous one left.
 */
export function takeDiscounts(input: OracleInput, lines: readonly Line[], into: Into, scale: Fraction): void {
  const scopes = ['service', 'project', 'group'];
  const order = (one: OracleDiscount) => `${scopes.indexOf(one.scope)} ${one.isPercentage ? 0 : 1} ${one.id}`;
  const held = input.discounts.filter((one) => holds(one, input.month));
  for (const one of held.sort((a, b) => (order(a) < order(b) ? -1 : 1))) {
    const meant = lines.filter((line) => line.rank === 0 && (one.scope === 'group' || line[one.scope] === one.on));
    if (one.isPercentage) {
      const keeps = minus(fraction(1n), over(read(one.amount), fraction(100n)));
      for (const line of meant) line.exact = times(line.exact, keeps);
      continue;
    }
    const amount = into(one);
    const scope = total(meant.map(({ exact }) => exact));
    if (amount === null || scope.n <= 0n) continue;
    takeOff(least(amount, scope, limitByTax(meant)), meant, scale);
  }
}

/** Ours: an amount with which the lines, rounded and with their tax, would fall below 0 is lowered unit by unit. */
function takeOff(most: Fraction, lines: readonly Line[], scale: Fraction): void {
  const before = lines.map(({ exact }) => exact);
  for (let amount = most; amount.n > 0n; amount = minus(amount, over(fraction(1n), scale))) {
    spread(amount, lines);
    if (withTax(lines, roundByProject(lines, scale), () => true) >= 0n) return;
    for (const [at, exact] of before.entries()) (lines[at] as Line).exact = exact;
  }
}

/** Ours: what brings the lines with their exact tax to 0, in units of 18 decimals. */
function limitByTax(lines: readonly Line[]): Fraction {
  const gross = (amount: Fraction, { tax }: Line) => add(amount, times(amount, over(read(tax.rate), fraction(100n))));
  const all = total(lines.map((line) => gross(line.exact, line)));
  const lowered = total(lines.map((line) => gross(positive(line.exact), line)));
  const weights = total(lines.map((line) => positive(line.exact)));
  const limit = over(times(all, weights), lowered);
  return positive(fraction(floor(times(limit, fraction(SPREAD_UNITS))), SPREAD_UNITS));
}

/** Ours: positive lines take part, in units of 18 decimals. */
function spread(amount: Fraction, lines: readonly Line[]): void {
  const weights = lines.map(({ exact }) => positive(exact));
  const all = total(weights);
  // an amount with more decimals is spread in units of its own last digit
  const unit = lastDigit(amount);
  const units = times(amount, fraction(unit));
  const shares = largestRemainders(
    weights.map((weight) => over(times(units, weight), all)),
    floor(units),
  );
  for (const [at, line] of lines.entries()) line.exact = minus(line.exact, fraction(shares[at] ?? 0n, unit));
}

const SPREAD_UNITS = 10n ** 18n;

/** The power of ten whose inverse is the unit of an amount's last decimal. */
function lastDigit(amount: Fraction): bigint {
  let unit = SPREAD_UNITS;
  while (unit % amount.d !== 0n) unit *= 10n;
  return unit;
}
