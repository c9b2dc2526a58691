import type { LogEntry } from '../src/billing/event.ts';
import type { Bundle } from '../src/billing/notice.ts';
import { csvName, wholeCsv } from '../src/documents/csv.ts';
import type { Ctx } from '../src/services/context.ts';
import { ChannelClosed, type Courier, type Recipient, Unanswered } from '../src/services/courier.ts';
import { eachLine, getInvoice, type InvoiceSummary, largestLines } from '../src/services/reading.ts';
import { type Subscription, whoCanMend } from '../src/services/subscriptions.ts';
import { section } from '../src/slack/blocks.ts';
import { isUnanswered, type Message, type Messenger, refusalOf } from '../src/slack/messenger.ts';
import { invoiceHeldBackMessage } from '../views/invoice-held-back.ts';
import { invoiceIssuedMessage } from '../views/invoice-issued.ts';
import { brokenChannelMessage } from '../views/notices/broken.ts';
import { burstMessage, digestMessage, entryMessage, withMentions } from '../views/notices/message.ts';

/** How many of an invoice's lines its message names. */
const BIGGEST = 5;
/** Slack's words for a channel that takes nothing from the app, whoever asks again. */
const CLOSED: readonly string[] = [
  'channel_not_found',
  'is_archived',
  'not_in_channel',
  'restricted_action',
  'restricted_action_read_only_channel',
  'user_not_found',
  'cannot_dm_bot',
  'no_permission',
  'posting_to_general_channel_denied',
  'user_disabled',
];
/** And for an app that may do nothing at all at present, or not this. */
const NOT_ALLOWED: readonly string[] = [
  'account_inactive',
  'invalid_auth',
  'missing_scope',
  'not_authed',
  'token_expired',
  'token_revoked',
];
/** And for a message that it would never take: its words alone are better than a channel that stands still. */
const UNFIT: readonly string[] = ['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'msg_too_long'];
const SHORT = 3_000;

/** Says what delivery gives it: as messages that say all that matters, in their threads, once. */
export function courierFor(messenger: Messenger): Courier {
  return {
    async tell(ctx, to, bundle, since, assertHeld) {
      try {
        return await say(ctx, messenger, { to, bundle, since, assertHeld });
      } catch (error) {
        const reason = refusalOf(error);
        if (reason !== undefined && [...CLOSED, ...NOT_ALLOWED].includes(reason))
          throw new ChannelClosed(reason, error);
        if (isUnanswered(error)) throw new Unanswered('Slack did not answer', { cause: error });
        throw error;
      }
    },
    async tellBroken(ctx, subscription) {
      for (const userId of await whoCanMend(ctx, subscription)) await tellOfBroken(messenger, subscription, userId);
    },
  };
}

interface Saying {
  readonly to: Recipient;
  readonly bundle: Bundle;
  readonly since: Date | undefined;
  readonly assertHeld: () => void;
}

async function say(ctx: Ctx, messenger: Messenger, { to, bundle, since, assertHeld }: Saying): Promise<string> {
  const [first] = bundle.entries;
  if (!first) throw new RangeError('There is nothing to say');
  const place = { channelId: to.channelId, ...(to.threadTs !== undefined && { threadTs: to.threadTs }) };
  // names what the message tells, so that it can be found again, and so that nothing is told twice in another one
  const key = `${to.subscriptionId}:${first.logEntryId}-${bundle.entries.at(-1)?.logEntryId}`;
  const invoice = bundle.form === 'single' ? await invoiceOf(ctx, first) : undefined;
  const message = withMentions(await messageOf(ctx, bundle, first, invoice), to.mentions);
  const post = (what: Message) => messenger.post(place, what, key, since ?? false, assertHeld);
  const ts = await post(message).catch((error) => {
    const reason = refusalOf(error) ?? '';
    if (!UNFIT.includes(reason)) throw error;
    ctx.log.error({ subscription: to.subscriptionId, key, reason }, 'Slack does not take a message as it is');
    return post(plainly(message.text));
  });
  if (invoice && first.type === 'invoice_issued' && invoice.lineCount > 0) {
    const content = await wholeCsv(eachLine(ctx, invoice), invoice);
    const thread = { channelId: to.channelId, threadTs: to.threadTs ?? ts };
    await messenger.upload(thread, { name: csvName(invoice), content }, since ?? false);
  }
  return ts;
}

function plainly(words: string): Message {
  const text = words.length > SHORT ? `${words.slice(0, SHORT)} …` : words;
  return { text, blocks: [section(text.slice(0, 2_900))] };
}

async function messageOf(
  ctx: Ctx,
  { form, entries }: Bundle,
  first: LogEntry,
  invoice: InvoiceSummary | undefined,
): Promise<Message> {
  if (form === 'digest') return digestMessage(entries);
  if (form === 'burst') return burstMessage(entries);
  if (invoice && first.type === 'invoice_issued') {
    return invoiceIssuedMessage(invoice, await largestLines(ctx, invoice, BIGGEST), ctx.chargesCards === true);
  }
  if (invoice && first.type === 'invoice_held_back') {
    const { billingGroupName: groupName, period } = invoice;
    return invoiceHeldBackMessage({ groupName, period, reason: reasonOf(first) });
  }
  return entryMessage(first);
}

async function invoiceOf(ctx: Ctx, { accountId, invoiceId }: LogEntry): Promise<InvoiceSummary | undefined> {
  return invoiceId === undefined ? undefined : getInvoice(ctx, accountId, { id: invoiceId });
}

function reasonOf({ after }: LogEntry): string {
  const reason = typeof after === 'object' && after !== null && 'reason' in after ? after.reason : undefined;
  return typeof reason === 'string' ? reason : '';
}

/** Whoever takes no direct message is passed over: the others are told all the same. */
async function tellOfBroken(messenger: Messenger, subscription: Subscription, userId: string): Promise<void> {
  const key = `broken:${subscription._id}:${subscription.brokenAt?.getTime() ?? ''}`;
  try {
    const channelId = await messenger.directMessages(userId);
    // looked for each time: a direct message with the app has few messages
    await messenger.post({ channelId }, brokenChannelMessage(subscription), key, true);
  } catch (error) {
    if (!CLOSED.includes(refusalOf(error) ?? '')) throw error;
  }
}
