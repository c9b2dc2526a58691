import { beforeEach, describe, expect, it } from '@jest/globals';
import { numberEvents } from '../../../src/services/events/event-log.ts';
import { inTransaction } from '../../../src/services/kit/transaction.ts';
import { ChannelClosed, NotTaken } from '../../../src/services/notices/courier.ts';
import { MOST_AT_ONCE } from '../../../src/services/notices/delivery.ts';
import { Leases } from '../../../src/store/kit/leases.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Subscriptions } from '../../../src/store/notices/subscriptions.ts';
import { useDatabase } from '../../support/database/database.ts';
import {
  ACCOUNT,
  courier,
  ctx,
  deliveryOf,
  happens,
  ID,
  later,
  poke,
  startOver,
  subscription,
} from '../../support/notices/delivery-world.ts';
import { gate } from '../../support/slack/slack-app.ts';

useDatabase(migrate);
beforeEach(startOver);

describe('delivery', () => {
  it('handles a limited number of subscriptions in parallel, and eventually all of them', async () => {
    const ids = Array.from({ length: 3 * MOST_AT_ONCE }, (_, at) => `sub_many_${at}`);
    await Subscriptions.create(
      ids.map((_id) => ({ _id, accountId: ACCOUNT, channelId: `C_${_id}`, madeBy: 'U1', position: 0 })),
    );
    await happens('One');
    let [now, most] = [0, 0];
    const slack = courier(async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
    });
    await poke(deliveryOf(slack));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(MOST_AT_ONCE);
    expect(slack.told).toHaveLength(ids.length + 1);
    expect(await Subscriptions.countDocuments({ position: 1, sending: null })).toBe(ids.length + 1);
  });

  it('delays nobody longer than its lease when a process is killed while reporting a broken channel', async () => {
    await Subscriptions.updateOne({ _id: ID }, { $set: { state: 'broken', brokenBy: 'is_archived' } });
    const [hanging, begun] = [gate(), gate()];
    const slack = courier();
    const delivery = deliveryOf({
      ...slack,
      tellBroken: async () => {
        begun.open();
        await hanging.promise;
      },
    });
    await delivery.poke(ctx);
    await begun.promise;
    const { until } = await Leases.findById(`broken:${ID}`).orFail().lean();
    expect(until.getTime() - Date.now()).toBeLessThanOrEqual(20_000);
    hanging.open();
    await delivery.idle();
    expect(await subscription()).toMatchObject({ brokenTold: true });
  });

  it('lets a subscription go ahead while the channels before it hang', async () => {
    await Subscriptions.create([{ _id: 'sub_2', accountId: ACCOUNT, channelId: 'C2', madeBy: 'U2', position: 0 }]);
    await happens('One');
    const hanging = gate();
    const slack = courier((call) => (call === 1 ? hanging.promise : undefined));
    const delivery = deliveryOf(slack);
    await delivery.poke(ctx);
    while ((await Subscriptions.countDocuments({ position: 1 })) === 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(slack.told).toHaveLength(2);
    hanging.open();
    await delivery.idle();
    expect(await Subscriptions.countDocuments({ position: 1 })).toBe(2);
  });

  it('pauses a channel whose message can never be built, with a notice, and no other channel', async () => {
    await Subscriptions.create([{ _id: 'sub_2', accountId: ACCOUNT, channelId: 'C2', madeBy: 'U2', position: 0 }]);
    await happens('One');
    const slack = courier();
    const { tell } = slack;
    const delivery = deliveryOf({
      ...slack,
      async tell(one, to, bundle, telling) {
        if (to.subscriptionId === ID) throw new TypeError('a message of nothing');
        await tell(one, to, bundle, telling);
      },
    });
    let second = 0;
    for (; second < 4_000; second += 200) {
      later(second);
      await poke(delivery);
    }
    expect(await subscription()).toMatchObject({ state: 'broken', brokenBy: 'message_failed', position: 0 });
    expect(slack.broken).toEqual([ID]);
    expect(await Subscriptions.findById('sub_2').lean()).toMatchObject({ state: 'active', position: 1 });
  });

  it('resumes after many entries that aren’t news', async () => {
    await Subscriptions.updateOne({ _id: ID }, { $set: { groupIds: ['bg_mine'] } });
    const other = { accountId: ACCOUNT, type: 'billing_group_renamed' as const, billingGroupId: 'bg_other' };
    const others = Array.from({ length: 600 }, (_, at) => ({ ...other, description: `Other ${at}` }));
    await inTransaction(ctx, (tx) => tx.recordAll(others));
    await inTransaction(ctx, (tx) => tx.record({ ...other, billingGroupId: 'bg_mine', description: 'Mine' }));
    await numberEvents(ctx);
    const slack = courier();
    await poke(deliveryOf(slack));
    expect(slack.told).toEqual([{ first: 601, since: undefined }]);
    expect(await subscription()).toMatchObject({ position: 601 });
  });
});

describe('an outage of Slack', () => {
  it('is tried every few seconds at first, and then at least every 15 s, however long it lasts', async () => {
    await happens('One');
    const slack = courier(() => {
      throw new NotTaken(new Error('Slack answered 500'));
    });
    const delivery = deliveryOf(slack);
    const tried: number[] = [];
    for (let second = 0; second <= 150; second += 5) {
      later(second);
      const before = slack.told.length;
      await poke(delivery);
      if (slack.told.length > before) tried.push(second);
    }
    expect(tried).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 75, 90, 105, 120, 135, 150]);
    expect(await subscription()).toMatchObject({ state: 'active', position: 0 });
  });
});

describe('a channel that doesn’t accept messages', () => {
  it('is paused with its place and reported by one process only, and again when it breaks again', async () => {
    await happens('One');
    const slack = courier(() => {
      throw new ChannelClosed('is_archived', undefined);
    });
    const [one, two] = [deliveryOf(slack), deliveryOf(slack)];
    await poke(one);
    expect(await subscription()).toMatchObject({ state: 'broken', brokenBy: 'is_archived', position: 0 });
    await Promise.all([poke(one), poke(two)]);
    expect(slack.broken).toEqual([ID]);
    const { brokenAt } = await subscription();
    await Subscriptions.updateOne({ _id: ID }, { $set: { state: 'active', brokenTold: false } });
    later(30);
    await poke(one);
    await poke(one);
    expect(slack.broken).toEqual([ID, ID]);
    expect((await subscription()).brokenAt).not.toEqual(brokenAt);
  });

  it('because of a rejected token resumes automatically once it is accepted', async () => {
    await happens('One');
    const slack = courier((call) => {
      if (call === 1) throw new ChannelClosed('token_revoked', undefined);
    });
    const delivery = deliveryOf(slack);
    await poke(delivery);
    expect(await subscription()).toMatchObject({ state: 'broken', brokenBy: 'token_revoked' });
    later(30);
    await poke(delivery);
    expect(await subscription()).toMatchObject({ state: 'active' });
    await poke(delivery);
    expect(slack.told).toHaveLength(2);
    expect(await subscription()).toMatchObject({ position: 1 });
  });
});
