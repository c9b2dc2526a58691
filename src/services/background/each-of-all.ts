import { count } from '../../billing/money/count.ts';
import {
  deleteItemFailure,
  deleteItemFailures,
  failuresOfKind,
  type ItemFailureDoc,
  itemFailure,
  itemFailuresByIds,
  markItemFailureTold,
  storeItemFailure,
} from '../../store/background/item-failures.ts';
import { groupNameOf } from '../../store/groups/group-reads.ts';
import { isConnectionLost } from '../../store/kit/transaction.ts';
import { automatic, type Ctx } from '../kit/context.ts';
import { errorWords, retryAfterMs } from '../kit/error-words.ts';
import { inTransaction } from '../kit/transaction.ts';
import { inTurn } from './turns.ts';
import { workers } from './workers.ts';

/** Identifies an item, its account, group and invoice. */
export interface ItemName {
  readonly id: string;
  readonly accountId?: string;
  readonly billingGroupId?: string;
  readonly invoiceId?: string;
}

/** Options for looping over items. */
export interface Loop<T> {
  /** The kind of items, such as `estimate`. Together with the ID, it identifies their failures. */
  readonly kind: string;
  name(item: T): ItemName;
  /**
   * The action that failed, such as `compute the estimate`. The account is notified once. Without it, nobody is
   * notified.
   */
  readonly what?: string;
  /** How many items are processed in parallel; one by default. */
  readonly atOnce?: number;
  /** Items for which this is the same are processed one at a time, in their order, even with `atOnce`. */
  inOrder?(item: T): string;
  /** The maximum number of items tried in one run, not counting postponed ones. */
  readonly most?: number;
  /**
   * Set if the loop receives all due items of its kind, in all accounts or in one, including postponed ones. Failures
   * of other items are then deleted, because those items no longer exist or were completed elsewhere.
   */
  readonly whole?: 'everywhere' | { readonly accountId: string };
  /**
   * Whether accounts take turns: each run starts with a different account and takes one item from each at a time
   * (`inTurn`).
   */
  readonly inTurn?: boolean;
}

/** How many items' failures are looked up with one query. */
const CHUNK = 100;
/**
 * After its first failure, an item is retried in the next run. The pauses then grow from the first value to the second.
 * Each is about as long as the item has been failing, so after a short outage everything is retried soon.
 */
const FIRST_PAUSE_MS = 5_000;
export const LONGEST_PAUSE_MS = 3_600_000;
/** An item that failed this recently may have become due after the list of items was read, in milliseconds. */
const LATELY_MS = 60_000;
/** One or two failures may be temporary, and so may any number within a short time. */
const NOTIFY_FROM_FAILURES = 3;
const NOTIFY_AFTER_MS = 30_000;

/** Some items of a loop failed. Each failure is stored, and the item is retried after its pause. */
export class ItemsFailed extends Error {
  override readonly name = 'ItemsFailed';
  readonly items: readonly string[];

  constructor(items: readonly string[], first: unknown) {
    const names = `${items.slice(0, 5).join(', ')}${items.length > 5 ? ' …' : ''}`;
    super(`${count(items.length, 'item')} failed (${names}): ${errorWords(first)}`, {
      cause: first,
    });
    this.items = items;
  }
}

interface Due<T> {
  readonly one: T;
  readonly name: ItemName;
  /** The item's previous failures in a row, if any. */
  readonly before: ItemFailureDoc | undefined;
}

/**
 * Processes accounts, groups, invoices, messages and so on in the background. All background loops use this function. A
 * failing item doesn't stop the others: its failure is counted and stored, it is retried after a growing pause (in any
 * process), and its account is notified once, from the third failure on if it has been failing for half a minute.
 * `/billing jobs` and `/metrics` show it by its ID.
 *
 * @param all the items in the order in which they are processed, unless accounts take turns, in which case items that
 * failed before come last; a cursor is only read as far as needed, or to its end if accounts take turns
 * @returns how many items were skipped because they are postponed
 * @throws {ItemsFailed} after all were processed; the original error if failures can't be stored, such as without a
 * database
 */
export async function eachOfAll<T>(
  ctx: Ctx,
  loop: Loop<T>,
  all: Iterable<T> | AsyncIterable<T>,
  work: (one: T) => Promise<unknown>,
): Promise<{ readonly waiting: number }> {
  const failed = new Map<string, unknown>();
  const left = { waiting: 0 };
  const others = await unmet(loop);
  const due = dueItems(ctx, loop, all, { left, others });
  const queueOf = ({ one }: Due<T>) => loop.inOrder?.(one);
  await workers(loop.atOnce ?? 1, due, queueOf, async (item) => {
    try {
      await work(item.one);
    } catch (error) {
      failed.set(keyOf(loop, item.name), error);
      // failures inside are already stored, so the outer item isn't postponed
      if (error instanceof ItemsFailed) return;
      // a database outage isn't the item's failure, so it is retried immediately
      if (isConnectionLost(error))
        ctx.log.warn({ kind: loop.kind, item: item.name.id, err: error }, 'an item was interrupted');
      else await noteFailure(ctx, loop, item, error);
      return;
    }
    if (item.before) await deleteItemFailure(keyOf(loop, item.name));
  });
  await forget(ctx, others);
  const [first] = failed.values();
  if (failed.size > 0) throw new ItemsFailed([...failed.keys()], first);
  return left;
}

/** Runs several steps of a job one after another, even if some fail. @throws {ItemsFailed} after all */
export async function eachStep(ctx: Ctx, steps: Readonly<Record<string, () => Promise<unknown>>>): Promise<void> {
  const failed = new Map<string, unknown>();
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step();
    } catch (error) {
      ctx.log.error({ step: name, err: error }, 'a step of a job failed. The others continue');
      failed.set(name, error);
    }
  }
  const [first] = failed.values();
  if (failed.size > 0) throw new ItemsFailed([...failed.keys()], first);
}

/** Counts a failure of something that isn't processed in a loop, such as the server for an account's emails. */
export async function noteFailed<T>(ctx: Ctx, loop: Loop<T>, one: T, error: unknown): Promise<void> {
  const name = loop.name(one);
  const before = (await itemFailure(keyOf(loop, name))) ?? undefined;
  await noteFailure(ctx, loop, { one, name, before }, error);
}

/** Deletes its failure, if there was one. */
export async function noteSuccess<T>(loop: Loop<T>, one: T): Promise<void> {
  await deleteItemFailure(keyOf(loop, loop.name(one)));
}

/**
 * Failures of items that the loop hasn't reached yet. Nothing is known about items after the point where it stopped.
 */
interface Unmet {
  readonly ids: Set<string>;
  isComplete: boolean;
}

async function unmet<T>({ kind, whole }: Loop<T>): Promise<Unmet> {
  if (whole === undefined) return { ids: new Set(), isComplete: false };
  const known = await failuresOfKind(kind, whole === 'everywhere' ? undefined : whole.accountId);
  return { ids: new Set(known.map(({ _id }) => _id)), isComplete: false };
}

async function forget(ctx: Ctx, { ids, isComplete }: Unmet): Promise<void> {
  if (!isComplete || ids.size === 0) return;
  await deleteItemFailures([...ids], new Date(ctx.clock.now().getTime() - LATELY_MS));
}

/** Deletes failures of a kind in accounts without any such items, which loops over single accounts don't reach. */
export async function forgetOutside(
  ctx: Ctx,
  kind: string,
  accounts: readonly { readonly _id: string }[],
): Promise<void> {
  const ids = new Set(accounts.map(({ _id }) => _id));
  const left = (await failuresOfKind(kind)).filter(({ accountId }) => accountId !== null && !ids.has(accountId));
  await forget(ctx, { ids: new Set(left.map(({ _id }) => _id)), isComplete: true });
}

/** The items that aren't postponed, up to the loop's limit. Counts postponed ones. */
async function* dueItems<T>(
  ctx: Ctx,
  loop: Loop<T>,
  all: Iterable<T> | AsyncIterable<T>,
  { left: counts, others }: { readonly left: { waiting: number }; readonly others: Unmet },
): AsyncGenerator<Due<T>> {
  let left = loop.most ?? Number.POSITIVE_INFINITY;
  for await (const chunk of inChunks(ordered(loop, all))) {
    const known = await failuresOf(loop, chunk);
    // items that failed before must not keep a run that is soon killed from reaching the others
    const isLast = (one: T) => loop.inTurn === true && known.has(keyOf(loop, loop.name(one)));
    for (const one of [...chunk.filter((one) => !isLast(one)), ...chunk.filter(isLast)]) {
      const name = loop.name(one);
      others.ids.delete(keyOf(loop, name));
      const before = known.get(keyOf(loop, name));
      if (before && isPutOff(before.notBefore, ctx.clock.now())) {
        counts.waiting += 1;
        continue;
      }
      if (left-- <= 0) return;
      yield { one, name, before };
    }
  }
  others.isComplete = true;
}

function ordered<T>(loop: Loop<T>, all: Iterable<T> | AsyncIterable<T>): Iterable<T> | AsyncIterable<T> {
  if (!loop.inTurn) return all;
  return inTurn(loop.kind, all, (one) => {
    const { id, accountId } = loop.name(one);
    return accountId ?? id;
  });
}

/** An instant further ahead than the longest pause was set before the clock was set back, and is ignored. */
function isPutOff(notBefore: Date, now: Date): boolean {
  const ahead = notBefore.getTime() - now.getTime();
  return ahead > 0 && ahead <= LONGEST_PAUSE_MS;
}

async function* inChunks<T>(all: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  for await (const one of all) {
    chunk.push(one);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

async function failuresOf<T>(loop: Loop<T>, items: readonly T[]): Promise<Map<string, ItemFailureDoc>> {
  const ids = items.map((one) => keyOf(loop, loop.name(one)));
  const docs = await itemFailuresByIds(ids);
  return new Map(docs.map((doc) => [doc._id, doc]));
}

async function noteFailure<T>(ctx: Ctx, loop: Loop<T>, { name, before }: Due<T>, error: unknown): Promise<void> {
  const { kind } = loop;
  const { id: item, accountId = null } = name;
  const failures = (before?.failures ?? 0) + 1;
  const pauseMs = pauseAfter(failures, error);
  const lastAt = ctx.clock.now();
  ctx.log.error({ kind, item, accountId, failures, pauseMs, err: error }, 'an item failed. The others continue');
  const notBefore = new Date(lastAt.getTime() + pauseMs);
  const _id = keyOf(loop, name);
  await storeItemFailure({ _id, kind, item, accountId, failures, lastAt, notBefore, lastError: errorWords(error) });
  const failingMs = lastAt.getTime() - (before?.firstAt ?? lastAt).getTime();
  if (failures >= NOTIFY_FROM_FAILURES && failingMs >= NOTIFY_AFTER_MS) await notify(ctx, loop, name);
}

/** In milliseconds; at least as long as a server asked to wait, up to an hour. */
function pauseAfter(failures: number, error: unknown): number {
  const grown = failures === 1 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 2, 20));
  return Math.min(LONGEST_PAUSE_MS, Math.max(grown, retryAfterMs(error) ?? 0));
}

/** Writes the event that notifies the account, once until the item succeeds. */
async function notify<T>(ctx: Ctx, loop: Loop<T>, name: ItemName): Promise<void> {
  const { id: item, accountId, billingGroupId, invoiceId } = name;
  const { kind, what } = loop;
  if (what === undefined || accountId === undefined) return;
  await inTransaction(automatic(ctx), async (tx) => {
    if (!(await markItemFailureTold(tx, keyOf(loop, name)))) return;
    const group = billingGroupId === undefined ? undefined : await groupNameOf(accountId, billingGroupId);
    const whose = group === undefined ? '' : ` of billing group "${group}"`;
    await tx.record({
      accountId,
      type: 'background_task_failed',
      description: `Could not ${what}${whose}. Retries continue automatically`,
      ...(billingGroupId !== undefined && { billingGroupId }),
      ...(invoiceId !== undefined && { invoiceId }),
      after: { kind, item },
    });
  });
}

function keyOf<T>({ kind }: Loop<T>, { id }: ItemName): string {
  return `${kind}:${id}`;
}
