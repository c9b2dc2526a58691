import { removeMapping, renameMapping } from '../src/services/costs/mappings/cost-mappings.ts';
import { escapeMrkdwn } from '../src/slack/blocks/mrkdwn.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { openMappings } from '../views/costs/mapping/mapping-list.ts';
import { accountOfCaller } from '../views/kit/account-modal.ts';
import { actOf } from './parse/act.ts';
import { needed } from './parse/needed.ts';
import { mayIssue } from './parse/who-may.ts';
import { phrase } from './parse/words.ts';
import type { Subcommand } from './router.ts';

const ACTS = ['list', 'rename', 'remove'] as const;
const USAGE = '[list | rename NAME to NAME | remove NAME]';
const RENAME = '/billing mappings rename NAME to NAME';

/** Manages how cost files that aren't in a known layout are read. */
export function mappings(deps: Deps): Subcommand {
  return {
    name: 'mappings',
    aliases: ['mapping'],
    summary: 'Show, rename and remove the mappings by which other cost files are read.',
    usage: USAGE,
    examples: ['mappings', 'mappings rename Hetzner to "Hetzner servers"', 'mappings remove Hetzner'],
    topic: 'Costs',
    allowed: mayIssue,
    async run(context, words) {
      const [first, ...rest] = words;
      const act = actOf(ACTS, first, { command: 'mappings', usage: USAGE });
      if (act === 'list') return openMappings(context, accountOfCaller(deps, context));
      if (act === 'remove') {
        const name = needed(phrase(rest), 'Enter a mapping name.', '/billing mappings remove NAME');
        const { ctx, account } = await callerOf(deps, context);
        const removed = await removeMapping(ctx, account._id, { name });
        await context.respond(`Removed the mapping *${escapeMrkdwn(removed ?? name)}*. Costs that were imported stay.`);
        return;
      }
      const at = rest.findIndex(({ text, quoted }) => !quoted && text.toLowerCase() === 'to');
      const from = needed(at < 0 ? '' : phrase(rest.slice(0, at)), 'Enter the old and the new name.', RENAME);
      const to = needed(phrase(rest.slice(at + 1)), 'Enter the new name.', RENAME);
      const { ctx, account } = await callerOf(deps, context);
      const renamed = await renameMapping(ctx, account._id, { which: { name: from }, to });
      await context.respond(`Renamed the mapping *${escapeMrkdwn(from)}* to *${escapeMrkdwn(renamed.name)}*.`);
    },
  };
}
