import { createHash } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { toPeriod } from '../../src/billing/period/period.ts';
import { closeInvoice } from '../../src/services/invoicing/close.ts';
import { addSource } from '../../src/services/sources/sources.ts';
import { Events } from '../../src/store/events/events.ts';
import { Groups } from '../../src/store/groups/groups.ts';
import { Invoices } from '../../src/store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../src/store/kit/decimal.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { Deliveries } from '../../src/store/sources/sources.ts';
import { type Child, startChild } from '../support/children.ts';
import { anAccount, contextAt, TestClock } from '../support/context.ts';
import { costRow, countingCosts, dataExport, SourceFolder } from '../support/costs/source-world.ts';
import { startS3 } from '../support/costs/storage-servers.ts';
import { testDatabaseUri, useDatabase } from '../support/database/database.ts';

useDatabase(migrate);

/** Set SOURCE_KILLS=100 for the long run. */
const KILLS = Number(process.env.SOURCE_KILLS ?? 8);
const ROWS = 150;
const KEY = createHash('sha256').update('a key').digest('hex');
/** Within this many milliseconds after both processes have started. */
const LONGEST_MS = 8_000;
/** A little longer than the leases of the processes. */
const LEASES_END_MS = 7_000;

it(`sources read by two processes that are killed ${KILLS} times end with the last delivery, each correction once`, async () => {
  const clock = new TestClock('2026-10-25T12:00:00Z');
  const ctx = contextAt(clock);
  const account = await anAccount(ctx, { currency: 'EUR' });
  const server = await startS3();
  const folder = new SourceFolder();
  try {
    await addSource(ctx, folder.tools, { accountId: account._id, name: 'S3', kind: server.kind, typed: server.typed });
    const start = (): Child =>
      startChild('test/children/sources.ts', [testDatabaseUri(), clock.now().toISOString(), KEY, folder.root]);
    const finish = async () => {
      const child = start();
      expect([await child.ended, child.errors()]).toEqual([0, expect.any(String)]);
    };
    const deliver = async (version: number) => {
      // parts of the same rows but for one amount in each
      const parts = [0, 1, 2].map((part) =>
        Array.from({ length: ROWS }, (_, at) =>
          costRow(at === version ? `${version + 1}` : '0.01', { project: `p${part}` }),
        ),
      );
      const { files, manifest } = dataExport(parts, { run: String(version) });
      for (const [key, bytes] of Object.entries({ ...files, ...manifest })) await server.put(key, bytes);
      // times at S3 are whole seconds
      return (3 * (ROWS - 1) * 0.01 + 3 * (version + 1)).toFixed(2);
    };
    const close = async (month: string) => {
      for (const group of await Groups.find({ accountId: account._id }).lean())
        await closeInvoice(ctx, group, toPeriod(month));
    };
    /** Waits until what killed processes held is free. */
    const leasesEnd = () => new Promise((resolve) => setTimeout(resolve, LEASES_END_MS));
    let total = await deliver(0);
    await finish();
    expect(await countingCosts(account._id)).toBe(`${total} in ${3 * ROWS}`);
    let killed = 0;
    for (let at = 1; at <= KILLS; at += 1) {
      if (at === 3) {
        clock.set('2026-11-03T12:00:00Z');
        await leasesEnd();
        await finish();
        await close('2026-10');
      }
      total = await deliver(at);
      const children = [start(), start()];
      const timer = setTimeout(
        () => {
          for (const child of children) child.process.kill('SIGKILL');
        },
        ((at + Math.random()) / KILLS) * LONGEST_MS,
      );
      const ends = await Promise.all(children.map((child) => child.ended));
      clearTimeout(timer);
      killed += ends.filter((end) => end === 'SIGKILL').length;
      const before = (await countingCosts(account._id)).split(' ')[0];
      // either this delivery or an earlier one, never a part of one
      expect(Number(before) * 100 - 3 * (ROWS - 1)).toBeCloseTo(
        Math.round((Number(before) * 100 - 3 * (ROWS - 1)) / 300) * 300,
        5,
      );
    }
    expect(killed).toBeGreaterThan(0);
    await leasesEnd();
    await finish();
    await finish();
    expect((await countingCosts(account._id)).split(' ')[0]).toBe(total);
    clock.set('2026-12-03T12:00:00Z');
    await close('2026-11');
    const invoices = await Invoices.find({ accountId: account._id, state: { $ne: 'estimate' } }).lean();
    const invoiced = invoices.reduce((all, { net }) => all + Number(fromDecimal128(net)), 0);
    expect(invoiced.toFixed(2)).toBe(total);
    expect(await Deliveries.find({ accountId: account._id }).lean()).toMatchObject([{ state: 'imported' }]);
    const restated = await Events.countDocuments({ accountId: account._id, type: 'month_restated' });
    expect(restated).toBeLessThanOrEqual(KILLS);
  } finally {
    await server.stop();
    folder.end();
  }
}, 900_000);
