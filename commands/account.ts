import { roleName } from '../src/billing/account/role.ts';
import { count } from '../src/billing/money/count.ts';
import { accountsOf, chooseAccount } from '../src/services/accounts/accounts.ts';
import type { RequestContext } from '../src/slack/app/listeners.ts';
import { fields, section, context as smallPrint } from '../src/slack/blocks/blocks.ts';
import { channelMention, escapeMrkdwn } from '../src/slack/blocks/mrkdwn.ts';
import { callerOf, type Deps, forgetCaller } from '../src/slack/requests/caller.ts';
import { phrase } from './parse/words.ts';
import type { Subcommand } from './router.ts';

export function account(deps: Deps): Subcommand {
  return {
    name: 'account',
    summary: 'Show the account you’re working in, or switch accounts.',
    usage: '[NAME]',
    examples: ['account'],
    topic: 'Account',
    async run(context, words) {
      const name = phrase(words);
      if (name !== '') {
        await chooseAccount(context.teamId, context.userId, name);
        forgetCaller(context);
      }
      await show(deps, context);
    },
  };
}

async function show(deps: Deps, context: RequestContext): Promise<void> {
  const { account: mine, role } = await callerOf(deps, context);
  const others = (await accountsOf(context.teamId, context.userId)).filter((one) => !one.isCurrent);
  const channel = mine.financeChannelId === null ? 'none' : channelMention(mine.financeChannelId);
  const blocks = [
    section(`*${escapeMrkdwn(mine.name)}* · your role: ${roleName(role)}`),
    fields([
      `*Time zone*\n${mine.timeZone}`,
      `*Currency*\n${mine.currency}`,
      `*Finance channel*\n${channel}`,
      `*Months close*\n${count(mine.closeDelayHours, 'hour')} after they end`,
    ]),
    ...(others.length === 0
      ? []
      : [smallPrint(`You also belong to: ${others.map((one) => escapeMrkdwn(one.account.name)).join(', ')}`)]),
  ];
  await context.respond({
    text: `You’re now working in the account ${escapeMrkdwn(mine.name)} as ${roleName(role)}.`,
    blocks,
  });
}
