import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { agingReply } from '../views/invoices/aging.ts';
import type { Subcommand } from './router.ts';

export function aging(deps: Deps): Subcommand {
  return {
    name: 'aging',
    aliases: ['ageing', 'overdue', 'receivables'],
    summary: 'Show open invoices by how long they’ve been overdue, also as CSV.',
    usage: '',
    examples: ['aging'],
    topic: 'Invoices',
    async run(context) {
      const { ctx, account } = await callerOf(deps, context);
      await context.respond(await agingReply(ctx, account._id));
    },
  };
}
