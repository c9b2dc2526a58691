import type { PipelineStage } from 'mongoose';
import type { CostSum, LineType } from '../../billing/invoice/invoice.ts';
import { type Decimal, exactly, sum, ZERO } from '../../billing/money/money.ts';
import { clip, covers } from '../../billing/move/membership.ts';
import { type Period, spanOf } from '../../billing/period/period.ts';
import { type MembershipDoc, Memberships, Projects } from '../groups/groups.ts';
import { type Decimal128, fromDecimal128, mayBeRounded } from '../kit/decimal.ts';
import type { Tx } from '../kit/transaction.ts';
import { Costs } from './costs.ts';
import { countingRecords } from './loads.ts';

type Match = PipelineStage.Match['$match'];

interface SumKey {
  readonly project: string;
  readonly service: string;
  readonly plan: string | null;
  readonly type: LineType;
  readonly currency: string;
  readonly own: Period | null;
}

export interface SumRow {
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
export type ExactRow = Omit<SumRow, 'amount'> & { readonly amount: Decimal };

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
  },
};

/** The group and period of an invoice. */
export interface InvoiceOf {
  readonly accountId: string;
  readonly billingGroupId: string;
  readonly period: Period;
  readonly timeZone: string;
}

/**
 * The exact sums of the usage records on a group's invoice for a period, by line. In a transaction, because memberships
 * and records must be read at the same instant.
 */
export async function costSums(_tx: Tx, of: InvoiceOf): Promise<CostSum[]> {
  const rows: ExactRow[] = [];
  for (const match of await recordsOf(of)) rows.push(...(await sums(match)));
  return toCostSums(rows, await projectNames(of.accountId, rows));
}

/** The same without some projects, except for their late costs: rows for `toCostSums`. */
export async function rowsWithout(of: InvoiceOf, projectIds: readonly string[]): Promise<ExactRow[]> {
  const rows: ExactRow[] = [];
  for (const match of await recordsOf(of, projectIds)) rows.push(...(await sums(match)));
  return rows;
}

/**
 * Matches the usage records on a group's invoice for a period; no record meets two of the matches. Each record is on
 * one invoice: that of the group its project was in at the record's time, or, if it came late, that of the group it was
 * booked to.
 */
export async function recordsOf(of: InvoiceOf, without: readonly string[] = []): Promise<Match[]> {
  const { accountId, billingGroupId, period } = of;
  const span = spanOf(period, of.timeZone);
  const others = without.length === 0 ? {} : { projectId: { $nin: [...without] } };
  const memberships = await Memberships.find({ accountId, billingGroupId, ...others }).lean<MembershipDoc[]>();
  const visible = await countingRecords(accountId);
  const whole = memberships.filter((membership) => covers(membership, span)).map(({ projectId }) => projectId);
  const parts = memberships.flatMap((membership) => {
    const held = covers(membership, span) ? undefined : clip(membership, span);
    return held ? [{ projectId: membership.projectId, period, begin: { $gte: held.begin, $lt: held.end } }] : [];
  });
  return [
    ...(whole.length > 0 ? [{ projectId: { $in: whole }, period, late: { $exists: false }, ...visible }] : []),
    ...parts.map((part) => ({ ...part, late: { $exists: false }, ...visible })),
    { billingGroupId, period, late: true, ...visible },
  ];
}

/** The labels of these projects, by ID. Projects without a label are left out. */
export async function projectLabels(accountId: string, ids: readonly string[]): Promise<Map<string, string>> {
  const projects = await Projects.find({ accountId, _id: { $in: [...ids] } }, { label: 1 }).lean();
  return new Map(projects.flatMap(({ _id, label }) => (label === null ? [] : [[_id, label] as const])));
}

async function sums(match: Match): Promise<ExactRow[]> {
  const rows = await Costs.aggregate<SumRow>([{ $match: match }, GROUP]);
  const exact: ExactRow[] = [];
  for (const row of rows) exact.push({ ...row, amount: await exactSum(match, row) });
  return exact;
}

/** The sum of a row with all its digits. */
export async function exactSum(match: Match, row: SumRow): Promise<Decimal> {
  return mayBeRounded(row.absolute) ? addUpExactly(match, row._id) : fromDecimal128(row.amount);
}

/** The slow way, for sums that Decimal128 can't hold: adds record by record, with all digits. */
async function addUpExactly(match: Match, key: SumKey): Promise<Decimal> {
  let total = exactly(ZERO);
  const records = Costs.find({
    ...match,
    projectId: key.project,
    serviceName: key.service,
    servicePlan: key.plan,
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

/** The names of the projects in the rows, by ID. */
export async function projectNames(accountId: string, rows: readonly ExactRow[]): Promise<Map<string, string>> {
  const ids = [...new Set(rows.map((row) => row._id.project))];
  const projects = await Projects.find({ accountId, _id: { $in: ids } }, { name: 1 }).lean();
  return new Map(projects.map(({ _id, name }) => [_id, name]));
}

/** Converts the rows for the domain. A project that was in the group twice in a period becomes one row. */
export function toCostSums(rows: readonly ExactRow[], names: ReadonlyMap<string, string>): CostSum[] {
  const merged = new Map<string, CostSum>();
  for (const row of rows) {
    const one = toCostSum(row, names.get(row._id.project) ?? row._id.project);
    const key = JSON.stringify([
      one.projectId,
      one.serviceName,
      one.servicePlan,
      one.lineType,
      one.currency,
      one.lateFrom,
    ]);
    const before = merged.get(key);
    merged.set(key, before ? together(before, one) : one);
  }
  return [...merged.values()];
}

function toCostSum(row: ExactRow, projectName: string): CostSum {
  return {
    projectId: row._id.project,
    projectName,
    serviceName: row._id.service,
    serviceType: row.serviceType,
    servicePlan: row._id.plan ?? null,
    cloudName: row.cloudFirst === row.cloudLast ? row.cloudFirst : null,
    lineType: row._id.type,
    currency: row._id.currency,
    lateFrom: row._id.own ?? null,
    begin: row.begin,
    end: row.end,
    amount: row.amount,
    records: row.records,
  };
}

function together(a: CostSum, b: CostSum): CostSum {
  return {
    ...a,
    cloudName: a.cloudName === b.cloudName ? a.cloudName : null,
    begin: new Date(Math.min(a.begin.getTime(), b.begin.getTime())),
    end: new Date(Math.max(a.end.getTime(), b.end.getTime())),
    amount: sum([a.amount, b.amount]),
    records: a.records + b.records,
  };
}
