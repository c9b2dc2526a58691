import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { bankLinesReply } from '../views/payments/bank-lines.ts';
import { mayIssue } from './parse/who-may.ts';
import type { Subcommand } from './router.ts';

export function payments(deps: Deps): Subcommand {
  return {
    name: 'payments',
    summary: 'Match incoming payments from bank statements with invoices.',
    usage: '',
    examples: ['payments'],
    topic: 'Invoices',
    allowed: mayIssue,
    async run(context) {
      const { ctx, account } = await callerOf(deps, context);
      await context.respond(await bankLinesReply(ctx, account._id, { page: 1 }));
    },
  };
}
