import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach } from '@jest/globals';
import { openStorage } from '../../../src/adapters/storage/open-storage.ts';
import { SecretBox } from '../../../src/platform/secret-box.ts';
import type { Ctx } from '../../../src/services/kit/context.ts';
import { runSource } from '../../../src/services/sources/source-run.ts';
import type { SourceTools } from '../../../src/services/sources/source-storage.ts';
import { addSource, type NewSource } from '../../../src/services/sources/sources.ts';
import type { AccountDoc } from '../../../src/store/accounts/accounts.ts';
import { Costs } from '../../../src/store/costs/costs.ts';
import { countingRecords } from '../../../src/store/costs/loads.ts';
import { fromDecimal128 } from '../../../src/store/kit/decimal.ts';
import { deliveriesOf } from '../../../src/store/sources/delivery-queries.ts';
import { Sources } from '../../../src/store/sources/sources.ts';
import { anAccount, contextAt, TestClock } from '../context.ts';

const HEAD =
  'BillingAccountId,BillingCurrency,BillingPeriodStart,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId';

/** A cost on the tenth of a month. */
export function costRow(cost: string, { month = '2026-10', project = 'p1', payer = 'b1', day = '10' } = {}): string {
  return `${payer},EUR,${month}-01,${cost},Usage,${month}-${day} 00:00:00,${month}-${day} 01:00:00,Compute,${project}`;
}

export function costFile(rows: readonly string[]): Buffer {
  return Buffer.from(`${[HEAD, ...rows].join('\n')}\n`);
}

/** Files of AWS Data Exports for a month: parts of rows, compressed, and the manifest that lists them. */
export function dataExport(
  parts: readonly (readonly string[])[],
  { month = '2026-10', name = 'focus', run = '1' } = {},
): { readonly files: Record<string, Buffer>; readonly manifest: Record<string, Buffer> } {
  const keys = parts.map(
    (_rows, at) => `${name}/data/BILLING_PERIOD=${month}/${name}-${String(at + 1).padStart(5, '0')}.csv.gz`,
  );
  const dataFiles = keys.map((key) => `s3://exports/${key}`);
  return {
    files: Object.fromEntries(keys.map((key, at) => [key, gzipSync(costFile(parts[at] ?? []))])),
    manifest: {
      [`${name}/metadata/BILLING_PERIOD=${month}/${name}-Manifest.json`]: Buffer.from(
        JSON.stringify({ executionId: run, dataFiles }),
      ),
    },
  };
}

/** A folder with files of sources, and what reads them. */
export class SourceFolder {
  readonly root = mkdtempSync(path.join(tmpdir(), 'sources-'));
  readonly tools: SourceTools;

  constructor() {
    this.tools = {
      // files that were just written count as complete
      open: openStorage({ folder: this.root, allowsPrivate: false, now: () => new Date(Date.now() + 120_000) }),
      box: testBox(),
      hasFolder: true,
      isShared: false,
    };
  }

  put(files: Readonly<Record<string, Buffer>>): void {
    for (const [key, bytes] of Object.entries(files)) {
      const file = path.join(this.root, key);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
  }

  delete(key: string): void {
    rmSync(path.join(this.root, key), { recursive: true, force: true });
  }

  end(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A folder for sources, and an account, for each test. */
export interface SourceWorld {
  readonly clock: TestClock;
  readonly ctx: Ctx;
  readonly folder: SourceFolder;
  readonly account: AccountDoc;
  /** Connects the folder. @returns the source's ID */
  connect(more?: Partial<NewSource>): Promise<string>;
  /** Runs a source now. */
  run(id: string, tools?: SourceTools): ReturnType<typeof runNow>;
  /** The active costs' total and number of records. */
  costs(): Promise<string>;
}

/** Gives each test of a file its own folder and account, on 20 October 2026. */
export function useSourceFolder(): SourceWorld {
  const now = '2026-10-20T12:00:00Z';
  const clock = new TestClock(now);
  const ctx = contextAt(clock);
  let current: { readonly folder: SourceFolder; readonly account: AccountDoc } | undefined;
  const inTest = () => {
    if (!current) throw new Error('There is a folder only during a test');
    return current;
  };
  beforeEach(async () => {
    clock.set(now);
    current = { folder: new SourceFolder(), account: await anAccount(ctx, { currency: 'EUR' }) };
  });
  afterEach(() => current?.folder.end());
  return {
    ...{ clock, ctx },
    get folder() {
      return inTest().folder;
    },
    get account() {
      return inTest().account;
    },
    connect: (more = {}) => aFolderSource(ctx, inTest().folder.tools, inTest().account._id, more),
    run: (id, tools = inTest().folder.tools) => runNow(ctx, tools, inTest().account._id, id),
    costs: () => countingCosts(inTest().account._id),
  };
}

/** The folder, read as long after now as given, in milliseconds. */
export function toolsAt({ root, tools }: SourceFolder, aheadMs: number): SourceTools {
  const now = () => new Date(Date.now() + aheadMs);
  return { ...tools, open: openStorage({ folder: root, allowsPrivate: false, now }) };
}

/** The folder, with something done before each of its files is opened. */
export function beforeOpening(folder: SourceFolder, act: (key: string) => unknown): SourceTools {
  return {
    ...folder.tools,
    open: async (...given) => {
      const storage = await folder.tools.open(...given);
      return {
        list: () => storage.list(),
        close: () => storage.close(),
        open: async (object) => {
          await act(object.key);
          return storage.open(object);
        },
      };
    },
  };
}

/** With a key for each text, the newest first. */
export function testBox(...texts: readonly string[]): SecretBox {
  const keys = texts.length > 0 ? texts : ['a key'];
  return new SecretBox(keys.map((text) => createHash('sha256').update(text).digest()));
}

/** A connected folder. @returns the source's ID */
export async function aFolderSource(
  ctx: Ctx,
  tools: SourceTools,
  accountId: string,
  more: Partial<NewSource> = {},
): Promise<string> {
  const input = { accountId, name: 'AWS', kind: 'folder', typed: { path: '' }, ...more } as const;
  return (await addSource(ctx, tools, input)).id;
}

/** Runs a source now, whenever it is due. @returns its outcome, and its deliveries as `name state reason` */
export async function runNow(ctx: Ctx, tools: SourceTools, accountId: string, id: string) {
  await Sources.updateOne({ _id: id, accountId }, { $set: { nextRunAt: ctx.clock.now() } });
  await runSource(ctx, tools, { accountId, _id: id });
  const source = await Sources.findOne({ _id: id, accountId }).orFail().lean();
  const deliveries = await deliveriesOf(accountId, id);
  return {
    source,
    outcome: source.outcome,
    deliveries: deliveries.map(({ name, state, reason }) =>
      [name, state, ...(reason === null ? [] : [reason])].join(' '),
    ),
  };
}

/** The active costs' total and number of records. */
export async function countingCosts(accountId: string): Promise<string> {
  const records = await Costs.find({ accountId, ...(await countingRecords(accountId)) }).lean();
  const [first, ...others] = records.map(({ amount }) => fromDecimal128(amount));
  const sum = others.reduce((total, amount) => total.plus(amount), first ?? fromDecimal128(ZERO));
  return `${sum.toFixed(2)} in ${records.length}`;
}
const ZERO = Costs.schema.path('amount').cast('0') as Parameters<typeof fromDecimal128>[0];
