import { describe, expect, it } from '@jest/globals';
import { COUNTRIES } from '../../../src/billing/group/country.ts';
import {
  isStale,
  rateOfDay,
  STANDARD_RATES,
  staleSince,
  standardRate,
} from '../../../src/billing/tax/standard-rates.ts';

const today = new Date().toISOString().slice(0, 10);

describe('the table of standard rates', () => {
  it('has no current row older than two years without a later review', () => {
    const current = STANDARD_RATES.filter(({ until }) => until === null || until >= today);
    expect(current.length).toBeGreaterThan(150);
    const stale = current.filter(({ from, reviewed }) => isStale(reviewed ?? from, today));
    expect(stale).toEqual([]);
  });

  it('has in each row a source, a percentage or nothing, and days in order without overlaps', () => {
    for (const { area, from, until, rate, source } of STANDARD_RATES) {
      const row = `${area} ${from}`;
      expect([row, source.trim() !== '']).toEqual([row, true]);
      expect([row, rate === null || /^\d{1,2}(\.\d{1,2})?$/.test(rate)]).toEqual([row, true]);
      expect([row, until === null || from <= until]).toEqual([row, true]);
      expect([row, area.includes('-') || COUNTRIES.includes(area)]).toEqual([row, true]);
    }
    for (const [at, row] of STANDARD_RATES.entries()) {
      const next = STANDARD_RATES[at + 1];
      if (next?.area !== row.area) continue;
      expect([row.area, row.until !== null && row.until < next.from]).toEqual([row.area, true]);
    }
  });

  it.each([
    ['IL', '2024-12-31', '17'],
    ['IL', '2026-10-31', '18'],
    ['TH', '2026-09-30', '7'],
    ['LI', '2026-10-31', '8.1'],
    ['LI', '2023-06-30', '7.7'],
    ['CH', '2023-06-30', '7.7'],
    ['CH', '2023-12-31', '7.7'],
    ['CH', '2024-01-01', '8.1'],
    ['MC', '2026-10-31', '20'],
    ['IM', '2026-10-31', '20'],
    ['KW', '2026-10-31', null],
    ['QA', '2026-10-31', null],
    ['US', '2026-10-31', null],
    ['SG', '2022-12-31', '7'],
    ['SG', '2023-06-30', '8'],
    ['SG', '2026-10-31', '9'],
    ['RU', '2025-12-31', '20'],
    ['RU', '2026-01-01', '22'],
    ['KZ', '2025-12-31', '12'],
    ['KZ', '2026-01-01', '16'],
    ['ZW', '2026-10-31', '15.5'],
    ['TR', '2023-07-09', '18'],
    ['TR', '2023-07-10', '20'],
    ['LK', '2026-10-31', '18'],
    ['EC', '2026-10-31', '15'],
    ['BH', '2026-10-31', '10'],
    ['BS', '2026-10-31', '10'],
    ['PK', '2026-10-31', '18'],
    ['MY', '2026-10-31', '8'],
    ['SR', '2026-10-31', '10'],
    ['JP', '2019-09-30', '8'],
    ['SA', '2020-06-30', '5'],
    ['DE', '2020-08-31', '16'],
    ['DE', '2021-01-31', '19'],
    ['IE', '2020-12-31', '21'],
    ['IE', '2021-03-01', '23'],
    ['LU', '2023-12-31', '16'],
    ['LU', '2024-01-01', '17'],
    ['EE', '2025-06-30', '22'],
    ['SK', '2024-12-31', '20'],
    ['SK', '2025-01-01', '23'],
    ['FI', '2024-08-31', '24'],
    ['FI', '2024-09-01', '25.5'],
    ['RO', '2025-07-31', '19'],
    ['RO', '2025-08-01', '21'],
  ])('%s on %s: %s', (country, day, rate) => {
    expect(standardRate(country, day)?.toFixed() ?? null).toBe(rate);
  });

  it('invents no history: dates without a row are unknown, which isn’t the same as no tax', () => {
    expect(rateOfDay('AE', '2017-12-31')).toEqual({ kind: 'unknown' });
    expect(rateOfDay('BR', '2026-10-31')).toEqual({ kind: 'unknown' });
    // the decree must be extended; until that is known, the rate is unknown
    expect(rateOfDay('TH', '2026-10-01')).toEqual({ kind: 'unknown' });
    expect(rateOfDay('KW', '2026-10-31')).toEqual({ kind: 'no_tax' });
    expect(rateOfDay('EU', '2026-10-31')).toEqual({ kind: 'unknown' });
  });

  it('says when a rate was last reviewed, if that is more than two years ago', () => {
    expect(staleSince('DE', '2028-11-28')).toBeUndefined();
    expect(staleSince('DE', '2028-11-29')).toBe('2026-11-28');
    expect(staleSince('BR', '2026-10-31')).toBeUndefined();
    // a past rate was reviewed when it was entered
    expect(staleSince('EE', '2011-07-01')).toBeUndefined();
    expect(staleSince('EE', '2011-07-02')).toBe('2009-07-01');
  });
});
