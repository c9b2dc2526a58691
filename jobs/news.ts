import type { LogEntry } from '../src/billing/event.ts';
import { csvName, wholeCsv } from '../src/documents/csv.ts';
import type { Ctx } from '../src/services/context.ts';
import { tellNews } from '../src/services/news.ts';
import { eachLine, getInvoice, largestLines } from '../src/services/reading.ts';
import type { Messenger } from '../src/slack/messenger.ts';
import { invoiceHeldBackMessage } from '../views/invoice-held-back.ts';
import { invoiceIssuedMessage } from '../views/invoice-issued.ts';
import type { Job } from './ticks.ts';

/** How many of an invoice's lines its message names. */
const BIGGEST = 5;

/** Tells the channels what happened: the event log is read in its order, and each entry that is news becomes a message. */
export function newsJob(messenger: Messenger): Job {
  return {
    name: 'news',
    everyMs: 5_000,
    run: (ctx) =>
      tellNews(ctx, {
        isNews: (entry) => entry.type === 'invoice_issued' || entry.type === 'invoice_held_back',
        tell: (channelId, entry, maybeSaid) => tell(ctx, messenger, channelId, entry, maybeSaid),
      }),
  };
}

async function tell(
  ctx: Ctx,
  messenger: Messenger,
  channelId: string,
  entry: LogEntry,
  maybeSaid: boolean,
): Promise<void> {
  const { accountId, invoiceId } = entry;
  if (invoiceId === undefined) return;
  const key = `${accountId}:${entry.logEntryId}`;
  const invoice = await getInvoice(ctx, accountId, { id: invoiceId });
  if (entry.type === 'invoice_held_back') {
    const reason = invoice.heldBack;
    // what held it back may be mended by now
    if (reason === null) return;
    const message = invoiceHeldBackMessage({ groupName: invoice.billingGroupName, period: invoice.period, reason });
    await messenger.post({ channelId }, message, key, maybeSaid);
    return;
  }
  const lines = await largestLines(ctx, invoice, BIGGEST);
  const threadTs = await messenger.post({ channelId }, invoiceIssuedMessage(invoice, lines), key, maybeSaid);
  if (invoice.lineCount === 0) return;
  const content = await wholeCsv(eachLine(ctx, invoice), invoice);
  await messenger.upload({ channelId, threadTs }, { name: csvName(invoice), content }, maybeSaid);
}
