import { Decimal, exactMoney, formatMoney, sum, ZERO } from '../money/money.ts';
import { taxKey, taxOn } from '../tax/tax.ts';
import type { Calculation } from './calculate.ts';
import { isCost } from './line.ts';

/**
 * Why a calculation can't be right, in words; undefined if it is plausible. It is compared with the plain sum of the
 * same records, computed by the database, and checked for consistency. A close stops here rather than send a wrong
 * invoice.
 *
 * @param plainSum of the usage records, in the invoice's currency
 */
export function impossibility(calculation: Calculation, plainSum: Decimal, currency: string): string | undefined {
  const { lines, exact, net, total, tax } = calculation;
  const text = (amount: Decimal) => formatMoney(amount, currency);
  if (!exact.equals(plainSum)) return unequalCosts(exact, plainSum, currency);
  const shown = sum(lines.map((line) => line.total));
  if (!shown.equals(net)) return `lines add up to ${text(shown)}, the net is ${text(net)}`;
  if (!net.plus(tax).equals(total)) return `net and tax do not add up to ${text(total)}`;
  return wrongTax(calculation, currency) ?? wrongDiscount(calculation, currency) ?? wrongCredit(calculation, currency);
}

/** With all their digits, since they may differ by less than a minor unit. */
function unequalCosts(exact: Decimal, plainSum: Decimal, currency: string): string {
  return `lines hold ${exactMoney(exact, currency)}, the usage records ${exactMoney(plainSum, currency)}`;
}

function wrongTax({ lines, taxes, tax }: Calculation, currency: string): string | undefined {
  const text = (amount: Decimal) => formatMoney(amount, currency);
  const bases = new Map<string, Decimal>();
  for (const { taxCategory: category, taxRate: rate, total } of lines) {
    const key = taxKey({ category, rate });
    bases.set(key, (bases.get(key) ?? ZERO).plus(total));
  }
  for (const one of taxes) {
    const base = bases.get(taxKey(one)) ?? ZERO;
    if (!base.equals(one.base))
      return `lines of ${taxKey(one)}% add up to ${text(base)}, their tax is on ${text(one.base)}`;
    if (!taxOn(base, one.rate, currency).equals(one.amount)) return `the tax of ${taxKey(one)}% is ${text(one.amount)}`;
    bases.delete(taxKey(one));
  }
  const [untaxed] = [...bases].filter(([, base]) => !base.isZero());
  if (untaxed) return `no tax was calculated at ${untaxed[0]}%`;
  return sum(taxes.map(({ amount }) => amount)).equals(tax) ? undefined : `the taxes do not add up to ${text(tax)}`;
}

function wrongDiscount({ lines }: Calculation, currency: string): string | undefined {
  const text = (amount: Decimal) => formatMoney(amount, currency);
  const multiplied = lines.find((line) => line.lineType === 'multiplier' && !line.total.isZero());
  if (multiplied) return `a discount note is ${text(multiplied.total)}`;
  const raised = lines.find((line) => isCost(line) && line.total.gt(Decimal.max(line.preDiscount, ZERO)));
  return raised && `a line of ${text(raised.total)} was ${text(raised.preDiscount)} before its discount`;
}

function wrongCredit(
  { lines, creditUses, prepaid, total, amountDue }: Calculation,
  currency: string,
): string | undefined {
  const text = (amount: Decimal) => formatMoney(amount, currency);
  const overdrawn = creditUses.find(({ amount, credit }) => !amount.gt(0) || amount.gt(credit.remaining));
  if (overdrawn) {
    const { credit, amount } = overdrawn;
    return `credit ${credit.code} of ${text(credit.remaining)} pays ${text(amount)}`;
  }
  const parts = sum(creditUses.flatMap((use) => use.parts.map(({ amount }) => amount)));
  const shown = sum(lines.filter((line) => line.code !== null).map((line) => line.total));
  if (!parts.equals(shown.neg())) return `credits of ${text(parts)} are shown as ${text(shown)}`;
  if (total.lt(0) && parts.gt(0)) return `promotions take ${text(parts)} off, and the total is ${text(total)}`;
  const paid = sum(creditUses.filter((use) => use.parts.length === 0).map(({ amount }) => amount));
  if (!paid.equals(prepaid)) return `credits pay ${text(paid)}, the invoice says ${text(prepaid)}`;
  if (prepaid.gt(Decimal.max(total, ZERO))) return `${text(prepaid)} are paid ahead, more than the total`;
  if (!amountDue.equals(Decimal.max(total.minus(prepaid), ZERO))) return `${text(amountDue)} due of ${text(total)}`;
  return undefined;
}
