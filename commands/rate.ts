import { Refusal } from '../src/billing/refusal.ts';
import { setRate } from '../src/services/costs/rates.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { rateLine, ratesReply } from '../views/costs/rates.ts';
import { mayIssue } from './parse/who-may.ts';
import type { Word } from './parse/words.ts';
import type { Subcommand } from './router.ts';

export function rate(deps: Deps): Subcommand {
  return {
    name: 'rate',
    summary: 'List exchange rates, or set one.',
    usage: '[set CURRENCY RATE [DATE]]',
    examples: ['rate', 'rate set USD 1.0857', 'rate set USD/INR 83.1'],
    topic: 'Invoices',
    allowed: mayIssue,
    async run(context, words) {
      const { ctx, account } = await callerOf(deps, context);
      const [verb, ...rest] = words;
      if (!verb || (verb.text.toLowerCase() === 'list' && rest.length === 0)) {
        await context.respond(await ratesReply(ctx, account._id, 1));
        return;
      }
      const set = await setRate(ctx, { accountId: account._id, ...readRate(verb, rest) });
      await context.respond({ text: `Set: ${rateLine(set)}` });
    },
  };
}

/** `set USD 1.0857 2026-10-30`, or with a base currency: `set USD/INR 83.1`. */
function readRate(verb: Word, [pair, value, date, ...more]: readonly Word[]) {
  if (verb.text.toLowerCase() !== 'set' || !pair || !value || more.length > 0) {
    throw new Refusal('invalid_command', {
      problem: 'Enter a currency and a rate.',
      usage: 'Type `/billing rate set CURRENCY RATE DATE`, such as `/billing rate set USD 1.0857 2026-10-30`.',
    });
  }
  const [first = '', second] = pair.text.split('/');
  return {
    ...(second === undefined ? { currency: first } : { base: first, currency: second }),
    rate: value.text,
    ...(date && { date: date.text }),
  };
}
