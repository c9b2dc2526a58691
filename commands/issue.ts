import { type Period, periodName } from '../src/billing/period/period.ts';
import { Refusal } from '../src/billing/refusal.ts';
import { findGroup } from '../src/services/groups/group-lists.ts';
import { type CloseResult, issueInvoice } from '../src/services/invoicing/close.ts';
import { getInvoice, largestLines } from '../src/services/invoicing/invoice-reading.ts';
import { escapeMrkdwn } from '../src/slack/blocks/mrkdwn.ts';
import { type Caller, callerOf, type Deps } from '../src/slack/requests/caller.ts';
import type { Reply } from '../src/slack/requests/reply.ts';
import { invoiceIssuedMessage } from '../views/invoices/invoice-issued.ts';
import { currentPeriodOf, endingWithMonth } from './parse/typed-month.ts';
import { mayIssue } from './parse/who-may.ts';
import type { Word } from './parse/words.ts';
import type { Subcommand } from './router.ts';

const BIGGEST = 5;

export function issue(deps: Deps): Subcommand {
  return {
    name: 'issue',
    summary: 'Issue a billing group’s invoice now for a month that has ended.',
    usage: 'GROUP MONTH',
    examples: ['issue "Team Blue" 2026-10', 'issue "Team Blue" last month'],
    topic: 'Invoices',
    allowed: mayIssue,
    async run(context, words) {
      const caller = await callerOf(deps, context);
      const { name, period } = readWords(words, currentPeriodOf(caller));
      const group = await findGroup(caller.ctx, caller.account._id, name);
      const result = await issueInvoice(caller.ctx, {
        accountId: caller.account._id,
        billingGroupId: group._id,
        period,
      });
      await context.respond(await outcome(caller, result, group.name, period));
    },
  };
}

function readWords(words: readonly Word[], current: Period): { name: string; period: Period } {
  // a month is required here, so one in quotation marks is a month too
  const unquoted = words.map((word) => ({ ...word, quoted: false }));
  const read = endingWithMonth(unquoted, current);
  if (read && read.name !== '') return read;
  throw new Refusal('invalid_command', {
    problem: 'Enter a billing group and a month.',
    usage: 'Type `/billing issue GROUP MONTH`, such as `/billing issue "Team Blue" 2026-10`.',
  });
}

async function outcome({ ctx, account }: Caller, result: CloseResult, name: string, period: Period): Promise<Reply> {
  if (result.outcome === 'held_back') {
    return {
      text: `The invoice of ${escapeMrkdwn(name)} for ${periodName(period)} can’t be issued yet: ${escapeMrkdwn(result.reason)}`,
    };
  }
  const invoice = await getInvoice(ctx, account._id, { id: result.invoice._id });
  const message = invoiceIssuedMessage(invoice, await largestLines(ctx, invoice, BIGGEST), ctx.chargesCards === true);
  return result.outcome === 'issued'
    ? message
    : { ...message, text: `This invoice has already been issued: ${message.text}` };
}
