import { describe, expect, it } from '@jest/globals';
import { sum } from '../../src/billing/money/money.ts';
import { dayIn, daysFrom } from '../../src/billing/period/day.ts';
import { type Period, periodAt } from '../../src/billing/period/period.ts';
import { type FocusRow, readFocus } from '../../src/imports/focus/focus.ts';
import { ACME } from '../../src/local/sample/acme.ts';
import { BRIGHTWATER, HOSHINO } from '../../src/local/sample/other-accounts.ts';
import { focusFile, type SampleWish, sampleMonths, sampleRows } from '../../src/local/sample/sample-rows.ts';
import { CHANNELS, PEOPLE } from '../../src/local/seed.ts';
import { WELCOME } from '../../src/local/welcome.ts';

const ACCOUNTS = [ACME, BRIGHTWATER, HOSHINO];
const PRESENT = '2026-10' as Period;
const MONTHS = sampleMonths(PRESENT, ACME.since).map((month, index) => ({ month, ago: ACME.since - index }));

async function rowsOf(wish: SampleWish): Promise<FocusRow[]> {
  const rows: FocusRow[] = [];
  for await (const row of readFocus(focusFile(sampleRows(wish)), {})) {
    if (row.kind === 'rejected') throw new Error(`${row.column}: ${row.reason}`);
    expect(row.warnings).toBeUndefined();
    rows.push(row);
  }
  return rows;
}

const ofAcme = (ago: number, until?: Date) =>
  rowsOf({ account: ACME, month: MONTHS[ACME.since - ago]?.month ?? PRESENT, ago, ...(until && { until }) });
const total = (rows: readonly FocusRow[]) => sum(rows.map((row) => row.amount));
const costsOf = async (project: string, ago: number) => {
  const plan = ACME.projects.find(({ name }) => name === project);
  return total((await ofAcme(ago)).filter(({ subAccountId }) => subAccountId === plan?.id));
};

describe('the sample costs', () => {
  it('differ in each of thirteen months, and have grown by more than a third', async () => {
    const totals = await Promise.all(MONTHS.map(async ({ ago }) => total(await ofAcme(ago))));
    expect(totals).toHaveLength(13);
    expect(new Set(totals.map((amount) => amount.toFixed(2))).size).toBe(13);
    expect(
      totals
        .at(-1)
        ?.div(totals[0] ?? 1)
        .toNumber(),
    ).toBeGreaterThan(1.33);
  });

  it('have a spike, a refund and a new service', async () => {
    const spike = (await costsOf('search', 1)).div(await costsOf('search', 2)).toNumber();
    expect(spike).toBeGreaterThan(3);
    const refunds = (await ofAcme(4)).filter(({ lineType }) => lineType === 'other_event');
    expect(refunds.map(({ amount, description }) => `${amount.toFixed(2)} ${description}`)).toEqual([
      '-264.50 Refund for the outage in eu-central-1',
    ]);
    const servicesOf = async (ago: number) => new Set((await ofAcme(ago)).map(({ serviceName }) => serviceName));
    expect(await servicesOf(4)).not.toContain('Vertex AI');
    expect(await servicesOf(3)).toContain('Vertex AI');
  });

  it('come every day, with quiet weekends, and some charges once a month', async () => {
    const rows = await ofAcme(2);
    const daysOf = (service: string) => {
      const days = new Map<string, number>();
      for (const { serviceName, begin, amount } of rows) {
        const day = dayIn(begin, 'Europe/Berlin');
        if (serviceName === service) days.set(day, (days.get(day) ?? 0) + amount.toNumber());
      }
      return days;
    };
    const servers = daysOf('Cloud Servers');
    expect([...servers.keys()]).toEqual(daysFrom('2026-08-01', '2026-08-31'));
    // Sunday and Tuesday
    expect((servers.get('2026-08-16') ?? 0) / (servers.get('2026-08-18') ?? 1)).toBeLessThan(0.85);
    const most = (days: Map<string, number>) => [...days].sort(([, a], [, b]) => b - a)[0]?.[0];
    expect(most(daysOf('Power BI Embedded'))).toBe('2026-08-01');
    expect(most(daysOf('Log Management'))).toBe('2026-08-31');
  });

  it('surge in one service before the sample ends, also where that is in the month before', async () => {
    const surging = (month: string, ends: string) =>
      sampleRows({ account: ACME, month: month as Period, ago: 0, ends: new Date(ends) }).filter(
        ({ RegionId }) => RegionId === 'eu-west-1',
      );
    expect(surging('2026-10', '2026-10-20T12:00:00Z').map(({ ChargePeriodStart }) => ChargePeriodStart)).toEqual(
      daysFrom('2026-10-15', '2026-10-20').map((day) => `${day} 06:00:00`),
    );
    expect(surging('2026-09', '2026-10-02T12:00:00Z')).toHaveLength(4);
    expect(surging('2026-10', '2026-10-02T12:00:00Z')).toHaveLength(2);
  });

  it('are from five providers, in their regions', async () => {
    const clouds = (await ofAcme(0)).map(({ cloudName }) => cloudName ?? '');
    expect([...new Set(clouds.map((cloud) => cloud.split('-')[0]))].sort()).toEqual([
      ...['aws', 'azure', 'datadog', 'google', 'hetzner'],
    ]);
  });

  it('are few enough for a fast start', async () => {
    for (const { ago } of MONTHS) expect((await ofAcme(ago)).length).toBeLessThan(1_100);
  });

  it.each(ACCOUNTS)('of $name are within their month, also in its time zone', async (account) => {
    for (const month of ['2026-02', '2026-04', '2026-10', '2026-12'] as Period[]) {
      const rows = await rowsOf({ account, month, ago: 0 });
      expect(new Set(rows.map(({ begin }) => periodAt(begin, account.timeZone)))).toEqual(new Set([month]));
      expect(new Set(rows.map(({ end }) => periodAt(end, account.timeZone)))).toEqual(new Set([month]));
      expect(rows.every(({ begin, end }) => begin < end)).toBe(true);
    }
  });

  it('end at a given instant, and a month that has just begun has none', async () => {
    const until = new Date('2026-10-15T12:00:00Z');
    const rows = await ofAcme(0, until);
    expect(rows.every((row) => row.begin < until)).toBe(true);
    expect(rows.length / (await ofAcme(0)).length).toBeCloseTo(15 / 31, 1);
    expect(sampleRows({ account: ACME, month: PRESENT, ago: 0, until: new Date('2026-10-01T00:00:00Z') })).toEqual([]);
  });
});

describe('the names of the sample', () => {
  it('are unique, and no two are made of the same words', () => {
    const names = ACCOUNTS.flatMap(({ name, groups, projects }) => [
      name,
      ...groups.map((group) => group.name),
      ...projects.map(({ label }) => label),
    ]);
    const people = Object.values(PEOPLE).map((person) => person.real_name);
    const wordsOf = (name: string) => name.toLowerCase().split(' ').sort().join(' ');
    const all = [...names, ...people].map(wordsOf);
    expect(new Set(all).size).toBe(all.length);
    const ids = ACCOUNTS.flatMap(({ projects }) => projects.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('include the leads of projects and the groups that projects are in', () => {
    for (const { groups, projects, members } of ACCOUNTS) {
      for (const project of projects) {
        expect(groups.map(({ name }) => name)).toContain(project.group);
        for (const user of project.leads.users ?? []) expect(Object.keys(members)).toContain(user);
      }
    }
    expect(ACME.projects.filter(({ leads }) => leads.users || leads.userGroups).length).toBeGreaterThan(12);
  });
});

describe('the welcome', () => {
  it('says who each person is, with three commands to try in channels that exist', () => {
    const channels: string[] = Object.values(CHANNELS).map(({ id }) => id);
    expect(Object.keys(WELCOME.people).sort()).toEqual(
      Object.values(PEOPLE)
        .map(({ id }) => id)
        .sort(),
    );
    for (const { who, tries } of Object.values(WELCOME.people)) {
      expect(who).toMatch(/^You /);
      expect(tries).toHaveLength(3);
      for (const { command, channel } of tries) {
        expect(command).toMatch(/^\/billing \w/);
        expect(channels).toContain(channel);
      }
    }
  });
});
