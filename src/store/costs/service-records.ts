import type { Decimal } from '../../billing/money/money.ts';
import { fromDecimal128 } from '../kit/decimal.ts';
import { type CostDoc, Costs } from './costs.ts';
import { type DaysOf, recordMatches } from './day-cells.ts';

/** A usage record of a service, with every column that its source gave. */
export interface ServiceRecord {
  readonly begin: Date;
  readonly amount: Decimal;
  readonly description: string;
  readonly columns: Readonly<Record<string, unknown>>;
}

/** Which records. */
export interface ServiceRecordsOf {
  readonly days: DaysOf;
  readonly service: string;
  readonly currency: string;
  /** At most this many are read. */
  readonly limit: number;
}

/** The usage records of a service of a project on some days, unordered. Three queries, one of which is a cursor. */
export async function* serviceRecords({
  days,
  service,
  currency,
  limit,
}: ServiceRecordsOf): AsyncGenerator<ServiceRecord> {
  let left = limit;
  for (const match of await recordMatches(days)) {
    const records = Costs.find(
      { $and: [match, { serviceName: service, currency }] },
      { begin: 1, amount: 1, description: 1, columns: 1 },
    )
      .limit(left)
      .lean<Pick<CostDoc, 'begin' | 'amount' | 'description' | 'columns'>[]>()
      .cursor();
    for await (const { begin, amount, description, columns } of records) {
      left -= 1;
      yield { begin, amount: fromDecimal128(amount), description, columns: JSON.parse(columns) };
    }
    if (left <= 0) return;
  }
}
