import { expect } from '@jest/globals';
import type { CostSum } from '../../../src/billing/invoice/invoice.ts';
import { asText } from '../../../src/billing/invoice/line-tags.ts';
import { type Decimal, sum, ZERO } from '../../../src/billing/money/money.ts';
import { holderAt } from '../../../src/billing/move/membership.ts';
import { addDays, dayIn } from '../../../src/billing/period/day.ts';
import { accountById, accountOrFail } from '../../../src/store/accounts/account-reads.ts';
import { costSums, costSumsOfRecords, type InvoiceOf, recordsOf } from '../../../src/store/costs/cost-sums.ts';
import { type CostDoc, Costs, hasDaySums, isSummed, type LoadDoc, Loads } from '../../../src/store/costs/costs.ts';
import { type CostScope, type DayCell, type DaysOf, dayCells } from '../../../src/store/costs/day-cells.ts';
import { CostDays } from '../../../src/store/costs/day-sums.ts';
import { CostItems } from '../../../src/store/costs/item-sums.ts';
import { CostSums } from '../../../src/store/costs/stored-sums.ts';
import { ProjectTotals } from '../../../src/store/costs/totals/project-totals.ts';
import { Groups, Memberships } from '../../../src/store/groups/groups.ts';
import { fromDecimal128 } from '../../../src/store/kit/decimal.ts';
import { inTransaction } from '../../../src/store/kit/transaction.ts';

/**
 * Compares every group's stored sums for every period with those of its records, and each load's with all its records.
 *
 * @returns how many of the account's active loads have sums, and how many don't
 */
export async function expectSumsOfRecords(accountId: string): Promise<{ summed: number; unsummed: number }> {
  const account = await accountById(accountId);
  const timeZone = account?.timeZone ?? 'Etc/UTC';
  const periods = await Costs.distinct('period', { accountId });
  for (const { _id: billingGroupId } of await Groups.find({ accountId }).lean()) {
    for (const period of periods) {
      const of = { accountId, billingGroupId, period, timeZone };
      const [stored, plain] = await inTransaction(async (tx) => [
        await costSums(tx, of),
        await costSumsOfRecords(tx, of),
      ]);
      expect(inOrder(stored)).toEqual(inOrder(plain));
    }
  }
  const loads = await Loads.find({ accountId, state: 'active' }).lean<LoadDoc[]>();
  for (const load of loads) {
    if (!isSummed(load)) continue;
    const sums = await CostSums.find({ accountId, sumsId: load.sums.id }).lean();
    const counted = sums.reduce((total, { records }) => total + records, 0);
    expect(counted).toBe(await Costs.countDocuments({ accountId, loadId: load._id }));
  }
  await expectDaysOfRecords(accountId);
  const summed = loads.filter((load) => isSummed(load)).length;
  return { summed, unsummed: loads.length - summed };
}

/** Compares the tags of every group's stored sums with those that all records of a sum have, read one by one. */
export async function expectTagsOfRecords(accountId: string): Promise<void> {
  const { timeZone } = await accountOrFail(accountId);
  for (const { _id: billingGroupId } of await Groups.find({ accountId }).lean()) {
    for (const period of await Costs.distinct('period', { accountId })) {
      const of = { accountId, billingGroupId, period, timeZone };
      await expectCommonTags(of, await inTransaction((tx) => costSums(tx, of)));
    }
  }
}

async function expectCommonTags(of: InvoiceOf, sums: readonly CostSum[]): Promise<void> {
  const records: CostDoc[] = [];
  for (const match of await recordsOf(of)) records.push(...(await Costs.find(match).lean()));
  const lineOf = (line: Omit<CostSum, 'amount' | 'begin' | 'end' | 'records'> | CostDoc) =>
    JSON.stringify([
      ...[line.projectId, line.serviceName, line.servicePlan, line.lineType, line.currency],
      'lateFrom' in line ? line.lateFrom : (line.ownPeriod ?? null),
    ]);
  for (const one of sums) {
    const lists = records.filter((record) => lineOf(record) === lineOf(one)).map(({ tags }) => tags.map(asText));
    const common = lists.reduce((kept, list) => kept.filter((tag) => list.includes(tag)));
    expect((one.tags ?? []).map(asText).sort()).toEqual([...common].sort());
  }
}

/**
 * Compares the daily costs of the account, of every group and of every project with those of the records, whether they
 * come from stored sums or not; and the days of all projects together with those of each.
 */
async function expectDaysOfRecords(accountId: string): Promise<void> {
  const { timeZone } = await accountOrFail(accountId);
  const loads = new Map((await Loads.find({ accountId, state: 'active' }).lean()).map((one) => [`${one._id}`, one]));
  const all = await Costs.find({ accountId, loadId: { $in: [...loads.values()].map(({ _id }) => _id) } }).lean();
  const memberships = await Memberships.find({ accountId }).lean();
  const days = all.map(({ begin }) => dayIn(begin, timeZone)).sort();
  const [from, until] = [days.at(0) ?? '2026-01-01', days.at(-1) ?? '2026-01-01'];
  const wanted = (isIn: (record: CostDoc) => boolean, byProject: boolean) =>
    addedUp(
      all.filter(isIn).map(({ projectId, serviceName: service, currency, begin, amount, loadId }) => ({
        ...{ projectId: byProject ? projectId : null, service, currency, day: dayIn(begin, timeZone) },
        ...{ amount: fromDecimal128(amount), source: loads.get(`${loadId}`)?.source ?? '' },
      })),
    );
  const of = { accountId, timeZone, from, until };
  const got = async (scope: CostScope, byProject: boolean, hidden: readonly string[] = []) => {
    const cells = await dayCells({ ...of, scope, byProject, hidden });
    if (byProject) await expectTotalsOfDays({ ...of, scope, hidden }, cells);
    return addedUp(cells);
  };
  // of loads without sums, the project is always known
  const isStored = [...loads.values()].every((load) => hasDaySums(load));
  if (isStored) expect(await got(undefined, false)).toEqual(wanted(() => true, false));
  expect(await got(undefined, true)).toEqual(wanted(() => true, true));
  for (const { _id: groupId } of await Groups.find({ accountId }).lean()) {
    const isIn = ({ projectId, begin }: CostDoc) =>
      memberships.some(
        (one) => one.projectId === projectId && one.billingGroupId === groupId && holderAt([one], begin) !== undefined,
      );
    expect(await got({ groupIds: [groupId], projectIds: [] }, true)).toEqual(wanted(isIn, true));
    const isSeen = (record: CostDoc) => !isIn(record);
    expect(await got(undefined, true, [groupId])).toEqual(wanted(isSeen, true));
    const projectIds = [...new Set(all.map(({ projectId }) => projectId))];
    expect(await got({ groupIds: [], projectIds }, true, [groupId])).toEqual(wanted(isSeen, true));
  }
  for (const id of new Set(all.map(({ projectId }) => projectId)))
    expect(await got({ groupIds: [], projectIds: [id] }, true)).toEqual(
      wanted(({ projectId }) => projectId === id, true),
    );
}

/** Compares the sums that the database makes of days, all of them and some, with those of the days. */
async function expectTotalsOfDays(of: DaysOf, cells: readonly DayCell[]): Promise<void> {
  const totals = (days: readonly DayCell[]) =>
    addedUp(days.map((one) => ({ ...one, service: '', day: '', source: '' })));
  for (const cut of [0, 2]) {
    const [from, until] = [addDays(of.from, cut), addDays(of.until, -cut)];
    const some = cells.filter(({ day }) => day >= from && day <= until);
    const summed = await dayCells({ ...of, from, until, byProject: true, isSummed: true });
    expect(totals(summed)).toEqual(totals(some));
  }
}

/** By everything but the amount, which is written with all digits. */
function addedUp(cells: readonly DayCell[]): [string, string][] {
  const sums = new Map<string, Decimal>();
  for (const { projectId, service, currency, day, source, amount } of cells) {
    const key = [projectId, service, currency, day, source].join(' ');
    sums.set(key, sum([sums.get(key) ?? ZERO, amount]));
  }
  const inWords = [...sums].map(([key, amount]): [string, string] => [key, amount.toFixed()]);
  // what is hidden is taken from the whole, and leaves nothing
  return inWords.filter(([, amount]) => Number(amount) !== 0).sort();
}

/** No sums are stored that no load knows of, which nobody would ever delete. */
export async function expectNoLostSums(accountId: string): Promise<void> {
  const loads = await Loads.find({ accountId }).lean<LoadDoc[]>();
  const known = new Set(
    loads.flatMap(({ sums, oldSums = [] }) => [...(sums ? [sums.id] : []), ...oldSums].map(String)),
  );
  for (const model of [CostSums, CostDays, CostItems, ProjectTotals]) {
    const ids = (await model.collection.distinct('sumsId', { accountId })).map(String);
    expect(ids.filter((id) => !known.has(id))).toEqual([]);
  }
}

function inOrder(sums: readonly CostSum[]) {
  return sums
    .map(({ amount, ...rest }) => ({ ...rest, amount: amount.toFixed() }))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
