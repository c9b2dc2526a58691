import { Decimal } from '../../../billing/money/money.ts';

/**
 * Amounts with all their digits, in columns that are fast to read and to add up: hundreds of thousands of them take too
 * long as decimals. Each amount is the sum of its whole numbers in the columns, times ten to the column's exponent.
 */
export interface ExactColumn {
  /** A multiple of `COLUMN_DIGITS`. */
  readonly exponent: number;
  /** JSON: a whole number of at most `COLUMN_DIGITS` digits for each amount, in order. */
  readonly numbers: string;
}

/** Thousands of such numbers can be added up without exceeding what a number holds exactly. */
const COLUMN_DIGITS = 12;
const BASE = 10n ** BigInt(COLUMN_DIGITS);
/** How often columns can be added up: 10^12 times this is below 2^53. */
const MOST_ADDED = 9_000;

/** Splits amounts into columns. */
export function columnsOf(amounts: readonly Decimal[]): ExactColumn[] {
  const fraction = Math.max(0, ...amounts.map((amount) => Math.ceil(amount.decimalPlaces() / COLUMN_DIGITS)));
  let rest = amounts.map((amount) => wholeOf(amount, fraction * COLUMN_DIGITS));
  const columns: ExactColumn[] = [];
  for (let at = 0 - fraction; rest.some((one) => one !== 0n); at++) {
    const numbers = rest.map((one) => Number(one % BASE));
    if (numbers.some((one) => one !== 0))
      columns.push({ exponent: at * COLUMN_DIGITS, numbers: JSON.stringify(numbers) });
    rest = rest.map((one) => one / BASE);
  }
  return columns;
}

function wholeOf(amount: Decimal, decimals: number): bigint {
  const [whole, fraction = ''] = amount.toFixed().split('.');
  return BigInt(`${whole}${fraction.padEnd(decimals, '0')}`);
}

/** Adds up amounts that are in the same order. */
export class ColumnSums {
  readonly #sums = new Map<number, Float64Array>();
  #added = 0;

  /** @throws {RangeError} beyond thousands of times, where sums would no longer be exact */
  add(columns: readonly ExactColumn[]): void {
    this.#added += 1;
    if (this.#added > MOST_ADDED) throw new RangeError(`Only ${MOST_ADDED} lists of amounts can be added up`);
    for (const { exponent, numbers } of columns) {
      const amounts = JSON.parse(numbers) as number[];
      const sums = this.#sums.get(exponent) ?? new Float64Array(amounts.length);
      this.#sums.set(exponent, sums);
      for (const [at, one] of amounts.entries()) sums[at] = (sums[at] ?? 0) + one;
    }
  }

  /** The sums, in the amounts' order. @param count of the amounts, which may all be zero and then have no columns */
  totals(count: number): Decimal[] {
    const columns = [...this.#sums].sort(([a], [b]) => a - b);
    const [[least] = [0]] = columns;
    const powers = columns.map(([exponent, sums]) => ({ sums, power: 10n ** BigInt(exponent - least) }));
    return Array.from({ length: count }, (_, at) => {
      const whole = powers.reduce((sum, { sums, power }) => sum + BigInt(sums[at] ?? 0) * power, 0n);
      return new Decimal(`${whole}e${least}`);
    });
  }
}
