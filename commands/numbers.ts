import type { Numbering } from '../src/billing/invoice/numbering.ts';
import { numberingNow, setNumbering } from '../src/services/accounts/invoice-settings.ts';
import { code } from '../src/slack/blocks/mrkdwn.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { mayAdminister, unless } from './parse/who-may.ts';
import type { Word } from './parse/words.ts';
import type { Subcommand } from './router.ts';

export function numbers(deps: Deps): Subcommand {
  return {
    name: 'numbers',
    summary: 'Show or set how invoices are numbered.',
    usage: '[FORMAT [yearly]]',
    examples: ['numbers', 'numbers {prefix}-{year}-{seq:5} yearly'],
    topic: 'Invoices',
    partFor: unless(mayAdminister, {
      summary: 'Show how invoices are numbered, and the next number.',
      usage: '',
      examples: ['numbers'],
    }),
    async run(context, words) {
      const { ctx, account } = await callerOf(deps, context);
      const [first, ...rest] = words;
      const { format, isYearly, next } = first
        ? await setNumbering(ctx, account._id, readNumbering(first, rest))
        : await numberingNow(ctx, account._id);
      const counted = isYearly ? 'restarting each year' : 'without restarting';
      await context.respond({
        text: `Invoice numbers use ${code(format)}, ${counted}. The next invoice gets ${code(next)}.`,
      });
    },
  };
}

function readNumbering(first: Word, rest: readonly Word[]): Numbering {
  const isYearly = rest.at(-1)?.text.toLowerCase() === 'yearly';
  const parts = isYearly ? rest.slice(0, -1) : rest;
  return { format: [first, ...parts].map(({ text }) => text).join(''), isYearly };
}
