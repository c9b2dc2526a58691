import type { NewEvent } from '../../billing/event/event.ts';
import { insertEvents } from '../../store/events/events.ts';
import { afterCommit, inTransaction as inStoreTransaction, type Tx } from '../../store/kit/transaction.ts';
import { type Actor, actorName, type Ctx, type Tick } from './context.ts';

/** An event of a change, which says by itself who made it and when. */
export type ChangeEvent = Omit<NewEvent, 'actor'>;

/**
 * A context inside an open transaction. Whatever writes takes it in place of the context, so that it can't be called
 * outside a transaction.
 */
export interface Change extends Ctx, Tx {
  /** Writes an event, by the context's actor and clock, with the change that it tells of. It is numbered after the commit. */
  record(event: ChangeEvent): Promise<void>;
  /** Writes several events of the change, in their order. */
  recordAll(events: readonly ChangeEvent[]): Promise<void>;
  /** Asks for a tick once the transaction is committed, and never if it isn't. */
  nudge(tick: Tick): void;
}

/**
 * Runs `change` as one transaction: all of it is kept, or nothing. It may run several times, so it has no effect but on
 * the database, and reads everything again each time.
 *
 * @throws what `change` throws, with nothing kept; {DoneBefore} in a request that was carried out before
 */
export function inTransaction<T>(ctx: Ctx, change: (tx: Change) => Promise<T>): Promise<T> {
  return inStoreTransaction((tx) => change(changeOf(ctx, tx)));
}

/** The same transaction, for what another does in it: events are written in their name. */
export function changeBy(actor: Actor, tx: Change): Change {
  return changeOf({ ...tx, actor }, tx);
}

/** The same transaction, for what the product does in it by itself. */
export function automaticChange(tx: Change): Change {
  return changeBy({ kind: 'automation' }, tx);
}

function changeOf(ctx: Ctx, tx: Tx): Change {
  const asked = new Set<Tick>();
  const nudge = (tick: Tick) => {
    if (!asked.has(tick)) afterCommit(() => ctx.nudge(tick));
    asked.add(tick);
  };
  const recordAll = async (events: readonly ChangeEvent[]) => {
    if (events.length === 0) return;
    const [actor, createTime] = [actorName(ctx.actor), ctx.clock.now()];
    await insertEvents(
      tx,
      events.map((event) => ({ ...event, actor, createTime })),
    );
    nudge('number-events');
  };
  return { ...ctx, ...tx, nudge, recordAll, record: (event) => recordAll([event]) };
}
