import { DateTime } from 'luxon';
import { DEFAULT_REMINDER_DAYS, openAmount, reminderDue, UNPAID_STATES } from '../../billing/invoice/invoice-life.ts';
import { count } from '../../billing/money/count.ts';
import { formatMoney } from '../../billing/money/money.ts';
import { dayIn, daysBetween } from '../../billing/period/day.ts';
import { accountOrFail } from '../../store/accounts/account-reads.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import type { InvoiceDoc } from '../../store/invoicing/invoices.ts';
import { eachDueBy } from '../../store/invoicing/invoices-to-do.ts';
import { eachOfAll, type Loop } from '../background/each-of-all.ts';
import { restOnAccount } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';
import { queueMail } from '../notices/mails.ts';
import { balanceOf, issuedInvoice, payBy, step } from './invoice-balance.ts';

/** No reminders are sent before this hour of the account's day. */
const FROM_HOUR = 9;
const MOST_AHEAD_MS = 366 * 86_400_000;
const REMINDING: Loop<InvoiceDoc> = {
  kind: 'reminder',
  whole: 'everywhere',
  name: ({ _id: id, accountId, billingGroupId }) => ({ id, accountId, billingGroupId, invoiceId: id }),
  what: 'send the reminder of an unpaid invoice',
};

/**
 * Sends reminders of unpaid invoices on the account's schedule: an event, which is announced in channels, and an email,
 * once for each day of the schedule. After an outage, only the latest due one. @returns how many were sent
 */
export async function remindDue(ctx: Ctx): Promise<number> {
  let reminded = 0;
  const accounts = new Map<string, AccountDoc>();
  const latest = new Date(ctx.clock.now().getTime() + MOST_AHEAD_MS);
  await eachOfAll(ctx, REMINDING, eachDueBy(UNPAID_STATES, latest), async (invoice) => {
    const account = accounts.get(invoice.accountId) ?? (await accountOrFail(invoice.accountId));
    accounts.set(account._id, account);
    if (dueReminder(account, invoice, ctx.clock.now()) === undefined) return;
    if (await inTransaction(ctx, (tx) => remind(tx, account._id, invoice._id))) reminded += 1;
  });
  return reminded;
}

/** Uses the account's current schedule, which can't change until this is committed. */
async function remind(tx: Change, accountId: string, invoiceId: string): Promise<boolean> {
  await restOnAccount(tx, accountId);
  const account = await accountOrFail(accountId);
  const invoice = await issuedInvoice(account._id, invoiceId);
  const days = dueReminder(account, invoice, tx.clock.now());
  const open = openAmount(balanceOf(invoice));
  if (days === undefined || open.isZero()) return false;
  await step(tx, invoice, { reminded: [...(invoice.life?.reminded ?? []), days] });
  const amount = formatMoney(open, invoice.currency);
  const since = daysSince(account, invoice, tx.clock.now());
  await tx.record({
    accountId: account._id,
    type: 'invoice_reminded',
    description: `Invoice ${invoice.number}, ${amount} open, ${dueWords(since)}`,
    billingGroupId: invoice.billingGroupId,
    invoiceId,
    after: { days, open: open.toFixed(), payBy: payBy(invoice)?.toISOString() ?? null },
  });
  await queueMail(tx, invoice, { kind: 'reminder', days });
  return true;
}

/** When an invoice was or is due, in words, by the days since then. */
export function dueWords(days: number): string {
  if (days === 0) return 'is due today';
  const span = count(Math.abs(days), 'day');
  return days < 0 ? `is due in ${span}` : `is ${span} overdue`;
}

function dueReminder(account: AccountDoc, invoice: InvoiceDoc, now: Date): number | undefined {
  if (DateTime.fromJSDate(now, { zone: account.timeZone }).hour < FROM_HOUR) return undefined;
  const schedule = account.reminderDays ?? DEFAULT_REMINDER_DAYS;
  // nobody has to pay an amount that waits for the next card charge
  if (invoice.state === 'due' && invoice.life?.notCharged !== undefined) return undefined;
  // a card is charged on the day of issue, so only overdue amounts need a reminder
  const fitting = invoice.state === 'mailed' ? schedule : schedule.filter((day) => day > 0);
  return reminderDue(fitting, daysSince(account, invoice, now), invoice.life?.reminded ?? []);
}

/** Calendar days in the account's time zone since the due date; negative before it. */
function daysSince({ timeZone }: AccountDoc, invoice: InvoiceDoc, now: Date): number {
  const due = payBy(invoice);
  return due ? daysBetween(dayIn(due, timeZone), dayIn(now, timeZone)) : Number.NEGATIVE_INFINITY;
}
