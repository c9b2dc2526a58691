import type { PipelineStage } from 'mongoose';
import type { LineType } from '../../billing/invoice/invoice.ts';
import { commonTags } from '../../billing/invoice/line-tags.ts';
import { type Decimal, exactly, sum, ZERO } from '../../billing/money/money.ts';
import type { Period } from '../../billing/period/period.ts';
import { type Decimal128, fromDecimal128, mayBeRounded } from '../kit/decimal.ts';
import { TAG_BOUNDS, type TagBounds, type Tagged, withCommonTags } from './common-tags.ts';
import { Costs } from './costs.ts';

type Match = PipelineStage.Match['$match'];

interface SumKey {
  readonly project: string;
  readonly service: string;
  readonly plan: string | null;
  readonly type: LineType;
  readonly currency: string;
  readonly own: Period | null;
}

export interface SumRow extends TagBounds {
  readonly _id: SumKey;
  readonly amount: Decimal128;
  readonly absolute: Decimal128;
  readonly records: number;
  readonly begin: Date;
  readonly end: Date;
  readonly cloudFirst: string | null;
  readonly cloudLast: string | null;
  readonly serviceType: string | null;
}

/** A row with all digits of its sum, from which lines are made. */
export type ExactRow = Tagged<Omit<SumRow, 'amount' | 'absolute'>> & {
  readonly amount: Decimal;
  /** For a stored sum of late costs: the group that they were booked to. */
  readonly payer?: string;
};

/** The fields that distinguish lines of usage records. */
export const GROUP: PipelineStage.Group = {
  $group: {
    _id: {
      project: '$projectId',
      service: '$serviceName',
      plan: '$servicePlan',
      type: '$lineType',
      currency: '$currency',
      own: '$ownPeriod',
    },
    amount: { $sum: '$amount' },
    absolute: { $sum: { $abs: '$amount' } },
    records: { $sum: 1 },
    begin: { $min: '$begin' },
    end: { $max: '$end' },
    cloudFirst: { $min: '$cloudName' },
    cloudLast: { $max: '$cloudName' },
    serviceType: { $min: '$serviceType' },
    ...TAG_BOUNDS,
  },
};

/** The sums of the usage records that match, by line. */
export async function sumsOfRecords(match: Match): Promise<ExactRow[]> {
  const sums = await Costs.aggregate<SumRow>([{ $match: match }, GROUP]);
  const rows = await withCommonTags(match, GROUP.$group._id, sums);
  const exact: ExactRow[] = [];
  for (const row of rows) exact.push({ ...row, amount: await exactSum(match, row) });
  return exact;
}

/** The sum of a row with all its digits. */
export async function exactSum(match: Match, row: Pick<SumRow, '_id' | 'amount' | 'absolute'>): Promise<Decimal> {
  return mayBeRounded(row.absolute) ? addUpExactly(match, row._id) : fromDecimal128(row.amount);
}

/** The slow way, for sums that Decimal128 can't hold: adds record by record, with all digits. */
async function addUpExactly(match: Match, key: SumKey): Promise<Decimal> {
  let total = exactly(ZERO);
  const records = Costs.find({
    ...match,
    projectId: key.project,
    serviceName: key.service,
    servicePlan: key.plan ?? null,
    lineType: key.type,
    currency: key.currency,
  })
    .select({ amount: 1, ownPeriod: 1 })
    .lean()
    .cursor();
  for await (const record of records) {
    if ((record.ownPeriod ?? null) === (key.own ?? null)) total = total.plus(fromDecimal128(record.amount));
  }
  return total;
}

/** Adds up rows of the same line that come from different loads: the row that `GROUP` makes of all their records. */
export function addedUp(rows: readonly ExactRow[]): ExactRow[] {
  const byKey = new Map<string, ExactRow[]>();
  for (const row of rows) {
    const { project, service, plan, type, currency, own } = row._id;
    const key = lineKey([project, service, plan, type, currency, own]);
    const same = byKey.get(key);
    if (same) same.push(row);
    else byKey.set(key, [row]);
  }
  return [...byKey.values()].map((same) => (same.length === 1 ? (same[0] as ExactRow) : together(same)));
}

/** A text that is the same for the same texts only. There are many, and JSON takes several times as long. */
export function lineKey(texts: readonly (string | null | undefined)[]): string {
  let key = '';
  for (const text of texts) key += typeof text === 'string' ? `${text.length} ${text}` : '-';
  return key;
}

function together(rows: readonly ExactRow[]): ExactRow {
  const clouds = rows.map(({ cloudFirst }) => cloudFirst);
  return {
    ...(rows[0] as ExactRow),
    amount: sum(rows.map(({ amount }) => amount)),
    records: rows.reduce((total, { records }) => total + records, 0),
    begin: new Date(Math.min(...rows.map(({ begin }) => begin.getTime()))),
    end: new Date(Math.max(...rows.map(({ end }) => end.getTime()))),
    cloudFirst: inOrder(clouds)[0] ?? null,
    cloudLast: inOrder(rows.map(({ cloudLast }) => cloudLast)).at(-1) ?? null,
    serviceType: inOrder(rows.map(({ serviceType }) => serviceType))[0] ?? null,
    tags: rows.map(({ tags }) => tags).reduce(commonTags),
  };
}

/** The texts in the database's order, by their bytes. Null counts for neither the least nor the greatest. */
function inOrder(texts: readonly (string | null)[]): string[] {
  return texts
    .filter((one) => one !== null && one !== undefined)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
