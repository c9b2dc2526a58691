/** An exact fraction with a positive denominator and no common factor. */
export interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

export const NOUGHT: Fraction = { n: 0n, d: 1n };

export function fraction(n: bigint, d = 1n): Fraction {
  const common = gcd(n < 0n ? -n : n, d < 0n ? -d : d) || 1n;
  const sign = d < 0n ? -1n : 1n;
  return { n: (sign * n) / common, d: (sign * d) / common };
}

/** Reads plain decimal digits, such as `-12.005`. */
export function read(digits: string): Fraction {
  const [whole = '', decimals = ''] = digits.split('.');
  return fraction(BigInt(whole + decimals), 10n ** BigInt(decimals.length));
}

export const add = (a: Fraction, b: Fraction): Fraction => fraction(a.n * b.d + b.n * a.d, a.d * b.d);
export const minus = (a: Fraction, b: Fraction): Fraction => fraction(a.n * b.d - b.n * a.d, a.d * b.d);
export const times = (a: Fraction, b: Fraction): Fraction => fraction(a.n * b.n, a.d * b.d);
export const over = (a: Fraction, b: Fraction): Fraction => fraction(a.n * b.d, a.d * b.n);
export const compareFractions = (a: Fraction, b: Fraction): number => {
  const difference = a.n * b.d - b.n * a.d;
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
};
export const isAbove = (a: Fraction, b: Fraction): boolean => compareFractions(a, b) > 0;
export const least = (a: Fraction, ...more: Fraction[]): Fraction =>
  more.reduce((low, one) => (isAbove(low, one) ? one : low), a);
export const positive = (a: Fraction): Fraction => (a.n > 0n ? a : NOUGHT);
export const total = (all: Iterable<Fraction>): Fraction => [...all].reduce(add, NOUGHT);

/** The largest integer not above it. */
export function floor({ n, d }: Fraction): bigint {
  const cut = n / d;
  return n < 0n && cut * d !== n ? cut - 1n : cut;
}

/** The nearest integer, halves away from zero. */
export function nearest({ n, d }: Fraction): bigint {
  const size = ((n < 0n ? -n : n) * 2n + d) / (d * 2n);
  return n < 0n ? -size : size;
}

/** Plain decimal digits of an integer number of units, with `10 ** decimals` units to one. */
export function write(units: bigint, decimals: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0');
  const cut = digits.length - decimals;
  return `${units < 0n ? '-' : ''}${digits.slice(0, cut)}${decimals === 0 ? '' : `.${digits.slice(cut)}`}`;
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
