import { markOwnerlessTold, type OwnerlessAccount, ownerlessUntold } from '../src/services/access/deactivation.ts';
import { eachOfAll, type Loop } from '../src/services/background/each-of-all.ts';
import type { Ctx } from '../src/services/kit/context.ts';
import { TOKEN_WORDS } from '../src/services/notices/courier.ts';
import { permanentErrorOf } from '../src/slack/web-api/api-errors.ts';
import type { Messenger } from '../src/slack/web-api/messenger.ts';
import type { Messengers } from '../src/slack/web-api/messengers.ts';
import { ownerlessMessage } from '../views/notices/ownerless.ts';
import { inReach, messengerFor } from './kit/by-workspace.ts';
import type { Job } from './kit/job.ts';
import { postOnce } from './kit/post-once.ts';

/** How many admins and owners of a workspace are notified. */
const MOST_ADMINS = 20;
const ACCOUNTS: Loop<OwnerlessAccount> = {
  kind: 'ownerless-account',
  name: ({ accountId }) => ({ id: accountId, accountId }),
};

/** Notifies the workspace's owners and admins once when an account no longer has an active owner. */
export function ownersJob(messengers: Messengers): Job {
  return {
    name: 'owners',
    does: 'notifies the workspace’s owners and admins when an account has no active owner',
    everyMs: 60_000,
    concurrency: 'each process',
    missed: 'accounts without an active owner that weren’t reported are reported, once each',
    async run(ctx) {
      await eachOfAll(ctx, ACCOUNTS, await inReach(messengers, await ownerlessUntold()), async (account) => {
        const messenger = await messengerFor(messengers, account.accountId);
        const admins = (await messenger.workspaceAdmins()).slice(0, MOST_ADMINS);
        const loop: Loop<string> = {
          kind: 'ownerless-notice',
          name: (userId) => ({ id: `${account.accountId}:${userId}`, accountId: account.accountId }),
        };
        const { waiting } = await eachOfAll(ctx, loop, admins, (userId) => tell(ctx, messenger, account, userId));
        if (waiting === 0) await markOwnerlessTold(account);
      });
    },
  };
}

/** Anyone who doesn't accept direct messages is skipped, and the others are still notified. */
async function tell(ctx: Ctx, messenger: Messenger, account: OwnerlessAccount, userId: string): Promise<void> {
  try {
    const channelId = await messenger.directMessages(userId);
    const key = `ownerless:${account.accountId}:${account.since.getTime()}`;
    await postOnce(ctx, messenger, { channelId }, ownerlessMessage(account), key);
  } catch (error) {
    const reason = permanentErrorOf(error);
    if (reason === undefined || TOKEN_WORDS.includes(reason)) throw error;
    ctx.log.warn({ account: account.accountId, reason }, 'a workspace admin does not accept direct messages');
  }
}
