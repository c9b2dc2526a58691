import { may } from '../src/billing/account/role.ts';
import { Refusal } from '../src/billing/refusal.ts';
import { claimCredit, listCredits, remainingCredits } from '../src/services/credits/credits.ts';
import { findGroup } from '../src/services/groups/group-lists.ts';
import { findProject } from '../src/services/projects/project-lists.ts';
import type { CommandContext } from '../src/slack/app/listeners.ts';
import { section } from '../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../src/slack/blocks/mrkdwn.ts';
import { type Caller, callerOf, type Deps } from '../src/slack/requests/caller.ts';
import { openNewCampaign } from '../views/credits/campaign-form.ts';
import { openCampaigns } from '../views/credits/credit-campaigns.ts';
import { openClaim } from '../views/credits/credits.ts';
import { creditText } from '../views/group/credits.ts';
import { money } from '../views/kit/figures.ts';
import { cutAt } from './parse/keywords.ts';
import { mayAdminister, mayEditGroups } from './parse/who-may.ts';
import { phrase, type Word } from './parse/words.ts';
import type { Subcommand } from './router.ts';

const USAGE = 'Type `/billing credit claim CODE GROUP`, `/billing credit list GROUP` or `/billing credit create`.';
const MOST_LISTED = 10;

export function credit(deps: Deps): Subcommand {
  return {
    name: 'credit',
    summary: 'Claim a credit code, list a billing group’s credits, or create a credit campaign.',
    usage: '[claim CODE GROUP [project PROJECT] | list GROUP | create]',
    examples: ['credit claim ABCD-EFGH-JKMN "Team Blue"', 'credit list "Team Blue"', 'credit create'],
    topic: 'Billing groups',
    partFor: (role) => {
      if (mayAdminister(role)) return undefined;
      const list = { usage: 'list GROUP', examples: ['credit list "Team Blue"'] };
      if (!mayEditGroups(role)) return { summary: 'List a billing group’s credits.', ...list };
      return {
        summary: 'Claim a credit code, or list a billing group’s credits.',
        usage: `[claim CODE GROUP [project PROJECT] | ${list.usage}]`,
        examples: ['credit claim ABCD-EFGH-JKMN "Team Blue"', ...list.examples],
      };
    },
    async run(context, words) {
      const [first, ...rest] = words;
      const step = first?.text.toLowerCase();
      if (step === undefined) return overview(deps, context);
      if (step === 'create') {
        return openNewCampaign(context, async () => {
          const { ctx, account } = await callerOf(deps, context);
          return { ctx, origin: { account: account._id, group: '', more: {}, channel: context.channelId } };
        });
      }
      const caller = await callerOf(deps, context);
      if (step === 'claim') return claim(caller, context, rest);
      if (step === 'list') return list(caller, context, rest);
      throw new Refusal('invalid_command', {
        problem: `There is no credit command “${first?.text}”.`,
        usage: USAGE,
      });
    },
  };
}

/** Owners see the campaigns, billing admins the form for claiming a code; others can only list a group's credits. */
async function overview(deps: Deps, context: CommandContext): Promise<void> {
  const { ctx, account, role } = await callerOf(deps, context);
  if (may(role, 'administer')) return openCampaigns(context, async () => ({ ctx, account: account._id }));
  if (!may(role, 'edit_groups')) {
    const problem = 'Enter a billing group to see its credits.';
    throw new Refusal('invalid_command', { problem, usage: 'Type `/billing credit list GROUP`.' });
  }
  const origin = { account: account._id, group: '', more: {}, channel: context.channelId };
  return openClaim(context, async () => ({ ctx, origin }));
}

async function claim({ ctx, account }: Caller, context: CommandContext, words: readonly Word[]): Promise<void> {
  const [code, ...rest] = words;
  const { first: groupName, parts } = cutAt(rest, ['project']);
  if (!code || groupName === '')
    throw new Refusal('invalid_command', {
      problem: 'Enter a credit code and a billing group.',
      usage: USAGE,
    });
  const group = await findGroup(ctx, account._id, groupName);
  const project = parts.project === undefined ? undefined : await findProject(ctx, account._id, parts.project);
  const made = await claimCredit(ctx, {
    accountId: account._id,
    code: code.text,
    billingGroupId: group._id,
    ...(project && { projectId: project._id }),
  });
  const text = `Added ${money(made.value, made.currency)} credits to *${escapeMrkdwn(group.name)}*.`;
  await context.respond({ text, blocks: [section(text), section(creditText(made))] });
}

async function list({ ctx, account }: Caller, context: CommandContext, words: readonly Word[]): Promise<void> {
  const name = phrase(words);
  if (name === '')
    throw new Refusal('invalid_command', {
      problem: 'Enter a billing group.',
      usage: USAGE,
    });
  const group = await findGroup(ctx, account._id, name);
  const left = await remainingCredits(ctx, account._id, group._id);
  const page = await listCredits(ctx, account._id, { page: 1, size: MOST_LISTED, billingGroupId: group._id });
  const title = `*${escapeMrkdwn(group.name)}* has *${money(left, group.currency)}* in credits left`;
  const more = page.total > page.items.length ? [section(`… and ${page.total - page.items.length} more`)] : [];
  await context.respond({
    text: title,
    blocks: [section(title), ...page.items.map((one) => section(creditText(one))), ...more],
  });
}
