import type { AdjustmentKind } from '../src/billing/invoice/adjustment.ts';
import { findGroup } from '../src/services/groups/group-lists.ts';
import { callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { openAdjustments } from '../views/costs/adjustments.ts';
import { mayEditGroups, unless } from './parse/who-may.ts';
import { phrase } from './parse/words.ts';
import type { Subcommand } from './router.ts';

const SUMMARIES: Readonly<Record<AdjustmentKind, string>> = {
  discount: 'List, add and end discounts on a group, project or service.',
  charge: 'List, add and end extra charges, one-time or monthly.',
  commitment: 'List, add and end monthly minimum commitments.',
};

/** For those who may not change them. */
const PARTS: Readonly<Record<AdjustmentKind, string>> = {
  discount: 'List discounts on groups, projects and services.',
  charge: 'List extra charges, one-time or monthly.',
  commitment: 'List monthly minimum commitments.',
};

export const discount = (deps: Deps) => adjustments(deps, 'discount');
export const charge = (deps: Deps) => adjustments(deps, 'charge');
export const commitment = (deps: Deps) => adjustments(deps, 'commitment');

function adjustments(deps: Deps, kind: AdjustmentKind): Subcommand {
  return {
    name: kind,
    summary: SUMMARIES[kind],
    usage: '[GROUP]',
    examples: [kind, `${kind} "Team Blue"`],
    topic: 'Invoices',
    partFor: unless(mayEditGroups, { summary: PARTS[kind], usage: '[GROUP]', examples: [kind, `${kind} "Team Blue"`] }),
    async run(context, words) {
      const name = phrase(words);
      await openAdjustments(context, kind, async () => {
        const { ctx, account } = await callerOf(deps, context);
        const group = name === '' ? '' : (await findGroup(ctx, account._id, name))._id;
        return { ctx, account: account._id, group };
      });
    },
  };
}
