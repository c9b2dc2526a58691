import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createAccount } from '../../src/services/accounts/accounts.ts';
import { Events } from '../../src/store/events/events.ts';
import { Groups } from '../../src/store/groups/groups.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { type Child, nextLine, startChild } from '../support/children.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { testDatabaseUri, useDatabase } from '../support/database/database.ts';
import { SIGNING_SECRET, sendCommand, sendInteraction, type Target, viewPayload } from '../support/slack/signed.ts';
import { type SlackApiStandIn, startSlackApi, TEAM } from '../support/slack/slack-api.ts';

useDatabase(migrate);

const OWNER = 'U0OWNER';
let slack: SlackApiStandIn;
let processes: readonly Child[] = [];
let targets: readonly Target[] = [];
let accountId = '';

beforeAll(async () => {
  slack = await startSlackApi();
  const ctx = contextAt(new TestClock('2026-03-20T12:00:00Z'));
  const input = { name: 'Acme', timeZone: 'Etc/UTC', currency: 'EUR', financeChannelId: null };
  accountId = (await createAccount(ctx, { teamId: TEAM, userId: OWNER }, input))._id;
  processes = [startProduct(), startProduct()];
  targets = await Promise.all(processes.map(async (child) => ({ url: `${await address(child)}/slack/events` })));
  for (const child of processes) void readOn(child);
});
afterAll(async () => {
  for (const { process } of processes) process.kill('SIGTERM');
  await Promise.all(processes.map(({ ended }) => ended));
  await slack.close();
});

function startProduct(): Child {
  return startChild('src/bin/server.ts', [], {
    ...{ MONGODB_URI: testDatabaseUri(), SLACK_API_URL: slack.url, VIES_URL: 'off', API: 'off' },
    ...{ SLACK_BOT_TOKEN: 'xoxb-test', SLACK_SIGNING_SECRET: SIGNING_SECRET, PORT: '0', LOG_LEVEL: 'info' },
  });
}

async function address(child: Child): Promise<string> {
  for (;;) {
    const line = JSON.parse(await nextLine(child)) as Readonly<Record<string, unknown>>;
    if (line.msg === 'ready') return `http://127.0.0.1:${line.port}`;
  }
}

/** Sends the same request three times to two processes: to both at once, then to the second again. */
async function sendThrice(send: (target: Target) => Promise<Response>): Promise<void> {
  const [, second] = targets;
  const answers = await Promise.all(targets.map(send));
  if (second) answers.push(await send(second));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
}

/** Waits until each of the three has been answered, with a change or with a note that it was already carried out. */
async function created(name: string, answers: () => number): Promise<[groups: number, events: number]> {
  for (let look = 0; look < 600 && answers() < 2; look++) await new Promise((resolve) => setTimeout(resolve, 25));
  const events = await Events.countDocuments({ accountId, type: 'billing_group_created', 'after.name': name });
  return [await Groups.countDocuments({ accountId, name }), events];
}

it('a command that reaches two processes acts once', async () => {
  const person = { user: OWNER, team: TEAM, trigger: 'trigger.green', responseUrl: slack.responseUrl };
  await sendThrice((target) => sendCommand(target, '/billing', 'create Green', person));
  expect(await created('Green', () => slack.callsOf('response_url').length)).toEqual([1, 1]);
});

it('a form that reaches two processes acts once', async () => {
  const typed = { name: 'Red', currency: null, environment: null, copy: null };
  const values = Object.fromEntries(
    Object.entries(typed).map(([id, value]) => [id, { element: { type: 'plain_text_input', value } }]),
  );
  const view = viewPayload({
    ...{ id: 'VRED', callback_id: 'group.create', private_metadata: JSON.stringify({ account: accountId }) },
    ...{ blocks: Object.keys(typed).map((id) => ({ type: 'input', block_id: id })), state: { values } },
  });
  const payload = { type: 'view_submission', trigger_id: 'trigger.red', view };
  await sendThrice((target) => sendInteraction(target, payload, { user: OWNER, team: TEAM }));
  expect(await created('Red', () => slack.callsOf('views.update').length)).toEqual([1, 1]);
});

/** Everything that both processes have logged since they were ready. */
const logged: string[] = [];

async function readOn(child: Child): Promise<void> {
  for (let line = await child.lines.next(); !line.done; line = await child.lines.next()) logged.push(line.value);
}

async function until(isSo: () => boolean): Promise<void> {
  for (let look = 0; look < 600 && !isSo(); look++) await new Promise((resolve) => setTimeout(resolve, 25));
}

const skips = () => logged.filter((line) => line.includes('Another process answers this')).length;

it.each([
  ['a question', 'costs', /costs|So far|nothing/i],
  ['a list', 'groups', /Green|Red/],
  ['help', 'help', /billing/],
  ['a mistake', 'grups', /grups/],
  ['a refusal', 'rename Nobody to Somebody', /Nobody/],
])('%s that reaches two processes is answered once', async (_what, text, words) => {
  const [answersBefore, skipsBefore] = [slack.callsOf('response_url').length, skips()];
  const answers = () => slack.callsOf('response_url').slice(answersBefore);
  const person = { user: OWNER, team: TEAM, trigger: `trigger.${text}`, responseUrl: slack.responseUrl };
  await sendThrice((target) => sendCommand(target, '/billing', text, person));
  await until(() => skips() > skipsBefore && answers().length > 0);
  expect(skips() - skipsBefore).toBe(1);
  expect(answers()).toHaveLength(1);
  expect(JSON.stringify(answers()[0]?.args)).toMatch(words);
});
