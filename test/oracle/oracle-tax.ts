import { type Fraction, fraction, nearest, over, read, times } from './fraction.ts';
import type { Line } from './oracle-lines.ts';
import { largestRemainders } from './oracle-rounding.ts';
import type { OracleInvoice, OracleTax } from './oracle-types.ts';

/**
 * domain.md, Money 3: category O stands alone. Lines of 0 of one kind are stated like the first line of the other kind.
 */
export function stateTaxes(lines: readonly Line[], rounded: readonly bigint[]): void {
  const kind = ({ tax }: Line) => (tax.category === 'O' ? 'outside' : 'inside');
  const paying = lines.filter((_, at) => rounded[at] !== 0n);
  const [model] = paying.length > 0 ? paying : lines;
  if (model === undefined || new Set(paying.map(kind)).size > 1) return;
  const { tax } = model;
  const kept = kind(model);
  for (const line of lines) if (kind(line) !== kept) line.tax = tax;
}

/** domain.md, Money 3: once for each category and rate. */
export function taxesOf(lines: readonly Line[], left: readonly bigint[]): Map<string, readonly [bigint, bigint]> {
  const bases = new Map<string, { readonly rate: string; base: bigint }>();
  for (const [at, { tax }] of lines.entries()) {
    const before = bases.get(taxKeyOf(tax))?.base ?? 0n;
    bases.set(taxKeyOf(tax), { rate: tax.rate, base: before + (left[at] ?? 0n) });
  }
  return new Map(
    [...bases].map(([key, { rate, base }]) => [
      key,
      [base, nearest(times(fraction(base), over(read(rate), fraction(100n))))] as const,
    ]),
  );
}

export function withTax(lines: readonly Line[], amounts: readonly bigint[], counts: (at: number) => boolean): bigint {
  const some = lines.flatMap((line, at) => (counts(at) ? [{ line, amount: amounts[at] ?? 0n }] : []));
  const taxes = taxesOf(
    some.map(({ line }) => line),
    some.map(({ amount }) => amount),
  );
  return [...taxes.values()].reduce((sum, [base, tax]) => sum + base + tax, 0n);
}

/** Ours: a project's part is its lines and its share of each rate's tax; the shares of one rate are rounded together. */
export function partsOf(
  lines: readonly Line[],
  left: readonly bigint[],
  taxes: OracleInvoice['taxes'],
): Map<string, bigint> {
  const parts = new Map<string, bigint>();
  const give = (project: string, amount: bigint) => parts.set(project, (parts.get(project) ?? 0n) + amount);
  for (const [key, [, tax]] of taxes) {
    const nets = new Map<string, bigint>();
    const alike = lines.flatMap((line, at) => (taxKeyOf(line.tax) === key ? [{ line, amount: left[at] ?? 0n }] : []));
    for (const { line, amount } of alike) nets.set(line.project, (nets.get(line.project) ?? 0n) + amount);
    const percent = over(read(alike[0]?.line.tax.rate ?? '0'), fraction(100n));
    const shares = largestRemainders(
      [...nets.values()].map((net) => times(fraction(net), percent)),
      tax,
    );
    for (const [at, [project, net]] of [...nets].entries()) give(project, net + (shares[at] ?? 0n));
  }
  return parts;
}

export function taxShare(amount: bigint, line: Line | undefined): Fraction {
  return times(fraction(amount), over(read(line?.tax.rate ?? '0'), fraction(100n)));
}

export const taxKeyOf = ({ category, rate }: OracleTax): string => `${category} ${rate}`;
