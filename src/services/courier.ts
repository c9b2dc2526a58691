import type { Bundle } from '../billing/notice.ts';
import type { SubscriptionDoc } from '../store/subscriptions.ts';
import type { Ctx } from './context.ts';

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

/** Says things in Slack. */
export interface Courier {
  /**
   * Says a bundle as one message.
   *
   * @param since when it may have been said before by a process that did not live to note it: it has to be looked for
   * from then on, before it is said; undefined when it is said for the first time
   * @param assertHeld to be called right before it is sent; throws when another process may tell the channel by now
   * @returns the message's ts
   * @throws {ChannelClosed} when the channel takes nothing any more
   * @throws {Unanswered} when it may have been said
   */
  tell(ctx: Ctx, to: Recipient, bundle: Bundle, since: Date | undefined, assertHeld: () => void): Promise<string>;
  /** Tells those who can mend it that a subscription is broken. Safe to repeat. */
  tellBroken(ctx: Ctx, subscription: SubscriptionDoc): Promise<void>;
}

/** A channel that is gone, archived, or has put the app out; `reason` is Slack's word. */
export class ChannelClosed extends Error {
  override readonly name = 'ChannelClosed';
  readonly reason: string;

  constructor(reason: string, cause: unknown) {
    super(`The channel takes no messages: ${reason}`, { cause });
    this.reason = reason;
  }
}

/** A message that was sent and not answered: Slack may have taken it, or may take it still. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}
