import { findGroup } from '../src/services/group-lists.ts';
import { getInvoice } from '../src/services/reading.ts';
import { callerOf, type Deps } from '../src/slack/caller.ts';
import { openInvoice } from '../views/invoice.ts';
import { openWhy } from '../views/invoice-why.ts';
import { invoicesReply } from '../views/invoices.ts';
import { needed } from './needed.ts';
import type { Subcommand } from './router.ts';
import { phrase } from './words.ts';

export function invoices(deps: Deps): Subcommand {
  return {
    name: 'invoices',
    summary: 'Invoices and estimates, of all groups or of one.',
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
    summary: 'One invoice with all its lines; with “why”, how its figures came about.',
    usage: 'NUMBER [why]',
    examples: ['invoice ACME-1', 'invoice ACME-1 why'],
    topic: 'Invoices',
    async run(context, words) {
      const isWhy = words.length > 1 && words.at(-1)?.text.toLowerCase() === 'why';
      const number = needed(phrase(isWhy ? words.slice(0, -1) : words), 'Which invoice?', '/billing invoice NUMBER');
      if (isWhy) {
        await openWhy(context, async () => {
          const { ctx, account } = await callerOf(deps, context);
          const { id } = await getInvoice(ctx, account._id, { number });
          return { ctx, account: account._id, invoice: id };
        });
        return;
      }
      await openInvoice(context, async () => {
        const { ctx, account } = await callerOf(deps, context);
        return { ctx, invoice: await getInvoice(ctx, account._id, { number }) };
      });
    },
  };
}
