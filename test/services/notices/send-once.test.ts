import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  findSent,
  LookupUnfinished,
  NotSettled,
  type Sending,
  sendOnce,
} from '../../../src/services/notices/send-once.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { SentMessages } from '../../../src/store/notices/sent-messages.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const START = '2026-11-02T12:00:00.000Z';
const clock = new TestClock(START);
const ctx = contextAt(clock);
const later = (seconds: number) => clock.set(new Date(Date.parse(START) + seconds * 1000).toISOString());
const LOST = new Error('the answer was lost');
const REFUSED = new Error('refused');

beforeEach(async () => {
  clock.set(START);
  await SentMessages.deleteMany({});
});

/** A channel that records its calls. `send` and `find` define the result of each, in order. */
function channel(send: (string | Error)[], find: (string | undefined | Error)[] = []) {
  const calls: string[] = [];
  const next = <T>(what: string, answers: (T | Error)[]): Promise<T> => {
    calls.push(what);
    const answer = answers.shift();
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as T);
  };
  const sending: Sending = {
    wall: clock,
    send: () => next('send', send),
    find: ({ cursor, isEarly }) =>
      next(`find${isEarly ? ' early' : ''}${cursor === undefined ? '' : ` from ${cursor}`}`, find),
    wasNotSent: (error) => error === REFUSED,
  };
  return { calls, sending };
}

describe('a message that is sent once', () => {
  it('isn’t looked for before its first attempt, or once it is known', async () => {
    const { calls, sending } = channel(['1.0']);
    expect(await sendOnce(ctx, 'C1:a', sending)).toBe('1.0');
    expect(await sendOnce(ctx, 'C1:a', sending)).toBe('1.0');
    expect(calls).toEqual(['send']);
  });

  it('is sent again without a search when it certainly wasn’t accepted', async () => {
    const { calls, sending } = channel([REFUSED, '1.0']);
    await expect(sendOnce(ctx, 'C1:a', sending)).rejects.toBe(REFUSED);
    expect(await sendOnce(ctx, 'C1:a', sending)).toBe('1.0');
    expect(calls).toEqual(['send', 'send']);
  });

  it('is looked for at once and when it would have arrived, and isn’t sent again if it is there', async () => {
    const { calls, sending } = channel([LOST], [undefined, '1.0']);
    await expect(sendOnce(ctx, 'C1:a', sending)).rejects.toBe(LOST);
    await expect(sendOnce(ctx, 'C1:a', sending)).rejects.toMatchObject({ name: 'NotSettled', retryAfter: 14 });
    later(15);
    expect(await sendOnce(ctx, 'C1:a', sending)).toBe('1.0');
    expect(calls).toEqual(['send', 'find early', 'find']);
  });

  it('is known as soon as it is found', async () => {
    const { calls, sending } = channel([LOST], ['1.0']);
    await expect(sendOnce(ctx, 'C1:a', sending)).rejects.toBe(LOST);
    later(2);
    expect(await sendOnce(ctx, 'C1:a', sending)).toBe('1.0');
    expect(await sendOnce(ctx, 'C1:a', sending)).toBe('1.0');
    expect(calls).toEqual(['send', 'find early']);
  });

  it('resumes its search where it stopped, and is sent if it isn’t there', async () => {
    const { calls, sending } = channel([LOST, '2.0'], [new LookupUnfinished('page 2', 60), undefined]);
    await expect(sendOnce(ctx, 'C1:a', sending)).rejects.toBe(LOST);
    later(21);
    await expect(sendOnce(ctx, 'C1:a', sending)).rejects.toBeInstanceOf(LookupUnfinished);
    later(90);
    expect(await sendOnce(ctx, 'C1:a', sending)).toBe('2.0');
    expect(calls).toEqual(['send', 'find', 'find from page 2', 'send']);
  });

  it('is sent by one of five processes that try at the same time', async () => {
    const { calls, sending } = channel(['1.0', '2.0', '3.0', '4.0', '5.0']);
    const tries = await Promise.allSettled([1, 2, 3, 4, 5].map(() => sendOnce(ctx, 'C1:a', sending)));
    expect(calls).toEqual(['send']);
    const others = tries.filter((one) => one.status === 'rejected').map(({ reason }) => reason);
    expect(others.every((reason) => reason instanceof NotSettled)).toBe(true);
  });

  it('that was never sent isn’t found, without a search', async () => {
    const { calls, sending } = channel([]);
    expect(await findSent(ctx, 'C1:a', sending)).toBeUndefined();
    expect(calls).toEqual([]);
  });
});
