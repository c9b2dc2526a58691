import { type Decimal, ZERO } from '../billing/money.ts';
import { Refusal } from '../billing/refusal.ts';
import { type FileNote, type FocusRow, type RejectedRow, readFocus } from '../imports/focus.ts';
import type { AccountDoc } from '../store/accounts.ts';
import { newId } from '../store/ids.ts';
import { type ImportDoc, Imports } from '../store/imports.ts';
import { claimLease, freeLease, type Lease, renewLease } from '../store/leases.ts';
import { sweepLoads } from '../store/loads.ts';
import { inTransaction, isDuplicateKey } from '../store/transaction.ts';
import { inChange } from './change.ts';
import { actorName, type Ctx } from './context.ts';
import { type BatchRun, storeBatch } from './cost-batch.ts';
import { ImportNotes } from './import-notes.ts';
import { record } from './log.ts';
import { putStagedInPlace } from './replacement.ts';
import { admit } from './rights.ts';

/** An import's outcome, or how far it is. */
export type ImportReport = Pick<
  ImportDoc,
  'accountId' | 'fileName' | 'replace' | 'state' | 'actor' | 'rejections' | 'notes' | 'changes' | 'failure' | 'slack'
> &
  ImportDoc['counts'] & { readonly id: string };

export interface ImportInput {
  readonly accountId: string;
  readonly fileName: string;
  /** Opens the file; called once. */
  readonly open: () => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>;
  /** Exchange what the file's sources gave for its billing months, instead of adding what is new. */
  readonly replace: boolean;
  /** In place of the source that each row names. */
  readonly source?: string;
  /** The earliest instant at which a charge may begin, in place of 24 months before its billing month. */
  readonly since?: Date;
  /** The queued import that this is the run of. */
  readonly queuedId?: string;
  /** For how long the account's imports are this one's without a sign of life, in milliseconds. */
  readonly leaseMs?: number;
  /** Rows stored with one transaction. */
  readonly batchSize?: number;
  readonly onProgress?: (counts: ImportDoc['counts']) => void;
}

/** Rows stored with one transaction. */
const BATCH = 1000;
/** Rejections that are kept with the import; the others are only counted. */
const REJECTIONS_KEPT = 100;
const LEASE_MS = 30_000;
const NOTHING: ImportDoc['counts'] = { read: 0, added: 0, repeated: 0, rejected: 0, sums: {} };

/**
 * Imports a FOCUS file: stores the rows that are not there yet, batch by batch, in memory that does not grow with the
 * file. Safe to repeat, and to kill at any point: the same file again adds what is missing and changes nothing else.
 * One import of an account runs at a time.
 *
 * @throws {Refusal} `import_running`; `focus_file` for a file that is none; `period_already_invoiced` for a replacement
 * that comes too late (nothing is changed then); `role_needed`
 */
export async function importFocus(ctx: Ctx, input: ImportInput): Promise<ImportReport> {
  const { account } = await admit(ctx, input.accountId, 'issue');
  const leaseMs = input.leaseMs ?? LEASE_MS;
  const lease = await claimLease(`import:${account._id}`, leaseMs);
  if (!lease)
    throw new Refusal('import_running', 'Another import into this account is running. Try again when it is done.');
  const alive = setInterval(() => renewLease(lease, leaseMs).catch(() => false), leaseMs / 3);
  try {
    return await run(ctx, account, lease, input);
  } finally {
    clearInterval(alive);
    await freeLease(lease);
    ctx.nudge('number-events');
    ctx.nudge('estimates');
  }
}

/** Notes a file dropped in Slack for import. Safe to repeat: the same file is queued once. @throws {Refusal} `role_needed` */
export async function queueImport(
  ctx: Ctx,
  input: { accountId: string; fileName: string; replace: boolean; slack: NonNullable<ImportDoc['slack']> },
): Promise<ImportReport> {
  try {
    await inChange(ctx, input.accountId, 'issue', async ({ account }) => {
      const doc = newImport(ctx, account, input, 'queued');
      const before = await Imports.findOne({ 'slack.fileId': input.slack.fileId, replace: input.replace }).lean();
      if (before) return;
      await Imports.create([doc]);
      await record(ctx, {
        accountId: account._id,
        type: 'import_queued',
        description: `Queued ${input.fileName} for import`,
        after: { import: doc._id, fileName: input.fileName, replace: input.replace },
      });
    });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
  ctx.nudge('imports');
  const queued = await Imports.findOne({ 'slack.fileId': input.slack.fileId, replace: input.replace }).orFail().lean();
  return toReport(queued);
}

/** The next file dropped in Slack that is to be imported: queued, or left by a process that is gone. */
export async function importsWaiting(limit: number): Promise<ImportReport[]> {
  const docs = await Imports.find({
    state: { $in: ['queued', 'running', 'interrupted'] },
    'slack.fileId': { $type: 'string' },
  })
    .sort({ queuedAt: 1 })
    .limit(limit)
    .lean();
  return docs.map(toReport);
}

/** Imports from Slack that are over, and whose outcome was not told yet. */
export async function importsUntold(limit: number): Promise<ImportReport[]> {
  const docs = await Imports.find({
    state: { $in: ['finished', 'refused'] },
    told: false,
    'slack.fileId': { $type: 'string' },
  })
    .sort({ queuedAt: 1 })
    .limit(limit)
    .lean();
  return docs.map(toReport);
}

export async function markTold(importId: string): Promise<void> {
  await Imports.updateOne({ _id: importId }, { $set: { told: true } });
}

/** What was wrong, and what to do about it. */
export function inFull({ message, wayOut }: Refusal): string {
  return wayOut === undefined ? message : `${message} ${wayOut}`;
}

/** Ends an import that can't be done, with the reason. Safe to repeat. */
export async function refuseImport(ctx: Ctx, importId: string, reason: string): Promise<void> {
  await inTransaction(async () => {
    const doc = await Imports.findOneAndUpdate(
      { _id: importId, state: { $in: ['queued', 'running', 'interrupted'] } },
      { $set: { state: 'refused', failure: reason, finishedAt: ctx.clock.now() } },
    ).lean();
    if (!doc) return;
    await record(ctx, {
      accountId: doc.accountId,
      type: 'import_refused',
      description: `Refused the import of ${doc.fileName}: ${reason}`,
      after: { import: importId, reason },
    });
  });
  ctx.nudge('number-events');
}

async function run(ctx: Ctx, account: AccountDoc, lease: Lease, input: ImportInput): Promise<ImportReport> {
  await sweepLoads(account._id);
  const id = await begin(ctx, account, input);
  const batches: BatchRun = { account, token: lease.token, replace: input.replace, projects: new Map() };
  const tally = new Tally();
  const notes = new ImportNotes();
  const options = {
    ...(input.source !== undefined && { source: input.source }),
    ...(input.since !== undefined && { since: input.since }),
    now: ctx.clock.now(),
    onFileNote: (note: FileNote) => notes.add(note),
  };
  try {
    for await (const rows of inBatches(readFocus(await input.open(), options), input.batchSize ?? BATCH)) {
      if (!(await renewLease(lease, input.leaseMs ?? LEASE_MS))) throw lost();
      const good = rows.filter((row) => row.kind === 'row');
      const result = await inTransaction(async () => {
        const stored = await storeBatch(ctx, batches, good);
        await Imports.updateOne({ _id: id }, { $set: { counts: tally.after(rows, stored) } });
        return stored;
      });
      tally.add(rows, result);
      notes.addOf(rows);
      for (const [externalId, projectId] of result.projects) batches.projects.set(externalId, projectId);
      input.onProgress?.(tally.counts());
    }
    if (!(await renewLease(lease, input.leaseMs ?? LEASE_MS))) throw lost();
    return await finish(ctx, batches, id, input, tally, notes.found);
  } catch (error) {
    if (error instanceof Refusal && error.code !== 'import_running') await refuseImport(ctx, id, inFull(error));
    throw error;
  } finally {
    // whoever has taken over sweeps, and what is staged may be theirs
    if (await renewLease(lease, input.leaseMs ?? LEASE_MS)) await sweepLoads(account._id);
  }
}

/** Notes that the import runs, and that whatever ran before it has ended without saying so: only one can run. */
async function begin(ctx: Ctx, account: AccountDoc, input: ImportInput): Promise<string> {
  const doc = newImport(ctx, account, { ...input, slack: null }, 'running');
  const id = input.queuedId ?? doc._id;
  await inTransaction(async () => {
    const left = await Imports.find({ accountId: account._id, state: 'running', _id: { $ne: id } }).lean();
    for (const { _id, fileName, counts } of left) {
      await Imports.updateOne({ _id }, { $set: { state: 'interrupted' } });
      const description = `The import of ${fileName} was interrupted after ${counts.read} rows`;
      await record(ctx, {
        accountId: account._id,
        type: 'import_interrupted',
        description,
        after: { import: _id, ...counts },
      });
    }
    if (input.queuedId === undefined) await Imports.create([doc]);
    else await Imports.updateOne({ _id: id }, { $set: { state: 'running', counts: NOTHING } });
    await record(ctx, {
      accountId: account._id,
      type: 'import_started',
      description: `Started the import of ${input.fileName}`,
      after: { import: id, fileName: input.fileName, replace: input.replace },
    });
  });
  return id;
}

async function finish(
  ctx: Ctx,
  { account, token }: BatchRun,
  id: string,
  input: ImportInput,
  tally: Tally,
  notes: NonNullable<ImportDoc['notes']>,
): Promise<ImportReport> {
  const counts = tally.counts();
  await inTransaction(async () => {
    const changes = input.replace ? await putStagedInPlace(ctx, account, token, input.fileName) : [];
    await Imports.updateOne(
      { _id: id },
      {
        $set: { state: 'finished', counts, changes, rejections: tally.rejections, notes, finishedAt: ctx.clock.now() },
      },
    );
    const sums = Object.entries(counts.sums).map(([currency, amount]) => `${currency} ${amount}`);
    const noted = notes.count > 0 ? `, ${notes.count} with a note` : '';
    await record(ctx, {
      accountId: account._id,
      type: 'import_finished',
      description: `Imported ${input.fileName}: ${counts.added} new, ${counts.repeated} repeated, ${counts.rejected} rejected${noted}${sums.length > 0 ? `, ${sums.join(', ')}` : ''}`,
      after: { import: id, ...counts },
    });
  });
  return toReport(await Imports.findById(id).orFail().lean());
}

/** What an import has done so far. */
class Tally {
  readonly rejections: { line: number; column: string; reason: string }[] = [];
  private read = 0;
  private added = 0;
  private repeated = 0;
  private rejected = 0;
  private readonly sums = new Map<string, Decimal>();

  add(rows: readonly (FocusRow | RejectedRow)[], stored: { added: number; repeated: number }): void {
    this.read += rows.length;
    this.added += stored.added;
    this.repeated += stored.repeated;
    for (const row of rows) {
      if (row.kind === 'row') this.sums.set(row.currency, (this.sums.get(row.currency) ?? ZERO).plus(row.amount));
      else this.reject(row);
    }
  }

  counts(): ImportDoc['counts'] {
    const { read, added, repeated, rejected } = this;
    const sums = Object.fromEntries([...this.sums].map(([currency, amount]) => [currency, amount.toFixed()]));
    return { read, added, repeated, rejected, sums };
  }

  /** The counts as they will be, without changing them: a transaction may run twice. */
  after(rows: readonly (FocusRow | RejectedRow)[], stored: { added: number; repeated: number }): ImportDoc['counts'] {
    const { read, added, repeated, rejected, sums } = this.counts();
    const bad = rows.filter((row) => row.kind === 'rejected').length;
    return {
      read: read + rows.length,
      added: added + stored.added,
      repeated: repeated + stored.repeated,
      rejected: rejected + bad,
      sums,
    };
  }

  private reject({ line, column, reason }: RejectedRow): void {
    this.rejected += 1;
    if (this.rejections.length < REJECTIONS_KEPT) this.rejections.push({ line, column, reason });
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

function newImport(
  ctx: Ctx,
  account: AccountDoc,
  input: { fileName: string; replace: boolean; slack: ImportDoc['slack'] },
  state: 'queued' | 'running',
): ImportDoc {
  return {
    _id: newId('imp'),
    accountId: account._id,
    fileName: input.fileName,
    replace: input.replace,
    state,
    actor: actorName(ctx.actor),
    slack: input.slack,
    counts: NOTHING,
    rejections: [],
    changes: [],
    failure: null,
    queuedAt: ctx.clock.now(),
    finishedAt: null,
    told: false,
  };
}

function lost(): Refusal {
  return new Refusal(
    'import_running',
    'Another import has taken over while this one stood still. What it stored stays; start it again.',
  );
}

function toReport(doc: ImportDoc): ImportReport {
  const { _id, accountId, fileName, replace, state, actor, rejections, notes, changes, failure, slack, counts } = doc;
  const report = {
    id: _id,
    accountId,
    fileName,
    replace,
    state,
    actor,
    rejections,
    changes,
    failure,
    slack,
    ...counts,
  };
  return notes ? { ...report, notes } : report;
}
