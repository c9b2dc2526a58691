import { beforeEach, describe, expect, it } from '@jest/globals';
import { NotTaken, Unanswered } from '../../../src/services/notices/courier.ts';
import { LookupUnfinished } from '../../../src/services/notices/send-once.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Subscriptions } from '../../../src/store/notices/subscriptions.ts';
import { useDatabase } from '../../support/database/database.ts';
import {
  ACCOUNT,
  courier,
  ctx,
  deliveryOf,
  happens,
  later,
  leasesEnd,
  poke,
  START,
  startOver,
  subscription,
} from '../../support/notices/delivery-world.ts';
import { gate } from '../../support/slack/slack-app.ts';

useDatabase(migrate);
beforeEach(startOver);

describe('a message that Slack didn’t answer', () => {
  it('is sent again only when Slack never will accept it', async () => {
    await happens('One');
    const slack = courier((call) => {
      if (call === 1) throw new Unanswered('Slack didn’t answer');
    });
    const delivery = deliveryOf(slack);
    await poke(delivery);
    for (const second of [4, 13]) {
      later(second);
      await poke(delivery);
      expect(slack.told).toHaveLength(1);
    }
    // an early search that finds nothing isn’t repeated
    expect(slack.looks).toEqual([expect.objectContaining({ since: new Date(START), isEarly: true })]);
    later(15);
    await poke(delivery);
    expect(slack.told).toEqual([
      { first: 1, since: undefined },
      { first: 1, since: new Date(START) },
    ]);
    expect(await subscription()).toMatchObject({ position: 1, sending: null, failures: 0 });
  });

  it('has until then from the call, however long the message took to build', async () => {
    await happens('One');
    const slack = courier();
    const delivery = deliveryOf({
      ...slack,
      async tell(_ctx, _to, _bundle, { beforePosting }) {
        later(9);
        await new Promise((resolve) => setTimeout(resolve, 1_100));
        await beforePosting();
        throw new Unanswered('Slack didn’t answer');
      },
    });
    await poke(delivery);
    expect((await subscription()).sending?.settledAt).toEqual(new Date(Date.parse(START) + (9 + 14) * 1000));
  });

  it('is left behind at once when an early search finds it', async () => {
    await happens('One');
    const slack = courier(
      (call) => {
        if (call === 1) throw new Unanswered('Slack didn’t answer');
      },
      () => '1.0',
    );
    const delivery = deliveryOf(slack);
    await poke(delivery);
    await happens('Two');
    later(4);
    await poke(delivery);
    expect(slack.looks).toHaveLength(1);
    // the second call has only what belongs to the first message, which is there
    expect(slack.told.map(({ first }) => first)).toEqual([1, 1, 2]);
    expect(await subscription()).toMatchObject({ position: 2, sending: null, failures: 0 });
  });

  it('stays open while early searches fail', async () => {
    await happens('One');
    const slack = courier(
      (call) => {
        if (call === 1) throw new Unanswered('Slack didn’t answer');
      },
      () => {
        throw new Error('Slack answered 500');
      },
    );
    const delivery = deliveryOf(slack);
    await poke(delivery);
    for (let second = 1; second < 14; second++) {
      later(second);
      await poke(delivery);
    }
    expect(slack.told).toHaveLength(1);
    expect(slack.looks.length).toBeGreaterThan(1);
    later(15);
    await poke(delivery);
    expect(slack.told).toHaveLength(2);
  });

  it('is searched from the start after each time that it was sent', async () => {
    await happens('One');
    const cursors: (string | undefined)[] = [];
    const slack = courier();
    const delivery = deliveryOf({
      ...slack,
      async tell(one, to, bundle, telling) {
        cursors.push(telling.earlier?.cursor);
        if (cursors.length === 1 || cursors.length === 3) throw new Unanswered('Slack didn’t answer');
        if (cursors.length === 2) throw new LookupUnfinished('page 2', 1);
        await slack.tell(one, to, bundle, telling);
      },
    });
    for (const second of [0, 15, 30, 50]) {
      later(second);
      await poke(delivery);
    }
    expect(cursors).toEqual([undefined, undefined, 'page 2', undefined]);
    expect(await subscription()).toMatchObject({ position: 1 });
  });

  it('has until then from the beginning of the call, not from the end of its timeout', async () => {
    await happens('One');
    const slack = courier((call) => {
      if (call > 1) return;
      later(10);
      throw new Unanswered('Slack didn’t answer');
    });
    const delivery = deliveryOf(slack);
    await poke(delivery);
    for (const second of [12, 13]) {
      later(second);
      await poke(delivery);
      expect(slack.told).toHaveLength(1);
    }
    later(15);
    await poke(delivery);
    expect(slack.told).toHaveLength(2);
    expect(await subscription()).toMatchObject({ position: 1, sending: null, failures: 0 });
  });

  it('delays no other channel meanwhile', async () => {
    await Subscriptions.create([{ _id: 'sub_2', accountId: ACCOUNT, channelId: 'C2', madeBy: 'U2', position: 0 }]);
    await happens('One');
    const slack = courier((call) => {
      if (call === 1) throw new Unanswered('Slack didn’t answer');
    });
    const delivery = deliveryOf(slack);
    await poke(delivery);
    await happens('Two');
    later(5);
    await poke(delivery);
    const positions = (await Subscriptions.find({}).lean()).map(({ position }) => position);
    expect(positions.sort()).toEqual([0, 2]);
  });

  it('is resent without searching the channel if Slack certainly didn’t accept it', async () => {
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

  it('of a killed process settles before another continues', async () => {
    await happens('One');
    const never = deliveryOf(courier(() => new Promise(() => undefined)));
    await never.poke(ctx);
    while ((await subscription()).sending === null) await new Promise((resolve) => setTimeout(resolve, 5));
    const slack = courier();
    const other = deliveryOf(slack);
    // its lease has expired by then, and its message may still arrive
    later(10);
    await leasesEnd();
    await poke(other);
    expect(slack.told).toEqual([]);
    later(15);
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
});
