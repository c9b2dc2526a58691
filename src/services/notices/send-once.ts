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

/** After so long Slack has taken a message that nobody waits for any more, or never will; longer than a call lasts. */
export const SETTLE_MS = 20_000;

/** The span, by the clock on the wall, in which a message may have been sent whose outcome is not known. */
export interface EarlierTry {
  readonly since: Date;
  /** Slack has not taken it after this instant. */
  readonly until: Date;
  /** Up to where the channel was looked through before. */
  readonly cursor?: string | undefined;
}

/** A channel could not be looked through to its end yet. `retryAfter` is in seconds. */
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

/** A message of unknown outcome may still arrive. `retryAfter` is in seconds. */
export class NotSettled extends Error {
  override readonly name = 'NotSettled';
  readonly retryAfter: number;

  constructor(waitMs: number) {
    super('An earlier attempt to send this message may still arrive');
    this.retryAfter = Math.ceil(waitMs / 1000);
  }
}

export interface Sending {
  /** The clock on the wall, by which Slack dates messages, whatever the product's says. */
  readonly wall: Clock;
  /** Sends it. @returns its ts */
  send(): Promise<string>;
  /** Looks for it where it may have been sent. @throws {LookupUnfinished} */
  find(earlier: EarlierTry): Promise<string | undefined>;
  /** Whether an error of `send` says for certain that Slack has not taken it. */
  wasNotSent(error: unknown): boolean;
}

/**
 * Sends a message once for its ID, in whichever process. The first try looks for nothing. A message whose ts is known is
 * not asked for again. One whose outcome is unknown is looked for, once it has arrived if it ever will.
 *
 * @returns its ts
 * @throws {NotSettled} @throws {LookupUnfinished} and what `send` throws; each is to be tried again later
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
    // not there: the same as a first try, but for the instant from which it would be looked for
    if (!(await sendAgain(known, { settledAt, sentUntil }))) throw new NotSettled(SETTLE_MS);
  } else {
    const span = { settledAt, sentFrom: wall, sentUntil };
    if (!(await beginSending(id, ctx.clock.now(), span))) throw new NotSettled(SETTLE_MS);
  }
  return attempt(id, sending);
}

/** The ts of a message that was sent, or may have been; undefined when it was not. @throws as `sendOnce` */
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
  // a clock that was set back must not hold a message up
  if (waitMs > 0 && waitMs <= SETTLE_MS) throw new NotSettled(waitMs);
  try {
    const ts = await find({ since: sentFrom, until: sentUntil, cursor: cursor ?? undefined });
    if (ts !== undefined) await noteSent(_id, ts);
    return ts;
  } catch (error) {
    if (error instanceof LookupUnfinished) await noteLookedThrough(_id, error.cursor ?? null);
    throw error;
  }
}
