import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { subcommandsFor } from '../../commands/billing.ts';
import { ROLES } from '../../src/billing/account/role.ts';
import { chooseAccountById, createAccount, setMember } from '../../src/services/accounts/accounts.ts';
import { Accounts, Members } from '../../src/store/accounts/accounts.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { Moves } from '../../src/store/moves/moves.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { FINANCE, NEEDS, PERSON_OF } from '../support/slack/listener-needs.ts';
import { type ListenerWorld, listenerWorld, sendTo } from '../support/slack/listener-requests.ts';
import { sendCommand } from '../support/slack/signed.ts';
import { type Call, TEAM } from '../support/slack/slack-api.ts';

useDatabase(migrate);

const ACME = 'Acme';
/** The other account of one of the owners. It comes first by name, so their commands are about it. */
const OTHER = 'Aardvark';
const IN_BOTH = PERSON_OF.owner;
const IN_ONE = 'U0SPARE';
/** Listeners whose requests are about no account, or about one that the person has just left or created. */
const NO_ACCOUNT: readonly string[] = ['action members.leave', 'submit set_up'];
/** Menus have no room for it, and what follows from events is tested with each. */
const LISTENERS = Object.keys(NEEDS).filter((name) => /^(?:action|submit|shortcut) /.test(name));

const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
let world: ListenerWorld;
let acme = '';
let other = '';
let requests = 0;
const answered = new Set<string>();

beforeAll(async () => {
  world = await listenerWorld(clock);
  acme = world.facts.account ?? '';
  const input = { name: OTHER, timeZone: 'Europe/Berlin', currency: 'EUR', financeChannelId: FINANCE };
  other = (await createAccount(ctx, { teamId: TEAM, userId: IN_BOTH }, input))._id;
}, 60_000);
afterAll(() => world.app.stop());

/** Restores what an earlier request may have changed. */
async function restore(): Promise<void> {
  await Moves.updateMany({}, { $set: { state: 'open' } });
  await Members.deleteMany({ accountId: { $nin: [acme, other] } });
  await Accounts.updateOne({ _id: acme }, { $set: { name: ACME, nameKey: 'acme' } });
  const members = await Members.find({ accountId: { $in: [acme, other] } }).lean();
  const isAsWanted = (...[accountId, userId, role]: (typeof wanted)[number]) =>
    members.some((one) => one.accountId === accountId && one.userId === userId && one.role === role);
  const wanted = [
    ...ROLES.map((role) => [acme, PERSON_OF[role], role] as const),
    [acme, IN_ONE, 'owner'] as const,
    [other, IN_BOTH, 'owner'] as const,
  ];
  for (const one of wanted) if (!isAsWanted(...one)) await setMember(ctx, ...one);
  await chooseAccountById(TEAM, IN_BOTH, other);
}

/** Sends a request, and returns what the person sees in answer. */
async function answers(send: (request: string) => Promise<unknown>): Promise<unknown[]> {
  await restore();
  const { api, app, lines } = world.app;
  const [call, line] = [api.calls.length, lines.length];
  requests += 1;
  await send(`trigger.${requests}`);
  await Promise.all(app.running);
  expect(lines.slice(line).filter(({ msg }) => msg === 'a request failed')).toEqual([]);
  return api.calls.slice(call).flatMap(contentOf);
}

/** What a call to Slack shows. */
function contentOf({ method, args }: Call): unknown[] {
  if (method.startsWith('views.')) return [args.view];
  if (method === 'response_url' || method.startsWith('chat.')) return [{ text: args.text, blocks: args.blocks }];
  return method === 'files.completeUploadExternal' && args.initial_comment !== undefined ? [args.initial_comment] : [];
}

/** The confirmation dialogs in an answer, as text. */
function dialogsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]: [string, unknown]) =>
    key === 'confirm' && typeof item === 'object' ? [JSON.stringify(item)] : dialogsIn(item),
  );
}

function isHome(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'type' in answer && answer.type === 'home';
}

/** Whether every answer names one of these accounts, and so does each dialog. */
function expectNamed(all: readonly unknown[], names: readonly string[]): void {
  for (const answer of all) {
    const text = JSON.stringify(answer);
    // a message to somebody else names the account in its sentence
    const isNamed = (name: string) =>
      text.includes(isHome(answer) ? name : `Account: *${name}*`) || text.includes(`account *${name}*`);
    expect(names.some(isNamed) ? 'named' : text).toBe('named');
    for (const dialog of dialogsIn(answer)) {
      expect(names.some((name) => dialog.includes(name)) ? 'named' : dialog).toBe('named');
    }
  }
}

function expectUnnamed(all: readonly unknown[]): void {
  expect(all.map((answer) => JSON.stringify(answer)).filter((text) => text.includes('Account: *'))).toEqual([]);
}

async function nameNow(): Promise<string> {
  return (await Accounts.findById(acme).orFail().lean()).name;
}

describe.each(LISTENERS.filter((name) => !NO_ACCOUNT.includes(name)))('%s', (listener) => {
  it('names the account for a person with two, and doesn’t for a person with one', async () => {
    const isHomes = listener.startsWith('action home.');
    const all = await answers((request) => sendTo(world, listener, IN_BOTH, request));
    if (all.length > 0) answered.add(listener);
    const isOfCommands = listener.startsWith('shortcut ') || isHomes;
    // what a shortcut is about is known once the person is
    const shown = listener.startsWith('shortcut ')
      ? all.filter((one) => !JSON.stringify(one).includes('_Loading …_'))
      : all;
    expectNamed(shown, [await nameNow(), ACME, ...(isOfCommands ? [OTHER] : [])]);
    expectUnnamed(await answers((request) => sendTo(world, listener, IN_ONE, request)));
  });
});

describe('the listeners', () => {
  it('were answered, nearly all of them', () => {
    expect(LISTENERS.filter((name) => !answered.has(name) && !NO_ACCOUNT.includes(name)).length).toBeLessThan(20);
  });
});

const subcommands = subcommandsFor({ clock, nudge: () => undefined });
const lines = ['', 'help', 'hepl', ...subcommands.flatMap(({ examples, name }) => [...examples, name, `help ${name}`])];

describe.each([...new Set(lines)])('/billing %s', (line) => {
  it('names the account that commands are about, for a person with two', async () => {
    const asked = (user: string) => (trigger: string) => {
      const who = { user, team: TEAM, channel: FINANCE, responseUrl: world.app.api.responseUrl, trigger };
      return sendCommand(world.app.target, '/billing', line, who);
    };
    const all = await answers(asked(IN_BOTH));
    expect(all.length).toBeGreaterThan(0);
    expectNamed(all, [OTHER]);
    expectUnnamed(await answers(asked(IN_ONE)));
  });
});
