import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkBlocks, type Message } from '../../../src/local/workspace/index.ts';
import { createAccount, setMember } from '../../../src/services/accounts/accounts.ts';
import { createGroup, renameGroup } from '../../../src/services/groups/groups.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Subscriptions } from '../../../src/store/notices/subscriptions.ts';
import { contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { FINANCE, type Product, SHARED, startProduct, TEAM_ID } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate);

const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
const owner = contextAt(clock, person('U0OWNER', TEAM_ID));
const { as, ask, open, modalSaying, clickFor, submitFor, errorsOf } = driving(() => product);
let product: Product;
let accountId = '';
let blue = '';

beforeAll(async () => {
  product = await startProduct(clock);
  const input = { name: 'Acme', timeZone: 'Europe/Berlin', currency: 'EUR', financeChannelId: null };
  accountId = (await createAccount(ctx, { teamId: TEAM_ID, userId: 'U0OWNER' }, input))._id;
  await setMember(ctx, accountId, 'U0MEMBER', 'member');
  blue = (await createGroup(owner, { accountId, name: 'Blue' }))._id;
  await createGroup(owner, { accountId, name: 'Red' });
  await product.settle();
});
afterAll(() => product.stop());

const told = () => as('U0OWNER').messages(FINANCE);
const rename = (name: string) => renameGroup(owner, { accountId, billingGroupId: blue, name });
async function subscriptionOf(channelId: string) {
  return Subscriptions.findOne({ accountId, channelId }).orFail().lean();
}

describe('subscribing a channel', () => {
  it('works by form, for the chosen topics, from then on', async () => {
    await open('U0OWNER', '/billing notify', 'Topics');
    expect(await errorsOf('U0OWNER', { channel: null })).toEqual({
      channel: 'Choose a channel or direct messages.',
    });
    await as('U0OWNER').suggest({ actionId: 'notify.groups' }, 'blu');
    await submitFor(
      'U0OWNER',
      { channel: FINANCE, 'notify.groups': [blue], kinds: ['groups', 'projects'], mentions: ['U0MEMBER'] },
      'will receive',
    );
    await as('U0OWNER').close(true);
    expect(await subscriptionOf(FINANCE)).toMatchObject({
      groupIds: [blue],
      kinds: ['groups', 'projects'],
      madeBy: 'U0OWNER',
    });
    const before = told().length;
    await rename('Navy');
    const red = await Groups.findOne({ name: 'Red' }).orFail().lean();
    await renameGroup(owner, { accountId, billingGroupId: red._id, name: 'Crimson' });
    await product.settle();
    const fresh = told().slice(before);
    expect(fresh.map((message) => message.text)).toEqual([
      '<@U0OWNER> renamed billing group "Blue" to "Navy" cc <@U0MEMBER>',
    ]);
    expect(checkBlocks('message', fresh[0]?.blocks ?? [])).toEqual([]);
  });

  it('shared with other organizations requires a confirmation after a warning', async () => {
    const view = await open('U0OWNER', '/billing notify', 'Topics');
    expect(said(view)).toContain('"exclude_external_shared_channels":true');
    await submitFor('U0OWNER', { channel: SHARED, kinds: ['moves'] }, 'shared with another organization');
    expect(await Subscriptions.countDocuments({ channelId: SHARED })).toBe(0);
    await submitFor('U0OWNER', {}, 'will receive');
    expect(await Subscriptions.countDocuments({ channelId: SHARED })).toBe(1);
    await Subscriptions.deleteMany({ channelId: SHARED });
    await as('U0OWNER').close(true);
  });

  it('combines a burst into one message that names the first event', async () => {
    const before = told().length;
    for (let at = 1; at <= 30; at++) {
      await createProject(owner, { accountId, name: `p${String(at).padStart(2, '0')}`, billingGroupId: blue });
    }
    await product.settle();
    const fresh = told().slice(before);
    // of the thirty that were made and added, those are of the group that were added to it
    expect(fresh).toHaveLength(1);
    const message = fresh[0] as Message;
    expect(checkBlocks('message', message.blocks ?? [])).toEqual([]);
    await as('U0OWNER').click({ message, actionId: 'events.open' });
    const log = said(await modalSaying('U0OWNER', 'Only the 30 events of the message'));
    expect(log.match(/Added project p\d\d /g)).toHaveLength(25);
    expect(log).not.toContain('Created project');
    await as('U0OWNER').close(true);
  });

  it('is refused to viewers, except for themselves', async () => {
    await open('U0MEMBER', '/billing notify', 'Topics');
    await submitFor('U0MEMBER', { channel: FINANCE, kinds: ['groups'] }, 'owner or billing admin');
    await submitFor('U0MEMBER', { mine: ['mine'], kinds: ['groups'] }, 'You will receive');
    await rename('Blue');
    await product.settle();
    const direct = as('U0MEMBER').directMessage();
    expect(as('U0MEMBER').messages(direct).at(-1)?.text).toContain('renamed billing group');
  });

  it('works from a group’s view, with that group preselected', async () => {
    await open('U0OWNER', '/billing group blue', 'Last invoice');
    const view = await clickFor('U0OWNER', 'notify.open', 'Mention for');
    expect(said(view)).toContain('"Blue"');
    await as('U0OWNER').close(true);
  });
});

describe('subscriptions', () => {
  it('are listed, without other people’s personal ones', async () => {
    const list = said(await ask('U0OWNER', '/billing notify list'));
    expect(list).toContain(`<#${FINANCE}>`);
    expect(list).toContain('Blue');
    expect(list).not.toContain('You, by direct message');
    expect(said(await ask('U0MEMBER', '/billing notify list'))).toContain('You, by direct message');
  });

  it('can be paused, and missed messages arrive when they are resumed', async () => {
    expect(said(await ask('U0OWNER', '/billing notify pause'))).toContain('Paused');
    const before = told().length;
    await rename('Azure');
    await product.settle();
    expect(told().length).toBe(before);
    expect(said(await ask('U0OWNER', '/billing notify resume'))).toContain('Missed');
    await product.settle();
    expect(
      told()
        .slice(before)
        .map(({ text }) => text),
    ).toEqual(['<@U0OWNER> renamed billing group "Blue" to "Azure" cc <@U0MEMBER>']);
  });

  it('can be paused and removed with their menu', async () => {
    const list = await ask('U0OWNER', '/billing notify list');
    const { _id } = await subscriptionOf(FINANCE);
    await as('U0OWNER').click({ message: list, actionId: 'notify.menu', value: `pause ${accountId} ${_id}` });
    await as('U0OWNER').waitFor(async () => (await subscriptionOf(FINANCE)).state === 'paused');
    await ask('U0OWNER', '/billing notify resume');
  });

  it.each([['/billing notify explode', 'There is no notify command']])('are refused: %s', async (line, why) => {
    expect(said(await ask('U0OWNER', line))).toContain(why);
  });

  it('can be changed only by those with permission', async () => {
    expect(said(await ask('U0MEMBER', '/billing notify pause'))).toContain('owner or billing admin');
    expect(said(await ask('U0MEMBER', '/billing notify remove'))).toContain('owner or billing admin');
  });
});

describe('a channel that no longer accepts messages', () => {
  it('is reported to those who can fix it, keeps its place, and doesn’t affect others', async () => {
    // the next message must be this channel's
    await Subscriptions.updateMany({ accountId, isPersonal: true }, { $set: { state: 'paused' } });
    product.workspace.faults.next({ method: 'chat.postMessage', kind: 'error', error: 'is_archived' });
    const before = told().length;
    await rename('Cobalt');
    await product.settle();
    await product.settle();
    expect(await subscriptionOf(FINANCE)).toMatchObject({ state: 'broken', brokenBy: 'is_archived', brokenTold: true });
    const direct = as('U0OWNER').directMessage();
    const words = as('U0OWNER')
      .messages(direct)
      .filter((message) => message.text.includes('it is archived'));
    expect(words).toHaveLength(1);
    const [message] = words as [Message];
    expect(checkBlocks('message', message.blocks ?? [])).toEqual([]);
    await as('U0OWNER').click({ message, actionId: 'notify.move.open' });
    await modalSaying('U0OWNER', 'notify.elsewhere.channel');
    await submitFor('U0OWNER', { channel: FINANCE }, 'now receives notifications');
    await product.settle();
    expect(
      told()
        .slice(before)
        .map(({ text }) => text),
    ).toEqual(['<@U0OWNER> renamed billing group "Azure" to "Cobalt" cc <@U0MEMBER>']);
  });

  it('gets a week’s messages as a digest once it is fixed', async () => {
    await ask('U0OWNER', '/billing notify pause');
    const before = told().length;
    for (let at = 0; at < 30; at++) {
      await rename(`Name ${at}`);
      await createProject(owner, { accountId, name: `week-${at}`, billingGroupId: blue });
    }
    await product.settle();
    await ask('U0OWNER', '/billing notify resume');
    await product.settle();
    const fresh = told().slice(before);
    expect(fresh).toHaveLength(1);
    expect(fresh[0]?.text).toContain('60 events since');
  });
});

describe('a digest', () => {
  it('is sent at its hour', async () => {
    await ask('U0OWNER', '/billing notify remove');
    await open('U0OWNER', '/billing notify', 'Topics');
    await submitFor('U0OWNER', { channel: FINANCE, kinds: ['groups'], rhythm: 'daily' }, 'will receive');
    const before = told().length;
    await rename('One');
    await rename('Two');
    await product.settle();
    expect(told().length).toBe(before);
    clock.set('2026-03-21T08:00:01Z');
    await product.settle();
    expect(told().slice(before)).toHaveLength(1);
    expect(told().at(-1)?.text).toContain('2 events since');
  });
});

describe('a person who has left the account', () => {
  it('gets no more notifications', async () => {
    const { Members } = await import('../../../src/store/accounts/accounts.ts');
    await Subscriptions.updateMany({ accountId, isPersonal: true }, { $set: { state: 'active' } });
    await Members.deleteOne({ accountId, userId: 'U0MEMBER' });
    const direct = as('U0MEMBER').directMessage();
    const before = as('U0MEMBER').messages(direct).length;
    await rename('Three');
    await product.settle();
    expect(as('U0MEMBER').messages(direct).length).toBe(before);
  });
});
