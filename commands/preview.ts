import { type Period, parsePeriod } from '../src/billing/period/period.ts';
import { Refusal } from '../src/billing/refusal.ts';
import { findGroup } from '../src/services/groups/group-lists.ts';
import { previewedInvoice } from '../src/services/invoicing/invoice-preview.ts';
import { type Caller, callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { invoiceFile } from '../views/invoices/invoice-download.ts';
import { openPreview } from '../views/invoices/invoice-preview.ts';
import { givePrivately } from '../views/kit/give-file.ts';
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
      const { name, period } = readWords(words);
      const find = async () => {
        const caller = await callerOf(deps, context);
        return { ctx: caller.ctx, account: caller.account._id, group: await groupOf(caller, name), period };
      };
      if (!isPdf) return openPreview(context, find);
      const file = async () => {
        const { ctx, account, group } = await find();
        const of = { accountId: account, billingGroupId: group, period };
        return invoiceFile(ctx, await previewedInvoice(ctx, of), 'pdf');
      };
      return givePrivately(context, file, { channelId: context.channelId });
    },
  };
}

function withoutPdf(words: readonly Word[]): { words: readonly Word[]; isPdf: boolean } {
  const last = words.at(-1);
  const isPdf = last !== undefined && !last.quoted && last.text.toLowerCase() === 'pdf';
  return { words: isPdf ? words.slice(0, -1) : words, isPdf };
}

/** The month is the last word, or the last two (`October 2026`), if it is one; what stands before is the group's name. */
function readWords(words: readonly Word[]): { name: string; period: Period | undefined } {
  for (const length of [2, 1]) {
    const last = words.slice(-length);
    const period = last.length === length && last.every((word) => !word.quoted) ? parsePeriod(phrase(last)) : undefined;
    if (period) return { name: phrase(words.slice(0, -length)), period };
  }
  return { name: phrase(words), period: undefined };
}

/** The group that was named, else the account's primary one. */
async function groupOf({ ctx, account }: Caller, name: string): Promise<string> {
  if (name !== '') return (await findGroup(ctx, account._id, name))._id;
  if (account.primaryBillingGroupId !== null) return account.primaryBillingGroupId;
  throw new Refusal('invalid_command', {
    problem: 'Enter a billing group.',
    usage: 'Type `/billing preview GROUP`, such as `/billing preview "Team Blue"`.',
  });
}
