import { type DigestSpan, digestIn } from '../src/billing/event/cost-digest.ts';
import type { LogEntry } from '../src/billing/event/event.ts';
import { type EventMessage, ruleOf } from '../src/billing/event/event-types.ts';
import { anomalyIn, type Bundle } from '../src/billing/event/notice.ts';
import { csvName, wholeCsv } from '../src/documents/csv/document-csv.ts';
import { getAnomaly } from '../src/services/anomalies/anomaly-lists.ts';
import { eachOfAll, type Loop } from '../src/services/background/each-of-all.ts';
import { eachLine, getInvoice, type InvoiceSummary, largestLines } from '../src/services/invoicing/invoice-reading.ts';
import type { Ctx } from '../src/services/kit/context.ts';
import {
  ChannelClosed,
  type Courier,
  NotTaken,
  type Recipient,
  type SentBundle,
  type Telling,
  TOKEN_WORDS,
  Unanswered,
} from '../src/services/notices/courier.ts';
import { costDigest } from '../src/services/notices/digest-figures.ts';
import { noticeFacts } from '../src/services/notices/notice-facts.ts';
import type { EarlierTry } from '../src/services/notices/send-once.ts';
import { type Subscription, whoCanMend } from '../src/services/notices/subscriptions.ts';
import { section } from '../src/slack/blocks/blocks.ts';
import {
  isRateLimited,
  isUnanswered,
  permanentErrorOf,
  refusalOf,
  wasNotProcessed,
} from '../src/slack/web-api/api-errors.ts';
import type { Message, Messenger, Place } from '../src/slack/web-api/messenger.ts';
import type { Messengers } from '../src/slack/web-api/messengers.ts';
import { anomalyMessage, anomalyNote } from '../views/anomalies/anomaly-message.ts';
import { dryRunMessage } from '../views/invoices/dry-run.ts';
import { invoiceHeldBackMessage } from '../views/invoices/invoice-held-back.ts';
import { invoiceIssuedMessage } from '../views/invoices/invoice-issued.ts';
import { brokenChannelMessage } from '../views/notices/broken.ts';
import { costDigestMessage } from '../views/notices/cost-digest.ts';
import { burstMessage, digestMessage, entryMessage, withAccount, withMentions } from '../views/notices/message.ts';
import { withChart } from './kit/anomaly-chart.ts';
import { messengerFor } from './kit/by-workspace.ts';
import { namedMessage } from './kit/named-message.ts';
import { postOnce } from './kit/post-once.ts';

/** How many of an invoice's lines its message names. */
const BIGGEST = 5;
/** How often a file is retried after its message was posted. */
const MAX_FILE_TRIES = 5;
/** Error codes for a message that can't be replied to: it is gone, or its channel has no threads. */
const NO_THREAD: readonly string[] = [
  'cannot_reply_to_message',
  'message_not_found',
  'restricted_action_non_threadable_channel',
  'thread_not_found',
];
/** Error codes for a message that Slack would never accept: plain text is better than a channel that is stuck. */
const UNFIT: readonly string[] = ['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'msg_too_long'];
const SHORT = 3_000;

/** Posts notifications once, as complete messages in their threads. */
export function courierFor(messengers: Messengers): Courier {
  return {
    async tell(ctx, to, bundle, telling) {
      const [first] = bundle.entries;
      if (!first) throw new RangeError('A bundle without entries');
      const invoice = bundle.form === 'single' ? await invoiceOf(ctx, first) : undefined;
      const messenger = await messengerFor(messengers, to.accountId);
      const saying = { ctx, messenger, to, bundle, telling, first, invoice };
      const sent = telling.sent ?? (await say(saying));
      if (invoice && first.type === 'invoice_issued' && invoice.lineCount > 0) await attach(saying, invoice, sent);
    },
    look: async (to, bundle, earlier) => find(await messengerFor(messengers, to.accountId), to, bundle, earlier),
    async tellBroken(ctx, subscription) {
      const messenger = await messengerFor(messengers, subscription.accountId);
      const loop: Loop<string> = {
        kind: 'broken-channel',
        name: (userId) => ({ id: `${subscription._id}:${userId}`, accountId: subscription.accountId }),
      };
      const { waiting } = await eachOfAll(ctx, loop, await whoCanMend(ctx, subscription), (userId) =>
        tellOfBroken(ctx, messenger, subscription, userId),
      );
      if (waiting > 0) throw new Error('Some people couldn’t be notified yet');
    },
  };
}

interface Saying {
  readonly ctx: Ctx;
  readonly messenger: Messenger;
  readonly to: Recipient;
  readonly bundle: Bundle;
  readonly telling: Telling;
  readonly first: LogEntry;
  readonly invoice: InvoiceSummary | undefined;
}

async function say(saying: Saying): Promise<SentBundle> {
  const { messenger, to, bundle, telling } = saying;
  const found = telling.earlier && (await find(messenger, to, bundle, telling.earlier));
  const sent = found ?? (await sendAs(saying, withMentions(await messageOf(saying), to.mentions)));
  await telling.noteSent(sent);
  return sent;
}

/** Looks for a message that may have been posted: in its thread, or in the channel if the thread is gone. */
async function find(
  messenger: Messenger,
  to: Recipient,
  bundle: Bundle,
  earlier: EarlierTry,
): Promise<SentBundle | undefined> {
  const { channelId, threadTs } = to;
  const key = keyOf(to, bundle);
  try {
    const ts = await messenger.find({ channelId, ...(threadTs !== undefined && { threadTs }) }, key, earlier);
    if (ts !== undefined) return { ts, isReply: threadTs !== undefined };
  } catch (error) {
    const reason = permanentErrorOf(error);
    if (threadTs === undefined || reason === undefined || !NO_THREAD.includes(reason)) throw closedBy(error);
    const ts = await messenger.find({ channelId }, key, earlier);
    if (ts !== undefined) return { ts, isReply: false };
  }
  return undefined;
}

/** Posts the message as intended, or else without its thread, or else as plain text, whichever Slack accepts. */
async function sendAs(saying: Saying, message: Message): Promise<SentBundle> {
  const { ctx, to } = saying;
  const { channelId, threadTs } = to;
  const forms: { place: Place; what: Message }[] = [];
  const add = (place: Place) => forms.push({ place, what: message }, { place, what: plainly(message.text) });
  if (threadTs !== undefined) add({ channelId, threadTs });
  add({ channelId });
  for (;;) {
    const form = forms.shift();
    if (!form) throw new RangeError('Slack rejected every form of the message');
    try {
      return { ts: await sendNow(saying, form), isReply: form.place.threadTs !== undefined };
    } catch (error) {
      const reason = refusalOf(error) ?? '';
      const isThread = form.place.threadTs !== undefined && NO_THREAD.includes(reason);
      const isForm = UNFIT.includes(reason) && form.what === message;
      if (!isThread && !isForm) throw causeOf(error);
      ctx.log.error({ subscription: to.subscriptionId, reason }, 'Slack rejected the form of a message');
      if (isThread) forms.splice(0, forms.length, ...forms.filter(({ place }) => place.threadTs === undefined));
    }
  }
}

async function sendNow(
  { messenger, to, bundle, telling }: Saying,
  form: { place: Place; what: Message },
): Promise<string> {
  await telling.beforePosting();
  return messenger.post(form.place, form.what, keyOf(to, bundle));
}

/** Attaches an invoice's lines to its message. If Slack rejects the file, the message stays without it. */
async function attach(saying: Saying, invoice: InvoiceSummary, sent: SentBundle): Promise<void> {
  const { ctx, messenger, to, telling } = saying;
  const { channelId, threadTs } = to;
  const thread = { channelId, threadTs: sent.isReply && threadTs !== undefined ? threadTs : sent.ts };
  const content = await wholeCsv(eachLine(ctx, invoice), invoice);
  const put = (place: Place) =>
    messenger.upload(place, { name: csvName(invoice), content }, telling.sent !== undefined);
  try {
    await put(thread).catch((error: unknown) => {
      if (!NO_THREAD.includes(refusalOf(error) ?? '')) throw error;
      return put({ channelId });
    });
  } catch (error) {
    if (permanentErrorOf(error) === undefined && telling.failures < MAX_FILE_TRIES) throw causeOf(error);
    ctx.log.error({ subscription: to.subscriptionId, err: error }, 'Slack rejected the file of an invoice');
    const text = 'The CSV file couldn’t be attached here. Open the invoice to download it.';
    const key = `${to.subscriptionId}:${saying.first.logEntryId}:no-file`;
    // the following steps don't depend on whether Slack accepts this
    await postOnce(ctx, messenger, thread, { text, blocks: [section(text)] }, key).catch((fault: unknown) =>
      ctx.log.warn(
        { subscription: to.subscriptionId, err: fault },
        'the note about a missing file could not be posted',
      ),
    );
  }
}

/** What the error of a posting call means for delivery. */
function causeOf(error: unknown): unknown {
  if (isUnanswered(error)) return new Unanswered('Slack didn’t answer', { cause: error });
  const reason = permanentErrorOf(error);
  if (reason !== undefined) return new ChannelClosed(reason, error, true);
  if (!wasNotProcessed(error)) return error;
  return new NotTaken(error, isRateLimited(error) ? error.retryAfter : undefined);
}

function closedBy(error: unknown): unknown {
  const reason = permanentErrorOf(error);
  return reason === undefined ? error : new ChannelClosed(reason, error);
}

/** A message's key, by which it can be found again, so that no event is sent twice. */
function keyOf({ subscriptionId }: Recipient, { entries }: Bundle): string {
  return `${subscriptionId}:${entries[0]?.logEntryId}-${entries.at(-1)?.logEntryId}`;
}

function plainly(words: string): Message {
  const text = words.length > SHORT ? `${words.slice(0, SHORT)} …` : words;
  return { text, blocks: [section(text.slice(0, 2_900))] };
}

async function messageOf(saying: Saying): Promise<Message> {
  const { first } = saying;
  const { form, entries } = saying.bundle;
  const facts = await noticeFacts(first.accountId, entries);
  if (form === 'digest') return digestMessage(entries, facts);
  if (form === 'burst') return burstMessage(entries, facts);
  const built = await MESSAGES[ruleOf(first.type).message](saying);
  return built ? withAccount(built, facts) : entryMessage(first, facts);
}

type MessageBuilder = (saying: Saying) => Message | undefined | Promise<Message | undefined>;

/**
 * Each returns undefined if the entry lacks what it shows, or has no special message. Then the message is its sentence.
 */
const MESSAGES: Readonly<Record<EventMessage, MessageBuilder>> = {
  description: () => undefined,
  anomaly: anomalyMessageOf,
  dry_run: ({ first }) => dryRunMessage(first),
  cost_digest: ({ ctx, first, to }) => {
    const span = digestIn(first);
    return span && digestMessageOf(ctx, first.accountId, to, span);
  },
  invoice_issued: ({ ctx, first, invoice }) => invoice && issuedMessage(ctx, first, invoice),
  invoice_held_back: ({ first, invoice }) =>
    invoice &&
    invoiceHeldBackMessage({
      groupName: invoice.billingGroupName,
      period: invoice.period,
      reason: reasonOf(first),
    }),
};

async function anomalyMessageOf({ ctx, messenger, first }: Saying): Promise<Message | undefined> {
  const id = anomalyIn(first);
  if (first.type !== 'anomaly_found' || id === undefined) return anomalyNote(first);
  const anomaly = await getAnomaly(ctx, first.accountId, id);
  return withChart(ctx, messenger, anomaly, anomalyMessage(anomaly));
}

async function digestMessageOf(ctx: Ctx, accountId: string, to: Recipient, span: DigestSpan): Promise<Message> {
  return costDigestMessage(await costDigest(ctx, accountId, to.covers, span));
}

async function issuedMessage(ctx: Ctx, { after }: LogEntry, invoice: InvoiceSummary): Promise<Message> {
  const biggest = await largestLines(ctx, invoice, BIGGEST);
  const lacks = typeof after === 'object' && after !== null && 'notElectronic' in after ? after.notElectronic : [];
  const notElectronic = Array.isArray(lacks) ? lacks.map(String) : [];
  return invoiceIssuedMessage(invoice, biggest, ctx.chargesCards === true, notElectronic);
}

async function invoiceOf(ctx: Ctx, { accountId, invoiceId }: LogEntry): Promise<InvoiceSummary | undefined> {
  return invoiceId === undefined ? undefined : getInvoice(ctx, accountId, { id: invoiceId });
}

function reasonOf({ after }: LogEntry): string {
  const reason = typeof after === 'object' && after !== null && 'reason' in after ? after.reason : undefined;
  return typeof reason === 'string' ? reason : '';
}

/** A person who can't receive direct messages is skipped. The others are still notified. */
async function tellOfBroken(ctx: Ctx, messenger: Messenger, subscription: Subscription, userId: string): Promise<void> {
  const key = `broken:${subscription._id}:${subscription.brokenAt?.getTime() ?? ''}`;
  try {
    const channelId = await messenger.directMessages(userId);
    const message = await namedMessage(subscription.accountId, brokenChannelMessage(subscription));
    await postOnce(ctx, messenger, { channelId }, message, key);
  } catch (error) {
    const reason = permanentErrorOf(error);
    if (reason === undefined || TOKEN_WORDS.includes(reason)) throw error;
    ctx.log.warn({ subscription: subscription._id, reason }, 'a person doesn’t accept direct messages');
  }
}
