import { nextPeriod, type Period } from '../../billing/period/period.ts';
import { failuresOfKind } from '../../store/background/item-failures.ts';
import type { DueGroup } from '../../store/groups/group-reads.ts';
import { lineCounts } from '../../store/invoicing/invoices-to-do.ts';
import { isConnectionLost } from '../../store/kit/transaction.ts';
import type { Ctx } from '../kit/context.ts';
import type { Closing } from './close-freeze.ts';
import { type CloseResult, closeGroups } from './close-steps.ts';

/** How many groups are closed with one transaction, and how many lines they have at most, so that it stays short. */
const MOST_GROUPS = 50;
const MOST_LINES = 2000;

/** What is to be closed, and what becomes of it. */
interface Together {
  /** The latest period that is due. */
  readonly due: Period;
  /** The kind of the loop in which groups are closed alone, and that counts their failures. */
  readonly kind: string;
  readonly count: (result: CloseResult) => void;
}

/** The last period of a group that is due. */
export function lastOf({ finalPeriod }: Pick<DueGroup, 'finalPeriod'>, due: Period): Period {
  return finalPeriod !== null && finalPeriod < due ? finalPeriod : due;
}

/**
 * Closes the groups of an account that are due, many at a time and period by period. A failure of one stops no other:
 * those that failed together are closed in halves, until the failing one is found.
 *
 * @returns the groups to be closed alone: those that failed now or before, and those with very many lines
 */
export async function closeTogether(
  ctx: Ctx,
  groups: readonly DueGroup[],
  { due, kind, count }: Together,
): Promise<DueGroup[]> {
  const [first] = groups;
  if (!first) return [];
  const { accountId } = first;
  const failing = new Set((await failuresOfKind(kind, accountId)).map(({ _id }) => _id));
  const alone = groups.filter(({ _id }) => failing.has(`${kind}:${_id}`));
  const open = groups.filter((group) => !alone.includes(group) && group.nextPeriod <= lastOf(group, due));
  const next = new Map(open.map((group) => [group, group.nextPeriod]));
  while (next.size > 0) {
    // a later period isn't closed before an earlier one
    const [period] = [...next.values()].sort() as [Period];
    const ready = [...next.keys()].filter((group) => next.get(group) === period);
    const results = await closePeriod(ctx, accountId, ready, period);
    for (const group of ready) {
      next.delete(group);
      const result = results.get(group._id);
      if (result) count(result);
      else alone.push(group);
      const isClosed = result !== undefined && result.outcome !== 'held_back';
      if (isClosed && period < lastOf(group, due)) next.set(group, nextPeriod(period));
    }
  }
  return alone;
}

/** Closes a period of groups, chunk by chunk. @returns the results by group, without those to be closed alone */
async function closePeriod(
  ctx: Ctx,
  accountId: string,
  groups: readonly DueGroup[],
  period: Period,
): Promise<ReadonlyMap<string, CloseResult>> {
  const results = new Map<string, CloseResult>();
  for (const groupIds of await inChunks(accountId, groups, period)) {
    for (const [id, result] of await closeOrHalve(ctx, { accountId, groupIds, period })) results.set(id, result);
  }
  return results;
}

/** The IDs of groups in their order, as many together as one transaction may close, without the large ones. */
async function inChunks(accountId: string, groups: readonly DueGroup[], period: Period): Promise<string[][]> {
  // nothing is gained with one
  if (groups.length < 2) return [];
  const ids = groups.map(({ _id }) => _id);
  const counts = await lineCounts(accountId, ids, period);
  const chunks: string[][] = [];
  let lines = 0;
  for (const id of ids) {
    const own = counts.get(id) ?? 0;
    if (own > MOST_LINES) continue;
    const chunk = chunks.at(-1);
    if (chunk && chunk.length < MOST_GROUPS && lines + own <= MOST_LINES) {
      chunk.push(id);
      lines += own;
    } else {
      chunks.push([id]);
      lines = own;
    }
  }
  return chunks;
}

/** The results by group, without those that fail. */
async function closeOrHalve(ctx: Ctx, closing: Closing): Promise<ReadonlyMap<string, CloseResult>> {
  const { groupIds } = closing;
  try {
    return await closeGroups(ctx, closing);
  } catch (err) {
    // closed alone, it fails again, and is noted as failing
    if (groupIds.length === 1 || isConnectionLost(err)) return new Map();
    ctx.log.warn({ accountId: closing.accountId, groups: groupIds.length, err }, 'groups are closed in halves');
    const half = Math.ceil(groupIds.length / 2);
    return new Map([
      ...(await closeOrHalve(ctx, { ...closing, groupIds: groupIds.slice(0, half) })),
      ...(await closeOrHalve(ctx, { ...closing, groupIds: groupIds.slice(half) })),
    ]);
  }
}
