import type { Bundle } from '../../billing/event/notice.ts';
import type { SubscriptionDoc } from '../../store/notices/subscriptions.ts';
import type { Ctx } from '../kit/context.ts';
import type { DigestCover } from './digest-figures.ts';
import type { EarlierTry } from './send-once.ts';

/** The destination of a message, and who is mentioned in it. */
export interface Recipient {
  readonly subscriptionId: string;
  readonly accountId: string;
  readonly channelId: string;
  /** What a cost digest covers. */
  readonly covers: DigestCover;
  /** Slack IDs of users and user groups. */
  readonly mentions: readonly string[];
  /** The message to reply to, if there is one about the same subject. */
  readonly threadTs: string | undefined;
}

/** A message that was posted to its channel. */
export interface SentBundle {
  readonly ts: string;
  /** Whether it is a reply to the intended message; false if that message no longer exists. */
  readonly isReply: boolean;
}

/** The progress of a message. */
export interface Telling {
  /** When it may already have been posted, if that is unknown: it must be searched for before it is posted. */
  readonly earlier: EarlierTry | undefined;
  /** The posted message, if only its attachments are missing. */
  readonly sent: SentBundle | undefined;
  /** How many attempts have failed. */
  readonly failures: number;
  /**
   * Must be called right before each attempt to post it. Throws if another process may now be delivering to the channel.
   */
  beforePosting(): Promise<void>;
  /** Must be called as soon as it is known to be posted, before anything else is done. */
  noteSent(sent: SentBundle): Promise<void>;
}

/** Posts messages to Slack. */
export interface Courier {
  /**
   * Posts a bundle as one message.
   *
   * @throws {ChannelClosed} if Slack will always reject the message
   * @throws {NotTaken} if Slack certainly hasn't accepted it, but may do so later
   * @throws {Unanswered} if it may have been posted, or may still be posted
   * @throws {LookupUnfinished} if the search for it could not be completed
   */
  tell(ctx: Ctx, to: Recipient, bundle: Bundle, telling: Telling): Promise<void>;
  /**
   * Looks for a bundle that may have been posted. @returns its message, or undefined if it isn't there
   *
   * @throws {LookupUnfinished} @throws {ChannelClosed} as `tell`
   */
  look(to: Recipient, bundle: Bundle, earlier: EarlierTry): Promise<SentBundle | undefined>;
  /** Notifies people who can fix a broken subscription. Safe to repeat. */
  tellBroken(ctx: Ctx, subscription: SubscriptionDoc): Promise<void>;
}

/** Slack's error codes for a token that it doesn't accept, in any call. Once it does again, everything continues. */
export const TOKEN_WORDS: readonly string[] = [
  'account_inactive',
  'invalid_auth',
  'not_authed',
  'token_expired',
  'token_revoked',
];

/** A channel that no longer exists, is archived, or doesn't allow the app to post; `reason` is Slack's error code. */
export class ChannelClosed extends Error {
  override readonly name = 'ChannelClosed';
  readonly reason: string;
  /** Whether the message certainly wasn't posted. */
  readonly isUnsent: boolean;

  constructor(reason: string, cause?: unknown, isUnsent = false) {
    super(`The channel doesn’t accept messages: ${reason}`, { cause });
    this.reason = reason;
    this.isUnsent = isUnsent;
  }
}

/** A message that Slack hasn't accepted for now; `retryAfter`, in seconds, is set if Slack asked to wait. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken';
  readonly retryAfter: number | undefined;

  constructor(cause: unknown, retryAfter?: number) {
    super(`Slack didn’t accept the message: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.retryAfter = retryAfter;
  }
}

/** A message that was sent without a response: Slack may have accepted it, or may still accept it. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}
