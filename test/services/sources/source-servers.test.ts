import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openStorage } from '../../../src/adapters/storage/open-storage.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { readSource } from '../../../src/billing/source/read-location.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import type { SourceTools } from '../../../src/services/sources/source-storage.ts';
import { addSource } from '../../../src/services/sources/sources.ts';
import type { AccountDoc } from '../../../src/store/accounts/accounts.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Invoices, Lines } from '../../../src/store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../../src/store/kit/decimal.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, TestClock } from '../../support/context.ts';
import { costRow, countingCosts, dataExport, runNow, testBox } from '../../support/costs/source-world.ts';
import { type StorageServer, startAzurite, startS3 } from '../../support/costs/storage-servers.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const DAYS = 40;
const DAY_MS = 86_400_000;
const FIRST = new Date('2026-10-25T12:00:00Z');

describe.each([
  ['S3 (s3rver)', startS3],
  ['Azure Blob Storage (Azurite)', startAzurite],
])('a month from %s', (_name, start) => {
  const clock = new TestClock(FIRST.toISOString());
  const ctx = contextAt(clock);
  let server: StorageServer;
  let account: AccountDoc;
  let isRevoked = false;
  /** Called before each file is opened. */
  let onOpen: (key: string) => Promise<void> = async () => undefined;
  const open = openStorage({ folder: undefined, allowsPrivate: true, now: () => new Date() });
  const tools: SourceTools = {
    async open(location, credentials, signal) {
      const revoked = isRevoked ? readSource(server.kind, server.revoked).credentials : credentials;
      const storage = await open(location, revoked, signal);
      return {
        ...storage,
        async open(object) {
          await onOpen(object.key);
          return storage.open(object);
        },
      };
    },
    ...{ box: testBox(), hasFolder: false, isShared: false },
  };

  beforeAll(async () => {
    server = await start();
  }, 60_000);
  afterAll(() => server.stop());
  beforeEach(async () => {
    clock.set(FIRST.toISOString());
    account = await anAccount(ctx, { currency: 'EUR' });
  });
  afterEach(() => {
    isRevoked = false;
    onOpen = async () => undefined;
  });

  const put = async (files: Readonly<Record<string, Buffer>>) => {
    for (const [key, bytes] of Object.entries(files)) await server.put(key, bytes);
  };
  const connect = async (prefix: string) =>
    (
      await addSource(ctx, tools, {
        accountId: account._id,
        name: 'Cloud',
        kind: server.kind,
        typed: { ...server.typed, prefix },
      })
    ).id;
  const run = (id: string) => runNow(ctx, tools, account._id, id);
  const costs = async () => (await countingCosts(account._id)).split(' ')[0];
  const close = async (month: string) => {
    const group = await Groups.findOne({ accountId: account._id }).orFail().lean();
    const closed = await closeInvoice(ctx, group, toPeriod(month));
    if (closed.outcome === 'held_back') throw new Error(closed.reason);
    return Lines.countDocuments({ invoiceId: closed.invoice._id });
  };

  it(`restated daily for ${DAYS} days, with late manifests, missing parts and revoked credentials, is always the last complete one`, async () => {
    const id = await connect('daily/');
    let last = '';
    const lines: number[] = [];
    for (let day = 0; day < DAYS; day += 1) {
      clock.set(new Date(FIRST.getTime() + day * DAY_MS).toISOString());
      const amounts = [10 + day, 20, day % 3];
      const total = amounts.reduce((all, amount) => all + amount, 0).toFixed(2);
      const parts = amounts.map((amount, at) => [costRow(String(amount), { project: `p${at}` })]);
      const { files, manifest } = dataExport(parts, { name: 'daily/focus', run: `day ${day}` });
      const [missing = ''] = Object.keys(files).slice(-1);
      const kind = ['plain', 'late manifest', 'missing part', 'revoked'][day % 4];
      if (kind === 'late manifest') {
        await put(files);
        await run(id);
        expect(await costs()).toBe(last);
      } else if (kind === 'missing part') {
        await put({ ...files, ...manifest });
        await server.delete(missing);
        expect((await run(id)).deliveries).toEqual([
          'daily/focus/2026-10 waiting focus-Manifest.json lists 3 files, of which focus-00003.csv.gz is missing.',
        ]);
        expect(await costs()).toBe(last);
        await put(files);
      } else if (kind === 'revoked') {
        await put({ ...files, ...manifest });
        isRevoked = true;
        expect((await run(id)).source.failure).toContain('was denied');
        expect(await costs()).toBe(last);
        isRevoked = false;
      } else {
        await put(files);
      }
      await put(manifest);
      expect((await run(id)).deliveries).toEqual(['daily/focus/2026-10 imported']);
      expect(await costs()).toBe(total);
      last = total;
      if (day === 10) lines.push(await close('2026-10'));
      if (day === 38) lines.push(await close('2026-11'));
    }
    // three projects, then one correction line for each project that changed
    expect(lines).toEqual([3, 2]);
    clock.set('2027-01-05T12:00:00Z');
    await close('2026-12');
    const invoices = await Invoices.find({ accountId: account._id, state: { $ne: 'estimate' } }).lean();
    expect(invoices.reduce((all, { net }) => all + Number(fromDecimal128(net)), 0).toFixed(2)).toBe(last);
    const failures = await Events.countDocuments({ accountId: account._id, type: 'source_failing' });
    const recoveries = await Events.countDocuments({ accountId: account._id, type: 'source_recovered' });
    expect([failures, recoveries]).toEqual([DAYS / 4, DAYS / 4]);
  }, 600_000);

  it('changes nothing if a part is replaced while it is being read, and is read again', async () => {
    const id = await connect('race/');
    const first = dataExport([[costRow('10')], [costRow('20')]], { name: 'race/focus', run: '1' });
    await put({ ...first.files, ...first.manifest });
    await run(id);
    const second = dataExport([[costRow('11')], [costRow('21')]], { name: 'race/focus', run: '2' });
    const third = dataExport([[costRow('12')], [costRow('22')]], { name: 'race/focus', run: '3' });
    await put({ ...second.files, ...second.manifest });
    onOpen = async (key) => {
      if (!key.endsWith('00002.csv.gz')) return;
      onOpen = async () => undefined;
      await put(third.files);
    };
    const { outcome, source } = await run(id);
    expect(outcome).toContain('files changed while they were read');
    expect(source.failures).toBe(0);
    expect(await costs()).toBe('30.00');
    await put(third.manifest);
    await run(id);
    expect(await costs()).toBe('34.00');
  }, 60_000);
});
