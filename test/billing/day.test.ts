import { describe, expect, it } from '@jest/globals';
import { addDays, dayIn, daysBetween, startOfDay } from '../../src/billing/day.ts';
import { dueDate } from '../../src/billing/invoice.ts';
import type { PaymentMethod } from '../../src/billing/payment-method.ts';
import { sample } from '../support/runs.ts';

const HOUR = 3_600_000;

describe('a calendar day', () => {
  it('begins at its first instant, and ends where the next one begins, in every time zone', () => {
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
  });
});

describe('a due date', () => {
  const transfer = (termsDays: number): PaymentMethod => ({ kind: 'bank_transfer', termsDays, currency: 'EUR' });

  it('is the day so many calendar days after the issue, also across a change of the clocks', () => {
    const early = new Date('2026-11-01T04:30:00Z');
    expect(dayIn(early, 'America/New_York')).toBe('2026-11-01');
    expect(dayIn(dueDate(early, transfer(14), 'America/New_York'), 'America/New_York')).toBe('2026-11-15');
    const late = new Date('2026-03-28T22:30:00Z');
    expect(dayIn(late, 'Europe/Berlin')).toBe('2026-03-28');
    expect(dayIn(dueDate(late, transfer(14), 'Europe/Berlin'), 'Europe/Berlin')).toBe('2026-04-11');
  });

  it('is so many calendar days after the issue at any hour, in every time zone', () => {
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

  it('is the instant of issue for a card, which is charged at once', () => {
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
