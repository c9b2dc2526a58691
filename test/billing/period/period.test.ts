import { describe, expect, it } from '@jest/globals';
import { Settings } from 'luxon';
import {
  closesAt,
  earlier,
  isTimeZone,
  isUsualYear,
  latestDue,
  nextPeriod,
  parsePeriod,
  periodAt,
  periodFinder,
  periodName,
  shiftPeriod,
  spanOf,
  toPeriod,
} from '../../../src/billing/period/period.ts';
import { sample } from '../../support/runs.ts';

const ZONES = [
  'Pacific/Midway',
  'America/New_York',
  'Etc/UTC',
  'Europe/Berlin',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
];
const HOUR = 3_600_000;

describe('a period', () => {
  it('follows the one before without gap or overlap, for two years in zones from −11 to +14', () => {
    for (const zone of ZONES) {
      let period = toPeriod('2024-12');
      const find = periodFinder(zone);
      for (let months = 0; months < 24; months++) {
        const { begin, end } = spanOf(period, zone);
        expect(periodAt(begin, zone)).toBe(period);
        expect(periodAt(new Date(end.getTime() - 1), zone)).toBe(period);
        expect(periodAt(end, zone)).toBe(nextPeriod(period));
        expect([find(begin), find(new Date(end.getTime() - 1))]).toEqual([period, period]);
        expect(spanOf(nextPeriod(period), zone).begin).toEqual(end);
        period = nextPeriod(period);
      }
    }
  });

  it('is an hour shorter or longer when the clocks change', () => {
    const hours = (period: string) => {
      const { begin, end } = spanOf(toPeriod(period), 'Europe/Berlin');
      return (end.getTime() - begin.getTime()) / HOUR;
    };
    expect([hours('2026-03'), hours('2026-04'), hours('2026-10')]).toEqual([31 * 24 - 1, 30 * 24, 31 * 24 + 1]);
  });

  it('meets the next one in every time zone and includes its first and last instant, also when midnight is repeated or skipped', () => {
    const faults: string[] = [];
    for (const zone of sample(Intl.supportedValuesOf('timeZone'))) {
      for (const [first, months] of [
        ['1994-11', 4],
        ['2009-10', 14],
        ['2025-12', 14],
      ] as const) {
        for (let ahead = 0; ahead < months; ahead++) {
          const period = shiftPeriod(toPeriod(first), ahead);
          const { begin, end } = spanOf(period, zone);
          const next = spanOf(nextPeriod(period), zone);
          const found = [begin, new Date(end.getTime() - 1), end].map((instant) => periodAt(instant, zone));
          const isSound =
            next.begin.getTime() === end.getTime() && found.join() === [period, period, nextPeriod(period)].join();
          if (!isSound) faults.push(`${zone} ${period}: ${begin.toISOString()}, ${found.join()}`);
        }
      }
    }
    expect(faults).toEqual([]);
  });

  it.each([
    // clocks are put back from 01:00 to 00:00: midnight comes twice, and the first one counts
    ['America/Havana', '2026-11', '2026-11-01T04:00:00.000Z'],
    // put back from 00:01 to 23:01: midnight comes twice, an hour apart
    ['America/St_Johns', '2009-11', '2009-11-01T02:30:00.000Z'],
    // put back from 24:00 to 23:00: the month hasn't started before
    ['Asia/Amman', '2008-11', '2008-10-31T22:00:00.000Z'],
    // put forward from 24:00 to 01:00: the first instant of the day is one o'clock
    ['Africa/Cairo', '2008-05', '2008-04-30T21:00:00.000Z'],
    ['America/Asuncion', '2017-10', '2017-10-01T04:00:00.000Z'],
    // 31 December 1994 was left out, from UTC-10:00 to UTC+14:00
    ['Pacific/Kiritimati', '1995-01', '1994-12-31T10:00:00.000Z'],
  ])(
    'starts at the first local midnight or, if it is skipped, at the day’s first instant: %s %s',
    (zone, period, begin) => {
      expect(spanOf(toPeriod(period), zone).begin.toISOString()).toBe(begin);
      expect(spanOf(shiftPeriod(toPeriod(period), -1), zone).end.toISOString()).toBe(begin);
    },
  );

  it('includes the hour that is repeated around its first midnight', () => {
    const repeated = ['2026-11-01T04:30:00Z', '2026-11-01T05:30:00Z'].map((text) => new Date(text));
    expect(repeated.map((instant) => periodAt(instant, 'America/Havana'))).toEqual(['2026-11', '2026-11']);
    // local time is 23:31 on 31 October again, after midnight
    expect(periodAt(new Date('2009-11-01T03:01:00Z'), 'America/St_Johns')).toBe('2009-11');
  });

  it('closes when the delay after its end has passed, and not before', () => {
    for (const zone of ZONES) {
      const period = toPeriod('2026-10');
      const close = closesAt(period, zone, 24);
      expect(latestDue(close, zone, 24)).toBe(period);
      expect(latestDue(new Date(close.getTime() - 1), zone, 24)).toBe('2026-09');
    }
  });

  it.each(['2026-10', '10/2026', 'Oct 2026', 'october 2026', '2026/10'])('can be typed as %s', (text) => {
    expect(parsePeriod(text)).toBe('2026-10');
  });

  it.each(['0000-01', '1899-12', '9999-01', '2100-01', '', '2026-13', 'soon', '2026'])(
    'isn’t guessed from %p',
    (text) => {
      expect(parsePeriod(text)).toBeUndefined();
    },
  );
});

describe('the name of a period', () => {
  it.each(['2026-10', ' 2026-10 ', '10/2026', 'Oct 2026', 'october 2026', '2026/10', 'OCTOBER 2026'])(
    'is read from %p',
    (text) => {
      expect(parsePeriod(text)).toBe('2026-10');
    },
  );

  it.each(['2026-3', '3/2026', '03/2026', 'Mar 2026', 'March 2026'])('is read from %p as March', (text) => {
    expect(parsePeriod(text)).toBe('2026-03');
  });

  it('is read only for the years 2000 to 2099', () => {
    expect(['1999-12', '2000-01', '2099-12', '2100-01'].map((text) => parsePeriod(text) ?? null)).toEqual([
      ...[null, '2000-01'],
      ...['2099-12', null],
    ]);
    expect([1999, 2000, 2099, 2100].map(isUsualYear)).toEqual([false, true, true, false]);
  });

  it('is read and written in English, whatever the machine’s language', () => {
    const usual = Settings.defaultLocale;
    Settings.defaultLocale = 'fr';
    try {
      expect(parsePeriod('August 2026')).toBe('2026-08');
      expect(parsePeriod('Aug 2026')).toBe('2026-08');
      expect(periodName(toPeriod('2026-08'))).toBe('August 2026');
    } finally {
      Settings.defaultLocale = usual;
    }
  });

  it('is spelled out', () => {
    expect(periodName(toPeriod('2026-10'))).toBe('October 2026');
    expect(periodName(toPeriod('2027-03'))).toBe('March 2027');
  });

  it.each(['2026-1', '2026-00', '2026-13', '2026-20', '02026-10', '2026-101', 'x2026-10', '2026-10-01', '26-10', ''])(
    'can’t be %p',
    (text) => {
      expect(() => toPeriod(text)).toThrow(RangeError);
    },
  );
});

describe('consecutive periods', () => {
  it('cross years in both directions', () => {
    expect(nextPeriod(toPeriod('2026-12'))).toBe('2027-01');
    expect(shiftPeriod(toPeriod('2026-01'), -1)).toBe('2025-12');
    expect(shiftPeriod(toPeriod('2026-05'), 24)).toBe('2028-05');
    expect(shiftPeriod(toPeriod('2026-05'), 0)).toBe('2026-05');
  });

  it('have a predecessor', () => {
    const [first, second] = [toPeriod('2025-12'), toPeriod('2026-01')];
    expect([earlier(first, second), earlier(second, first), earlier(first, first)]).toEqual([first, first, first]);
  });

  it('are closed once the delay in hours has passed', () => {
    const period = toPeriod('2026-10');
    expect(closesAt(period, 'Etc/UTC', 0).toISOString()).toBe('2026-11-01T00:00:00.000Z');
    expect(closesAt(period, 'Europe/Berlin', 36).toISOString()).toBe('2026-11-02T11:00:00.000Z');
    expect(latestDue(new Date('2026-11-02T10:59:59.999Z'), 'Europe/Berlin', 36)).toBe('2026-09');
  });
});

describe('a time zone', () => {
  it('is in IANA’s list', () => {
    expect(['Europe/Berlin', 'Etc/UTC', 'Mars/Olympus', ''].map(isTimeZone)).toEqual([true, true, false, false]);
  });
});
