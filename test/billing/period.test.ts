import { describe, expect, it } from '@jest/globals';
import { clip, faultIn, holderAt } from '../../src/billing/membership.ts';
import { closesAt, latestDue, nextPeriod, parsePeriod, periodAt, spanOf, toPeriod } from '../../src/billing/period.ts';

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
      for (let months = 0; months < 24; months++) {
        const { begin, end } = spanOf(period, zone);
        expect(periodAt(begin, zone)).toBe(period);
        expect(periodAt(new Date(end.getTime() - 1), zone)).toBe(period);
        expect(periodAt(end, zone)).toBe(nextPeriod(period));
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

  it('is due for its close when the delay after its end has passed, not an instant before', () => {
    for (const zone of ZONES) {
      const period = toPeriod('2026-10');
      const close = closesAt(period, zone, 24);
      expect(latestDue(close, zone, 24)).toBe(period);
      expect(latestDue(new Date(close.getTime() - 1), zone, 24)).toBe('2026-09');
    }
  });

  it.each(['2026-10', '10/2026', 'Oct 2026', 'october 2026', '2026/10'])(
    'is understood as a person writes it: %s',
    (text) => {
      expect(parsePeriod(text)).toBe('2026-10');
    },
  );

  it.each(['0000-01', '1899-12', '9999-01', '2100-01', '', '2026-13', 'soon', '2026'])(
    'is not guessed from %p',
    (text) => {
      expect(parsePeriod(text)).toBeUndefined();
    },
  );
});

describe('memberships', () => {
  const at = (day: number) => new Date(Date.UTC(2026, 9, day));
  const of = (billingGroupId: string, from: Date | null, to: Date | null) => ({
    projectId: 'p',
    billingGroupId,
    from,
    to,
  });
  const sound = [of('a', null, at(10)), of('b', at(10), null)];

  it('hold from their first instant to just before their last', () => {
    expect(holderAt(sound, new Date(at(10).getTime() - 1))?.billingGroupId).toBe('a');
    expect(holderAt(sound, at(10))?.billingGroupId).toBe('b');
    expect(holderAt(sound, new Date(0))?.billingGroupId).toBe('a');
  });

  it('are cut to a span, and give nothing where they do not meet it', () => {
    expect(clip(of('a', null, at(10)), { begin: at(1), end: at(31) })).toEqual({ begin: at(1), end: at(10) });
    expect(clip(of('a', null, at(1)), { begin: at(1), end: at(31) })).toBeUndefined();
  });

  it('are found faulty with a gap, an overlap, a beginning or an end', () => {
    expect(faultIn(sound)).toBeUndefined();
    expect(faultIn([of('a', null, at(9)), of('b', at(10), null)])).toContain('gap');
    expect(faultIn([of('a', null, at(11)), of('b', at(10), null)])).toContain('overlap');
    expect(faultIn([of('a', at(1), null)])).toContain('beginning');
    expect(faultIn([of('a', null, at(1))])).toContain('end');
    expect(faultIn([])).toContain('no membership');
  });
});
