import { revokeToken } from '../src/services/access/tokens.ts';
import { escapeMrkdwn } from '../src/slack/blocks/mrkdwn.ts';
import type { Deps } from '../src/slack/requests/caller.ts';
import { openNewToken, openTokens } from '../views/account/tokens.ts';
import { accountOfCaller } from '../views/kit/account-modal.ts';
import { actOf } from './parse/act.ts';
import { needed } from './parse/needed.ts';
import { mayAdminister } from './parse/who-may.ts';
import { phrase } from './parse/words.ts';
import type { Subcommand } from './router.ts';

const ACTS = ['create', 'list', 'revoke'] as const;
const USAGE = '[create [NAME] | list | revoke NAME]';

export function token(deps: Deps): Subcommand {
  return {
    name: 'token',
    aliases: ['tokens'],
    summary: 'Create, list and revoke tokens for the Invoice API.',
    usage: USAGE,
    examples: ['token create "Power BI"', 'token list', 'token revoke "Power BI"'],
    topic: 'Account',
    allowed: mayAdminister,
    async run(context, words) {
      const [first, ...rest] = words;
      const act = actOf(ACTS, first, { command: 'token', usage: USAGE });
      const find = accountOfCaller(deps, context);
      if (act === 'list') return openTokens(context, find);
      if (act === 'create') return openNewToken(context, phrase(rest), find);
      const name = needed(phrase(rest), 'Enter a token name.', '/billing token revoke NAME');
      const { ctx, account } = await find();
      const revoked = await revokeToken(ctx, account, { name });
      await context.respond(`The token *${escapeMrkdwn(revoked)}* has been revoked.`);
    },
  };
}
