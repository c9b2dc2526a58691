import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { checkView } from '../../../src/local/workspace/index.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { askMove } from '../../../src/services/moves/move-ask.ts';
import { rejectMove } from '../../../src/services/moves/move-decide.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Events } from '../../../src/store/events/events.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Moves } from '../../../src/store/moves/moves.ts';
import { createAcme } from '../../support/acme.ts';
import { contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { QueryCounter } from '../../support/database/queries.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate, { monitorCommands: true });

const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
const member = contextAt(clock, person('U0MEMBER', TEAM_ID));
const approver = contextAt(clock, person('U0APPROVER', TEAM_ID));
const { as, open, clickFor, modalSaying, submitFor, errorsOf } = driving(() => product);
/** The most queries per answer. */
const MOST_QUERIES = 10;
let product: Product;
let queries: QueryCounter;
let accountId = '';
let blue = '';
let red = '';

beforeAll(async () => {
  product = await startProduct(clock);
  accountId = await createAcme(ctx, { members: ['U0APPROVER', 'U0MEMBER'], channel: null });
  await Accounts.updateOne({ _id: accountId }, { $set: { approvalsChannelId: FINANCE } });
  blue = (await createGroup(ctx, { accountId, name: 'Blue' }))._id;
  red = (await createGroup(ctx, { accountId, name: 'Red' }))._id;
  queries = new QueryCounter();
});
afterAll(() => product.stop());

beforeEach(async () => {
  await Moves.deleteMany({});
  for (const user of ['U0APPROVER', 'U0MEMBER'])
    await as(user)
      .close(true)
      .catch(() => []);
});

async function requested(name: string): Promise<string> {
  const { project } = await createProject(ctx, { accountId, name, billingGroupId: blue });
  const input = { accountId, projectIds: [project._id], toGroupId: red, effect: 'period_start' as const, reason: '' };
  const asked = await askMove(member, input);
  if (asked.kind !== 'requested') throw new Error('not requested');
  return asked.request._id;
}

async function homeSaying(user: string, words: string): Promise<string> {
  await as(user).openHome();
  const view = await as(user).waitFor(() => {
    const shown = as(user).home();
    return shown && said(shown).includes(words) ? shown : undefined;
  });
  expect(checkView('home', { ...view })).toEqual([]);
  return said(view);
}

async function select(...ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const view = as('U0APPROVER').openedView();
    if (!view) throw new Error('no modal is open');
    await as('U0APPROVER').click({ view, actionId: 'move.select', blockId: `selected ${id}`, value: [id] });
  }
}

const stateOf = async (id: string) => (await Moves.findById(id).orFail().lean()).state;

describe('my requests', () => {
  it('are on Home with their state, and only the requester can withdraw them there', async () => {
    const id = await requested('home-shop');
    const home = await homeSaying('U0MEMBER', 'My requests');
    expect(home).toContain('*home-shop* from Blue to *Red*, effective 1 March 2026');
    expect(home).toContain('*Pending* · No approvals yet');
    const theirs = await homeSaying('U0APPROVER', 'Waiting for you');
    expect(theirs).not.toContain('Withdraw request');
    await as('U0MEMBER').click({ home: true, actionId: 'move.withdraw' });
    await as('U0MEMBER').waitFor(async () => (await stateOf(id)) === 'withdrawn');
    expect(await homeSaying('U0MEMBER', '*Withdrawn*')).not.toContain('Withdraw request');
  });

  it('are listed by a command with their approvals, and can be withdrawn in the list', async () => {
    await Accounts.updateOne({ _id: accountId }, { $set: { approvalPolicy: { who: 'receiving', needed: 2 } } });
    const id = await requested('list-shop');
    await Accounts.updateOne({ _id: accountId }, { $set: { approvalPolicy: { who: 'receiving', needed: 1 } } });
    await open('U0APPROVER', '/billing requests', 'list-shop');
    await select(id);
    await clickFor('U0APPROVER', 'move.selected.approve', 'Your approval was recorded');
    const view = await open('U0MEMBER', '/billing requests', 'list-shop');
    expect(said(view)).toContain('Approved by <@U0APPROVER>. More approvals are needed');
    const after = await clickFor(
      'U0MEMBER',
      'move.withdraw',
      'Withdrew the request to move *list-shop*. Nothing was moved.',
    );
    expect(said(after)).toContain('*Withdrawn* by <@U0MEMBER>');
    expect(said(after)).not.toContain('Withdraw request');
  });

  it('take few queries, however many there are', async () => {
    for (let at = 0; at < 12; at++) {
      const requestId = await requested(`many-${at}`);
      if (at % 2 === 0) await rejectMove(approver, { accountId, requestId, reason: 'No.' });
    }
    for (const user of ['U0MEMBER', 'U0APPROVER']) {
      queries.take();
      await open(user, '/billing requests', 'many-');
      const listed = queries.take();
      expect({ listed, few: listed.length <= MOST_QUERIES }).toEqual({ listed, few: true });
      await homeSaying(user, 'many-');
      const home = queries.take();
      expect({ home, few: home.length <= MOST_QUERIES }).toEqual({ home, few: true });
    }
  });
});

describe('pending requests', () => {
  it('are approved together, and the answer lists each outcome', async () => {
    const [first, second, third] = [await requested('one'), await requested('two'), await requested('three')];
    const view = await open('U0APPROVER', '/billing requests', 'Approve selected');
    expect(said(view)).toContain('<@U0MEMBER> asked to move one from Blue to *Red*, effective 1 March 2026');
    await clickFor('U0APPROVER', 'move.selected.approve', 'Select at least one request.');
    await select(first, second);
    await rejectMove(contextAt(clock, person('U0OWNER', TEAM_ID)), { accountId, requestId: first, reason: 'No.' });
    const before = await Events.countDocuments({ accountId, type: 'move_approved' });
    const after = await clickFor(
      'U0APPROVER',
      'move.selected.approve',
      '*two* to *Red*: Approved: 1 project moved, effective',
    );
    expect(said(after)).toContain('*one* to *Red*: This move has already been rejected');
    expect(said(after)).toContain('asked to move three');
    const delivery = product.workspace.deliveries.at(-1);
    if (!delivery) throw new Error('nothing was sent');
    await product.workspace.redeliver(delivery);
    await product.settle();
    expect(await Promise.all([first, second, third].map(stateOf))).toEqual(['rejected', 'approved', 'open']);
    expect(await Events.countDocuments({ accountId, type: 'move_approved' })).toBe(before + 1);
  });

  it('are rejected together with a visible reason', async () => {
    const ids = [await requested('four'), await requested('five')];
    await open('U0APPROVER', '/billing requests', 'Reject selected');
    await clickFor('U0APPROVER', 'move.selected.reject', 'Select at least one request.');
    await as('U0APPROVER').close();
    await modalSaying('U0APPROVER', 'Reject selected');
    await select(...ids);
    await clickFor('U0APPROVER', 'move.selected.reject', 'move.selected.reason');
    expect(await errorsOf('U0APPROVER', { reason: '\u2060' })).toEqual({ reason: 'Enter a reason.' });
    const done = await submitFor('U0APPROVER', { reason: 'Not this month' }, '*five* to *Red*: Rejected.');
    expect(said(done)).toContain('*four* to *Red*: Rejected.');
    expect(await Promise.all(ids.map(stateOf))).toEqual(['rejected', 'rejected']);
    await as('U0APPROVER').close();
    await modalSaying('U0APPROVER', 'No requests are waiting for your approval.');
  });
});
