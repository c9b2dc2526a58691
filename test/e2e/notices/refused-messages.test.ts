import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createAccount } from '../../../src/services/accounts/accounts.ts';
import { numberEvents } from '../../../src/services/events/event-log.ts';
import { createGroup, renameGroup } from '../../../src/services/groups/groups.ts';
import { inTransaction } from '../../../src/services/kit/transaction.ts';
import { subscribe } from '../../../src/services/notices/subscriptions.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Subscriptions, Threads } from '../../../src/store/notices/subscriptions.ts';
import { contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { FINANCE, type Product, startProduct, TEAM_ID } from '../../support/product.ts';
import { driving, said } from '../../support/slack/driving.ts';

useDatabase(migrate);

const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
const owner = contextAt(clock, person('U0OWNER', TEAM_ID));
const { as, ask } = driving(() => product);
let product: Product;
let accountId = '';
let blue = '';
let names = 0;

beforeAll(async () => {
  product = await startProduct(clock);
  const input = { name: 'Acme', timeZone: 'Europe/Berlin', currency: 'EUR', financeChannelId: null };
  accountId = (await createAccount(ctx, { teamId: TEAM_ID, userId: 'U0OWNER' }, input))._id;
  blue = (await createGroup(owner, { accountId, name: 'Blue' }))._id;
  await product.settle();
});
afterAll(() => product.stop());
beforeEach(async () => {
  await Subscriptions.deleteMany({});
  await Threads.deleteMany({});
  product.workspace.faults.clear();
});

const told = () => as('U0OWNER').messages(FINANCE);
const happens = async () => {
  names += 1;
  await renameGroup(owner, { accountId, billingGroupId: blue, name: `Blue ${names}` });
};
const subscribed = () =>
  subscribe(owner, accountId, { channelId: FINANCE, isPersonal: false, kinds: ['groups', 'moves'] });
const one = (id: string) => Subscriptions.findById(id).orFail().lean();
const later = (seconds: number) => clock.set(new Date(clock.now().getTime() + seconds * 1000).toISOString());
const refuse = (error: string, times = 1) =>
  product.workspace.faults.next({ method: 'chat.postMessage', kind: 'error', error, times });

describe('a message that Slack refuses', () => {
  it.each([
    'restricted_action_thread_only_channel',
    'ekm_access_denied',
    'message_limit_exceeded',
    'team_access_not_granted',
    'a_word_of_tomorrow',
  ])(
    'permanently (%s) suspends the subscription, notifies its creator, is shown in the list, and can be resumed',
    async (error) => {
      const { _id } = await subscribed();
      refuse(error);
      await happens();
      await product.settle();
      expect(await one(_id)).toMatchObject({ state: 'broken', brokenBy: error });
      await product.settle();
      expect(as('U0OWNER').messages(as('U0OWNER').directMessage()).at(-1)?.text).toContain('are suspended');
      expect(said(await ask('U0OWNER', '/billing notify list'))).toContain('suspended: ');
      expect(said(await ask('U0OWNER', '/billing notify list'))).toContain('Resume');
      const before = told().length;
      await Subscriptions.updateOne({ _id }, { $set: { state: 'active' } });
      await product.settle();
      expect(told().length).toBe(before + 1);
    },
  );

  it.each(['ratelimited', 'internal_error', 'fatal_error', 'service_unavailable', 'request_timeout'])(
    'temporarily (%s) is sent once, later',
    async (error) => {
      const { _id } = await subscribed();
      const before = told().length;
      refuse(error);
      await happens();
      await product.settle();
      expect(await one(_id)).toMatchObject({ state: 'active', failures: 1 });
      later(60);
      await product.settle();
      expect(told().length).toBe(before + 1);
    },
  );

  it('for its length is sent as plain text', async () => {
    const { _id } = await subscribed();
    const before = told().length;
    refuse('msg_too_long');
    await happens();
    await product.settle();
    expect(told().length).toBe(before + 1);
    expect(await one(_id)).toMatchObject({ state: 'active', sending: null });
  });

  it('isn’t looked for before a first attempt, nor after Slack asked to wait', async () => {
    const { _id } = await subscribed();
    product.workspace.faults.next({ method: 'chat.postMessage', kind: '429', retryAfter: 1 });
    product.workspace.faults.next({
      method: 'conversations.history',
      kind: 'error',
      error: 'fatal_error',
      times: 'always',
    });
    const before = told().length;
    await happens();
    await product.settle();
    later(5);
    await product.settle();
    expect(told().length).toBe(before + 1);
    expect(await one(_id)).toMatchObject({ sending: null, failures: 0 });
  });
});

describe('a message whose thread is gone', () => {
  it.each([
    'message_not_found',
    'thread_not_found',
    'cannot_reply_to_message',
    'restricted_action_non_threadable_channel',
  ])('(%s) is posted without it, and starts the next one', async (error) => {
    const { _id } = await subscribed();
    await Threads.create([{ _id: `${_id}:req_1`, ts: '1.0' }]);
    await inTransaction(ctx, (tx) =>
      tx.record({
        ...{ accountId, type: 'move_requested', description: `Asked, ${error}`, billingGroupId: blue },
        after: { requestId: 'req_1' },
      }),
    );
    await numberEvents(ctx);
    const before = told().length;
    refuse(error);
    await product.settle();
    const [message] = told().slice(before);
    expect(message?.text).toContain(error);
    expect((await Threads.findById(`${_id}:req_1`).lean())?.ts).toBe(message?.ts);
    expect(await one(_id)).toMatchObject({ state: 'active', sending: null });
  });
});
