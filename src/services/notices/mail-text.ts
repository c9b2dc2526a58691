import { openAmount } from '../../billing/invoice/invoice-life.ts';
import { type Decimal, formatMoney } from '../../billing/money/money.ts';
import { dayNameIn } from '../../billing/period/day.ts';
import { periodName } from '../../billing/period/period.ts';
import { accountOrFail } from '../../store/accounts/account-reads.ts';
import { memoOrFail } from '../../store/invoicing/credit-memo-queries.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import type { MailDoc } from '../../store/notices/mails.ts';
import { balanceOf, issuedInvoice, payBy } from '../settlement/invoice-balance.ts';
import { dueWords } from '../settlement/reminders.ts';

/** The content of an email: plain text, which every email program displays alike. */
export interface MailText {
  /** The account's seller, as the sender's name. */
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  /** The number of the invoice or credit memo. */
  readonly number: string;
}

/**
 * The text of an email, from stored data. A reminder is dropped if nothing is left to pay. @returns undefined if it is
 * no longer relevant
 */
export async function mailText(
  mail: Pick<MailDoc, 'accountId' | 'kind' | 'invoiceId' | 'memoId' | 'days'>,
): Promise<MailText | undefined> {
  const invoice = await issuedInvoice(mail.accountId, mail.invoiceId);
  const { timeZone, seller } = await accountOrFail(mail.accountId);
  const { currency, number, snapshot } = invoice;
  const from = snapshot?.sellerName ?? seller.legalName;
  const money = (amount: Decimal) => formatMoney(amount, currency);
  const open = openAmount(balanceOf(invoice));
  const due = payBy(invoice);
  const dueDay = due ? dayNameIn(due, timeZone) : '';
  const about = `${periodName(invoice.period)}, billing group “${snapshot?.billingGroupName ?? ''}”`;
  const signed = (...lines: string[]) => ['Hello,', '', ...lines, '', from].join('\n');
  if (mail.kind === 'credit_memo') {
    const memo = await memoOrFail(mail.accountId, mail.memoId ?? '');
    const total = money(fromDecimal128(memo.total));
    return {
      ...{ from, number: memo.number ?? '' },
      subject: `Credit memo ${memo.number} for invoice ${number}: ${total}`,
      text: signed(
        `credit memo ${memo.number} ${memoEffect(fromDecimal128(memo.total), currency, `invoice ${number} (${about})`)}.`,
        `Reason: ${memo.reason}`,
      ),
    };
  }
  if (mail.kind === 'reminder') {
    if (open.isZero() || mail.days === null) return undefined;
    const words = dueWords(mail.days);
    return {
      ...{ from, number },
      subject: `Invoice ${number} ${words}: ${money(open)}`,
      text: signed(
        `invoice ${number} (${about}) ${words}: ${money(open)} is open, due on ${dueDay}.`,
        'If you’ve already paid, please disregard this reminder.',
      ),
    };
  }
  const total = money(fromDecimal128(invoice.total));
  const kept = invoice.balance;
  const balance = kept && `${money(fromDecimal128(kept.amount))} in your favor, kept as credit ${kept.code}.`;
  // the reader has nothing to do: the amount is added to the next card charge
  const carried = invoice.state === 'due' ? invoice.life?.notCharged : undefined;
  return {
    ...{ from, number },
    subject: `Invoice ${number} of ${from}: ${total}`,
    text: signed(
      `here is invoice ${number} for ${about}: ${total}.`,
      balance
        ? `${balance} It pays the next invoices automatically.`
        : open.isZero()
          ? 'No payment is due.'
          : (carried ?? `${money(open)} is due on ${dueDay}.`),
    ),
  };
}

/**
 * The effect of a memo: a negative one takes back what its invoice credited, one of zero moves amounts between lines.
 */
function memoEffect(total: Decimal, currency: string, invoice: string): string {
  const amount = formatMoney(total.abs(), currency);
  if (total.isZero()) return `corrects ${invoice} without changing its total`;
  return total.isNegative() ? `reverses ${amount} of the credit on ${invoice}` : `reduces ${invoice} by ${amount}`;
}
