import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { mongo } from 'mongoose';
import { silentLogger } from '../../src/platform/logger.ts';
import { createAccount } from '../../src/services/accounts/accounts.ts';
import { importFocus } from '../../src/services/costs/imports.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { Costs } from '../../src/store/costs/costs.ts';
import { judge, measure, peakMemory, RUNS, say } from './measure.ts';

/** Targets: times a bare insertMany, and the part of the first import's time that a repeated one may take. */
const MOST_TIMES = 2;
const MOST_REPEATED = 0.1;
export const ROWS = 100_000;
const CHUNK = 1000;

/** Soon after the files' month, so that none of their costs is too old. */
const NOW = new Date('2024-10-05T12:00:00Z');

export const ctx: Ctx = {
  clock: { now: () => NOW },
  log: silentLogger(),
  actor: { kind: 'operator' },
  nudge: () => undefined,
};

export const FOCUS_HEAD =
  'BillingAccountId,BillingCurrency,BillingPeriodStart,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId,SubAccountName,ResourceId,Tags\n';

/** A FOCUS file with that many distinct rows, spread over projects and services. */
export function focusFile(rows: number, projects: number): Readable {
  return Readable.from(
    (function* () {
      yield Buffer.from(FOCUS_HEAD);
      for (let at = 0; at < rows; at += CHUNK) yield Buffer.from(chunk(at, Math.min(CHUNK, rows - at), projects));
    })(),
  );
}

/** A new account, in UTC. */
export async function benchAccount(): Promise<{ _id: string }> {
  const owner = { teamId: 'T1', userId: 'U1' };
  return createAccount(ctx, owner, {
    name: randomUUID(),
    timeZone: 'Etc/UTC',
    currency: 'USD',
    financeChannelId: null,
  });
}

/** The import's rows per second, compared with the driver's insertMany of the resulting documents. */
export async function benchImport(): Promise<void> {
  const imports = await measure(RUNS, benchAccount, async (account) => {
    await importFocus(ctx, { accountId: account._id, fileName: 'x', replace: false, open: () => focusFile(ROWS, 100) });
  });
  say(`Peak memory of the process after ${RUNS} imports: ${peakMemory()} MB`);
  const again = await benchAccount();
  const once = () =>
    importFocus(ctx, { accountId: again._id, fileName: 'x', replace: false, open: () => focusFile(ROWS, 100) });
  await once();
  const repeats = await measure(
    RUNS,
    async () => undefined,
    async () => void (await once()),
  );
  const made = await Costs.find({ accountId: again._id }, { _id: 0 }).lean();
  const bare = await measure(RUNS, emptyCollection, async (collection) => {
    for (let at = 0; at < made.length; at += CHUNK) {
      await collection.insertMany(made.slice(at, at + CHUNK).map((doc) => ({ ...doc })));
    }
  });
  say(`Import of ${ROWS} rows: ${rate(imports.median)} rows/s; repeated: ${rate(repeats.median)} rows/s`);
  say(`Bare insertMany of the same documents into a collection with the same indexes: ${rate(bare.median)} rows/s`);
  judge('The import, times the bare insertMany', { value: imports.median / bare.median, most: MOST_TIMES });
  judge('A file that is already there, times its first import', {
    value: repeats.median / imports.median,
    most: MOST_REPEATED,
  });
  await Costs.deleteMany({});
}

async function emptyCollection() {
  const collection = Costs.db.collection(`bare_${randomUUID()}`);
  await collection.insertOne({});
  await collection.deleteMany({});
  for (const [keys, options] of Costs.schema.indexes())
    await collection.createIndex(keys as Record<string, 1 | -1>, options as mongo.CreateIndexesOptions);
  return collection;
}

function chunk(from: number, rows: number, projects: number): string {
  let text = '';
  for (let at = from; at < from + rows; at++) {
    const day = String((at % 28) + 1).padStart(2, '0');
    const hour = String(at % 23).padStart(2, '0');
    const amount = `${at % 97}.${String(at).padStart(9, '0')}`;
    text += `b1,USD,2024-09-01,${amount},Usage,2024-09-${day}T${hour}:00:00Z,2024-09-${day}T${hour}:59:59Z,Service ${at % 10},p${at % projects},Project ${at % projects},r-${at},"{""env"":""prod""}"\n`;
  }
  return text;
}

function rate(seconds: number): string {
  return Math.round(ROWS / seconds).toLocaleString('en');
}
