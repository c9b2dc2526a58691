import { hasAccounts } from '../../src/services/accounts/accounts.ts';
import { once } from '../../src/services/kit/once-a-day.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { actions, button, section } from '../../src/slack/blocks/blocks.ts';
import type { Deps } from '../../src/slack/requests/caller.ts';
import type { Message } from '../../src/slack/web-api/messenger.ts';
import { SET_UP_OPEN } from './set-up.ts';

/**
 * Asks who installed the app in a workspace without an account to set one up, by direct message, once. If it fails, the
 * page after the installation, the Home and `/billing` say the same.
 */
export function registerWelcome(app: SlackApp, deps: Deps): void {
  app.afterInstallation.push(async ({ teamId, userId }) => {
    if (await hasAccounts(teamId)) return;
    await once(deps, `welcome ${teamId} ${userId}`, async () => {
      const messenger = await app.workspaces.of(teamId);
      const channel = await messenger.directMessages(userId);
      await messenger.client.chat.postMessage({ channel, ...welcomeMessage() });
    });
  });
}

function welcomeMessage(): Message {
  const text =
    'Billing groups is installed. Set up an account next: name it, and choose its time zone, currency and finance channel. You’ll be its owner. A workspace admin can also do this by typing `/billing`.';
  return { text, blocks: [section(text), actions([button('Set up billing', SET_UP_OPEN, { style: 'primary' })])] };
}
