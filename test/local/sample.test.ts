import { describe, expect, it } from '@jest/globals';
import { Decimal, sum } from '../../src/billing/money/money.ts';
import type { Period } from '../../src/billing/period/period.ts';
import { type FocusRow, readFocus } from '../../src/imports/focus/focus.ts';
import { type SampleWish, sampleCosts, sampleMonths, sampleProjects } from '../../src/local/sample/sample-rows.ts';

const ALL = sampleProjects();
const OCTOBER = '2026-10' as Period;
const wish = (more: Partial<SampleWish> = {}): SampleWish => ({ month: OCTOBER, projects: ALL, factor: '1', ...more });

async function rowsOf(wanted: SampleWish): Promise<FocusRow[]> {
  const rows: FocusRow[] = [];
  for await (const row of readFocus(sampleCosts(wanted), {})) {
    if (row.kind === 'rejected') throw new Error(`${row.column}: ${row.reason}`);
    rows.push(row);
  }
  return rows;
}

const total = (rows: readonly FocusRow[]) => sum(rows.map((row) => row.amount));

describe('the sample costs', () => {
  it('have the file’s total when unscaled', async () => {
    const rows = await rowsOf(wish());
    expect(rows).toHaveLength(1000);
    expect(total(rows).toFixed()).toBe('20.52022672899');
  });

  it.each(['412.5', '1280.25', '0.3333333'])('are exact when scaled by %s', async (factor) => {
    const expected = new Decimal('20.52022672899').times(factor).toFixed();
    expect(total(await rowsOf(wish({ factor }))).toFixed()).toBe(expected);
  });

  it('of several accounts add up to those of one', async () => {
    const parts = [0, 1, 2].map((index) => ALL.filter((_, rank) => rank % 3 === index));
    const totals = await Promise.all(parts.map(async (projects) => total(await rowsOf(wish({ projects })))));
    expect(sum(totals).toFixed()).toBe('20.52022672899');
  });

  it.each(['2026-02', '2026-04', '2026-12'])('of %s are within it', async (month) => {
    const rows = await rowsOf(wish({ month: month as Period }));
    expect(new Set(rows.map((row) => row.begin.toISOString().slice(0, 7)))).toEqual(new Set([month]));
    expect(rows.every((row) => row.begin < row.end)).toBe(true);
    expect(total(rows).toFixed()).toBe('20.52022672899');
  });

  it('end at a given instant', async () => {
    const until = new Date('2026-10-15T12:00:00Z');
    const rows = await rowsOf(wish({ until }));
    expect(rows.length).toBeGreaterThan(300);
    expect(rows.length).toBeLessThan(600);
    expect(rows.every((row) => row.begin < until)).toBe(true);
  });

  it('have a uniquely named project for each of the provider’s, the most expensive first', () => {
    expect(ALL).toHaveLength(73);
    expect(new Set(ALL.map((project) => project.name)).size).toBe(73);
    expect(ALL[0]).toEqual({ externalId: '11353890204', label: 'Atlas Orion', name: 'atlas-orion' });
  });

  it('cover the current month and earlier ones', () => {
    expect(sampleMonths('2026-02' as Period, 3)).toEqual(['2025-11', '2025-12', '2026-01', '2026-02']);
  });
});
