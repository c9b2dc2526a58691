import type { Sight } from '../../billing/account/sight.ts';
import { titleOfProject } from '../../billing/group/names.ts';
import { HISTORY_DAYS, judgeDays, RELATIVE_FLOOR } from '../../billing/insight/anomalies.ts';
import type { Decimal } from '../../billing/money/money.ts';
import { Decimal as Money, roundToMinor } from '../../billing/money/money.ts';
import { addDays, daysBetween } from '../../billing/period/day.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { AnomalyDoc, AnomalyState, ChangedPartKind } from '../../store/anomalies/anomalies.ts';
import { anomaliesAfter, anomalyById, anomalyPage, countAnomalies } from '../../store/anomalies/anomaly-reads.ts';
import { keepAnomalyChart } from '../../store/anomalies/anomaly-writes.ts';
import { dayCells, deliveredDays } from '../../store/costs/day-cells.ts';
import { labeledProjects } from '../../store/groups/project-reads.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { admit } from '../access/rights.ts';
import { hiddenProjectIds } from '../access/sight.ts';
import type { Ctx } from '../kit/context.ts';
import { type Page, type PageRequest, pageOf } from '../kit/page.ts';
import { serviceCosts } from './project-costs.ts';

export {
  ANOMALY_KINDS,
  ANOMALY_STATES,
  type AnomalyState,
  CHANGED_PART_KINDS,
  type ChangedPartKind,
} from '../../store/anomalies/anomalies.ts';

/** What a part of the costs was before, on an average day, and on the last unusual day when it was found. */
export interface ChangedPart {
  readonly kind: ChangedPartKind;
  readonly name: string;
  readonly before: Decimal;
  readonly now: Decimal;
}

/** An anomaly as people and programs see it. Amounts are rounded to the currency. */
export interface AnomalySummary
  extends Pick<
    AnomalyDoc,
    | 'accountId'
    | 'kind'
    | 'billingGroupId'
    | 'service'
    | 'currency'
    | 'side'
    | 'since'
    | 'until'
    | 'peak'
    | 'state'
    | 'reason'
    | 'acceptedBy'
    | 'assignee'
    | 'asked'
    | 'askedBy'
    | 'chartFileId'
  > {
  readonly id: string;
  /** Null for a missing export. */
  readonly project: { readonly id: string; readonly name: string; readonly title: string } | null;
  /** The cost of its furthest day, and what its first day was expected to cost. */
  readonly amount: Decimal;
  readonly low: Decimal;
  readonly high: Decimal;
  readonly parts: readonly ChangedPart[];
}

/** A day of an anomaly's chart. */
export interface AnomalyDay {
  readonly day: string;
  readonly amount: Decimal;
  readonly expected?: { readonly low: Decimal; readonly high: Decimal };
  readonly isUnusual: boolean;
}

/** How many days the chart has before the first unusual one, and at most after it. */
const DAYS_BEFORE = 28;
const MOST_DAYS_AFTER = 14;

/** The anomalies that the caller sees, those found last first. At most five queries besides the admission's. */
export async function listAnomalies(
  ctx: Ctx,
  accountId: string,
  request: PageRequest & { readonly states?: readonly AnomalyState[] | undefined },
): Promise<Page<AnomalySummary>> {
  const { sight } = await admit(ctx, accountId, 'see');
  const hidden = await hiddenProjectIds(accountId, sight, ctx.clock.now());
  const of = { accountId, sight, hiddenProjectIds: hidden, states: request.states };
  const page = await pageOf(
    request,
    () => countAnomalies(of),
    (part) => anomalyPage(of, part),
  );
  return { ...page, items: await summariesOf(accountId, page.items) };
}

/**
 * The same for programs: those after one of them, or from the beginning. @returns the ID after which it continues,
 * undefined at the end
 *
 * @throws {Refusal} `anomaly_not_found` for `after`; `account_not_found`
 */
export async function anomaliesFrom(
  ctx: Ctx,
  accountId: string,
  { after, limit, states }: { after?: string | undefined; limit: number; states?: readonly AnomalyState[] | undefined },
): Promise<{ readonly items: AnomalySummary[]; readonly next: string | undefined }> {
  const { sight } = await admit(ctx, accountId, 'see');
  const hiddenProjects = await hiddenProjectIds(accountId, sight, ctx.clock.now());
  const last = after === undefined ? null : await seenAnomaly(ctx, { accountId, id: after, sight });
  const of = { accountId, sight, hiddenProjectIds: hiddenProjects, states };
  const docs = await anomaliesAfter(of, { after: last, size: limit + 1 });
  const items = await summariesOf(accountId, docs.slice(0, limit));
  return { items, next: docs.length > limit ? items.at(-1)?.id : undefined };
}

/** @throws {Refusal} `anomaly_not_found`, also for one that the caller doesn't see; `account_not_found` */
export async function getAnomaly(ctx: Ctx, accountId: string, id: string): Promise<AnomalySummary> {
  const { sight } = await admit(ctx, accountId, 'see');
  const doc = await seenAnomaly(ctx, { accountId, id, sight });
  const [summary] = await summariesOf(accountId, [doc]);
  if (!summary) throw new Refusal('anomaly_not_found', {});
  return summary;
}

/** @throws {Refusal} `anomaly_not_found`, also for one that the reader doesn't see */
export async function seenAnomaly(
  { clock }: Pick<Ctx, 'clock'>,
  { accountId, id, sight }: { readonly accountId: string; readonly id: string; readonly sight: Sight },
): Promise<AnomalyDoc> {
  const doc = await anomalyById(accountId, id);
  if (!doc) throw new Refusal('anomaly_not_found', {});
  if (sight.isWhole) return doc;
  const { kind, billingGroupIds, projectId } = doc;
  const hidden = await hiddenProjectIds(accountId, sight, clock.now());
  const isSeen =
    kind === 'costs' && billingGroupIds.every((one) => sight.sees(one)) && !hidden.includes(projectId ?? '');
  if (!isSeen) throw new Refusal('anomaly_not_found', {});
  return doc;
}

/**
 * The days around an anomaly with what they were expected to cost, for its chart; none for a missing export. For people
 * who see the anomaly, and so every group that held the project. At most six queries.
 */
export async function anomalyDays(ctx: Ctx, accountId: string, id: string): Promise<AnomalyDay[]> {
  const { account, sight } = await admit(ctx, accountId, 'see');
  const { projectId, service, currency, since, until } = await seenAnomaly(ctx, { accountId, id, sight });
  if (projectId === null) return [];
  const { timeZone } = account;
  const span = { accountId, timeZone, from: addDays(since, -DAYS_BEFORE - HISTORY_DAYS), until };
  const cells = await dayCells({ ...span, scope: { groupIds: [], projectIds: [projectId] }, hidden: sight.hidden });
  const all = serviceCosts(cells, await deliveredDays({ ...span, until: addDays(until, 1) }));
  const costs = all.find((one) => one.service === service && one.currency === currency);
  if (!costs) return [];
  const shown = daysBetween(addDays(since, -DAYS_BEFORE), costs.completeUntil) + 1;
  const judged = judgeDays({
    days: costs.days.map(({ day, amount }) => ({ day, amount: amount.toNumber() })),
    ...{ last: shown, accepted: [], unusual: new Set<string>(), undelivered: costs.undelivered },
    floors: { absolute: 0, relative: RELATIVE_FLOOR },
  });
  const money = (amount: number) => roundToMinor(new Money(amount), currency);
  const exact = new Map(costs.days.map(({ day, amount }) => [day, roundToMinor(amount, currency)]));
  return judged.slice(0, DAYS_BEFORE + MOST_DAYS_AFTER).map(({ day, amount, expected }) => ({
    ...{ day, amount: exact.get(day) ?? money(amount), isUnusual: day >= since && day <= until },
    ...(expected && { expected: { low: money(Math.max(expected.low, 0)), high: money(expected.high) } }),
  }));
}

/** Keeps the picture of an anomaly's days, so that it is drawn once. */
export async function keepChartOf({ id, accountId }: AnomalySummary, fileId: string): Promise<void> {
  await keepAnomalyChart({ _id: id, accountId }, fileId);
}

async function summariesOf(accountId: string, docs: readonly AnomalyDoc[]): Promise<AnomalySummary[]> {
  const ids = [...new Set(docs.flatMap(({ projectId }) => projectId ?? []))];
  const projects = new Map((await labeledProjects(accountId, ids)).map((one) => [one._id, one]));
  return docs.map(({ _id: id, projectId, amount, low, high, parts, ...doc }) => {
    const project = projects.get(projectId ?? '');
    return {
      ...doc,
      id,
      project: project ? { id: project._id, name: project.name, title: titleOfProject(project) } : null,
      ...{ amount: fromDecimal128(amount), low: fromDecimal128(low), high: fromDecimal128(high) },
      parts: parts.map((part) => ({ ...part, before: fromDecimal128(part.before), now: fromDecimal128(part.now) })),
    };
  });
}
