import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Bundle } from '../../../src/billing/event/notice.ts';
import { numberEvents } from '../../../src/services/events/event-log.ts';
import { inTransaction } from '../../../src/services/kit/transaction.ts';
import {
  ChannelClosed,
  type Courier,
  NotTaken,
  type Telling,
  Unanswered,
} from '../../../src/services/notices/courier.ts';
import { Delivery, MOST_AT_ONCE } from '../../../src/services/notices/delivery.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Leases } from '../../../src/store/kit/leases.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Subscriptions } from '../../../src/store/notices/subscriptions.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { gate } from '../../support/slack/slack-app.ts';

useDatabase(migrate);

const ACCOUNT = 'acct_1';
const ID = 'sub_1';
const START = '2024-10-05T12:00:00.000Z';
const clock = new TestClock(START);
const ctx = contextAt(clock);

beforeEach(async () => {
  clock.set(START);
  await Promise.all([Subscriptions.deleteMany({}), Events.deleteMany({}), Leases.deleteMany({})]);
  await Subscriptions.create([{ _id: ID, accountId: ACCOUNT, channelId: 'C1', madeBy: 'U1', position: 0 }]);
});

interface Told {
  readonly first: number;
  readonly since: Date | undefined;
}

/** Records what it is asked to post. `answer` decides the result by the number of the call. */
function courier(answer: (call: number) => Promise<void> | void = () => undefined): Courier & {
  told: Told[];
  broken: string[];
} {
  const told: Told[] = [];
  const broken: string[] = [];
  return {
    told,
    broken,
    async tell(_ctx, _to, { entries }: Bundle, { earlier, assertHeld, noteSent }: Telling) {
      told.push({ first: entries[0]?.logEntryId ?? 0, since: earlier?.since });
      await answer(told.length);
      assertHeld();
      await noteSent({ ts: `${told.length}.0`, isReply: false });
    },
    async tellBroken(_ctx, { _id }) {
      broken.push(_id);
    },
  };
}

function deliveryOf(of: Courier): Delivery {
  return new Delivery(of, { paceMs: 0, random: () => 0, wall: clock });
}

async function poke(delivery: Delivery): Promise<void> {
  await delivery.poke(ctx);
  await delivery.idle();
}

async function happens(description: string): Promise<void> {
  await inTransaction(ctx, (tx) => tx.record({ accountId: ACCOUNT, type: 'billing_group_renamed', description }));
  await numberEvents(ctx);
}

const subscription = () => Subscriptions.findById(ID).orFail().lean();
/** The state after the lease of a process that no longer exists has expired. */
const leasesEnd = () => Leases.updateMany({}, { $set: { until: new Date(0) } });
const later = (seconds: number) => clock.set(new Date(Date.parse(START) + seconds * 1000).toISOString());

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

  it('looks for an unanswered message only when Slack has accepted it, or never will', async () => {
    await happens('One');
    const slack = courier((call) => {
      if (call === 1) throw new Unanswered('Slack didn’t answer');
    });
    const delivery = deliveryOf(slack);
    await poke(delivery);
    later(19);
    await poke(delivery);
    expect(slack.told).toHaveLength(1);
    later(21);
    await poke(delivery);
    expect(slack.told).toEqual([
      { first: 1, since: undefined },
      { first: 1, since: new Date(START) },
    ]);
    expect(await subscription()).toMatchObject({ position: 1, sending: null, failures: 0 });
  });

  it('resends what Slack certainly didn’t accept without searching the channel', async () => {
    await happens('One');
    const slack = courier((call) => {
      if (call === 1) throw new NotTaken(new Error('ratelimited'), 30);
    });
    const delivery = deliveryOf(slack);
    await poke(delivery);
    later(31);
    await poke(delivery);
    expect(slack.told).toEqual([
      { first: 1, since: undefined },
      { first: 1, since: undefined },
    ]);
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

  it('by a killed process settles before another continues', async () => {
    await happens('One');
    const never = deliveryOf(courier(() => new Promise(() => undefined)));
    await never.poke(ctx);
    while ((await subscription()).sending === null) await new Promise((resolve) => setTimeout(resolve, 5));
    const slack = courier();
    const other = deliveryOf(slack);
    // its lease has expired by then, and its message may still arrive
    later(16);
    await leasesEnd();
    await poke(other);
    expect(slack.told).toEqual([]);
    later(21);
    await poke(other);
    expect(slack.told).toEqual([{ first: 1, since: new Date(START) }]);
  });

  it('isn’t affected by what an earlier lease holder still writes', async () => {
    await happens('One');
    const wait = gate();
    const late = deliveryOf(courier(() => wait.promise.then(() => Promise.reject(new Error('after all')))));
    await late.poke(ctx);
    while ((await subscription()).sending === null) await new Promise((resolve) => setTimeout(resolve, 5));
    later(30);
    await leasesEnd();
    await happens('Two');
    await poke(deliveryOf(courier()));
    const told = await subscription();
    expect(told).toMatchObject({ position: 2, sending: null, failures: 0 });
    wait.open();
    await late.idle();
    expect(await subscription()).toEqual(told);
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
  it('holds up a channel for at most 15 s after its end, however long it lasts', async () => {
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
    expect(tried).toEqual([0, 5, 10, 20, 35, 50, 65, 80, 95, 110, 125, 140]);
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
