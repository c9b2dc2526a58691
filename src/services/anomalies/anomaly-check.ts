import { ACCOUNT_SETTINGS } from '../../billing/account/account-settings.ts';
import { type AnomalyFloors, RELATIVE_FLOOR } from '../../billing/insight/anomalies.ts';
import { sourceStateAfter } from '../../billing/insight/missing-exports.ts';
import { rateOn } from '../../billing/money/rate.ts';
import { addDays, dayIn } from '../../billing/period/day.ts';
import { eachAccount } from '../../store/accounts/account-reads.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import type { AnomalyCheckDoc } from '../../store/anomalies/anomalies.ts';
import { anomaliesThatCount, anomalyCheckOf, type CountingSince } from '../../store/anomalies/anomaly-reads.ts';
import { putAnomalyCheck } from '../../store/anomalies/anomaly-writes.ts';
import { costsStamp, type DayCell, type Days, dayCells, deliveredDays } from '../../store/costs/day-cells.ts';
import { allProjectNames, type LabeledProject } from '../../store/groups/project-reads.ts';
import { eachOfAll, type Loop } from '../background/each-of-all.ts';
import { isImporting } from '../costs/import-queue.ts';
import { ratesFor } from '../invoicing/invoice-terms.ts';
import { automatic, type Ctx } from '../kit/context.ts';
import { checkExports } from './export-check.ts';
import { checkProject, type ProjectCheck } from './project-check.ts';
import { READ_DAYS } from './project-costs.ts';

/** How many projects' costs are read with one query. */
const PROJECTS_AT_ONCE = 100;
/** For how long a level that a person has called expected isn’t reported again. */
const ACCEPTED_DAYS = 365;
/** Anomalies that ended before are forgotten, so that the same can be reported again. */
const KNOWN_DAYS = 90;

const CHECKING_ACCOUNTS: Loop<AccountDoc> = {
  kind: 'anomalies-account',
  whole: 'everywhere',
  name: ({ _id }) => ({ id: _id, accountId: _id }),
  what: 'check the costs for anomalies',
  inTurn: true,
};
const CHECKING: Loop<ProjectWithCells> = {
  kind: 'anomalies-project',
  name: ({ project: { _id: id, accountId } }) => ({ id, accountId }),
  what: 'check a project’s costs for anomalies',
};

interface ProjectWithCells {
  readonly project: LabeledProject & { readonly accountId: string };
  readonly cells: readonly DayCell[];
}

/**
 * Looks for unusual costs and for missing exports in all accounts whose costs have changed since they were checked, and
 * once a day in the account's time zone. Each is reported once. Safe to run at any time and in several processes.
 *
 * @returns how many anomalies were found
 */
export async function checkAnomalies(ctx: Ctx): Promise<number> {
  let found = 0;
  await eachOfAll(ctx, CHECKING_ACCOUNTS, eachAccount(), async (account) => {
    found += await checkAccount(automatic(ctx), account);
  });
  return found;
}

/** @returns how many anomalies were found */
async function checkAccount(ctx: Ctx, account: AccountDoc): Promise<number> {
  const { _id: accountId, timeZone } = account;
  // days of which only a part is there look like savings; the import asks for a check when it is done
  if (await isImporting(accountId)) return 0;
  const today = dayIn(ctx.clock.now(), timeZone);
  const days = { accountId, timeZone, from: addDays(today, -READ_DAYS), until: today };
  const before = await anomalyCheckOf(accountId);
  const data = await costsStamp(days);
  const isSame = before !== null && before.on === today && before.data === data;
  if ((isSame && before.left.length === 0) || (before === null && data === '')) return 0;
  const delivered = await deliveredDays(days);
  const sources = [...delivered].map(([source, on]) => {
    const newest = [...on].sort().at(-1) ?? '';
    return sourceStateAfter(
      before?.sources.find((one) => one.source === source),
      { source, newest, today },
    );
  });
  const check: AnomalyCheckDoc = { _id: accountId, accountId, on: today, data, left: [], sources };
  let found = await checkExports(ctx, accountId, { sources, delivered, today, days, stamp: data });
  const among = isSame ? before.left : undefined;
  const left = new Set((await allProjectNames(accountId, [], among)).map(({ _id }) => _id));
  const isFirst = before === null || before.isFirst === true;
  const of = await factsOf(ctx, account, { today, isFirst });
  try {
    await eachOfAll(
      ctx,
      { ...CHECKING, ...(!isSame && { whole: { accountId } }) },
      projectsWithCells(days, [...left]),
      async ({ project, cells }) => {
        found += await checkProject(ctx, { ...of, project, cells, days, stamp: data, delivered });
        left.delete(project._id);
      },
    );
  } finally {
    // projects whose costs an import has begun to change are checked again, for the first time
    const isComplete = left.size === 0 && (await costsStamp(days)) === data;
    await putAnomalyCheck({ ...check, left: [...left], ...(isFirst && !isComplete && { isFirst }) });
  }
  return found;
}

/** What all projects of an account have in common. */
async function factsOf(
  ctx: Ctx,
  account: AccountDoc,
  { today, isFirst }: { readonly today: string; readonly isFirst: boolean },
): Promise<Omit<ProjectCheck, 'project' | 'cells' | 'days' | 'stamp' | 'delivered'>> {
  const since: CountingSince = {
    untilFrom: addDays(today, -KNOWN_DAYS),
    acceptedFrom: new Date(ctx.clock.now().getTime() - ACCEPTED_DAYS * 86_400_000),
  };
  const known = await anomaliesThatCount(account._id, since);
  return { account, isFirst, since, known, floorsIn: await floorsOf(account, today) };
}

/** The account’s floor, in the currency of the costs if there is a rate. */
async function floorsOf(account: AccountDoc, today: string): Promise<(currency: string) => AnomalyFloors> {
  const floor = account.anomalyFloor ?? ACCOUNT_SETTINGS.anomalyFloor.initial;
  const rates = await ratesFor(account._id, today);
  return (currency) => {
    const rate = currency === account.currency ? undefined : rateOn(rates, account.currency, currency, today)?.rate;
    return { absolute: floor * (rate?.toNumber() ?? 1), relative: RELATIVE_FLOOR };
  };
}

/** The projects with their costs by day, of which only some are read at a time. */
async function* projectsWithCells(days: Days, projectIds: readonly string[]): AsyncGenerator<ProjectWithCells> {
  const { accountId } = days;
  for (let at = 0; at < projectIds.length; at += PROJECTS_AT_ONCE) {
    const ids = projectIds.slice(at, at + PROJECTS_AT_ONCE);
    const cells = new Map<string, DayCell[]>(ids.map((id) => [id, []]));
    for (const cell of await dayCells({ ...days, scope: { groupIds: [], projectIds: ids }, hidden: [] }))
      cells.get(cell.projectId ?? '')?.push(cell);
    for (const { _id, name, label } of await allProjectNames(accountId, [], ids))
      yield { project: { _id, accountId, name, label }, cells: cells.get(_id) ?? [] };
  }
}
