import { count } from '../../billing/money/count.ts';
import { Decimal, formatMoney } from '../../billing/money/money.ts';
import { Refusal } from '../../billing/refusal.ts';
import { type FocusOptions, readFocus } from '../../imports/focus/focus.ts';
import {
  importOrFail,
  insertImport,
  runningImports,
  unconfirmedImports,
  updateImport,
} from '../../store/costs/import-queries.ts';
import type { ImportDoc } from '../../store/costs/imports.ts';
import { sweepLoads, sweepOrphans } from '../../store/costs/loads.ts';
import { claimLease, fenceLease, freeLease, type Lease, renewLease } from '../../store/kit/leases.ts';
import { admit } from '../access/rights.ts';
import { keepInvoicedRecords } from '../invoicing/invoiced-records.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import type { Change } from '../kit/transaction.ts';
import { type BatchRun, importTakenOver, storeBatch } from './cost-batch.ts';
import { ImportNotes } from './import-notes.ts';
import { type ImportReport, newImport, refuseImport, toReport } from './import-queue.ts';
import { type ImportedRow, NOTHING_READ, Tally } from './import-tally.ts';
import { assertReplaceable, putStagedInPlace, restatementOf } from './replacement.ts';

export { type ImportReport, queueImport } from './import-queue.ts';

/** A file of an import. */
export interface ImportPart {
  readonly fileName: string;
  /** Opens the file; called at most twice. */
  readonly open: () => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>;
}

export interface ImportInput extends ImportPart {
  readonly accountId: string;
  /** Files imported together with the first as one load: equal rows in two files are two costs. */
  readonly more?: readonly ImportPart[];
  /** Replaces the costs that the files' sources had for their billing months, instead of adding new ones. */
  readonly replace: boolean;
  /**
   * Whether a replacement may change costs: `given` always, `ask` only after `confirmReplacement`, `if_complete` (the
   * default) unless rows were rejected.
   */
  readonly confirmation?: 'if_complete' | 'ask' | 'given';
  /** Replaces the source named in each row. */
  readonly source?: string;
  /** The earliest instant at which a charge may start, instead of 24 months before its billing month. */
  readonly since?: Date;
  /** The queued import to run. */
  readonly queuedId?: string;
  /** How long the account's imports stay locked without a sign of life, in milliseconds. */
  readonly leaseMs?: number;
  /** How many rows one transaction stores. */
  readonly batchSize?: number;
  readonly onProgress?: (counts: ImportDoc['counts']) => void;
}

/** The results of reading the files. */
type Outcome = Pick<ImportDoc, 'counts' | 'rejections' | 'notes'>;

/** How many rows one transaction stores. */
const BATCH = 1000;
/** Renewed while it runs. If an import's process is killed, the account's imports wait this long. */
const LEASE_MS = 12_000;
const DAY_MS = 86_400_000;
/** Days until an unconfirmed replacement is dropped. */
const CONFIRM_WITHIN_DAYS = 7;

/**
 * Imports FOCUS files: stores the rows that don't exist yet, batch by batch, in memory that doesn't grow with the
 * files. Safe to repeat, and to kill at any point: importing the same files again adds what is missing and changes
 * nothing else. Only one import of an account runs at a time. A replacement is a single step and can be undone
 * (`undoReplacement`).
 *
 * @throws {Refusal} `import_running`; `focus_file` for a file that isn't FOCUS (nothing from the other files is
 * imported then); `period_already_invoiced` for a replacement that is too late, and `replacement_doubtful` for one that
 * a person has to confirm (nothing is changed in either case); `role_needed`
 */
export async function importFocus(ctx: Ctx, input: ImportInput): Promise<ImportReport> {
  await admit(ctx, input.accountId, 'issue');
  return aloneInAccount(ctx, input.accountId, input.leaseMs ?? LEASE_MS, (lease) => run(ctx, lease, input));
}

/** Runs something while no import of the account runs. @throws {Refusal} `import_running` */
export async function aloneInAccount<T>(
  ctx: Ctx,
  accountId: string,
  leaseMs: number,
  work: (lease: Lease) => Promise<T>,
): Promise<T> {
  const lease = await claimLease(`import:${accountId}`, leaseMs);
  if (!lease) throw new Refusal('import_running', { tookOver: false });
  const alive = setInterval(() => renewLease(lease, leaseMs).catch(() => false), leaseMs / 3);
  try {
    return await work(lease);
  } finally {
    clearInterval(alive);
    await freeLease(lease);
    ctx.nudge('estimates');
  }
}

async function run(ctx: Ctx, lease: Lease, input: ImportInput): Promise<ImportReport> {
  const { accountId } = input;
  const leaseMs = input.leaseMs ?? LEASE_MS;
  await sweep(ctx, accountId);
  // a missing file, or one without costs, ends here before the import has started
  const notes = new ImportNotes();
  const options = optionsOf(ctx, input);
  const parts = await openedParts(input, options);
  const id = await begin(ctx, lease, input);
  const batches: BatchRun = { accountId, lease, replace: input.replace, projects: new Map(), issued: new Map() };
  const tally = new Tally();
  try {
    for await (const rows of inBatches(
      rowsOf(parts, { ...options, onFileNote: (note) => notes.add(note) }),
      input.batchSize ?? BATCH,
    )) {
      if (!(await renewLease(lease, leaseMs))) throw importTakenOver();
      const good = rows.filter((row) => row.kind === 'row');
      const result = await inChange(ctx, accountId, 'issue', async (tx, { account }) => {
        const stored = await storeBatch(tx, batches, account, good);
        await updateImport(tx, accountId, id, { counts: tally.after(rows, stored) });
        return stored;
      });
      tally.add(rows, result);
      notes.addOf(rows);
      for (const [externalId, projectId] of result.projects) batches.projects.set(externalId, projectId);
      for (const [period, count] of result.issued) batches.issued.set(period, count);
      input.onProgress?.(tally.counts());
    }
    const outcome = { counts: tally.counts(), rejections: tally.rejections, notes: notes.found };
    return input.replace
      ? await finishReplacement(ctx, batches, id, input, outcome)
      : await finish(ctx, lease, id, input, { state: 'finished', ...outcome });
  } catch (error) {
    if (error instanceof Refusal && error.code !== 'import_running') await refuseImport(ctx, { accountId, id }, error);
    throw error;
  } finally {
    // if another import has taken over, it cleans up, and staged data may belong to it
    if (await renewLease(lease, leaseMs)) await sweep(ctx, accountId);
  }
}

/** Records that the import is running, and ends earlier ones that are still marked as running: only one can run. */
async function begin(ctx: Ctx, lease: Lease, input: ImportInput): Promise<string> {
  const { accountId } = input;
  const fileName = nameOf(input);
  const doc = newImport(ctx, accountId, { fileName, replace: input.replace, slack: null }, 'running');
  const id = input.queuedId ?? doc._id;
  await inChange(ctx, accountId, 'issue', async (tx) => {
    if (!(await fenceLease(tx, lease))) throw importTakenOver();
    for (const { _id, fileName: name, counts } of await runningImports(accountId, id)) {
      await updateImport(tx, accountId, _id, { state: 'interrupted' });
      const description = `The import of ${name} was interrupted after ${count(counts.read, 'row')}`;
      await tx.record({ accountId, type: 'import_interrupted', description, after: { import: _id, ...counts } });
    }
    if (input.queuedId === undefined) await insertImport(tx, { ...doc, token: lease.token });
    else await updateImport(tx, accountId, id, { state: 'running', counts: NOTHING_READ, token: lease.token });
    await tx.record({
      accountId,
      type: 'import_started',
      description: `Started the import of ${fileName}`,
      after: { import: id, fileName, replace: input.replace },
    });
  });
  return id;
}

/** Carries out the staged replacement, or leaves it for a person to confirm. @throws {Refusal} as `importFocus` */
async function finishReplacement(
  ctx: Ctx,
  batches: BatchRun,
  id: string,
  input: ImportInput,
  outcome: Outcome,
): Promise<ImportReport> {
  const { accountId, lease } = batches;
  await assertReplaceable(accountId, lease.token);
  await keepInvoicedRecords(ctx, batches);
  const restatement = await restatementOf(accountId, lease.token);
  const rejected = restatement.replaces ? rejectionDoubts(outcome) : [];
  const { confirmation = 'if_complete' } = input;
  if (confirmation === 'if_complete' && rejected.length > 0) throw doubtful(rejected);
  const doubts = [...rejected, ...restatement.falls];
  const isAsked = confirmation === 'ask' && restatement.replaces && (restatement.changeCount > 0 || doubts.length > 0);
  const { changes, changeCount } = restatement;
  const issued = Object.fromEntries(batches.issued);
  const replacement = { changes, changeCount, doubts, issued };
  return finish(ctx, lease, id, input, { state: isAsked ? 'unconfirmed' : 'finished', ...outcome, ...replacement });
}

/** Stores an import's end and activates what it has staged, unless that needs a person's confirmation. */
async function finish(
  ctx: Ctx,
  lease: Lease,
  id: string,
  input: ImportInput,
  outcome: Outcome & Pick<ImportDoc, 'state'> & Partial<ImportDoc>,
): Promise<ImportReport> {
  const { accountId, replace } = input;
  const fileName = nameOf(input);
  await inChange(ctx, accountId, 'issue', async (tx) => {
    if (!(await fenceLease(tx, lease))) throw importTakenOver();
    const isDone = outcome.state === 'finished';
    const { issued = {} } = outcome;
    const staged = { accountId, token: lease.token, importId: id, fileName, issued };
    const undo = isDone && replace ? await putStagedInPlace(tx, staged) : null;
    const finishedAt = isDone ? tx.clock.now() : null;
    await updateImport(tx, accountId, id, { ...outcome, undo, finishedAt, told: false });
    if (isDone) await recordFinished(tx, { accountId, id, fileName, ...outcome });
  });
  return toReport(await importOrFail(accountId, id));
}

/** Logs that an import is done. */
export async function recordFinished(
  tx: Change,
  of: { readonly accountId: string; readonly id: string; readonly fileName: string } & Pick<
    ImportDoc,
    'counts' | 'notes'
  >,
): Promise<void> {
  const { accountId, id, fileName, counts, notes } = of;
  const sums = Object.entries(counts.sums).map(([currency, amount]) => formatMoney(new Decimal(amount), currency));
  const noted = notes && notes.count > 0 ? [`${notes.count} with a note`] : [];
  const { added, repeated, rejected } = counts;
  const parts = [`${added} new`, `${repeated} repeated`, `${rejected} rejected`, ...noted, ...sums];
  await tx.record({
    accountId,
    type: 'import_finished',
    description: `Imported ${fileName}: ${parts.join(', ')}`,
    after: { import: id, ...counts },
  });
}

/** A file with rejected rows, for example one that was cut off, may lack costs that currently exist. */
function rejectionDoubts({ counts: { rejected }, rejections: [first] }: Outcome): string[] {
  if (!first) return [];
  const place = first.file === undefined ? `line ${first.line}` : `${first.file}, line ${first.line}`;
  return [
    `${count(rejected, 'row was', 'rows were')} rejected, so the file may be incomplete (${place}: ${first.reason})`,
  ];
}

function doubtful(doubts: readonly string[]): Refusal {
  return new Refusal('replacement_doubtful', { doubts });
}

/** Deletes data that will never count again, and ends replacements that weren't confirmed in time. */
async function sweep(ctx: Ctx, accountId: string): Promise<void> {
  const now = ctx.clock.now();
  const latest = new Date(now.getTime() - CONFIRM_WITHIN_DAYS * DAY_MS);
  for (const { _id: id, queuedAt } of await unconfirmedImports(accountId)) {
    if (queuedAt < latest)
      await refuseImport(
        ctx,
        { accountId, id },
        `The replacement was not confirmed within ${CONFIRM_WITHIN_DAYS} days.`,
      );
  }
  const waiting = await unconfirmedImports(accountId);
  await sweepLoads(
    accountId,
    waiting.flatMap(({ token }) => (token === undefined ? [] : [token])),
  );
  // once a day, in any process: the lease is never released
  if (await claimLease('sweep-orphans', DAY_MS)) await sweepOrphans();
}

function optionsOf(ctx: Ctx, { source, since }: ImportInput): FocusOptions {
  return {
    ...(source !== undefined && { source }),
    ...(since !== undefined && { since }),
    now: ctx.clock.now(),
  };
}

function partsOf(input: ImportInput): readonly ImportPart[] {
  return [input, ...(input.more ?? [])];
}

/** The name for several files together. */
function nameOf(input: ImportInput): string {
  return partsOf(input)
    .map(({ fileName }) => fileName)
    .join(', ');
}

interface OpenedPart extends ImportPart {
  readonly bytes: AsyncIterable<Uint8Array> | undefined;
}

/**
 * Opens the first file. If several files add costs, each is first read to its end, so that an unreadable file doesn't
 * leave the others partially imported. A replacement is all or nothing anyway.
 */
async function openedParts(input: ImportInput, options: FocusOptions): Promise<OpenedPart[]> {
  const parts = partsOf(input);
  if (parts.length > 1 && !input.replace) {
    for (const part of parts) {
      for await (const _row of readFocus(await part.open(), options));
    }
  }
  const [first, ...others] = parts as [ImportPart, ...ImportPart[]];
  return [{ ...first, bytes: await first.open() }, ...others.map((part) => ({ ...part, bytes: undefined }))];
}

async function* rowsOf(parts: readonly OpenedPart[], options: FocusOptions): AsyncGenerator<ImportedRow> {
  for (const { fileName: file, open, bytes } of parts) {
    for await (const row of readFocus(bytes ?? (await open()), options)) {
      yield parts.length > 1 && row.kind === 'rejected' ? { ...row, file } : row;
    }
  }
}

async function* inBatches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
