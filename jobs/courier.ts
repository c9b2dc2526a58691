import type { LogEntry } from '../src/billing/event.ts';
import type { Bundle } from '../src/billing/notice.ts';
import { csvName, wholeCsv } from '../src/documents/csv.ts';
import type { Ctx } from '../src/services/context.ts';
import { ChannelClosed, type Courier, type Recipient } from '../src/services/delivery.ts';
import { eachLine, getInvoice, type InvoiceSummary, largestLines } from '../src/services/reading.ts';
import { type Subscription, whoCanMend } from '../src/services/subscriptions.ts';
import { type Message, type Messenger, refusalOf } from '../src/slack/messenger.ts';
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
];

/** Says what delivery gives it: as messages that say all that matters, in their threads, once. */
export function courierFor(messenger: Messenger): Courier {
  return {
    async tell(ctx, to, bundle, since) {
      try {
        return await say(ctx, messenger, to, bundle, since);
      } catch (error) {
        const reason = refusalOf(error);
        if (reason !== undefined && CLOSED.includes(reason)) throw new ChannelClosed(reason, error);
        throw error;
      }
    },
    async tellBroken(ctx, subscription) {
      for (const userId of await whoCanMend(ctx, subscription)) await tellOfBroken(messenger, subscription, userId);
    },
  };
}

async function say(
  ctx: Ctx,
  messenger: Messenger,
  to: Recipient,
  bundle: Bundle,
  since: Date | undefined,
): Promise<string> {
  const [first] = bundle.entries;
  if (!first) throw new RangeError('There is nothing to say');
  const place = { channelId: to.channelId, ...(to.threadTs !== undefined && { threadTs: to.threadTs }) };
  // names what the message tells, so that it can be found again, and so that nothing is told twice in another one
  const key = `${to.subscriptionId}:${first.logEntryId}-${bundle.entries.at(-1)?.logEntryId}`;
  const invoice = bundle.form === 'single' ? await invoiceOf(ctx, first) : undefined;
  const message = withMentions(await messageOf(ctx, bundle, first, invoice), to.mentions);
  const ts = await messenger.post(place, message, key, since ?? false);
  if (invoice && first.type === 'invoice_issued' && invoice.lineCount > 0) {
    const content = await wholeCsv(eachLine(ctx, invoice), invoice);
    const thread = { channelId: to.channelId, threadTs: to.threadTs ?? ts };
    await messenger.upload(thread, { name: csvName(invoice), content }, since ?? false);
  }
  return ts;
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

async function tellOfBroken(messenger: Messenger, subscription: Subscription, userId: string): Promise<void> {
  const channelId = await messenger.directMessages(userId);
  // looked for each time: a direct message with the app has few messages
  await messenger.post({ channelId }, brokenChannelMessage(subscription), `broken:${subscription._id}`, true);
}
