import { describe, expect, it } from '@jest/globals';
import { anomaliesIn, type JudgedDay, type Judging, judgeDays } from '../../../src/billing/insight/anomalies.ts';
import { changesOf, type KnownAnomaly } from '../../../src/billing/insight/anomaly-changes.ts';
import type { DayCost } from '../../../src/billing/insight/daily-costs.ts';
import { missingDays, type SourceState, sourceStateAfter } from '../../../src/billing/insight/missing-exports.ts';
import { addDays, daysFrom } from '../../../src/billing/period/day.ts';

const FIRST = '2026-05-01';
const FLOORS = { absolute: 25, relative: 0.3 };

/** Ninety days of 100 each, with a little noise, and then some others. */
function days(...then: readonly number[]): DayCost[] {
  const before = Array.from({ length: 90 }, (_, at) => 100 + (at % 3));
  return [...before, ...then].map((amount, at) => ({ day: addDays(FIRST, at), amount }));
}
/** The days after the ninety. */
const dayAt = (place: number) => addDays(FIRST, 89 + place);

function found(history: readonly DayCost[], of: Partial<Judging> = {}) {
  return anomaliesIn(judged(history, of));
}
function judged(history: readonly DayCost[], of: Partial<Judging> = {}): JudgedDay[] {
  const none = { accepted: [], unusual: new Set<string>(), undelivered: new Set<string>() };
  return judgeDays({ days: history, last: history.length - 88, floors: FLOORS, ...none, ...of });
}

describe('an anomaly', () => {
  it('is a cost above its range, from its first day on, and over after two days in the range', () => {
    expect(found(days(400, 500))).toMatchObject([
      { side: 'above', since: dayAt(1), until: dayAt(2), isOver: false, level: 500 },
    ]);
    const [one] = found(days(400, 100));
    expect(one).toMatchObject({ until: dayAt(1), isOver: false });
    expect(one?.low).toBeGreaterThan(90);
    expect(one?.high).toBeLessThan(110);
    expect(found(days(400, 100, 101))).toMatchObject([{ until: dayAt(1), isOver: true }]);
    // one day between is the same anomaly
    expect(found(days(400, 100, 300, 100, 100))).toMatchObject([{ since: dayAt(1), until: dayAt(3), level: 400 }]);
  });

  it('of a weekly bill that stays higher is reported once', () => {
    const week = (bill: number) => [bill, 10, 11, 10, 11, 10, 11];
    const amounts = [...Array.from({ length: 13 }, () => week(100)), ...[300, 310, 295, 305].map(week)].flat();
    const history = amounts.map((amount, at) => ({ day: addDays(FIRST, at), amount }));
    const from = { last: 4 * 7 };
    expect(found(history, from)).toMatchObject([
      { side: 'above', since: addDays(FIRST, 91), until: addDays(FIRST, 91) },
    ]);
    // but not one that is higher still
    const further = history.map((one, at) => ({ ...one, amount: at === 98 ? 900 : one.amount }));
    expect(found(further, from).map(({ level }) => level)).toEqual([300, 900]);
  });

  it('of a lasting change is reported once, also where weekends cost less', () => {
    const usual = (at: number) => ([1, 2].includes(at % 7) ? 29 : 49) + (at % 3);
    const amounts = Array.from({ length: 115 }, (_, at) => usual(at) + (at >= 94 ? 200 : 0));
    const history = amounts.map((amount, at) => ({ day: addDays(FIRST, at), amount }));
    expect(found(history, { last: 21 })).toMatchObject([{ side: 'above', since: addDays(FIRST, 94), isOver: true }]);
    // but not what comes on top of it, or again after it went back
    const further = history.map((one, at) => ({ ...one, amount: at === 113 ? 500 : one.amount }));
    expect(found(further, { last: 21 }).map(({ level }) => Math.round(level / 100))).toEqual([3, 5]);
    const back = history.map((one, at) => ({ ...one, amount: at >= 98 && at < 108 ? usual(at) : one.amount }));
    expect(found(back, { last: 21 }).map(({ level }) => Math.round(level / 100))).toEqual([3, 3]);
  });

  it('isn’t hidden by a spike with which a lasting change began', () => {
    const since = (...then: number[]) => found(days(...then)).map((one) => [one.since, one.level]);
    const lasting = Array.from({ length: 16 }, () => 400);
    expect(since(2000, ...lasting, 2000)).toEqual([
      [dayAt(1), 2000],
      [dayAt(18), 2000],
    ]);
    expect(since(2000, ...lasting, 400, 1900, 1900, 1900)).toEqual([
      [dayAt(1), 2000],
      [dayAt(19), 1900],
    ]);
    // in the last week of the change as well
    expect(since(...lasting.with(8, 2000), 400, 1900, 1900)).toEqual([
      [dayAt(1), 2000],
      [dayAt(18), 1900],
    ]);
  });

  it('is nothing below the floors', () => {
    expect(found(days(124, 126))).toEqual([]);
    expect(found(days(126, 129))).toEqual([]);
    expect(found(days(400, 400), { floors: { absolute: 500, relative: 0.3 } })).toEqual([]);
  });

  it('below its range is known on the second day: a single one is a refund or late', () => {
    expect(found(days(0))).toEqual([]);
    expect(found(days(-50, 100))).toEqual([]);
    expect(found(days(0, 0))).toMatchObject([{ side: 'below', since: dayAt(1), until: dayAt(2), level: 0 }]);
  });

  it('isn’t made of days that the source didn’t deliver', () => {
    expect(found(days(0, 0, 0), { undelivered: new Set([1, 2, 3].map(dayAt)) })).toEqual([]);
    expect(found(days(0, 0, 0, 100), { undelivered: new Set([2, 3].map(dayAt)) })).toEqual([]);
  });

  it('becomes usual if it lasts, and a return to the level before is none', () => {
    const lasting = found(days(...Array.from({ length: 20 }, () => 200)));
    expect(lasting).toMatchObject([{ side: 'above', since: dayAt(1), isOver: true }]);
    expect(lasting[0]?.until).toBe(dayAt(11));
    const back = Array.from({ length: 30 }, (_, at) => (at < 16 ? 200 : 100));
    expect(found(days(...back))).toHaveLength(1);
  });

  it('up to an expected level isn’t reported', () => {
    const accepted = [{ side: 'above', level: 300 }] as const;
    expect(found(days(300, 250, 380), { accepted })).toEqual([]);
    expect(found(days(300, 400), { accepted })).toMatchObject([{ since: dayAt(2), level: 400 }]);
    expect(found(days(0, 0), { accepted })).toHaveLength(1);
    expect(found(days(0, 0), { accepted: [{ side: 'below', level: 0 }] })).toEqual([]);
  });

  it('can be a service that cost nothing before, but nothing is known of a new project', () => {
    const fresh = days(80, 80).map((one, at) => ({ ...one, amount: at < 90 ? 0 : one.amount }));
    expect(found(fresh)).toMatchObject([{ side: 'above', since: dayAt(1), low: 0, high: 0 }]);
    expect(found(days(800).slice(-14), { last: 14 })).toEqual([]);
  });

  it('isn’t a day of a usual rhythm: weekends without costs, single spikes as before, charges of each month', () => {
    const weekend = days(...Array.from({ length: 14 }, () => 100)).map((one) => ({
      ...one,
      amount: [0, 6].includes(new Date(one.day).getUTCDay()) ? 0 : one.amount,
    }));
    expect(found(weekend)).toEqual([]);
    const spikes = days(300).map((one, at) => ({ ...one, amount: at % 25 === 10 ? 280 : one.amount }));
    expect(found(spikes)).toEqual([]);
    const ends = days(...Array.from({ length: 40 }, () => 100)).map((one) => ({
      ...one,
      amount: one.amount + (addDays(one.day, 1).endsWith('-01') ? 900 : 0),
    }));
    expect(found(ends)).toEqual([]);
  });

  it('isn’t a lump, such as a bill for a week, where costs come on few days without a rhythm', () => {
    const lumps = days(...Array.from({ length: 60 }, () => 0)).map((one, at) => ({
      ...one,
      amount: [1, 8, 15, 22].includes(Number(one.day.slice(8))) ? 100 + ((at * 37) % 25) : 0,
    }));
    const [first] = lumps.filter(({ amount }) => amount > 0);
    expect(first).toEqual({ day: FIRST, amount: 100 });
    expect(found(lumps, { last: 120 })).toEqual([]);
    // one bill a week, always on the same weekday, has a rhythm
    const weekly = days(...Array.from({ length: 60 }, () => 0)).map((one, at) => ({
      ...one,
      amount: at % 7 === 3 ? (at > 120 ? 700 : 100) : 0,
    }));
    expect(found(weekly)[0]).toMatchObject({ side: 'above', since: addDays(FIRST, 122), level: 700 });
  });
});

describe('what became of anomalies', () => {
  const of = { judgedFrom: dayAt(0), completeUntil: dayAt(10) };
  const known: KnownAnomaly = { id: 'a', side: 'above', since: dayAt(4), until: dayAt(6), hasEnded: false };
  const one = { side: 'above', since: dayAt(5), until: dayAt(8), isOver: false, level: 4, low: 1, high: 2 } as const;

  it('is the same anomaly if late data move its days', () => {
    expect(changesOf([one], [known], of)).toEqual({ begun: [], ongoing: [{ id: 'a', now: one }], ended: [] });
    expect(changesOf([one], [{ ...known, hasEnded: true }], of)).toEqual({ begun: [], ongoing: [], ended: [] });
    expect(changesOf([{ ...one, isOver: true }], [known], of).ended).toEqual([{ id: 'a', until: dayAt(8) }]);
  });

  it('is over if nothing is found any longer', () => {
    expect(changesOf([], [known], of).ended).toEqual([{ id: 'a', until: dayAt(6) }]);
    expect(changesOf([], [known], { ...of, completeUntil: dayAt(7) }).ended).toEqual([]);
  });

  it('is a new one on the other side, long after, or with nothing known', () => {
    expect(changesOf([one], [{ ...known, side: 'below' }], of).begun).toEqual([one]);
    expect(changesOf([one], [{ ...known, since: dayAt(0), until: dayAt(2) }], of).begun).toEqual([one]);
    expect(changesOf([one], [], of).begun).toEqual([one]);
    expect(changesOf([one], [], { ...of, completeUntil: dayAt(15) }).begun).toEqual([]);
  });
});

describe('a missing export', () => {
  const every = (from: string, until: string) => new Set(daysFrom(from, until));
  /** A source that delivers every other day, one day late. */
  const rhythm = (): SourceState => {
    let state: SourceState | undefined;
    for (const today of ['2026-06-03', '2026-06-05', '2026-06-07', '2026-06-09'])
      state = sourceStateAfter(state, { source: 's', newest: addDays(today, -1), today });
    return state ?? { source: 's', newest: '', waits: [] };
  };

  it('is one that takes longer than ever', () => {
    const state = rhythm();
    expect(state).toEqual({ source: 's', newest: '2026-06-08', waits: [3, 3, 3] });
    const delivered = every('2026-05-01', '2026-06-08');
    expect(missingDays(state, delivered, '2026-06-13')).toEqual([]);
    expect(missingDays(state, delivered, '2026-06-14')).toEqual([{ since: '2026-06-09', until: null }]);
    // the long wait is no new rhythm
    expect(sourceStateAfter(state, { source: 's', newest: '2026-06-14', today: '2026-06-15' }).waits).toEqual([
      3, 3, 3,
    ]);
  });

  it('is none of a source whose rhythm isn’t known, or that comes once a month', () => {
    expect(missingDays({ ...rhythm(), waits: [3, 3] }, every('2026-05-01', '2026-06-08'), '2026-08-01')).toEqual([]);
    expect(missingDays({ ...rhythm(), waits: [31, 30, 31] }, every('2026-05-01', '2026-06-08'), '2026-07-09')).toEqual(
      [],
    );
  });

  it('is a gap between days that were delivered, if there usually is none', () => {
    const delivered = every('2026-05-01', '2026-06-08');
    for (const day of ['2026-06-05', '2026-06-06']) delivered.delete(day);
    expect(missingDays(rhythm(), delivered, '2026-06-10')).toEqual([{ since: '2026-06-05', until: '2026-06-06' }]);
    for (const day of daysFrom('2026-05-01', '2026-06-08')) if (new Date(day).getUTCDay() === 0) delivered.delete(day);
    expect(missingDays(rhythm(), delivered, '2026-06-10')).toEqual([]);
  });
});
