import { describe, expect, it } from '@jest/globals';
import type { PaymentMethod } from '../../../src/billing/group/payment-method.ts';
import { dueDate } from '../../../src/billing/invoice/invoice.ts';
import {
  addDays,
  dayIn,
  dayName,
  daysBetween,
  isDay,
  lastDayBefore,
  plusDays,
  startOfDay,
} from '../../../src/billing/period/day.ts';
import { sample } from '../../support/runs.ts';

const HOUR = 3_600_000;

describe('a calendar day', () => {
  it('starts at its first instant and ends where the next one starts, in every time zone', () => {
    const faults: string[] = [];
    for (const zone of sample(Intl.supportedValuesOf('timeZone'))) {
      for (const first of ['2010-10-28', '2011-12-27', '2026-03-06', '2026-10-23']) {
        for (let ahead = 0; ahead < 12; ahead++) {
          const day = addDays(first, ahead);
          const [begin, end] = [startOfDay(day, zone), startOfDay(addDays(day, 1), zone)];
          // Samoa had no 30 December 2011
          const isSkipped = begin.getTime() === end.getTime();
          const isSound = isSkipped ? day === '2011-12-30' : dayIn(begin, zone) === day && begin < end;
          const isEarliest = dayIn(new Date(begin.getTime() - 1), zone) < day;
          if (!isSound || !isEarliest) faults.push(`${zone} ${day}: ${begin.toISOString()}`);
        }
      }
    }
    expect(faults).toEqual([]);
  });

  it('is counted by the calendar, whatever the clocks do', () => {
    expect(addDays('2026-02-27', 2)).toBe('2026-03-01');
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
    expect(daysBetween('2026-03-28', '2026-04-11')).toBe(14);
    expect(daysBetween('2026-04-11', '2026-03-28')).toBe(-14);
    // the machine’s own clocks may lack a day, as Samoa’s do
    expect(addDays('2011-12-29', 1)).toBe('2011-12-30');
    expect(daysBetween('2011-12-29', '2011-12-31')).toBe(2);
  });
});

describe('the first instant of a day', () => {
  it.each([
    ['2026-01-01', 'Asia/Kolkata', '2025-12-31T18:30:00Z'],
    ['2026-01-01', 'Pacific/Kiritimati', '2025-12-31T10:00:00Z'],
    ['2026-01-01', 'Etc/GMT+12', '2026-01-01T12:00:00Z'],
    ['2026-01-01', 'Etc/UTC', '2026-01-01T00:00:00Z'],
    ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00Z'],
    ['2026-03-30', 'Europe/Berlin', '2026-03-29T22:00:00Z'],
    ['2026-10-26', 'Europe/Berlin', '2026-10-25T23:00:00Z'],
    // midnight is repeated: the first of the two counts
    ['2026-11-01', 'America/Havana', '2026-11-01T04:00:00Z'],
    ['2026-11-02', 'America/Havana', '2026-11-02T05:00:00Z'],
    ['2026-10-25', 'Atlantic/Azores', '2026-10-25T00:00:00Z'],
    // midnight is skipped: the day starts at one o’clock
    ['2026-03-08', 'America/Havana', '2026-03-08T05:00:00Z'],
    ['2026-03-29', 'Atlantic/Azores', '2026-03-29T01:00:00Z'],
    ['2026-04-24', 'Africa/Cairo', '2026-04-23T22:00:00Z'],
    ['2026-04-25', 'Africa/Cairo', '2026-04-24T21:00:00Z'],
    // the hour before midnight is repeated
    ['2026-10-30', 'Africa/Cairo', '2026-10-29T22:00:00Z'],
    ['2026-04-05', 'America/Santiago', '2026-04-05T04:00:00Z'],
    ['2026-09-06', 'America/Santiago', '2026-09-06T04:00:00Z'],
    // Samoa had no 30 December 2011
    ['2011-12-29', 'Pacific/Apia', '2011-12-29T10:00:00Z'],
    ['2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00Z'],
    ['2011-12-31', 'Pacific/Apia', '2011-12-30T10:00:00Z'],
    // Kwajalein changed to the other side of the date line in 1993
    ['1993-08-22', 'Pacific/Kwajalein', '1993-08-21T12:00:00Z'],
  ])('%s in %s is %s', (day, zone, instant) => {
    expect(startOfDay(day, zone)).toEqual(new Date(instant));
    // requested again
    expect(startOfDay(day, zone)).toEqual(new Date(instant));
  });

  it('is never a shared object, so that nobody can change it for others', () => {
    startOfDay('2026-01-01', 'Europe/Berlin').setFullYear(1999);
    expect(startOfDay('2026-01-01', 'Europe/Berlin')).toEqual(new Date('2025-12-31T23:00:00Z'));
  });
});

describe('the same time of day, days later', () => {
  it.each([
    ['2026-03-28T22:30:00Z', 14, 'Europe/Berlin', '2026-04-11T21:30:00Z'],
    ['2026-04-11T21:30:00Z', -14, 'Europe/Berlin', '2026-03-28T22:30:00Z'],
    ['2026-11-01T04:30:00Z', 14, 'America/New_York', '2026-11-15T05:30:00Z'],
    // two o’clock occurs twice: both stay as they are
    ['2026-10-25T00:30:00Z', 0, 'Europe/Berlin', '2026-10-25T00:30:00Z'],
    ['2026-10-25T01:30:00Z', 0, 'Europe/Berlin', '2026-10-25T01:30:00Z'],
    // half past midnight is skipped
    ['2026-04-22T22:30:00Z', 1, 'Africa/Cairo', '2026-04-23T22:30:00Z'],
    // the whole day is skipped, and ends where it starts
    ['2011-12-29T22:00:00Z', 1, 'Pacific/Apia', '2011-12-30T10:00:00Z'],
  ])('of %s, %d days, in %s is %s', (instant, days, zone, later) => {
    expect(plusDays(new Date(instant), days, zone)).toEqual(new Date(later));
  });
});

describe('a formatted day', () => {
  it('is spelled out', () => {
    expect(dayName('2026-02-28')).toBe('28 February 2026');
    expect(dayName('2026-11-01')).toBe('1 November 2026');
    expect(dayName('2011-12-30')).toBe('30 December 2011');
  });

  it('is the day before when something ends at a day’s first instant', () => {
    expect(lastDayBefore(new Date('2026-10-31T23:00:00Z'), 'Europe/Berlin')).toBe('2026-10-31');
    expect(lastDayBefore(new Date('2026-10-31T23:00:00.001Z'), 'Europe/Berlin')).toBe('2026-11-01');
  });
});

describe('a due date', () => {
  const transfer = (termsDays: number): PaymentMethod => ({ kind: 'bank_transfer', termsDays, currency: 'EUR' });

  it('is that many calendar days after issue, also across a clock change', () => {
    const early = new Date('2026-11-01T04:30:00Z');
    expect(dayIn(early, 'America/New_York')).toBe('2026-11-01');
    expect(dayIn(dueDate(early, transfer(14), 'America/New_York'), 'America/New_York')).toBe('2026-11-15');
    const late = new Date('2026-03-28T22:30:00Z');
    expect(dayIn(late, 'Europe/Berlin')).toBe('2026-03-28');
    expect(dayIn(dueDate(late, transfer(14), 'Europe/Berlin'), 'Europe/Berlin')).toBe('2026-04-11');
  });

  it('is that many calendar days after issue at any hour, in every time zone', () => {
    const faults: string[] = [];
    for (const zone of sample(Intl.supportedValuesOf('timeZone'))) {
      for (const start of ['2024-03-29T00:30:00Z', '2026-03-28T00:30:00Z', '2026-10-24T00:30:00Z']) {
        for (let hours = 0; hours < 48; hours += 5) {
          const issuedAt = new Date(Date.parse(start) + hours * HOUR);
          for (const days of [1, 14]) {
            const due = dayIn(dueDate(issuedAt, transfer(days), zone), zone);
            if (daysBetween(dayIn(issuedAt, zone), due) !== days)
              faults.push(`${zone} ${issuedAt.toISOString()}: ${due}`);
          }
        }
      }
    }
    expect(faults).toEqual([]);
  });

  it('is the time of issue for a card, which is charged immediately', () => {
    const issuedAt = new Date('2026-11-01T04:30:00Z');
    const card = {
      kind: 'credit_card',
      brand: 'visa',
      last4: '4242',
      expMonth: 1,
      expYear: 2030,
      name: '',
      countryCode: '',
    } as const;
    expect(dueDate(issuedAt, card, 'America/New_York')).toEqual(issuedAt);
  });
});

describe('a typed day', () => {
  it.each(['2026-10-31', '2024-02-29', '2000-01-01', '2099-12-31'])('can be %s', (day) => {
    expect(isDay(day)).toBe(true);
  });

  it.each([
    ...['0000-01-01', '0001-01-01', '1999-12-31', '2100-01-01', '9999-12-31', '2026-02-29', '2026-02-30', '2026-04-31'],
    ...[
      '2026-00-10',
      '2026-13-01',
      '2026-10-00',
      '2026-10-32',
      '2026-1-1',
      '20261031',
      '+02026-10-31',
      '',
      ' 2026-10-31',
    ],
    ...['2026-10-31T00:00', '２０２６-10-31', '2026-10-31\n'],
  ])('can’t be %j', (day) => {
    expect(isDay(day)).toBe(false);
  });
});
