import type { CostMapping } from '../../billing/cost/cost-mapping.ts';
import { count } from '../../billing/money/count.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { FocusOptions } from '../../imports/focus/focus.ts';
import { insertImport, runningImports, unconfirmedImports, updateImport } from '../../store/costs/import-queries.ts';
import type { ImportDoc } from '../../store/costs/imports.ts';
import { sweepLoads, sweepOrphans } from '../../store/costs/loads.ts';
import { claimLease, fenceLease, type Lease, renewLease } from '../../store/kit/leases.ts';
import { admit } from '../access/rights.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { type BatchRun, importTakenOver, storeBatch } from './cost-batch.ts';
import { ImportNotes } from './import-notes.ts';
import { aloneInAccount, type ImportReport, newImport, refuseImport } from './import-queue.ts';
import { FilesDigest, lookForRepeat, type RepeatedImport, seeAgain } from './import-repeats.ts';
import { Added, NOTHING_READ, Tally } from './import-tally.ts';
import type { Confirmation, DeliveryRun } from './importing/import-delivery.ts';
import { type Ending, finish, finishReplacement } from './importing/import-finish.ts';
import { type ImportPart, nameOf, openedParts, partsOf, rowsOf } from './importing/import-parts.ts';
import { sumWritten } from './load-sums.ts';
import { mappingsOf } from './mappings/cost-mappings.ts';
import { inBatches } from './read-ahead.ts';
import { SeenRows } from './seen-rows.ts';

export { type ImportReport, queueImport } from './import-queue.ts';
export type { ImportPart } from './importing/import-parts.ts';

export interface ImportInput extends ImportPart {
  readonly accountId: string;
  /** Files imported together with the first as one load: equal rows in two files are two costs. */
  readonly more?: readonly ImportPart[];
  /** Replaces the costs that the files' sources had for their billing months, instead of adding new ones. */
  readonly replace: boolean;
  /**
   * Whether a replacement may change costs: `given` always, `ask` only after `confirmReplacement`, `ask_if_doubtful`
   * only then if rows were rejected or costs fall, `if_complete` (the default) unless rows were rejected.
   */
  readonly confirmation?: Confirmation;
  /** Set for files that a source delivered; they replace what it delivered before. */
  readonly delivery?: DeliveryRun;
  /** Replaces the source named in each row. */
  readonly source?: string;
  /** The earliest instant at which a charge may start, instead of 24 months before its billing month. */
  readonly since?: Date;
  /** YYYY-MM: the month of all charges, for a file whose mapping has no dates. */
  readonly month?: string;
  /** By which files that aren't in a known layout are read; by default, the account's. */
  readonly mappings?: readonly CostMapping[];
  /** The queued import to run. */
  readonly queuedId?: string;
  /** How long the account's imports stay locked without a sign of life, in milliseconds. */
  readonly leaseMs?: number;
  /** How many rows one transaction stores. */
  readonly batchSize?: number;
  readonly onProgress?: (counts: ImportDoc['counts']) => void;
}

/** How many rows one transaction stores. */
const BATCH = 2000;
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

async function run(ctx: Ctx, lease: Lease, input: ImportInput): Promise<ImportReport> {
  const { accountId } = input;
  const leaseMs = input.leaseMs ?? LEASE_MS;
  await sweep(ctx, accountId);
  // a missing file, or one without costs, ends here before the import has started
  const notes = new ImportNotes();
  const mappings = input.mappings ?? (await mappingsOf(accountId));
  const options = optionsOf(ctx, input, mappings);
  const files = { ...input, mappings };
  const looked = await lookForRepeat(files);
  if ('before' in looked) return repeat(ctx, lease, input, looked.before);
  const parts = await openedParts(partsOf(input), { options, opened: looked.opened, isWhole: !input.replace });
  const id = await begin(ctx, lease, input);
  const batches: BatchRun = {
    accountId,
    lease,
    replace: input.replace,
    corrects: input.delivery !== undefined,
    projects: new Map(),
    issued: new Map(),
    seen: new SeenRows(),
  };
  const tally = new Tally();
  const added = new Added();
  const digest = new FilesDigest(files);
  try {
    for await (const rows of inBatches(
      rowsOf(parts, { ...options, onFileNote: (note) => notes.add(note) }, (bytes) => digest.of(bytes)),
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
      added.add(result.rows, result.created);
      notes.addOf(rows);
      for (const [externalId, projectId] of result.projects) batches.projects.set(externalId, projectId);
      for (const [period, count] of result.issued) batches.issued.set(period, count);
      batches.seen.add(result.seen);
      input.onProgress?.(tally.counts());
    }
    const counts = tally.counts();
    const summary = await added.summary(accountId);
    const stored = counts.rejected === 0 && { files: { ...digest.all(), loads: batches.seen.loads } };
    const outcome = { counts, rejections: tally.rejections, notes: notes.found, summary, ...stored };
    if (!input.replace) await sumWritten(ctx, accountId, lease);
    return input.replace
      ? await finishReplacement(ctx, batches, id, endingOf(input), outcome)
      : await finish(ctx, lease, id, endingOf(input), { state: 'finished', ...outcome });
  } catch (error) {
    if (error instanceof Refusal && error.code !== 'import_running') await refuseImport(ctx, { accountId, id }, error);
    throw error;
  } finally {
    // if another import has taken over, it cleans up, and staged data may belong to it
    if (await renewLease(lease, leaseMs)) await sweep(ctx, accountId);
  }
}

/** Finishes an import of files that an earlier one has stored, byte for byte: all their rows are repeated. */
async function repeat(
  ctx: Ctx,
  lease: Lease,
  input: ImportInput,
  { counts, notes, files }: RepeatedImport,
): Promise<ImportReport> {
  const { accountId } = input;
  const id = await begin(ctx, lease, input);
  const repeated = { ...counts, added: 0, repeated: counts.read };
  const summary = await new Added().summary(accountId);
  input.onProgress?.(repeated);
  const outcome = { counts: repeated, rejections: [], summary, files, ...(notes && { notes }) };
  return finish(ctx, lease, id, endingOf(input), { state: 'finished', ...outcome }, (tx) =>
    seeAgain(tx, accountId, lease, files),
  );
}

/** Records that the import is running, and ends earlier ones that are still marked as running: only one can run. */
async function begin(ctx: Ctx, lease: Lease, input: ImportInput): Promise<string> {
  const { accountId } = input;
  const { fileName } = endingOf(input);
  const { replace, delivery } = input;
  const doc = newImport(
    ctx,
    accountId,
    { fileName, replace, slack: null, ...(delivery && { delivery: delivery.of }) },
    'running',
  );
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

function endingOf(input: ImportInput): Ending {
  return { ...input, fileName: input.delivery?.title ?? nameOf(partsOf(input)) };
}

function optionsOf(ctx: Ctx, { source, since, month }: ImportInput, mappings: readonly CostMapping[]): FocusOptions {
  return {
    mappings,
    ...(month !== undefined && { month }),
    ...(source !== undefined && { source }),
    ...(since !== undefined && { since }),
    now: ctx.clock.now(),
  };
}
