import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { csv, readAll, readOne, row } from './focus-file.ts';

const NOW = new Date('2026-11-10T00:00:00Z');
const file = (name: string): Buffer => readFileSync(new URL(`../data/cost-files/${name}`, import.meta.url));

async function outcome(begin: string, billed = '2026-10-01T00:00:00Z', since?: string): Promise<string> {
  const cells = row({ ChargePeriodStart: begin, ChargePeriodEnd: yearAfter(begin), BillingPeriodStart: billed });
  const [found] = await readAll(csv(cells), { now: NOW, ...(since !== undefined && { since: new Date(since) }) });
  return found?.kind === 'rejected' ? `${found.column}: ${found.reason}` : 'imported';
}

function yearAfter(begin: string): string {
  return `${Number(begin.slice(0, 4)) + 1}${begin.slice(4)}`;
}

describe('the start of a charge', () => {
  it('can’t be long before its billing month, or far in the future', async () => {
    const rows = await readAll(file('dates-that-cannot-be.csv'), { now: NOW });
    expect(
      rows.map((found) =>
        found.kind === 'rejected' ? [found.line, found.column, found.value] : found.amount.toFixed(),
      ),
    ).toEqual([
      '10',
      [3, 'ChargePeriodStart', '1970-01-01T00:00:00Z'],
      [4, 'ChargePeriodStart', '2062-10-05T00:00:00Z'],
    ]);
  });

  it.each([
    ['2024-10-01T00:00:00Z', 'imported'],
    [
      '2024-09-30T09:00:00Z',
      'ChargePeriodStart: The charge begins more than 24 months before its billing month, 2026-10. If that’s correct, import the file from the command line with --since 2024-09-30.',
    ],
    ['2027-01-11T00:00:00Z', 'imported'],
    ['2027-01-11T00:00:01Z', 'ChargePeriodStart: The charge begins more than 62 days in the future.'],
  ])('is at most 24 months before the billing month and 62 days ahead: %s', async (begin, expected) => {
    expect(await outcome(begin)).toBe(expected);
  });

  it('is checked against the row’s own billing month, so that last year’s file can be imported', async () => {
    expect(await outcome('2021-03-05', '2021-03-01')).toBe('imported');
    expect(await outcome('2018-03-05', '2021-03-01')).toContain('more than 24 months before');
  });

  it('can’t be 1970, even if the billing period says so', async () => {
    expect(await outcome('1970-01-01', '1970-01-01')).toContain('more than 10 years old');
    expect(await outcome('1970-01-01', '')).toContain('more than 10 years old');
    expect(await outcome('2026-10-05', '2062-10-01')).toContain('before its billing month, 2062-10');
  });

  it('can be as early as --since says, and no earlier', async () => {
    expect(await outcome('2015-05-01', '2026-10-01', '2015-05-01')).toBe('imported');
    expect(await outcome('2015-04-30', '2026-10-01', '2015-05-01')).toBe(
      'ChargePeriodStart: The charge begins before 2015-05-01, the date given with --since.',
    );
    expect(await outcome('2026-09-30', '2026-10-01', '2026-10-01')).toContain('--since');
    expect(await outcome('2062-01-01', '2026-10-01', '2015-05-01')).toContain('in the future');
  });
});

describe('the end of a charge', () => {
  const october = { BillingPeriodStart: '2026-10-01', ChargePeriodStart: '2026-10-05' };

  it.each(['9999-12-31', '2062-10-05', '2031-10-09'])('can’t be %s, more than five years later', async (end) => {
    const cells = row({ ...october, ChargePeriodEnd: end });
    expect(await readAll(csv(cells), { now: NOW })).toMatchObject([
      { column: 'ChargePeriodEnd', line: 2, reason: 'The charge lasts more than 5 years.', value: end },
    ]);
  });

  it.each(['2029-10-05', '2031-10-05'])('can be %s, as in a commitment of three or five years', async (end) => {
    const found = await readOne(row({ ...october, ChargePeriodEnd: end }), { now: NOW });
    expect(found.end.toISOString().slice(0, 10)).toBe(end);
  });
});

describe('the billing period', () => {
  const charge = { ChargePeriodStart: '2026-10-05', ChargePeriodEnd: '2026-10-06' };

  it.each([
    ['1970-01-01', '1970-02-01', 'BillingPeriodStart', '12 months or more after its billing month, 1970-01'],
    ['2025-10-01', '2025-11-01', 'BillingPeriodStart', '12 months or more after its billing month, 2025-10'],
    ['2027-10-01', '2027-11-01', 'BillingPeriodStart', 'more than 62 days in the future'],
    ['2026-10-01', '2026-09-01', 'BillingPeriodEnd', 'The billing period ends before it begins.'],
    ['2026-10-01', '9999-12-31', 'BillingPeriodEnd', 'The billing period lasts more than 5 years.'],
    ['2026-10-01', '2026-11-31', 'BillingPeriodEnd', 'This date can’t be read.'],
    ['2026-13-01', '2026-11-01', 'BillingPeriodStart', 'This date can’t be read.'],
  ])('can’t be %s to %s for a charge of October 2026', async (BillingPeriodStart, BillingPeriodEnd, column, reason) => {
    const cells = row({ ...charge, BillingPeriodStart, BillingPeriodEnd });
    expect(await readAll(csv(cells), { now: NOW })).toMatchObject([
      { kind: 'rejected', line: 2, column, reason: expect.stringContaining(reason) },
    ]);
  });

  it.each([
    ['2026-10-01', '2026-11-01'],
    ['2026-09-01', '2026-10-01'],
    ['2026-12-01', '2027-01-01'],
    ['2026-10-01', '2026-10-01'],
    ['2026-10-01', ''],
    ['', '2026-11-01'],
  ])('can be %s to %s', async (BillingPeriodStart, BillingPeriodEnd) => {
    await readOne(row({ ...charge, BillingPeriodStart, BillingPeriodEnd }), { now: NOW });
  });
});

describe('the billing month', () => {
  it.each([
    ['2026-10-01T00:00:00+08:00', '2026-10'],
    ['2026-09-30T16:00:00Z', '2026-10'],
    ['2026-09-30T10:00:00Z', '2026-10'],
    ['2026-10-01T12:00:00Z', '2026-10'],
    ['2026-10-01T00:00:00-05:00', '2026-10'],
    ['2026-09-20', '2026-09'],
    ['2026-10-31', '2026-10'],
  ])('starts at midnight in the provider’s time zone: %s', async (BillingPeriodStart, month) => {
    const cells = row({ BillingPeriodStart, ChargePeriodStart: '2026-10-05', ChargePeriodEnd: '2026-10-06' });
    expect((await readOne(cells)).billingMonth).toBe(month);
  });

  it('of a file from a provider eight hours ahead is October', async () => {
    expect(await readAll(file('month-in-another-zone.csv'))).toMatchObject([{ billingMonth: '2026-10' }]);
  });
});
