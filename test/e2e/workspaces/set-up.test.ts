import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Accounts, Members } from '../../../src/store/accounts/accounts.ts';
import { Once } from '../../../src/store/kit/done-once.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Installations } from '../../../src/store/workspaces/installations.ts';
import { TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { type SharedProcess, startSharedProcess } from '../../support/slack/look-alikes.ts';
import { install } from '../../support/slack/oauth.ts';
import { clickInMessage, sendInteraction, submission } from '../../support/slack/signed.ts';
import { type SlackApiStandIn, startSlackApi } from '../../support/slack/slack-api.ts';

useDatabase(migrate);

const FULL = { team_id: 'T1', tz: 'Europe/Berlin' };
/** What Slack says about each person. */
const PEOPLE: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  U0INSTALLER: FULL,
  U0ADMIN: { ...FULL, is_admin: true },
  U0MEMBER: FULL,
  U0GUEST: { ...FULL, is_restricted: true },
  U0SINGLE: { ...FULL, is_restricted: true, is_ultra_restricted: true },
  U0STRANGER: { ...FULL, is_stranger: true },
  U0OTHER: { ...FULL, team_id: 'T9', is_admin: true },
  U0GONE: { ...FULL, is_admin: true, deleted: true },
  U0BOT: { ...FULL, is_admin: true, is_bot: true },
};
let api: SlackApiStandIn;
let product: SharedProcess;
let sent = 0;

beforeAll(async () => {
  api = await startSlackApi();
  api.answer('users.info', ({ args }) => {
    const id = String(args.user);
    return { body: { ok: true, user: { id, ...PEOPLE[id] } } };
  });
  api.answer('conversations.open', ({ args }) => ({ body: { ok: true, channel: { id: `D${String(args.users)}` } } }));
  product = await startSharedProcess(new TestClock('2026-03-20T12:00:00Z'), api.url);
});
afterAll(async () => {
  await product.stop();
  await api.close();
});
beforeEach(async () => {
  await Promise.all([Installations, Accounts, Members, Once].map((model) => model.collection.deleteMany({})));
});

async function installedBy(user: string, team = 'T1'): Promise<void> {
  await install(product.base, api, { team, token: `xoxb-${team}`, user });
  await Promise.all(product.app.running);
}

const welcomes = (from: number) =>
  api
    .callsOf('chat.postMessage')
    .slice(from)
    .filter(({ args }) => JSON.stringify(args).includes('set_up.open'));

/** A person clicks the button, and then submits the form as if it were open. @returns what they were shown */
async function setsUp(user: string, team = 'T1'): Promise<string> {
  sent += 1;
  const before = api.calls.length;
  const who = { user, team, responseUrl: api.responseUrl };
  const click = { ...clickInMessage({ action_id: 'set_up.open' }), trigger_id: `open.${sent}` };
  await sendInteraction(product.target, click, who);
  await Promise.all(product.app.running);
  const { view } = submission('set_up', {}) as { view: Record<string, unknown> };
  const element = (value: unknown) => ({ element: value });
  const option = (value: string) => ({ type: 'external_select', selected_option: { value } });
  const values = {
    name: element({ type: 'plain_text_input', value: `Acme of ${user}` }),
    timeZone: element(option('Etc/UTC')),
    currency: element(option('EUR')),
    financeChannelId: element({ type: 'conversations_select', selected_conversation: 'C0FINANCE' }),
  };
  const blocks = Object.keys(values).map((block) => ({ type: 'input', block_id: block }));
  const form = {
    type: 'view_submission',
    trigger_id: `sent.${sent}`,
    view: { ...view, hash: `${sent}`, state: { values }, blocks },
  };
  await sendInteraction(product.target, form, who);
  await Promise.all(product.app.running);
  return JSON.stringify(api.calls.slice(before).map(({ args }) => args));
}

const owners = async () => (await Members.find({ role: 'owner' }).lean()).map(({ teamId, userId }) => [teamId, userId]);

it('who installs the app is asked to set it up, once, by direct message', async () => {
  const before = api.callsOf('chat.postMessage').length;
  await installedBy('U0INSTALLER');
  expect(welcomes(before).map(({ args, token }) => [args.channel, token])).toEqual([['DU0INSTALLER', 'xoxb-T1']]);
  await installedBy('U0INSTALLER');
  expect(welcomes(before)).toHaveLength(1);
  expect(await setsUp('U0INSTALLER')).toContain('you are its owner');
  expect(await owners()).toEqual([['T1', 'U0INSTALLER']]);
});

it('nobody is asked again in a workspace with an account', async () => {
  await installedBy('U0INSTALLER');
  await setsUp('U0INSTALLER');
  const before = api.callsOf('chat.postMessage').length;
  await installedBy('U0ADMIN');
  expect(welcomes(before)).toEqual([]);
});

it('a workspace admin can set it up too', async () => {
  await installedBy('U0INSTALLER');
  expect(await setsUp('U0ADMIN')).toContain('you are its owner');
  expect(await owners()).toEqual([['T1', 'U0ADMIN']]);
});

it.each([
  ['U0MEMBER', 'Only an admin or owner'],
  ['U0GUEST', 'Guests can’t'],
  ['U0SINGLE', 'Guests can’t'],
  ['U0STRANGER', 'other organizations can’t'],
  ['U0OTHER', 'other organizations can’t'],
  ['U0GONE', 'Deactivated users can’t'],
  ['U0BOT', 'Apps and bots can’t'],
])('%s can’t, although they click the button and send the form', async (user, words) => {
  await installedBy('U0INSTALLER');
  expect(await setsUp(user)).toContain(words);
  expect(await Accounts.countDocuments({})).toBe(0);
});

it('a guest can’t, even if Slack names them as the one who installed it', async () => {
  await installedBy('U0GUEST');
  expect(await setsUp('U0GUEST')).toContain('Guests can’t');
});

it('who installed it in another workspace can’t in this one', async () => {
  await installedBy('U0ADMIN');
  await installedBy('U0MEMBER', 'T2');
  expect(await setsUp('U0MEMBER')).toContain('Only an admin or owner');
  expect(await Accounts.countDocuments({})).toBe(0);
});

it('a direct message that Slack rejects doesn’t spoil the installation', async () => {
  const lines = product.lines.length;
  api.answer('conversations.open', { body: { ok: false, error: 'internal_error' } });
  await installedBy('U0INSTALLER');
  expect(product.lines.slice(lines).map(({ msg }) => msg)).toContain('what follows an installation failed');
  expect(await Installations.countDocuments({ endedAt: null })).toBe(1);
});
