/** The calculation in docs/scale.md: what accounts add to the database in a month, and how many fit on a shard. */
import mongoose from 'mongoose';
import { type Placement, SHARD_TABLE } from '../../src/store/migrations/shard-table.ts';

/** The average account that the calculation assumes. The first six each month. */
export const AVERAGE = {
  ...{ record: 10_000, line: 1_000, invoice: 20, event: 500, message: 2_000, month: 1 },
  ...{ account: 1, group: 20, project: 200, process: 0 },
} as const;

/** What the calculation assumes about the database and the work. */
export const ASSUMED = {
  /** Bytes of an index entry, with MongoDB's prefix compression. */
  indexEntry: 40,
  /** How small MongoDB's compression makes documents. */
  compressed: 0.4,
  /** Commands for an imported record: batches of 1,000 that are looked up, stored and summed. */
  commandsPerRecord: 0.006,
  /** Recalculations of an estimate in a month, and commands for each. */
  ...{ estimates: 60, commandsPerEstimate: 12 },
  /** Commands that close 50 groups. */
  commandsPerClose: 40,
  /** Commands for a request from Slack or a message to it: at most 10 (test/e2e/queries.test.ts). */
  commandsPerMessage: 10,
  /** Requests to the Invoice API in a month, and commands for each. */
  ...{ apiRequests: 5_000, commandsPerApiRequest: 3 },
  /** Bytes of a shard's disk that data may fill: 60% of 2 TB, so that a member can be replaced within hours. */
  diskOfShard: 1.2e12,
  /** Bytes of a shard's memory for indexes: half of 64 GB. */
  memoryOfShard: 32e9,
  /** Documents that a shard stores in a second while imports run, with majority writes; most are imported in a tenth of the time. */
  ...{ writesOfShard: 5_000, peak: 10 },
  /** After how many months a shard is full, and for how many months of costs its indexes are in memory. */
  ...{ monthsStored: 36, monthsInMemory: 3 },
} as const;

const SECONDS_A_MONTH = 30 * 86_400;
const GROWING = ['record', 'line', 'invoice', 'event', 'message', 'month'] as const;

/** A collection's share in what one average account has after some months. */
interface Share {
  readonly name: string;
  readonly placement: Placement;
  /** Added in a month; 0 for what stays the same. */
  readonly added: number;
  readonly documents: number;
  readonly bytes: number;
  readonly indexBytes: number;
}

/** What one average account has in each collection after some months. */
export function shares(months: number): Share[] {
  return Object.entries(SHARD_TABLE).map(([name, placement]) => {
    const { documents: each, per, bytes, months: kept = months } = placement.size;
    const isGrowing = GROWING.some((one) => one === per);
    const added = isGrowing ? each * AVERAGE[per] : 0;
    const documents = isGrowing ? added * Math.min(kept, months) : each * AVERAGE[per];
    const indexes = indexCount(name);
    return {
      name,
      placement,
      added,
      documents,
      bytes: documents * bytes,
      indexBytes: documents * indexes * ASSUMED.indexEntry,
    };
  });
}

/** With the index of `_id`. */
function indexCount(collection: string): number {
  const model = Object.values(mongoose.models).find((one) => one.collection.collectionName === collection);
  return 1 + (model?.schema.indexes().length ?? 0);
}

/** How many commands one average account causes in a month. */
export function commandsAMonth(): number {
  const { record, invoice, group, message } = AVERAGE;
  return (
    record * ASSUMED.commandsPerRecord +
    group * ASSUMED.estimates * ASSUMED.commandsPerEstimate +
    (invoice / 50) * ASSUMED.commandsPerClose +
    message * ASSUMED.commandsPerMessage +
    ASSUMED.apiRequests * ASSUMED.commandsPerApiRequest
  );
}

/** How many average accounts fit on a shard, by what fills it. */
export function accountsPerShard(): { readonly disk: number; readonly memory: number; readonly writes: number } {
  const kept = shares(ASSUMED.monthsStored);
  const hot = shares(ASSUMED.monthsInMemory);
  const disk = total(kept, ({ bytes }) => bytes) * ASSUMED.compressed + total(kept, ({ indexBytes }) => indexBytes);
  const stored = total(kept, ({ added }) => added);
  return {
    disk: ASSUMED.diskOfShard / disk,
    memory: ASSUMED.memoryOfShard / total(hot, ({ indexBytes }) => indexBytes),
    writes: ASSUMED.writesOfShard / ((stored / SECONDS_A_MONTH) * ASSUMED.peak),
  };
}

const SIZES = [10, 1_000, 100_000] as const;

/** The table of docs/scale.md with what a month adds. */
export function monthTable(): string {
  const all = shares(1);
  const growing = all.filter(({ added }) => added > 0);
  const large = growing.filter(({ placement }) => placement.sharding === 'sharded');
  const others = growing.filter((one) => !large.includes(one));
  const row = (name: string, some: readonly Share[]) => {
    const [documents, bytes] = [total(some, ({ added }) => added), total(some, (one) => one.bytes)];
    return `| ${name} | ${SIZES.map((size) => `${short(documents * size)}, ${inBytes(bytes * size)}`).join(' | ')} |`;
  };
  return [
    `| added in a month | ${SIZES.map((size) => `${short(size)} accounts`).join(' | ')} |`,
    '| --- | --- | --- | --- |',
    ...large.map((one) => row(`\`${one.name}\``, [one])),
    row('all others', others),
    row('together', growing),
    `| commands | ${SIZES.map((size) => short(commandsAMonth() * size)).join(' | ')} |`,
    `| commands a second, on average | ${SIZES.map((size) => short((commandsAMonth() * size) / SECONDS_A_MONTH)).join(' | ')} |`,
  ].join('\n');
}

/** How many shards a number of average accounts needs. */
export function shards(accounts: number): number {
  const { disk, memory, writes } = accountsPerShard();
  return Math.max(1, Math.ceil(accounts / Math.min(disk, memory, writes)));
}

/** The table of docs/scale.md with what fills a shard. */
export function shardTable(): string {
  const { disk, memory, writes } = accountsPerShard();
  return [
    '| what fills a shard | average accounts on one shard |',
    '| --- | --- |',
    `| disk, after ${ASSUMED.monthsStored} months | ${short(disk)} |`,
    `| memory, indexes of ${ASSUMED.monthsInMemory} months | ${short(memory)} |`,
    `| documents stored in a second at the peak | ${short(writes)} |`,
    `| **shards for ${SIZES.map((size) => short(size)).join(' / ')} accounts** | ${SIZES.map(shards).join(' / ')} |`,
  ].join('\n');
}

/** The table of docs/scale.md with all collections. */
export function collectionsTable(): string {
  const rows = Object.entries(SHARD_TABLE).map(([name, { sharding, key, size, reason }]) => {
    const { documents, per, bytes } = size;
    const how = reason === undefined ? `\`{${key.map((field) => ` ${field}: 1`).join(',')} }\`` : reason;
    return `| \`${name}\` | ${sharding} | ${how} | ${documents} per ${per}, ${short(bytes)} bytes |`;
  });
  return ['| collection | | shard key, or why it has none | expected |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
}

function total(all: readonly Share[], of: (share: Share) => number): number {
  return all.reduce((sum, share) => sum + of(share), 0);
}

/** Two significant digits: `12,000`, `1.2 million`. */
function short(value: number): string {
  const rounded = Number(value.toPrecision(2));
  if (rounded >= 1e9) return `${rounded / 1e9} billion`;
  if (rounded >= 1e6) return `${rounded / 1e6} million`;
  return rounded.toLocaleString('en');
}

function inBytes(value: number): string {
  const rounded = Number(value.toPrecision(2));
  const [unit, name] = (
    [
      [1e12, 'TB'],
      [1e9, 'GB'],
      [1e6, 'MB'],
      [1e3, 'kB'],
    ] as const
  ).find(([one]) => rounded >= one) ?? [1, 'bytes'];
  return `${rounded / unit} ${name}`;
}
