import { findGroup } from '../src/services/groups/group-lists.ts';
import { getInvoice } from '../src/services/invoicing/invoice-reading.ts';
import type { RequestContext } from '../src/slack/app/listeners.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { openInvoice } from '../views/invoices/invoice.ts';
import { numberedFile, readFormat } from '../views/invoices/invoice-download.ts';
import { openEnding, openPayment } from '../views/invoices/invoice-life.ts';
import { invoicesReply } from '../views/invoices/invoice-list.ts';
import { openMemo } from '../views/invoices/invoice-memo.ts';
import type { FindInvoice } from '../views/invoices/invoice-origin.ts';
import { openWhy } from '../views/invoices/invoice-why.ts';
import { sendPrivately } from '../views/kit/give-file.ts';
import { needed } from './parse/needed.ts';
import { mayIssue, unless } from './parse/who-may.ts';
import { phrase, type Word } from './parse/words.ts';
import type { Subcommand } from './router.ts';

/** What each word after the number opens. */
const OPENERS = new Map<string, (request: RequestContext, find: FindInvoice) => Promise<void>>([
  ['why', openWhy],
  ['paid', openPayment],
  ['memo', openMemo],
  ['waive', (request, find) => openEnding(request, 'waive', find)],
  ['write-off', (request, find) => openEnding(request, 'write_off', find)],
]);

export function invoices(deps: Deps): Subcommand {
  return {
    name: 'invoices',
    summary: 'List invoices and estimates of all billing groups, or of one.',
    usage: '[GROUP]',
    examples: ['invoices', 'invoices "Team Blue"'],
    topic: 'Invoices',
    async run(context, words) {
      const { ctx, account } = await callerOf(deps, context);
      const name = phrase(words);
      const group = name === '' ? '' : (await findGroup(ctx, account._id, name))._id;
      await context.respond(await invoicesReply(ctx, account._id, { group, page: 1 }));
    },
  };
}

export function invoice(deps: Deps): Subcommand {
  return {
    name: 'invoice',
    summary: 'Show an invoice with its lines, explain its figures, download it, or settle it.',
    usage: 'NUMBER [why | download [pdf | csv | json | xml] | paid | memo | waive | write-off]',
    examples: ['invoice ACME-1', 'invoice ACME-1 why', 'invoice ACME-1 download xml', 'invoice ACME-1 paid'],
    topic: 'Invoices',
    partFor: unless(mayIssue, {
      summary: 'Show an invoice with its lines, explain its figures, or download it.',
      usage: 'NUMBER [why | download [pdf | csv | json | xml]]',
      examples: ['invoice ACME-1', 'invoice ACME-1 why', 'invoice ACME-1 download xml'],
    }),
    async run(context, words) {
      const wanted = downloadIn(words);
      if (wanted) {
        const number = needed(phrase(wanted.words), 'Enter an invoice number.', '/billing invoice NUMBER download');
        const find = async () => {
          const { ctx, account } = await callerOf(deps, context);
          return numberedFile(ctx, account._id, number, readFormat(wanted.format));
        };
        await sendPrivately(context, find, { channelId: context.channelId });
        return;
      }
      const last = words.length > 1 ? (words.at(-1)?.text.toLowerCase() ?? '') : '';
      const open = OPENERS.get(last);
      const number = needed(
        phrase(open ? words.slice(0, -1) : words),
        'Enter an invoice number.',
        '/billing invoice NUMBER',
      );
      if (!open) {
        await openInvoice(context, async () => {
          const { ctx, account } = await callerOf(deps, context);
          return { ctx, account: account._id, by: { number } };
        });
        return;
      }
      await open(context, async () => {
        const { ctx, account } = await callerOf(deps, context);
        const { id } = await getInvoice(ctx, account._id, { number });
        return { ctx, account: account._id, invoice: id };
      });
    },
  };
}

/** `NUMBER download`, or `NUMBER download FORMAT`. */
function downloadIn(words: readonly Word[]): { words: readonly Word[]; format: string } | undefined {
  const at = words.length - (isDownload(words.at(-1)) ? 1 : 2);
  if (at < 0 || !isDownload(words[at])) return undefined;
  return { words: words.slice(0, at), format: words[at + 1]?.text ?? 'pdf' };
}

function isDownload(word: Word | undefined): boolean {
  return word !== undefined && !word.quoted && word.text.toLowerCase() === 'download';
}
