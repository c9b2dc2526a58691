import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { placedElements } from '../../../src/local/workspace/elements.ts';
import { checkBlocks, checkView, type Message } from '../../../src/local/workspace/index.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Accounts, Members } from '../../../src/store/accounts/accounts.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Memberships, Projects } from '../../../src/store/groups/groups.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Moves } from '../../../src/store/moves/moves.ts';
import { createAcme } from '../../support/acme.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { FINANCE, type Product, startProduct } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate);

const START = '2026-03-20T12:00:00Z';
const clock = new TestClock(START);
const ctx = contextAt(clock);
const { as, ask, open, modalSaying, clickFor, submitFor, errorsOf } = driving(() => product);
let product: Product;
let accountId = '';
let blue = '';
let red = '';
let made = 0;
let name = '';

beforeAll(async () => {
  product = await startProduct(clock);
  accountId = await createAcme(ctx, { members: ['U0APPROVER', 'U0MEMBER', 'U0VIEWER'], channel: null });
  blue = (await createGroup(ctx, { accountId, name: 'Blue' }))._id;
  red = (await createGroup(ctx, { accountId, name: 'Red' }))._id;
});
afterAll(() => product.stop());

/** Each test has a separate project, in Blue. */
beforeEach(async () => {
  clock.set(START);
  made += 1;
  name = `project-${made}`;
  await createProject(ctx, { accountId, name, billingGroupId: blue });
  await Accounts.updateOne(
    { _id: accountId },
    { $set: { approvalPolicy: { who: 'receiving', needed: 1 }, approvalsChannelId: FINANCE } },
  );
  for (const user of ['U0OWNER', 'U0APPROVER', 'U0MEMBER', 'U0VIEWER'])
    await as(user)
      .close(true)
      .catch(() => []);
});

const requestMessage = (of = name): Message => {
  const found = as('U0OWNER')
    .messages(FINANCE)
    .findLast((message) => message.text.includes(of) && message.text.includes('asked to move'));
  if (!found) throw new Error('no request');
  return found;
};
const holder = async (of = name) => {
  const project = await Projects.findOne({ accountId, name: of }).orFail().lean();
  return (await Memberships.findOne({ projectId: project._id, open: true }).orFail().lean()).billingGroupId;
};
async function asked(): Promise<Message> {
  expect(said(await ask('U0MEMBER', `/billing assign ${name} to Red`))).toContain('Requested approval');
  await product.settle();
  return requestMessage();
}
async function answerTo(user: string, click: () => Promise<unknown>): Promise<string> {
  const before = as(user).ephemerals(FINANCE).length;
  await click();
  await as(user).waitFor(() => as(user).ephemerals(FINANCE).length > before);
  return said(as(user).ephemerals(FINANCE).at(-1) as Message);
}
const approve = (user: string, message: Message) =>
  answerTo(user, () => as(user).click({ message, actionId: 'move.approve' }));

describe('requesting a move', () => {
  it('works by form, with the cost impact shown before it is sent', async () => {
    await open('U0MEMBER', `/billing move ${name} to Red`, 'before and after');
    expect(said(as('U0MEMBER').openedView() as never)).toContain('Start of this month (1 March 2026)');
    await submitFor('U0MEMBER', { effect: 'now', reason: 'New *owner*' }, 'Requested approval');
    await product.settle();
    const message = requestMessage();
    expect(checkBlocks('message', message.blocks ?? [])).toEqual([]);
    for (const word of ['Blue', 'Red', 'New ＊owner＊', 'move.approve', 'move.reject', '`/billing requests`']) {
      expect(said(message)).toContain(word);
    }
  });

  it('updates the cost impact with each choice', async () => {
    await open('U0MEMBER', '/billing move', 'Choose projects and a billing group');
    await as('U0MEMBER').suggest({ actionId: 'move.projects' }, name);
    await as('U0MEMBER').suggest({ actionId: 'move.group' }, 'red');
    const project = await Projects.findOne({ accountId, name }).orFail().lean();
    const view = as('U0MEMBER').openedView();
    if (!view) throw new Error('no form');
    await as('U0MEMBER').click({ view, actionId: 'move.projects', value: [project._id] });
    await as('U0MEMBER').click({ view: as('U0MEMBER').openedView() ?? view, actionId: 'move.group', value: red });
    const shown = await modalSaying('U0MEMBER', 'before and after');
    expect(checkView('modal', { ...shown })).toEqual([]);
  });

  it('works from a group’s projects, and by message shortcut', async () => {
    await open('U0MEMBER', '/billing group blue', 'Last invoice');
    await clickFor('U0MEMBER', 'group.tab.projects', name);
    await clickFor('U0MEMBER', 'move.open', 'Choose projects and a billing group');
    const suggested = await as('U0MEMBER').suggest({ actionId: 'move.projects' }, name);
    expect(suggested.options).toHaveLength(1);
    await as('U0MEMBER').close(true);
    const message = await as('U0MEMBER').say(FINANCE, 'please move it');
    await as('U0MEMBER').shortcut('move.ask', message);
    await modalSaying('U0MEMBER', 'Choose projects and a billing group');
  });

  it.each([
    ['/billing assign', 'Enter projects'],
    ['/billing assign nothing to Red', 'There is no project named'],
    ['/billing assign project-1 to Nowhere', 'There is no billing group named'],
  ])('is refused: %s', async (line, why) => {
    expect(said(await ask('U0MEMBER', line))).toContain(why);
  });

  it('is refused to a viewer, for a project with an open request, and when nobody could approve it', async () => {
    expect(said(await ask('U0VIEWER', `/billing assign ${name} to Red`))).toContain('member');
    await asked();
    expect(said(await ask('U0APPROVER', `/billing assign ${name} to Red`))).toContain('already a pending move');
    await Members.updateMany({ accountId, userId: { $in: ['U0APPROVER'] } }, { $set: { role: 'member' } });
    await createProject(ctx, { accountId, name: `${name}-b`, billingGroupId: blue });
    expect(said(await ask('U0OWNER', `/billing assign ${name}-b to Red`))).toContain('Nobody except you');
    await Members.updateMany({ accountId, userId: { $in: ['U0APPROVER'] } }, { $set: { role: 'approver' } });
  });

  it('says when there is nothing to do', async () => {
    expect(said(await ask('U0MEMBER', `/billing assign ${name} to Blue`))).toContain('already in this group');
  });

  it('moves immediately if the policy asks nobody', async () => {
    await Accounts.updateOne({ _id: accountId }, { $set: { approvalPolicy: { who: 'nobody', needed: 1 } } });
    expect(said(await ask('U0MEMBER', `/billing assign ${name} to Red`))).toContain('now');
    expect(await holder()).toBe(red);
  });
});

describe('deciding a request', () => {
  it('works once: every copy says who approved it and when, no buttons remain, and the requester is notified', async () => {
    const message = await asked();
    expect(await approve('U0APPROVER', message)).toContain(`${name} moved, effective 1 March 2026.`);
    await product.settle();
    await product.settle();
    const after = requestMessage();
    expect(said(after)).toContain('*Approved* by <@U0APPROVER>');
    expect(said(after)).not.toContain('move.approve');
    expect(checkBlocks('message', after.blocks ?? [])).toEqual([]);
    const direct = as('U0MEMBER').directMessage();
    const told = as('U0MEMBER')
      .messages(direct)
      .filter((one) => one.text.includes(name));
    expect(told).toHaveLength(1);
    expect(await holder()).toBe(red);
  });

  it('by two people at the same instant, or a double click, happens once, and the others see the decision', async () => {
    const message = await asked();
    const answers = await Promise.all([approve('U0APPROVER', message), approve('U0OWNER', message)]);
    expect(answers.filter((one) => one.includes(`${name} moved`))).toHaveLength(1);
    expect(answers.filter((one) => one.includes('already been approved'))).toHaveLength(1);
    // an outdated copy that is clicked later
    expect(await approve('U0OWNER', message)).toContain('already been approved');
    const project = await Projects.findOne({ accountId, name }).orFail().lean();
    expect(await Events.countDocuments({ accountId, type: 'project_moved', projectId: project._id })).toBe(1);
  });

  it('has no further effect when Slack sends the request again', async () => {
    const message = await asked();
    await approve('U0APPROVER', message);
    const delivery = product.workspace.deliveries.at(-1);
    if (!delivery) throw new Error('nothing was sent');
    await product.workspace.redeliver(delivery);
    await product.settle();
    expect(await Moves.countDocuments({ accountId, state: 'approved', 'projects.name': name })).toBe(1);
  });

  it('is refused to the requester, to people without permission, and to people who lost the role meanwhile', async () => {
    const message = await asked();
    expect(await approve('U0MEMBER', message)).toContain('You can’t decide on your own move request');
    expect(await approve('U0VIEWER', message)).toContain('approver');
    await Members.updateOne({ accountId, userId: 'U0APPROVER' }, { $set: { role: 'viewer' } });
    expect(await approve('U0APPROVER', message)).toContain('You need the');
    await Members.updateOne({ accountId, userId: 'U0APPROVER' }, { $set: { role: 'approver' } });
    expect(await holder()).toBe(blue);
  });

  it('can reject with a reason, which the requester sees', async () => {
    const message = await asked();
    await as('U0APPROVER').click({ message, actionId: 'move.reject' });
    await modalSaying('U0APPROVER', 'move.reject.reason');
    for (const reason of [' ', '\u2060']) {
      expect(await errorsOf('U0APPROVER', { reason })).toEqual({ reason: 'Enter a reason.' });
    }
    await submitFor('U0APPROVER', { reason: 'Not before <!here> April' }, 'Rejected');
    await product.settle();
    expect(said(requestMessage())).toContain('Not before &lt;!here&gt; April');
    expect(as('U0MEMBER').messages(as('U0MEMBER').directMessage()).at(-1)?.text).toContain('Rejected');
    expect(await holder()).toBe(blue);
  });

  it('ends with a withdrawal only by the requester', async () => {
    expect(said(await asked())).not.toContain('move.withdraw');
    const { blocks } = await open('U0MEMBER', '/billing requests', name);
    const own = blocks.slice(blocks.findIndex((block) => JSON.stringify(block).includes(name)));
    const withdraw = placedElements(own).find(({ actionId }) => actionId === 'move.withdraw');
    await clickFor(
      'U0MEMBER',
      'move.withdraw',
      `Withdrew the request to move *${name}*.`,
      String(withdraw?.element.value),
    );
    await product.settle();
    expect(said(requestMessage())).toContain('*Withdrawn*');
  });

  it('is possible on the Home of people with permission', async () => {
    await asked();
    await as('U0APPROVER').openHome();
    const home = await as('U0APPROVER').waitFor(() => {
      const view = as('U0APPROVER').home();
      return view && said(view).includes(name) ? view : undefined;
    });
    expect(checkView('home', { ...home })).toEqual([]);
    await as('U0MEMBER').openHome();
    expect(said((await as('U0MEMBER').waitFor(() => as('U0MEMBER').home())) as never)).not.toContain('Waiting for you');
  });

  it('asks each approver directly if there is no channel, and updates every copy', async () => {
    await Accounts.updateOne({ _id: accountId }, { $set: { approvalsChannelId: null } });
    await ask('U0MEMBER', `/billing assign ${name} to Red`);
    await product.settle();
    const copy = (user: string) =>
      as(user)
        .messages(as(user).directMessage())
        .findLast((one) => one.text.includes(name));
    const mine = copy('U0APPROVER');
    if (!mine) throw new Error('not asked');
    expect(copy('U0OWNER')?.text).toContain('asked to move');
    expect(said(mine)).not.toContain('move.withdraw');
    expect(copy('U0VIEWER')).toBeUndefined();
    await as('U0APPROVER').click({ message: mine, actionId: 'move.approve' });
    await as('U0APPROVER').waitFor(async () => (await holder()) === red);
    await product.settle();
    expect(said(copy('U0OWNER') as Message)).toContain('*Approved*');
    expect(said(copy('U0OWNER') as Message)).not.toContain('move.approve');
  });
});

describe('a pending request', () => {
  it('gets a reminder in its thread after a day, and expires after a week', async () => {
    const message = await asked();
    clock.set('2026-03-21T12:30:00Z');
    await product.settle();
    await product.settle();
    const replies = as('U0OWNER')
      .messages(FINANCE)
      .filter((one) => one.thread_ts === message.ts);
    expect(replies.map(({ text }) => text)).toEqual([expect.stringContaining('is still waiting for approval')]);
    clock.set('2026-03-27T12:30:00Z');
    await product.settle();
    expect(said(requestMessage())).toContain('*Expired*');
    expect(said(requestMessage())).not.toContain('move.approve');
  });
});

describe('a request overtaken by other changes', () => {
  it('asks the approver about projects that can no longer be moved, and moves the others', async () => {
    await createProject(ctx, { accountId, name: `${name}-b`, billingGroupId: blue });
    await ask('U0MEMBER', `/billing assign ${name}, ${name}-b to Red`);
    await product.settle();
    const project = await Projects.findOne({ accountId, name }).orFail().lean();
    const green = await createGroup(ctx, { accountId, name: `Green ${made}` });
    await Memberships.updateOne({ projectId: project._id, open: true }, { $set: { billingGroupId: green._id } });
    const message = requestMessage('2 projects');
    await as('U0APPROVER').click({ message, actionId: 'move.approve' });
    await modalSaying('U0APPROVER', 'has been moved in the meantime');
    await submitFor('U0APPROVER', { choice: 'others' }, 'Approved');
    expect(await holder(`${name}-b`)).toBe(red);
    expect(await holder()).toBe(green._id);
  });

  it('asks the approver about a later date when the month has been closed meanwhile', async () => {
    const message = await asked();
    clock.set('2026-04-02T12:00:00Z');
    await Moves.updateMany({ accountId, state: 'open' }, { $set: { expiresAt: new Date('2026-05-01') } });
    for (const id of [blue, red]) await closeInvoice(ctx, { _id: id, accountId }, toPeriod('2026-03'));
    await as('U0APPROVER').click({ message, actionId: 'move.approve' });
    await modalSaying('U0APPROVER', 'April 2026 at the earliest');
    const date = 'effective 1 April 2026 instead of 1 March 2026, because March 2026 has been invoiced';
    await submitFor('U0APPROVER', {}, `${name} moved, ${date}`);
    expect(await holder()).toBe(red);
    await product.settle();
    const told = as('U0MEMBER').messages(as('U0MEMBER').directMessage()).at(-1);
    expect(told?.text).toContain(`Your move of ${name} to Red, ${date}: *Approved*`);
    expect(said(requestMessage())).toContain(date.replace('effective ', ''));
  });
});
