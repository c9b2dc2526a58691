import type { Period } from '../src/billing/period/period.ts';
import { isMonthName } from '../src/billing/period/typed-period.ts';
import { Refusal } from '../src/billing/refusal.ts';
import { findGroup } from '../src/services/groups/group-lists.ts';
import { previewedInvoice } from '../src/services/invoicing/invoice-preview.ts';
import { type Caller, callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { invoiceFile } from '../views/invoices/invoice-download.ts';
import { openPreview } from '../views/invoices/invoice-preview.ts';
import { sendPrivately } from '../views/kit/give-file.ts';
import { currentPeriodOf, endingWithMonth } from './parse/typed-month.ts';
import { phrase, type Word } from './parse/words.ts';
import type { Subcommand } from './router.ts';

export function preview(deps: Deps): Subcommand {
  return {
    name: 'preview',
    summary: 'Preview a billing group’s next invoice with its lines, or as a PDF.',
    usage: '[GROUP] [MONTH] [pdf]',
    examples: ['preview', 'preview "Team Blue"', 'preview "Team Blue" 2026-11 pdf'],
    topic: 'Invoices',
    async run(context, typed) {
      const { words, isPdf } = withoutPdf(typed);
      const find = async () => {
        const caller = await callerOf(deps, context);
        return { ctx: caller.ctx, account: caller.account._id, ...(await meant(caller, words)) };
      };
      if (!isPdf) return openPreview(context, find);
      const file = async () => {
        const { ctx, account, group, period } = await find();
        const of = { accountId: account, billingGroupId: group, period };
        return invoiceFile(ctx, await previewedInvoice(ctx, of), 'pdf');
      };
      return sendPrivately(context, file, { channelId: context.channelId });
    },
  };
}

function withoutPdf(words: readonly Word[]): { words: readonly Word[]; isPdf: boolean } {
  const last = words.at(-1);
  const isPdf = last !== undefined && !last.quoted && last.text.toLowerCase() === 'pdf';
  return { words: isPdf ? words.slice(0, -1) : words, isPdf };
}

/** The group and the month. A month's name alone can be the end of the group's: `Team May` is a group, if it exists. */
async function meant(caller: Caller, words: readonly Word[]): Promise<{ group: string; period: Period | undefined }> {
  const read = endingWithMonth(words, currentPeriodOf(caller));
  if (!read) return { group: await groupOf(caller, phrase(words)), period: undefined };
  const whole = isMonthName(read.month) && read.name !== '' ? await groupNamed(caller, phrase(words)) : undefined;
  return whole === undefined
    ? { group: await groupOf(caller, read.name), period: read.period }
    : { group: whole, period: undefined };
}

async function groupNamed({ ctx, account }: Caller, name: string): Promise<string | undefined> {
  try {
    return (await findGroup(ctx, account._id, name))._id;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'billing_group_not_found') return undefined;
    throw error;
  }
}

/** The named group, or else the account's primary one. */
async function groupOf({ ctx, account }: Caller, name: string): Promise<string> {
  if (name !== '') return (await findGroup(ctx, account._id, name))._id;
  if (account.primaryBillingGroupId !== null) return account.primaryBillingGroupId;
  throw new Refusal('invalid_command', {
    problem: 'Enter a billing group.',
    usage: 'Type `/billing preview GROUP`, such as `/billing preview "Team Blue"`.',
  });
}
