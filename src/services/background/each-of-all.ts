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

/** Names an item, and whose it is. */
export interface ItemName {
  readonly id: string;
  readonly accountId?: string;
  readonly billingGroupId?: string;
  readonly invoiceId?: string;
}

/** How a loop goes through its items. */
export interface Loop<T> {
  /** What kind of items they are, such as `estimate`: it names their failures together with their IDs. */
  readonly kind: string;
  name(item: T): ItemName;
  /** What can't be done, such as `compute the estimate`: the account is told once. Without it nobody is. */
  readonly what?: string;
  /** How many items are worked on at the same time; one if not given. */
  readonly atOnce?: number;
  /** How many items are tried in one run at most; items that wait after a failure don't count. */
  readonly most?: number;
  /**
   * That the loop is given all items of its kind that are due, in all accounts or in one, also those that wait after a
   * failure: a failure of any other item is then of one that is gone, or was done some other way, and is forgotten.
   */
  readonly whole?: 'everywhere' | { readonly accountId: string };
  /** Whether accounts take turns: each run begins with another, and takes one item of each at a time (`inTurn`). */
  readonly inTurn?: boolean;
}

/** Items whose failures were looked up with one query. */
const CHUNK = 100;
/**
 * After its first failure an item is tried again at the next turn; then the pauses grow from one to the other. As each is
 * about as long as the item has failed by then, what an outage held up is done soon after a short one.
 */
const FIRST_PAUSE_MS = 5_000;
export const LONGEST_PAUSE_MS = 3_600_000;
/** What failed so lately may have become due behind the list of items, in milliseconds. */
const LATELY_MS = 60_000;
/** One or two failures may be passing, and so may all within so short a time. */
const NOTIFY_FROM_FAILURES = 3;
const NOTIFY_AFTER_MS = 30_000;

/** Some items of a loop failed. Each is stored, and is tried again when its pause is over. */
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
  /** Its failures in a row up to now, if any. */
  readonly before: ItemFailureDoc | undefined;
}

/**
 * The one way to go through accounts, groups, invoices, messages and the like in the background. An item that fails stops
 * nothing but itself: its failure is counted and stored, it is tried again after a growing pause (in whichever process),
 * and from the third failure on, if it has failed for half a minute, its account is notified, once. `/billing jobs` and `/metrics` show it by its ID.
 *
 * @param all the items, in the order in which they get their turn unless accounts take turns, who then also leave what
 * failed before to the last; a cursor is read as far as needed, or then to its end
 * @returns how many items were passed over, since they wait after a failure
 * @throws {ItemsFailed} after all had their turn; the error itself when failures can't be stored, as without a database
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
  await workers(loop.atOnce ?? 1, due, async (item) => {
    try {
      await work(item.one);
    } catch (error) {
      failed.set(keyOf(loop, item.name), error);
      // what failed inside is stored already: the item around it has nothing to wait for
      if (error instanceof ItemsFailed) return;
      // a database that was away says nothing of the item, which has its next turn at once
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

/** Has each of several steps of a job take its turn, whatever becomes of the others. @throws {ItemsFailed} after all */
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

/** Counts a failure of something that no loop goes through, such as a server that an account's mails need. */
export async function noteFailed<T>(ctx: Ctx, loop: Loop<T>, one: T, error: unknown): Promise<void> {
  const name = loop.name(one);
  const before = (await itemFailure(keyOf(loop, name))) ?? undefined;
  await noteFailure(ctx, loop, { one, name, before }, error);
}

/** It works again, if it ever did not. */
export async function noteSuccess<T>(loop: Loop<T>, one: T): Promise<void> {
  await deleteItemFailure(keyOf(loop, loop.name(one)));
}

/** Failures whose items a loop has not met yet; nothing is known of those behind where it broke off. */
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

/** Forgets failures of a kind in accounts that have no such items any more: a loop in each account doesn't come to them. */
export async function forgetOutside(
  ctx: Ctx,
  kind: string,
  accounts: readonly { readonly _id: string }[],
): Promise<void> {
  const ids = new Set(accounts.map(({ _id }) => _id));
  const left = (await failuresOfKind(kind)).filter(({ accountId }) => accountId !== null && !ids.has(accountId));
  await forget(ctx, { ids: new Set(left.map(({ _id }) => _id)), isComplete: true });
}

/** The items that don't wait after a failure, as many as the loop takes; counts those that wait. */
async function* dueItems<T>(
  ctx: Ctx,
  loop: Loop<T>,
  all: Iterable<T> | AsyncIterable<T>,
  { left: counts, others }: { readonly left: { waiting: number }; readonly others: Unmet },
): AsyncGenerator<Due<T>> {
  let left = loop.most ?? Number.POSITIVE_INFINITY;
  for await (const chunk of inChunks(ordered(loop, all))) {
    const known = await failuresOf(loop, chunk);
    // what failed before must not keep a run that is soon killed from the others
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

/** An instant further ahead than any pause was set before the clock was set back: it holds nothing up. */
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

/** So many at a time take the next item each; the first error ends them all, once those that are at work have ended. */
async function workers<T>(count: number, items: AsyncGenerator<T>, work: (item: T) => Promise<void>): Promise<void> {
  const one = async () => {
    for (;;) {
      const { done, value } = await items.next();
      if (done) return;
      try {
        await work(value);
      } catch (error) {
        await items.return(undefined);
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: count }, one));
  const fault = ended.find((end) => end.status === 'rejected');
  if (fault) throw fault.reason;
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

/** In milliseconds; not shorter than a server asked for, up to an hour. */
function pauseAfter(failures: number, error: unknown): number {
  const grown = failures === 1 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 2, 20));
  return Math.min(LONGEST_PAUSE_MS, Math.max(grown, retryAfterMs(error) ?? 0));
}

/** Writes the event that tells the account, once until the item succeeds. */
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
