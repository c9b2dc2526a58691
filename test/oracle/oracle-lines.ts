import type { Fraction } from './fraction.ts';
import type { OracleTax, OracleTerm } from './oracle-types.ts';

export interface Line {
  readonly key: string;
  readonly project: string;
  readonly service: string;
  readonly late: string;
  /** 0 for costs, 1 for charges, 2 for minimum fees. */
  readonly rank: 0 | 1 | 2;
  tax: OracleTax;
  exact: Fraction;
}

export type Into = (amount: { readonly currency: string; readonly amount: string }) => Fraction | null;

/**
 * Ours: by project, those without one last; costs before charges before minimums; service; late costs last; currency.
 */
export function byOrder(a: Line, b: Line): number {
  const order = (line: Line) => [line.project || '\uffff', String(line.rank), line.service, line.late, line.key];
  const [one, other] = [order(a), order(b)];
  for (const [at, text] of one.entries()) if (text !== other[at]) return text < (other[at] ?? '') ? -1 : 1;
  return 0;
}

/** A term's months, both ends included. */
export function holds({ from, until }: OracleTerm, month: string): boolean {
  return from <= month && (until === null || month <= until);
}
