import type { NewEvent } from '../../billing/event/event.ts';
import { insertEvents } from '../../store/events/events.ts';
import { afterCommit, inTransaction as inStoreTransaction, type Tx } from '../../store/kit/transaction.ts';
import { type Actor, actorName, type Ctx, type Tick } from './context.ts';

/** An event of a change. The actor and the time are added automatically. */
export type ChangeEvent = Omit<NewEvent, 'actor'>;

/**
 * A context inside an open transaction. Functions that write require it instead of a context, so they can't be called
 * outside a transaction.
 */
export interface Change extends Ctx, Tx {
  /** Writes an event with the context's actor and clock, together with its change. It is numbered after the commit. */
  record(event: ChangeEvent): Promise<void>;
  /** Writes several events of the change, in order. */
  recordAll(events: readonly ChangeEvent[]): Promise<void>;
  /** Requests a tick once the transaction is committed, and never if it isn't. */
  nudge(tick: Tick): void;
}

/**
 * Runs `change` as one transaction: everything is kept, or nothing. It may run several times, so it must only affect
 * the database, and read everything again each time.
 *
 * @throws what `change` throws, with nothing kept; {DoneBefore} in a request that was already carried out
 */
export function inTransaction<T>(ctx: Ctx, change: (tx: Change) => Promise<T>): Promise<T> {
  return inStoreTransaction((tx) => change(changeOf(ctx, tx)));
}

/** The same transaction with another actor, who appears in its events. */
export function changeBy(actor: Actor, tx: Change): Change {
  return changeOf({ ...tx, actor }, tx);
}

/** The same transaction, for automatic actions of the product. */
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
