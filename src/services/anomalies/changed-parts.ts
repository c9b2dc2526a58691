import type { Anomaly } from '../../billing/insight/anomalies.ts';
import { type Decimal, roundToMinor, sum, ZERO } from '../../billing/money/money.ts';
import { addDays, dayIn } from '../../billing/period/day.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { type AnomalyDoc, CHANGED_PART_KINDS, type ChangedPartKind } from '../../store/anomalies/anomalies.ts';
import { type ServiceRecord, serviceRecords } from '../../store/costs/service-records.ts';
import { toDecimal128 } from '../../store/kit/decimal.ts';
import type { ServiceCosts } from './project-costs.ts';

/** The days before an anomaly that its costs are compared with. */
const DAYS_BEFORE = 7;
/** Of more records, nothing is said. */
const MOST_RECORDS = 20_000;
/** How many parts of each kind are kept. */
const MOST_PARTS = 2;
/** A part has to explain this share of the change. */
const LEAST_SHARE = 0.2;

/** The columns that may say it, the best first. */
const COLUMNS: Readonly<Record<ChangedPartKind, readonly string[]>> = {
  usage_type: [
    'x_UsageType',
    'lineItem/UsageType',
    'line_item_usage_type',
    'SkuMeter',
    'MeterName',
    'meterName',
    'SkuId',
  ],
  region: ['RegionName', 'RegionId'],
  resource: ['ResourceName', 'ResourceId', 'AllocatedResourceName', 'AllocatedResourceId'],
};

/**
 * What changed inside an anomaly: the usage types, regions and resources that explain most of the difference between an
 * average day of the week before and the last unusual day. Nothing where the data doesn't say, or where there is only
 * one of a kind. Amounts are rounded to the currency.
 */
export async function changedParts(
  { _id: accountId, timeZone }: AccountDoc,
  projectId: string,
  { service, currency }: ServiceCosts,
  { since, until, side }: Anomaly,
): Promise<AnomalyDoc['parts']> {
  const days = { accountId, timeZone, from: addDays(since, -DAYS_BEFORE), until, hidden: [] };
  const scope = { groupIds: [], projectIds: [projectId] };
  const records: (ServiceRecord & { readonly day: string })[] = [];
  const of = { days: { ...days, scope }, service, currency, limit: MOST_RECORDS };
  for await (const record of serviceRecords(of)) records.push({ ...record, day: dayIn(record.begin, timeZone) });
  if (records.length >= MOST_RECORDS) return [];
  const sums = CHANGED_PART_KINDS.map((kind) => ({ kind, parts: partsBy(kind, records, { since, until }) }));
  return sums.flatMap(({ kind, parts }) => {
    if (parts.length < 2) return [];
    const changeOf = ({ now, before }: Part) => now.minus(before);
    const all = sum(parts.map(changeOf));
    const least = all.times(LEAST_SHARE);
    const largest = parts
      .filter((part) => (side === 'above' ? changeOf(part).gte(least) : changeOf(part).lte(least)))
      .sort((a, b) => changeOf(b).abs().comparedTo(changeOf(a).abs()));
    const money = (amount: Decimal) => toDecimal128(roundToMinor(amount, currency));
    return largest
      .slice(0, MOST_PARTS)
      .map(({ name, before, now }) => ({ kind, name, before: money(before), now: money(now) }));
  });
}

interface Part {
  readonly name: string;
  readonly before: Decimal;
  readonly now: Decimal;
}

/** The costs of an average day before, and of the last unusual day. Records that don’t say it are left out. */
function partsBy(
  kind: ChangedPartKind,
  records: readonly (ServiceRecord & { readonly day: string })[],
  { since, until }: { readonly since: string; readonly until: string },
): Part[] {
  const parts = new Map<string, { before: Decimal; now: Decimal }>();
  for (const record of records) {
    const name = nameIn(kind, record);
    if (name === undefined) continue;
    const part = parts.get(name) ?? { before: ZERO, now: ZERO };
    if (record.day < since) part.before = part.before.plus(record.amount);
    if (record.day === until) part.now = part.now.plus(record.amount);
    parts.set(name, part);
  }
  return [...parts].map(([name, { before, now }]) => ({ name, before: before.div(DAYS_BEFORE), now }));
}

function nameIn(kind: ChangedPartKind, { columns, description }: ServiceRecord): string | undefined {
  for (const column of COLUMNS[kind]) {
    const value = columns[column];
    if (typeof value === 'string' && value !== '') return value;
  }
  return kind === 'usage_type' && description !== '' ? description : undefined;
}
