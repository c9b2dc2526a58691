import type { Bundle } from '../../billing/event/notice.ts';
import type { SubscriptionDoc } from '../../store/notices/subscriptions.ts';
import type { Ctx } from '../kit/context.ts';
import type { EarlierTry } from './send-once.ts';

/** Where a message goes, and who is to be mentioned in it. */
export interface Recipient {
  readonly subscriptionId: string;
  readonly accountId: string;
  readonly channelId: string;
  /** Slack ids of users and user groups. */
  readonly mentions: readonly string[];
  /** The message that this one answers, if there is one about the same thing. */
  readonly threadTs: string | undefined;
}

/** A message that stands in its channel. */
export interface SentBundle {
  readonly ts: string;
  /** Whether it answers the message that it was to answer; false where that one is gone. */
  readonly isReply: boolean;
}

/** How far a message has come. */
export interface Telling {
  /** When it may have been said before, and is not known to have been: it has to be looked for before it is said. */
  readonly earlier: EarlierTry | undefined;
  /** The message itself, where only what goes with it is missing. */
  readonly sent: SentBundle | undefined;
  /** How many tries have failed. */
  readonly failures: number;
  /** To be called right before it is sent. Throws when another process may tell the channel by now. */
  assertHeld(): void;
  /** To be called as soon as it is known to be said, before anything else is done. */
  noteSent(sent: SentBundle): Promise<void>;
}

/** Says things in Slack. */
export interface Courier {
  /**
   * Says a bundle as one message.
   *
   * @throws {ChannelClosed} when Slack will refuse the message whenever it is sent
   * @throws {NotTaken} when Slack has certainly not taken it, but may take it later
   * @throws {Unanswered} when it may have been said, or may be said still
   * @throws {LookupUnfinished} when it could not be looked for to the end
   */
  tell(ctx: Ctx, to: Recipient, bundle: Bundle, telling: Telling): Promise<void>;
  /** Tells those who can mend it that a subscription is broken. Safe to repeat. */
  tellBroken(ctx: Ctx, subscription: SubscriptionDoc): Promise<void>;
}

/** Slack's words for a token that it does not accept, in any call; once it does again, everything goes on. */
export const TOKEN_WORDS: readonly string[] = [
  'account_inactive',
  'invalid_auth',
  'not_authed',
  'token_expired',
  'token_revoked',
];

/** A channel that is gone, archived, or does not let the app write; `reason` is Slack's word. */
export class ChannelClosed extends Error {
  override readonly name = 'ChannelClosed';
  readonly reason: string;
  /** Whether the message certainly does not stand there. */
  readonly isUnsent: boolean;

  constructor(reason: string, cause?: unknown, isUnsent = false) {
    super(`The channel doesn’t accept messages: ${reason}`, { cause });
    this.reason = reason;
    this.isUnsent = isUnsent;
  }
}

/** A message that Slack has not taken for now; `retryAfter`, in seconds, where Slack asked to wait. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken';
  readonly retryAfter: number | undefined;

  constructor(cause: unknown, retryAfter?: number) {
    super(`Slack didn’t accept the message: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.retryAfter = retryAfter;
  }
}

/** A message that was sent and not answered: Slack may have taken it, or may take it still. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}
