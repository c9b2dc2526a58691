import type { ActionsBlockElement, KnownBlock } from '@slack/types';
import { cutName } from '../../src/billing/group/names.ts';
import { dayName } from '../../src/billing/period/day.ts';
import type { BankLine } from '../../src/billing/statement/bank-line.ts';
import type { Proposal } from '../../src/billing/statement/propose.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import {
  ignoreBankLine,
  listOpenBankLines,
  type MatchOutcome,
  type OpenBankLine,
  proposalKey,
  recordProposedLine,
  recordSureBankLines,
} from '../../src/services/settlement/bank-matching.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { type Action, onAction, type RequestContext } from '../../src/slack/app/listeners.ts';
import { actions, button, context, divider, section } from '../../src/slack/blocks/blocks.ts';
import { code, escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { pager } from '../../src/slack/blocks/paging.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { Reply } from '../../src/slack/requests/reply.ts';
import { readTarget, target } from '../kit/action-target.ts';
import { answer, answerAgain, onAnswerPages } from '../kit/answer.ts';
import { count, money } from '../kit/figures.ts';

/** Opens the list of incoming payments. */
export const BANK_LINES_OPEN = 'bank.open';
/** Opens the form that matches a line with an invoice. */
export const BANK_LINE_MATCH = 'bank.match.open';
const TITLE = 'Incoming payments';
const PAGE = 'bank.page';
const RECORD = 'bank.record';
const RECORD_SURE = 'bank.record_sure';
const IGNORE = 'bank.ignore';
const SIZE = 8;
/** How many invoices of a line are named, in a text and in a dialog. The others are counted. */
const MOST_NAMED = 10;
const MOST_CONFIRMED = 2;
const MAX_FILE_NAME = 80;

/** The incoming payments that nobody has decided about, each with what it seems to pay. */
export async function bankLinesReply(ctx: Ctx, accountId: string, of: { page: number; done?: string }): Promise<Reply> {
  const { items, page, pages, total, sure } = await listOpenBankLines(ctx, accountId, { page: of.page, size: SIZE });
  const title = total === 0 ? 'No incoming payments to match' : `${count(total, 'incoming payment')} to match`;
  const done = of.done === undefined ? [] : [section(`:white_check_mark: ${of.done}`)];
  if (total === 0) {
    const how = 'To add some, share a bank statement (CAMT.053 or CSV) in a channel that I’m in.';
    return { text: of.done ?? title, blocks: [...done, section(`*${title}*\n${how}`)] };
  }
  const blocks = [
    ...done,
    section(`*${title}*`),
    ...(sure > 1 ? [actions([sureButton(accountId, sure)])] : []),
    ...items.flatMap((line) => [divider(), ...lineBlocks(accountId, line)]),
    ...pager({ page, pages, actionId: PAGE, value: { account: accountId } }),
  ];
  return { text: of.done ?? title, blocks };
}

/** Registers the list and its buttons. */
export function registerBankLines(app: SlackApp, deps: Deps): void {
  const show = async (request: RequestContext, action: Action, account: string, done: string) => {
    const reply = await bankLinesReply(contextOf(deps, request), account, { page: 1, done });
    await answerAgain(request, action, TITLE, reply);
  };
  onAction(app, BANK_LINES_OPEN, (request, action) =>
    answer(request, action, TITLE, () =>
      bankLinesReply(contextOf(deps, request), readTarget(action.value).account, { page: 1 }),
    ),
  );
  onAnswerPages(app, { actionId: PAGE, title: TITLE }, (request, { account, page }) =>
    bankLinesReply(contextOf(deps, request), String(account), { page }),
  );
  onAction(app, RECORD, async (request, action) => {
    const { account: accountId, name: lineId, proposal: shown } = readTarget(action.value);
    const outcome = await recordProposedLine(contextOf(deps, request), { accountId, lineId, shown });
    await show(request, action, accountId, matchText(outcome));
  });
  onAction(app, RECORD_SURE, async (request, action) => {
    const { account } = readTarget(action.value);
    const { recorded, refused } = await recordSureBankLines(contextOf(deps, request), account);
    const rest =
      refused === 0
        ? ''
        : ` ${count(refused, 'payment')} couldn’t be recorded and ${refused === 1 ? 'is' : 'are'} still listed.`;
    await show(request, action, account, `Recorded ${count(recorded, 'payment')}.${rest}`);
  });
  onAction(app, IGNORE, async (request, action) => {
    const { account, name } = readTarget(action.value);
    const { amount, currency, date } = await ignoreBankLine(contextOf(deps, request), account, name);
    const done = `Ignored the payment of ${money(amount, currency)} received on ${dayName(date)}.`;
    await show(request, action, account, done);
  });
}

/** What was recorded, with what is left to pay. */
export function matchText({ parts, currency, tooMuch }: MatchOutcome): string {
  const [first] = parts;
  const more = tooMuchText(tooMuch, currency);
  if (parts.length > 1 || !first) {
    const each = parts.map(({ number, amount }) => `${money(amount, currency)} for invoice *${escapeMrkdwn(number)}*`);
    return `Recorded ${someOf(each)}.${more}`;
  }
  const left = first.open.isZero() ? 'The invoice is *paid*.' : `*${money(first.open, currency)}* is left to pay.`;
  // an overpayment can't be undone once its refund is listed
  const undo = tooMuch.gt(0) ? '' : ` To undo it, type ${code(`/billing invoice ${first.number}`)}.`;
  return `Recorded ${money(first.amount, currency)} for invoice *${escapeMrkdwn(first.number)}*. ${left}${more}${undo}`;
}

/** A line with its proposal, for the list and the form. */
export function lineText({ amount, currency, date, name, purpose }: BankLine): string {
  const who = name === '' ? '' : ` · ${escapeMrkdwn(name)}`;
  const what = purpose === '' ? '' : `\n${escapeMrkdwn(purpose)}`;
  return `*${money(amount, currency)}* · ${dayName(date)}${who}${what}`;
}

function lineBlocks(account: string, line: OpenBankLine): KnownBlock[] {
  const { id, proposal, alsoIn } = line;
  const match = button(proposal ? 'Choose another invoice' : 'Choose invoice', BANK_LINE_MATCH, {
    value: target({ account, name: id }),
  });
  const ignore = button('Ignore', IGNORE, {
    value: target({ account, name: id }),
    confirm: {
      title: 'Ignore this payment?',
      text: `${money(line.amount, line.currency)} will be removed from this list and not recorded as a payment.`,
      confirm: 'Ignore payment',
    },
  });
  const record = proposal ? [recordButton(account, line, proposal)] : [];
  return [
    section(lineText(line)),
    context(proposal ? proposalText(proposal, line.currency) : 'No matching open invoice.'),
    ...(alsoIn === null ? [] : [context(sameText(alsoIn))]),
    actions([...record, match, ignore]),
  ];
}

function sameText(file: string): string {
  const name = escapeMrkdwn(cutName(file, MAX_FILE_NAME));
  return `:warning: ${name} has a payment with this date and amount, too. Check that this isn’t the same one.`;
}

function recordButton(account: string, line: OpenBankLine, proposal: Proposal): ActionsBlockElement {
  const { id, currency } = line;
  const { parts, tooMuch } = proposal;
  const value = target({ account, name: id, proposal: proposalKey(proposal) });
  const isSure = proposal.basis === 'number_and_amount' && line.alsoIn === null;
  const each = parts.map((part) => `${money(part.amount, currency)} for invoice ${part.invoice.number}`);
  const confirm = {
    title: 'Record this payment?',
    // the last sentence must not be cut off
    text: `${someOf(each, MOST_CONFIRMED)}.${tooMuchText(tooMuch, currency)}`,
    confirm: 'Record payment',
  };
  return button('Record payment', RECORD, { value, ...(isSure ? { style: 'primary' } : { confirm }) });
}

/** A list of which only the first items are named. */
function someOf(items: readonly string[], most = MOST_NAMED): string {
  const named = items.slice(0, most).join(', ');
  return items.length > most ? `${named} and ${count(items.length - most, 'other invoice')}` : named;
}

const BASES: Readonly<Record<Proposal['basis'], string>> = {
  number_and_amount: 'Invoice number and amount match',
  number: 'Invoice number matches, amount differs',
  amount_and_name: 'Amount and payer match',
  amount: 'Only the amount matches',
  name: 'Only the payer matches',
};

function proposalText({ basis, parts, tooMuch }: Proposal, currency: string): string {
  const each = parts.map(({ invoice, amount }) => {
    const whole = amount.equals(invoice.open) ? '' : ` of ${money(invoice.open, currency)} open`;
    return `*${escapeMrkdwn(invoice.number)}* (${money(amount, currency)}${whole})`;
  });
  return `Suggested: ${someOf(each)}. ${BASES[basis]}.${tooMuchText(tooMuch, currency)}`;
}

/** What is to be refunded, as a sentence after a space; empty if nothing. */
export function tooMuchText(tooMuch: Proposal['tooMuch'], currency: string): string {
  return tooMuch.gt(0) ? ` The overpaid ${money(tooMuch, currency)} must be refunded by bank transfer.` : '';
}

function sureButton(account: string, sure: number): ActionsBlockElement {
  return button(`Record ${count(sure, 'exact match', 'exact matches')}`, RECORD_SURE, {
    value: target({ account }),
    style: 'primary',
    confirm: {
      title: 'Record all exact matches?',
      text: `Number and amount match an invoice for ${count(sure, 'payment')}. Each will be recorded for its invoice.`,
      confirm: 'Record payments',
    },
  });
}
