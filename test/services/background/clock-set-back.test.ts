import { describe, expect, it } from '@jest/globals';
import { repairAlarms } from '../../../jobs/kit/schedule.ts';
import { allRuns, noteRun, runAlone } from '../../../src/services/background/job-runs.ts';
import { sendMails } from '../../../src/services/notices/mails.ts';
import { JobRuns } from '../../../src/store/background/job-runs.ts';
import { collectionOf } from '../../../src/store/kit/connect.ts';
import { claimLease, freeLease, Leases, renewLease } from '../../../src/store/kit/leases.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Mails } from '../../../src/store/notices/mails.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const HOUR_MS = 3_600_000;

describe('a lease', () => {
  it('is free immediately when it is released, whatever happens to process clocks', async () => {
    expect(await runAlone('close', 60_000, async () => undefined)).toBe(true);
    expect((await Leases.findById('job:close'))?.until).toEqual(new Date(0));
    expect(await runAlone('close', 60_000, async () => undefined)).toBe(true);
  });

  it('belongs to one process while it is held, and to another once it expires', async () => {
    const lease = await claimLease('held', 60_000);
    expect(lease?.token).toBe(1);
    expect(await claimLease('held', 60_000)).toBeUndefined();
    await Leases.updateOne({ _id: 'held' }, [{ $set: { until: { $subtract: ['$$NOW', 1] } } }], {
      updatePipeline: true,
    });
    expect((await claimLease('held', 60_000))?.token).toBe(2);
    expect(lease && (await renewLease(lease, 60_000))).toBe(false);
    if (lease) await freeLease(lease);
    expect(await claimLease('held', 60_000)).toBeUndefined();
  });

  it('of a holder killed before the database’s clock was set back isn’t held for hours', async () => {
    await Leases.create([{ _id: 'killed', token: 7, until: new Date(Date.now() + 2 * HOUR_MS) }]);
    expect((await claimLease('killed', 60_000))?.token).toBe(8);
  });

  it('goes to one of many that claim it at once', async () => {
    const claimed = await Promise.all(Array.from({ length: 10 }, () => claimLease('contested', 60_000)));
    expect(claimed.filter(Boolean)).toHaveLength(1);
  });
});

describe('a job', () => {
  it('is late after three of its intervals', async () => {
    const clock = new TestClock('2026-11-02T12:00:00Z');
    const ctx = contextAt(clock);
    await noteRun(ctx, { name: 'news', everyMs: 10_000 }, 5);
    const isLate = async () => (await allRuns(ctx)).find(({ _id }) => _id === 'news')?.isLate;
    expect(await isLate()).toBe(false);
    clock.set('2026-11-02T12:00:29Z');
    expect(await isLate()).toBe(false);
    clock.set('2026-11-02T12:00:31Z');
    expect(await isLate()).toBe(true);
  });

  it('is late by the database’s clock too, when the product’s was set back', async () => {
    const clock = new TestClock('2026-11-02T12:00:00Z');
    const ctx = contextAt(clock);
    await noteRun(ctx, { name: 'home', everyMs: 10_000 }, 5);
    await JobRuns.updateOne({ _id: 'home' }, [{ $set: { notedAt: { $subtract: ['$notedAt', 31_000] } } }], {
      updatePipeline: true,
    });
    expect((await allRuns(ctx)).find(({ _id }) => _id === 'home')?.isLate).toBe(true);
  });

  it('is scheduled again within its interval, and its lock starts now', async () => {
    const now = new Date();
    const ahead = new Date(now.getTime() + 2 * HOUR_MS);
    const alarms = collectionOf<{ name: string; nextRunAt: Date | null; lockedAt: Date | null }>('jobs');
    await alarms.insertMany([
      { name: 'close', nextRunAt: ahead, lockedAt: ahead },
      { name: 'vat', nextRunAt: null, lockedAt: null },
    ]);
    await repairAlarms(
      [
        { name: 'close', everyMs: 30_000 },
        { name: 'vat', everyMs: 30_000 },
      ],
      now,
    );
    expect(await alarms.findOne({ name: 'close' })).toMatchObject({
      nextRunAt: new Date(now.getTime() + 30_000),
      lockedAt: now,
    });
    expect(await alarms.findOne({ name: 'vat' })).toMatchObject({ nextRunAt: null, lockedAt: null });
  });
});

describe('an email', () => {
  it('postponed before the clock was set back waits no longer than the longest pause', async () => {
    const clock = new TestClock('2026-11-02T12:00:00Z');
    const mail = (id: string, notBefore: string) => ({
      _id: id,
      ...{ accountId: 'acc', invoiceId: 'inv', to: ['a@example.com'] },
      ...{ kind: 'invoice' as const, state: 'waiting' as const, memoId: null, days: null },
      notBefore: new Date(notBefore),
      createdAt: clock.now(),
    });
    await Mails.create([mail('far', '2026-11-02T19:00:00Z'), mail('near', '2026-11-02T13:00:00Z')]);
    const sent: string[] = [];
    await sendMails(contextAt(clock), {
      async send(_ctx, { _id }, to) {
        sent.push(_id);
        return { accepted: to, rejected: [] };
      },
    });
    expect(sent).toEqual(['far']);
  });
});
