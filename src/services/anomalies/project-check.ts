import { titleOfProject } from '../../billing/group/names.ts';
import {
  type Anomaly,
  type AnomalyFloors,
  anomaliesIn,
  isSteady,
  type Judging,
  judgeDays,
} from '../../billing/insight/anomalies.ts';
import { type AnomalyChanges, changesOf, type KnownAnomaly } from '../../billing/insight/anomaly-changes.ts';
import { Decimal, roundToMinor, ZERO } from '../../billing/money/money.ts';
import { addDays, dayIn, startOfDay } from '../../billing/period/day.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import type { AnomalyDoc } from '../../store/anomalies/anomalies.ts';
import { anomaliesThatCount, type CountingSince } from '../../store/anomalies/anomaly-reads.ts';
import { endAnomaly, extendAnomaly, insertAnomaly } from '../../store/anomalies/anomaly-writes.ts';
import { costsStamp, type DayCell, type Days } from '../../store/costs/day-cells.ts';
import { membershipsOf } from '../../store/groups/membership-reads.ts';
import type { LabeledProject } from '../../store/groups/project-reads.ts';
import { fromDecimal128, toDecimal128 } from '../../store/kit/decimal.ts';
import { takeTurn } from '../../store/kit/holds.ts';
import { newId } from '../../store/kit/ids.ts';
import type { Ctx } from '../kit/context.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';
import { anomalyTurn, endedText, foundText } from './anomaly-words.ts';
import { changedParts } from './changed-parts.ts';
import { acceptedLevels, judgingOf, READ_DAYS, type ServiceCosts, serviceCosts } from './project-costs.ts';

/** A project to check, and what is known about its account. */
export interface ProjectCheck {
  readonly account: AccountDoc;
  readonly project: LabeledProject;
  readonly cells: readonly DayCell[];
  /** Which days the cells are of, and the stamp of their costs from before they were read. */
  readonly days: Days;
  readonly stamp: string;
  /** The days on which each source of the account has costs. */
  readonly delivered: ReadonlyMap<string, ReadonlySet<string>>;
  /** Whether the account was never checked: then only what goes on is reported. */
  readonly isFirst: boolean;
  readonly since: CountingSince;
  /** The account’s anomalies that count. */
  readonly known: readonly AnomalyDoc[];
  readonly floorsIn: (currency: string) => AnomalyFloors;
}

/** Checks all services of a project. @returns how many anomalies were found */
export async function checkProject(ctx: Ctx, check: ProjectCheck): Promise<number> {
  const own = check.known.filter(({ projectId }) => projectId === check.project._id);
  let found = 0;
  for (const costs of serviceCosts(check.cells, check.delivered)) found += await checkService(ctx, check, costs, own);
  return found;
}

async function checkService(
  ctx: Ctx,
  check: ProjectCheck,
  costs: ServiceCosts,
  own: readonly AnomalyDoc[],
): Promise<number> {
  const floors = check.floorsIn(costs.currency);
  const isOfCosts = ({ service, currency }: AnomalyDoc) => service === costs.service && currency === costs.currency;
  const known = own.filter(isOfCosts);
  const hasOpen = known.some(({ state }) => state !== 'ended');
  if (!hasOpen && isSteady(judgingOf(costs, known, floors))) return 0;
  const foreseen = changesIn(check, costs, known);
  if (foreseen.begun.length + foreseen.ended.length + foreseen.ongoing.length === 0) return 0;
  const parts = new Map<string, AnomalyDoc['parts']>();
  for (const one of foreseen.begun)
    parts.set(one.since, await changedParts(check.account, check.project._id, costs, one));
  return inTransaction(ctx, async (tx) => {
    const { account, project } = check;
    // another process may be reporting the same, and a person may be calling it expected
    await takeTurn(tx, anomalyTurn(account._id, project._id));
    // an import has begun, of which only a part may have been read: there is a check when it is done
    if ((await costsStamp(check.days)) !== check.stamp) return 0;
    const now = (await anomaliesThatCount(account._id, { ...check.since, projectId: project._id })).filter(isOfCosts);
    return apply(tx, { check, costs, known: now, changes: changesIn(check, costs, now), parts });
  });
}

/** What became of the known anomalies, and what is new. */
function changesIn(
  { isFirst, floorsIn }: ProjectCheck,
  costs: ServiceCosts,
  known: readonly AnomalyDoc[],
): AnomalyChanges {
  const judging = judgingOf(costs, known, floorsIn(costs.currency));
  const of = { judgedFrom: addDays(costs.completeUntil, 1 - judging.last), completeUntil: costs.completeUntil };
  const all = changesOf(foundIn(judging), known.map(knownOf), of);
  const accepted = acceptedLevels(known);
  // a cost beyond an expected level is new, even on the days after it
  const unexpected = known.filter(({ reason }) => reason === null).map(knownOf);
  const { begun } = accepted.length === 0 ? all : changesOf(foundIn({ ...judging, accepted }), unexpected, of);
  return { ...all, begun: begun.filter(({ isOver }) => !isFirst || !isOver) };
}

function foundIn(judging: Judging): Anomaly[] {
  return anomaliesIn(judgeDays(judging));
}

function knownOf({ _id: id, side, since, until, state }: AnomalyDoc): KnownAnomaly {
  return { id, side, since, until, hasEnded: state === 'ended' };
}

interface Application {
  readonly check: ProjectCheck;
  readonly costs: ServiceCosts;
  readonly known: readonly AnomalyDoc[];
  readonly changes: AnomalyChanges;
  readonly parts: ReadonlyMap<string, AnomalyDoc['parts']>;
}

/** @returns how many anomalies were found */
async function apply(tx: Change, { check, costs, known, changes, parts }: Application): Promise<number> {
  const { account, project } = check;
  const accountId = account._id;
  const groups = await groupsOf(account, project._id, tx.clock.now());
  // also the groups that have held the project since it was found
  const docOf = new Map(
    known.map((doc) => [doc._id, { ...doc, billingGroupIds: [...new Set([...doc.billingGroupIds, ...groups.all])] }]),
  );
  for (const { id, until } of changes.ended) {
    const doc = docOf.get(id);
    const { billingGroupIds = [] } = doc ?? {};
    if (!doc || !(await endAnomaly(tx, doc, { until, endedAt: tx.clock.now(), billingGroupIds }))) continue;
    const next = costs.days.find(({ day }) => day === addDays(until, 1))?.amount ?? ZERO;
    await recordEnded(tx, { ...doc, until }, titleOfProject(project), next);
  }
  for (const { id, now } of changes.ongoing) {
    const doc = docOf.get(id);
    if (doc && doc.until !== now.until) await extendAnomaly(tx, { _id: id, accountId }, furtherOf(doc, now, costs));
  }
  const endedIds = changes.ended.map(({ id }) => id);
  const others = known.filter(({ _id }) => !endedIds.includes(_id));
  // of the same costs, one is open at a time, and one begins on a day
  const isThere = (one: Anomaly) =>
    others.some(({ state }) => state === 'open') ||
    known.some(({ side, since }) => side === one.side && since === one.since);
  const begun = changes.begun.filter((one) => !isThere(one));
  if (begun.length === 0) return 0;
  for (const one of begun) {
    const doc = docFor(tx, { check, costs, one, groups, parts: parts.get(one.since) ?? [] });
    await insertAnomaly(tx, doc);
    await tx.record({
      accountId,
      type: 'anomaly_found',
      description: foundText(doc, titleOfProject(project)),
      ...(doc.billingGroupId !== null && { billingGroupId: doc.billingGroupId }),
      projectId: project._id,
      after: eventData(doc),
    });
  }
  tx.nudge('news');
  return begun.length;
}

async function recordEnded(tx: Change, doc: AnomalyDoc, project: string, next: Decimal): Promise<void> {
  await tx.record({
    accountId: doc.accountId,
    type: 'anomaly_ended',
    description: endedText(doc, project, next),
    ...(doc.billingGroupId !== null && { billingGroupId: doc.billingGroupId }),
    ...(doc.projectId !== null && { projectId: doc.projectId }),
    after: eventData(doc),
  });
  tx.nudge('news');
}

/** Who doesn’t see one of the groups doesn’t see the event (`isUnseen`). The ID keeps its messages in one thread. */
function eventData({ _id, billingGroupIds, since, until, amount, currency }: AnomalyDoc) {
  return {
    anomalyId: _id,
    billingGroupIds: [...billingGroupIds],
    since,
    until,
    amount: fromDecimal128(amount).toFixed(),
    currency,
  };
}

type Further = Pick<AnomalyDoc, 'until' | 'amount' | 'peak' | 'billingGroupIds'>;

/** The amount of one that a person has called expected stays: they meant that level, and no higher one. */
function furtherOf(doc: AnomalyDoc, now: Anomaly, costs: ServiceCosts): Further {
  const { amount, peak, billingGroupIds } = doc;
  const further = peakOf(now, costs);
  const before = fromDecimal128(amount);
  const isFurther = now.side === 'above' ? further.amount.gt(before) : further.amount.lt(before);
  const furthest = isFurther && doc.reason === null;
  return {
    ...{ until: now.until, billingGroupIds },
    ...(furthest ? { amount: toDecimal128(further.amount), peak: further.day } : { amount, peak }),
  };
}

/** The day that is furthest from what was expected, with its exact cost, rounded. */
function peakOf({ side, since, until }: Anomaly, { days, currency }: ServiceCosts): { day: string; amount: Decimal } {
  const own = days.filter(({ day }) => day >= since && day <= until);
  const [first = { day: since, amount: ZERO }] = own;
  const peak = own.reduce(
    (best, one) => ((side === 'above' ? one.amount.gt(best.amount) : one.amount.lt(best.amount)) ? one : best),
    first,
  );
  return { day: peak.day, amount: roundToMinor(peak.amount, currency) };
}

interface Groups {
  readonly now: string | null;
  readonly all: readonly string[];
}

/** The groups that held a project in the days that a check reads. */
async function groupsOf({ _id, timeZone }: AccountDoc, projectId: string, at: Date): Promise<Groups> {
  const from = startOfDay(addDays(dayIn(at, timeZone), -READ_DAYS), timeZone);
  const memberships = await membershipsOf(_id, [projectId]);
  const since = memberships.filter((one) => one.to === null || one.to > from);
  const now = since.find((one) => (one.from === null || one.from <= at) && (one.to === null || one.to > at));
  return { now: now?.billingGroupId ?? null, all: [...new Set(since.map(({ billingGroupId }) => billingGroupId))] };
}

interface NewAnomaly {
  readonly check: ProjectCheck;
  readonly costs: ServiceCosts;
  readonly one: Anomaly;
  readonly groups: Groups;
  readonly parts: AnomalyDoc['parts'];
}

function docFor(tx: Change, { check, costs, one, groups, parts }: NewAnomaly): AnomalyDoc {
  const { service, currency } = costs;
  const peak = peakOf(one, costs);
  const money = (amount: number) => toDecimal128(roundToMinor(new Decimal(amount), currency));
  return {
    ...{ _id: newId('anm'), accountId: check.account._id, kind: 'costs', projectId: check.project._id },
    ...{ billingGroupId: groups.now, billingGroupIds: groups.all, service, currency },
    ...{ side: one.side, since: one.since, until: one.until, amount: toDecimal128(peak.amount), peak: peak.day },
    ...{ low: money(Math.max(one.low, 0)), high: money(one.high), parts },
    ...{ state: one.isOver ? 'ended' : 'open', reason: null, acceptedBy: null, acceptedAt: null, assignee: null },
    ...{ asked: [], toAsk: [], askedBy: null },
    ...{ foundAt: tx.clock.now(), endedAt: one.isOver ? tx.clock.now() : null },
  };
}
