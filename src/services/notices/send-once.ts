import type { Clock } from '../../billing/period/clock.ts';
import {
  beginSending,
  noteLookedThrough,
  noteNotSent,
  noteSent,
  type SentMessageDoc,
  sendAgain,
  sentMessage,
} from '../../store/notices/sent-messages.ts';
import type { Ctx } from '../kit/context.ts';

/**
 * Counted from the beginning of a call: after this time, Slack has either accepted a message or never will. It has to be
 * longer than the timeout of a call (10 s), because a process that seems to be dead may only be slow. Only the message's
 * own channel waits, and only for a call that was sent and not answered.
 */
export const SETTLE_MS = 14_000;

/** The period, by the system clock, in which a message with an unknown outcome may have been sent. */
export interface EarlierTry {
  readonly since: Date;
  /** Slack hasn't accepted it after this instant. */
  readonly until: Date;
  /** Up to where the channel was searched before. */
  readonly cursor?: string | undefined;
  /** Whether Slack may still accept it, so that not finding it means nothing. */
  readonly isEarly?: boolean;
}

/** The search of a channel isn't complete yet. `retryAfter` is in seconds. */
export class LookupUnfinished extends Error {
  override readonly name = 'LookupUnfinished';
  readonly cursor: string | undefined;
  readonly retryAfter: number;

  constructor(cursor: string | undefined, retryAfter: number, cause?: unknown) {
    super(`Slack’s rate limit lets the channel be searched again in ${retryAfter} s`, { cause });
    this.cursor = cursor;
    this.retryAfter = retryAfter;
  }
}

/** A message with an unknown outcome may still arrive. `retryAfter` is in seconds. */
export class NotSettled extends Error {
  override readonly name = 'NotSettled';
  readonly retryAfter: number;

  constructor(waitMs: number) {
    super('An earlier attempt to send this message may still arrive');
    this.retryAfter = Math.ceil(waitMs / 1000);
  }
}

export interface Sending {
  /** The system clock, which matches Slack's message timestamps, instead of the product's clock. */
  readonly wall: Clock;
  /** Sends it. @returns its timestamp */
  send(): Promise<string>;
  /** Searches for it where it may have been posted. @throws {LookupUnfinished} */
  find(earlier: EarlierTry): Promise<string | undefined>;
  /** Whether an error of `send` means that Slack certainly hasn't accepted it. */
  wasNotSent(error: unknown): boolean;
}

/**
 * Sends a message once per ID, over all processes. The first attempt doesn't search for it. If the timestamp is known,
 * nothing is done. If the outcome is unknown, the message is searched for, and only sent again if it isn't found after it
 * would have arrived.
 *
 * @returns its timestamp
 * @throws {NotSettled} @throws {LookupUnfinished} and what `send` throws; the caller should retry later
 */
export async function sendOnce(ctx: Ctx, id: string, sending: Sending): Promise<string> {
  const known = await sentMessage(id);
  if (known?.ts != null) return known.ts;
  const wall = sending.wall.now();
  const settledAt = new Date(ctx.clock.now().getTime() + SETTLE_MS);
  const sentUntil = new Date(wall.getTime() + SETTLE_MS);
  if (known?.since != null) {
    const found = await look(ctx, known, sending);
    if (found !== undefined) return found;
    // not found: the same as a first attempt, except for the instant from which it would be searched
    if (!(await sendAgain(known, { settledAt, sentUntil }))) throw new NotSettled(SETTLE_MS);
  } else {
    const span = { settledAt, sentFrom: wall, sentUntil };
    if (!(await beginSending(id, ctx.clock.now(), span))) throw new NotSettled(SETTLE_MS);
  }
  return attempt(id, sending);
}

/** The timestamp of a message that was or may have been sent; undefined if it wasn't. @throws as `sendOnce` */
export async function findSent(ctx: Ctx, id: string, sending: Pick<Sending, 'find'>): Promise<string | undefined> {
  const known = await sentMessage(id);
  if (known?.ts != null) return known.ts;
  return known?.since == null ? undefined : look(ctx, known, sending);
}

async function attempt(id: string, { send, wasNotSent }: Sending): Promise<string> {
  try {
    const ts = await send();
    await noteSent(id, ts);
    return ts;
  } catch (error) {
    if (wasNotSent(error)) await noteNotSent(id);
    throw error;
  }
}

async function look(ctx: Ctx, known: SentMessageDoc, { find }: Pick<Sending, 'find'>): Promise<string | undefined> {
  const { _id, since, settledAt, sentFrom, sentUntil, cursor } = known;
  if (since === null) return undefined;
  const waitMs = settledAt.getTime() - ctx.clock.now().getTime();
  // a clock that was set back must not delay a message
  const isEarly = waitMs > 0 && waitMs <= SETTLE_MS;
  try {
    const ts = await find({ since: sentFrom, until: sentUntil, cursor: cursor ?? undefined, isEarly });
    if (ts !== undefined) await noteSent(_id, ts);
    else if (isEarly) throw new NotSettled(waitMs);
    return ts;
  } catch (error) {
    if (error instanceof LookupUnfinished) await noteLookedThrough(_id, error.cursor ?? null);
    throw error;
  }
}
