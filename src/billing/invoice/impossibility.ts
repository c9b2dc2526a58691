import { Decimal, formatMoney, sum, ZERO } from '../money/money.ts';
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
  if (!exact.equals(plainSum)) return `lines hold ${exact}, the usage records ${plainSum}`;
  const shown = sum(lines.map((line) => line.total));
  if (!shown.equals(net)) return `lines add up to ${text(shown)}, the net is ${text(net)}`;
  if (!net.plus(tax).equals(total)) return `net and tax do not add up to ${text(total)}`;
  return wrongTax(calculation, currency) ?? wrongDiscount(calculation) ?? wrongCredit(calculation, currency);
}

function wrongTax({ lines, taxes, tax }: Calculation, currency: string): string | undefined {
  const bases = new Map<string, Decimal>();
  for (const { taxCategory: category, taxRate: rate, total } of lines) {
    const key = taxKey({ category, rate });
    bases.set(key, (bases.get(key) ?? ZERO).plus(total));
  }
  for (const one of taxes) {
    const base = bases.get(taxKey(one)) ?? ZERO;
    if (!base.equals(one.base)) return `lines of ${taxKey(one)} % add up to ${base}, their tax is on ${one.base}`;
    if (!taxOn(base, one.rate, currency).equals(one.amount)) return `the tax of ${taxKey(one)} % is ${one.amount}`;
    bases.delete(taxKey(one));
  }
  const [untaxed] = [...bases].filter(([, base]) => !base.isZero());
  if (untaxed) return `no tax was calculated at ${untaxed[0]} %`;
  return sum(taxes.map(({ amount }) => amount)).equals(tax) ? undefined : `the taxes do not add up to ${tax}`;
}

function wrongDiscount({ lines }: Calculation): string | undefined {
  const multiplied = lines.find((line) => line.lineType === 'multiplier' && !line.total.isZero());
  if (multiplied) return `a discount note is ${multiplied.total}`;
  const raised = lines.find((line) => isCost(line) && line.total.gt(Decimal.max(line.preDiscount, ZERO)));
  return raised && `a line of ${raised.total} was ${raised.preDiscount} before its discount`;
}

function wrongCredit(
  { lines, creditUses, prepaid, total, amountDue }: Calculation,
  currency: string,
): string | undefined {
  const overdrawn = creditUses.find(({ amount, credit }) => !amount.gt(0) || amount.gt(credit.remaining));
  if (overdrawn) return `credit ${overdrawn.credit.code} of ${overdrawn.credit.remaining} pays ${overdrawn.amount}`;
  const parts = sum(creditUses.flatMap((use) => use.parts.map(({ amount }) => amount)));
  const shown = sum(lines.filter((line) => line.code !== null).map((line) => line.total));
  if (!parts.equals(shown.neg())) return `credits of ${parts} are shown as ${shown}`;
  const paid = sum(creditUses.filter((use) => use.parts.length === 0).map(({ amount }) => amount));
  if (!paid.equals(prepaid)) return `credits pay ${paid}, the invoice says ${prepaid}`;
  if (prepaid.gt(Decimal.max(total, ZERO)))
    return `${formatMoney(prepaid, currency)} are paid ahead, more than the total`;
  if (!amountDue.equals(Decimal.max(total.minus(prepaid), ZERO))) return `${amountDue} due of ${total}`;
  return undefined;
}
