import { randomBytes } from 'node:crypto';
import { TIME_LIMITS } from '../../slack/limits/limits.ts';
import { SlackRefusal } from './errors.ts';
import type { Message } from './types.ts';

export interface Timing {
  /** How long the app may take to acknowledge a request. */
  ackMs: number;
  /** How long a trigger_id opens a view. */
  triggerMs: number;
  /** How long a response_url accepts posts. */
  responseUrlMs: number;
  /** How many posts a response_url accepts. */
  responseUrlUses: number;
  /** The waits before an event that was not acknowledged is sent again. */
  eventRetriesMs: number[];
  /**
   * How long an uploaded file that isn't in a channel is processed. Slack gives no time; it is often under a second.
   */
  processingMs: number;
}

/** As Slack documents them. */
export const SLACK_TIMING: Timing = {
  ackMs: TIME_LIMITS.ackMs,
  triggerMs: TIME_LIMITS.triggerMs,
  responseUrlMs: TIME_LIMITS.responseUrl.ms,
  responseUrlUses: TIME_LIMITS.responseUrl.posts,
  eventRetriesMs: [...TIME_LIMITS.eventRetriesMs],
  processingMs: 100,
};

export interface ResponseTicket {
  userId: string;
  channelId: string;
  /** The message whose button was clicked; undefined for a slash command. */
  source?: Message;
}

/** Trigger IDs and response URLs, which are valid for a time or a number of uses. */
export class Tickets {
  readonly #triggers = new Map<string, { userId: string; until: number; used: boolean }>();
  readonly #responses = new Map<string, { ticket: ResponseTicket; until: number; left: number }>();
  readonly #now: () => Date;
  readonly #timing: Timing;

  constructor(now: () => Date, timing: Timing) {
    this.#now = now;
    this.#timing = timing;
  }

  trigger(userId: string): string {
    const id = `${this.#now().getTime()}.${randomBytes(4).readUInt32BE()}.${randomBytes(16).toString('hex')}`;
    this.#triggers.set(id, { userId, until: this.#now().getTime() + this.#timing.triggerMs, used: false });
    return id;
  }

  /** Whether a trigger was issued here. */
  knowsTrigger(id: string): boolean {
    return this.#triggers.has(id);
  }

  /**
   * The person a trigger came from. It works once.
   * @throws SlackRefusal invalid_trigger_id, expired_trigger_id, exchanged_trigger_id
   */
  exchange(id: string | undefined): string {
    const trigger = id === undefined ? undefined : this.#triggers.get(id);
    if (!trigger) throw new SlackRefusal('invalid_trigger_id');
    if (this.#now().getTime() > trigger.until) throw new SlackRefusal('expired_trigger_id');
    if (trigger.used) throw new SlackRefusal('exchanged_trigger_id');
    trigger.used = true;
    return trigger.userId;
  }

  /** @returns the secret last part of a response_url */
  response(ticket: ResponseTicket): string {
    const key = randomBytes(18).toString('base64url');
    const until = this.#now().getTime() + this.#timing.responseUrlMs;
    this.#responses.set(key, { ticket, until, left: this.#timing.responseUrlUses });
    return key;
  }

  /**
   * Uses a response_url once.
   * @throws SlackRefusal expired_url, used_url
   */
  useResponse(key: string): ResponseTicket {
    const entry = this.#responses.get(key);
    if (!entry || this.#now().getTime() > entry.until) throw new SlackRefusal('expired_url');
    if (entry.left <= 0) throw new SlackRefusal('used_url');
    entry.left -= 1;
    return entry.ticket;
  }
}
