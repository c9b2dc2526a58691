import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { movesJob } from '../../../jobs/moves.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { checkBlocks, type Message } from '../../../src/local/workspace/index.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { approveMove } from '../../../src/services/moves/move-decide.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups, Memberships, Projects } from '../../../src/store/groups/groups.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Moves } from '../../../src/store/moves/moves.ts';
import { createAcme } from '../../support/acme.ts';
import { contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { QueryCounter } from '../../support/database/queries.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate, { monitorCommands: true });

const START = '2026-03-20T12:00:00Z';
const clock = new TestClock(START);
const ctx = contextAt(clock);
const { as, ask, modalSaying, submitFor } = driving(() => product);
let product: Product;
let accountId = '';
let blue = '';
let red = '';
let made = 0;
let name = '';

beforeAll(async () => {
  product = await startProduct(clock);
});
afterAll(() => product.stop());

/** Each test has a separate account, with a project in Blue. */
beforeEach(async () => {
  clock.set(START);
  made += 1;
  name = `project-${made}`;
  const members = ['U0APPROVER', 'U0MEMBER', 'U0VIEWER'] as const;
  accountId = await createAcme(ctx, { name: `Acme ${made}`, members, channel: null });
  await Accounts.updateOne({ _id: accountId }, { $set: { approvalsChannelId: FINANCE } });
  blue = (await createGroup(ctx, { accountId, name: 'Blue' }))._id;
  red = (await createGroup(ctx, { accountId, name: 'Red' }))._id;
  await createProject(ctx, { accountId, name, billingGroupId: blue });
  for (const user of ['U0OWNER', 'U0APPROVER', 'U0MEMBER', 'U0VIEWER']) {
    await ask(user, `/billing account "Acme ${made}"`);
    await as(user)
      .close(true)
      .catch(() => []);
  }
});

const messages = (of = name, place = FINANCE, user = 'U0OWNER'): Message[] =>
  as(user)
    .messages(place)
    .filter((message) => message.text.includes(of) && message.text.includes('asked to move'));
const idOf = async (of = name) => (await Projects.findOne({ accountId, name: of }).orFail().lean())._id;
const holder = async (of = name) =>
  (
    await Memberships.findOne({ projectId: await idOf(of), open: true })
      .orFail()
      .lean()
  ).billingGroupId;

async function asked(of = name): Promise<Message> {
  expect(said(await ask('U0MEMBER', `/billing assign ${of} to Red`))).toContain('Requested approval');
  await product.settle();
  const message = messages(of.includes(',') ? `${of.split(',').length} projects` : of).at(-1);
  if (!message) throw new Error('no request');
  return message;
}

async function answerTo(user: string, click: () => Promise<unknown>): Promise<string> {
  const before = as(user).ephemerals(FINANCE).length;
  await click();
  await as(user).waitFor(() => as(user).ephemerals(FINANCE).length > before);
  return said(as(user).ephemerals(FINANCE).at(-1) as Message);
}

describe('an approval message', () => {
  it('lists the included costs and both estimates, even after the decision', async () => {
    const message = await asked();
    for (const one of [message, await settled(message)]) {
      expect(checkBlocks('message', one.blocks ?? [])).toEqual([]);
      expect(said(one)).toContain('Includes no costs so far');
      expect(said(one)).toContain('*Red* EUR 0.00 → EUR 0.00');
    }
  });

  it('is sent once when two processes handle it at the same instant', async () => {
    await ask('U0MEMBER', `/billing assign ${name} to Red`);
    const job = movesJob(product.app.workspaces);
    await Promise.all([1, 2, 3].map(() => job.run(ctx)));
    expect(messages()).toHaveLength(1);
  });

  it('is sent once when the process that sent it was killed before recording it', async () => {
    await asked();
    await forget();
    await product.settle();
    expect(messages()).toHaveLength(1);
    const [noted] = (await request()).copies;
    expect(noted).toMatchObject({ channelId: FINANCE, ts: messages()[0]?.ts });
  });

  it('has no buttons even if the request was decided before a killed process recorded the message', async () => {
    await asked();
    await forget();
    await approveMove(contextAt(clock, person('U0APPROVER', TEAM_ID)), { accountId, requestId: (await request())._id });
    await product.settle();
    expect(messages()).toHaveLength(1);
    expect(said(messages()[0] as Message)).toContain('*Approved* by <@U0APPROVER>');
    expect(said(messages()[0] as Message)).not.toContain('move.approve');
  });

  it('goes to each approver directly when the channel doesn’t accept it', async () => {
    await Accounts.updateOne({ _id: accountId }, { $set: { approvalsChannelId: 'C0NOWHERE' } });
    await ask('U0MEMBER', `/billing assign ${name} to Red`);
    await product.settle();
    for (const user of ['U0OWNER', 'U0APPROVER']) {
      expect(messages(name, as(user).directMessage(), user)).toHaveLength(1);
    }
    expect(await Moves.countDocuments({ accountId, unshown: true })).toBe(0);
  });
});

describe('a click on an approval button', () => {
  it('twice at the same instant is one decision, with one set of events', async () => {
    const message = await asked();
    const click = () => as('U0APPROVER').click({ message, actionId: 'move.approve' });
    await Promise.all([click(), click()]);
    await as('U0APPROVER').waitFor(async () => (await holder()) === red);
    await product.settle();
    for (const type of ['move_approved', 'project_moved'] as const) {
      expect(await Events.countDocuments({ accountId, type })).toBe(1);
    }
  });

  it('on Reject in an outdated copy immediately shows the decision', async () => {
    const message = await asked();
    // the job has not changed the message yet
    await answerTo('U0OWNER', () => as('U0OWNER').click({ message, actionId: 'move.approve' }));
    await as('U0APPROVER').click({ message, actionId: 'move.reject' });
    await modalSaying('U0APPROVER', 'already been approved on 20 Mar 2026');
  });

  it('on Reject by a person without permission doesn’t ask for a reason', async () => {
    const message = await asked();
    await as('U0VIEWER').click({ message, actionId: 'move.reject' });
    const view = await modalSaying('U0VIEWER', 'You need the');
    expect(said(view)).not.toContain('move.reject.reason');
  });

  it('on Home works too', async () => {
    await asked();
    await as('U0APPROVER').openHome();
    await as('U0APPROVER').waitFor(() => JSON.stringify(as('U0APPROVER').home() ?? {}).includes(name));
    await as('U0APPROVER').click({ home: true, actionId: 'move.approve' });
    await as('U0APPROVER').waitFor(async () => (await holder()) === red);
    await as('U0APPROVER').waitFor(() =>
      as('U0APPROVER')
        .messages(as('U0APPROVER').directMessage())
        .some(({ text }) => text.includes(`${name} moved`)),
    );
  });

  it('counts for anyone named on the group, whatever their role', async () => {
    await Groups.updateOne({ _id: red }, { $set: { approverIds: ['U0VIEWER'] } });
    const message = await asked();
    const click = () => as('U0VIEWER').click({ message, actionId: 'move.approve' });
    expect(await answerTo('U0VIEWER', click)).toContain(`${name} moved`);
  });
});

describe('a request with many projects', () => {
  it('moves none of them if the approver wants all or none', async () => {
    await createProject(ctx, { accountId, name: `${name}-b`, billingGroupId: blue });
    const message = await asked(`${name}, ${name}-b`);
    await takeAway();
    await as('U0APPROVER').click({ message, actionId: 'move.approve' });
    await modalSaying('U0APPROVER', 'has been moved in the meantime');
    await submitFor('U0APPROVER', { choice: 'none' }, 'Nothing was moved');
    expect(await holder(`${name}-b`)).toBe(blue);
    await product.settle();
    expect(said(messages('2 projects').at(-1) as Message)).toContain('*Refused* by <@U0APPROVER>');
  });

  it('asks the approver about a later date and about projects that can’t be moved, one after the other', async () => {
    await createProject(ctx, { accountId, name: `${name}-b`, billingGroupId: blue });
    const message = await asked(`${name}, ${name}-b`);
    await takeAway();
    clock.set('2026-04-02T12:00:00Z');
    await Moves.updateMany({ accountId, state: 'open' }, { $set: { expiresAt: new Date('2026-05-01') } });
    for (const id of [blue, red]) await closeInvoice(ctx, { _id: id, accountId }, toPeriod('2026-03'));
    await as('U0APPROVER').click({ message, actionId: 'move.approve' });
    await modalSaying('U0APPROVER', 'April 2026 at the earliest');
    await submitFor('U0APPROVER', {}, 'has been moved in the meantime');
    await submitFor('U0APPROVER', { choice: 'others' }, '1 project moved');
    const projectId = await idOf(`${name}-b`);
    const moved = await Memberships.findOne({ projectId, open: true }).orFail().lean();
    // midnight in Berlin
    expect(moved).toMatchObject({ billingGroupId: red, from: new Date('2026-03-31T22:00:00Z') });
  });
});

it('a hundred projects are typed, requested and moved on one line', async () => {
  const names = Array.from({ length: 100 }, (_, at) => `n${made}-${at}`);
  for (const one of names) await createProject(ctx, { accountId, name: one, billingGroupId: blue });
  await ask('U0MEMBER', `/billing assign ${names.join(', ')} to Red`);
  await product.settle();
  const message = messages('100 projects').at(-1) as Message;
  expect(checkBlocks('message', message.blocks ?? [])).toEqual([]);
  expect(said(message)).toContain('and 90 more');
  const click = () => as('U0OWNER').click({ message, actionId: 'move.approve' });
  expect(await answerTo('U0OWNER', click)).toContain('and 95 more) moved');
});

it('the form takes a constant number of queries, prefilled by a command and with each choice', async () => {
  const queries = new QueryCounter();
  await as('U0MEMBER').command(FINANCE, `/billing move ${name} to Red`);
  const view = await modalSaying('U0MEMBER', 'before and after');
  const opened = queries.take();
  expect({ opened, few: opened.length <= 28 }).toEqual({ opened, few: true });
  await as('U0MEMBER').suggest({ actionId: 'move.group' }, 'blue');
  queries.take();
  await as('U0MEMBER').click({ view, actionId: 'move.group', value: blue });
  await as('U0MEMBER').waitFor(() => !JSON.stringify(as('U0MEMBER').openedView() ?? '').includes('*Red*'));
  const chosen = queries.take();
  expect({ chosen, few: chosen.length <= 28 }).toEqual({ chosen, few: true });
});

it('a scheduled move doesn’t count as done', async () => {
  await Accounts.updateOne({ _id: accountId }, { $set: { approvalPolicy: { who: 'nobody', needed: 1 } } });
  await as('U0MEMBER').command(FINANCE, `/billing move ${name} to Red`);
  await modalSaying('U0MEMBER', 'before and after');
  const view = await submitFor('U0MEMBER', { effect: 'next_period' }, 'will be in *Red*, effective 1 ');
  expect(said(view)).not.toContain('now');
});

const request = () => Moves.findOne({ accountId }).orFail().lean();

/** The state after a process was killed between sending the message and recording its place. */
async function forget(): Promise<void> {
  const change = { copies: [{ channelId: FINANCE, ts: null }], unshown: true as const };
  await Moves.updateOne({ accountId }, { $set: change });
}

async function takeAway(): Promise<void> {
  const green = await createGroup(ctx, { accountId, name: 'Green' });
  const change = { billingGroupId: green._id };
  await Memberships.updateOne({ projectId: await idOf(), open: true }, { $set: change });
}

async function settled(message: Message): Promise<Message> {
  const click = () => as('U0OWNER').click({ message, actionId: 'move.approve' });
  await answerTo('U0OWNER', click);
  await product.settle();
  const after = messages().at(-1);
  if (!after) throw new Error('the message is gone');
  return after;
}
