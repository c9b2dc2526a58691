import { createHash, type Hash } from 'node:crypto';
import type { CostMapping } from '../../billing/cost/cost-mapping.ts';
import { importsThatStoredAll } from '../../store/costs/import-queries.ts';
import type { FilesRead, ImportDoc } from '../../store/costs/imports.ts';
import { activeLoadsById, endUndo, touchLoad } from '../../store/costs/loads.ts';
import type { Lease } from '../../store/kit/leases.ts';
import type { Tx } from '../../store/kit/transaction.ts';
import { importTakenOver } from './cost-batch.ts';

type Bytes = AsyncIterable<Uint8Array>;

interface Part {
  readonly open: () => Bytes | Promise<Bytes>;
  readonly isReadOnce?: boolean;
}

/** Files, and the options that decide what their rows mean. */
interface Files extends Part {
  readonly accountId: string;
  readonly replace: boolean;
  readonly more?: readonly Part[];
  readonly source?: string;
  readonly since?: Date;
  readonly mappings?: readonly CostMapping[];
  readonly month?: string;
}

/**
 * Part of every digest. Must be increased with a change of how files are read that finds other rows in the same bytes, so
 * that they are read again.
 */
const READING = 1;
/** How much of the first file's beginning is kept: about the names of its columns, and its first rows. */
const HEAD_BYTES = 4096;

/** Identifies files byte for byte, together with the options. */
export class FilesDigest {
  readonly #way: string;
  readonly #files: Hash[] = [];
  #head = Buffer.alloc(0);

  constructor(of: Pick<Files, 'source' | 'since' | 'more' | 'mappings' | 'month'>) {
    const { source, since, more = [], mappings = [], month } = of;
    const mapped = mappings.length > 0 ? [mappings, month ?? null] : [];
    this.#way = JSON.stringify([READING, source ?? null, since ?? null, more.length, ...mapped]);
  }

  /** Passes on a file's bytes, and counts them in. The files in their order. */
  async *of(bytes: Bytes): AsyncGenerator<Uint8Array, void> {
    const isFirst = this.#files.length === 0;
    const file = createHash('sha256');
    this.#files.push(file);
    for await (const chunk of bytes) {
      file.update(chunk);
      const missing = isFirst ? HEAD_BYTES - this.#head.length : 0;
      if (missing > 0) this.#head = Buffer.concat([this.#head, chunk.subarray(0, missing)]);
      yield chunk;
    }
  }

  /** Whether files with this beginning may be the same, by what has been read so far. */
  mayBe({ head }: Pick<FilesRead, 'head'>): boolean {
    const other = Buffer.from(head, 'base64');
    const length = Math.min(other.length, this.#head.length);
    return this.#head.subarray(0, length).equals(other.subarray(0, length));
  }

  /** Once all files have been read. */
  all(): Pick<FilesRead, 'head' | 'whole'> {
    const whole = createHash('sha256').update(this.#way);
    for (const file of this.#files) whole.update(file.copy().digest());
    return { head: this.#head.toString('base64'), whole: whole.digest('hex') };
  }
}

/** An import that has stored the same files before, or what was opened of the first one to find out. */
export type Looked = { readonly before: RepeatedImport } | { readonly opened: Bytes | undefined };

export type RepeatedImport = Pick<ImportDoc, 'counts' | 'notes'> & Required<Pick<ImportDoc, 'files'>>;

/**
 * Looks for a finished import of the same bytes, all of whose rows still count: then there is nothing to import. Reads
 * one chunk, and all files only if an import began with the same. Must be called under the account's import lease.
 */
export async function lookForRepeat(input: Files): Promise<Looked> {
  const { accountId, replace, more = [] } = input;
  const opened = undefined;
  if (replace || [input, ...more].some(({ isReadOnce }) => isReadOnce)) return { opened };
  const candidates = await importsThatStoredAll(accountId);
  if (candidates.length === 0) return { opened };
  const digest = new FilesDigest(input);
  const reading = digest.of(await input.open());
  const first = await reading.next();
  if (!candidates.some(({ files }) => digest.mayBe(files))) {
    if (more.length === 0) return { opened: continued(first, reading) };
    await reading.return();
    return { opened };
  }
  await toItsEnd(reading);
  for (const part of more) await toItsEnd(digest.of(await part.open()));
  const { whole } = digest.all();
  const before = candidates.find(({ files }) => files.whole === whole);
  const isStored =
    before && (await activeLoadsById(accountId, before.files.loads)).length === before.files.loads.length;
  return isStored ? { before } : { opened };
}

async function* continued(first: IteratorResult<Uint8Array, void>, rest: Bytes): AsyncGenerator<Uint8Array, void> {
  if (!first.done) yield first.value;
  yield* rest;
}

async function toItsEnd(bytes: Bytes): Promise<void> {
  for await (const _chunk of bytes);
}

/**
 * Does to the loads of the same files what importing them again would do.
 *
 * @throws {Refusal} `import_running` if another import has taken over
 */
export async function seeAgain(tx: Tx, accountId: string, lease: Lease, files: FilesRead): Promise<void> {
  const loads = await activeLoadsById(accountId, files.loads);
  // nobody else can replace them as long as the lease is held
  if (loads.length !== files.loads.length) throw importTakenOver();
  for (const load of loads) {
    if (!(await touchLoad(tx, load, lease.token, null))) throw importTakenOver();
    await endUndo(tx, accountId, load.source);
  }
}
