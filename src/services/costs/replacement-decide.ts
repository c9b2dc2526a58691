import type { Period } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import { importById, importInState, importOrFail, updateImport } from '../../store/costs/import-queries.ts';
import type { ImportDoc } from '../../store/costs/imports.ts';
import { dropLoads, loadsPlacedBy, loadsReplacedBy, restoreLoads } from '../../store/costs/loads.ts';
import { issuedSince } from '../../store/invoicing/issued-counts.ts';
import { fenceLease } from '../../store/kit/leases.ts';
import { admit } from '../access/rights.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import type { Change } from '../kit/transaction.ts';
import { importTakenOver } from './cost-batch.ts';
import { aloneInAccount, type ImportReport, refuseImport, toReport } from './import-queue.ts';
import { recordFinished } from './importing/import-finish.ts';
import { monthName, putStagedInPlace, touchPeriods } from './replacement.ts';

/** How long the account's imports are locked, in milliseconds. */
const LEASE_MS = 12_000;

/** Identifies an import of an account. */
export interface ImportName {
  readonly accountId: string;
  readonly importId: string;
}

/**
 * Carries out an unconfirmed replacement in one step. Safe to repeat.
 *
 * @throws {Refusal} `replacement_over` if it was canceled or dropped; `period_already_invoiced`, `invoiced_meanwhile`,
 * `costs_changed_meanwhile` if it is no longer what the person saw, which ends it; `import_running`, `role_needed`
 */
export async function confirmReplacement(ctx: Ctx, { accountId, importId }: ImportName): Promise<ImportReport> {
  await admit(ctx, accountId, 'issue');
  const done = await importInState(accountId, importId, 'finished');
  if (done) return toReport(done);
  try {
    return await aloneInAccount(ctx, accountId, LEASE_MS, async (lease) => {
      await inChange(ctx, accountId, 'issue', async (tx) => {
        if (!(await fenceLease(tx, lease))) throw importTakenOver();
        const doc = await waiting(accountId, importId);
        const { token = 0, issued = {}, fileName } = doc;
        const undo = await putStagedInPlace(tx, {
          accountId,
          token,
          importId,
          fileName,
          issued,
          isDelivery: doc.delivery !== undefined,
        });
        const finishedAt = tx.clock.now();
        await updateImport(tx, accountId, importId, { state: 'finished', undo, finishedAt, told: false });
        await recordFinished(tx, { ...doc, id: importId });
        tx.nudge('imports');
      });
      return toReport(await importOrFail(accountId, importId));
    });
  } catch (error) {
    const isOver = error instanceof Refusal && !['import_running', 'replacement_over'].includes(error.code);
    if (isOver) await refuseImport(ctx, { accountId, id: importId }, error);
    throw error;
  }
}

/** Cancels an unconfirmed replacement. Safe to repeat. @throws {Refusal} `replacement_over`, `role_needed` */
export async function cancelReplacement(ctx: Ctx, { accountId, importId }: ImportName): Promise<void> {
  await admit(ctx, accountId, 'issue');
  await waiting(accountId, importId);
  await refuseImport(ctx, { accountId, id: importId }, 'The replacement was canceled.', { isDeclined: true });
}

/**
 * Undoes a replacement in one step: the replaced costs count again. Possible until the next import from a source that
 * it replaced, and while none of the affected periods is invoiced.
 *
 * @throws {Refusal} `nothing_to_undo`, `undo_too_late`, `costs_already_invoiced`, `import_running`, `role_needed`
 */
export async function undoReplacement(ctx: Ctx, { accountId, importId }: ImportName): Promise<ImportReport> {
  await admit(ctx, accountId, 'issue');
  return aloneInAccount(ctx, accountId, LEASE_MS, async (lease) => {
    await inChange(ctx, accountId, 'issue', async (tx) => {
      if (!(await fenceLease(tx, lease))) throw importTakenOver();
      await putBack(tx, await replacing(accountId, importId));
    });
    return toReport(await importOrFail(accountId, importId));
  });
}

async function putBack(tx: Change, doc: ImportDoc & Required<Pick<ImportDoc, 'undo'>>): Promise<void> {
  const { accountId, _id: importId, token, fileName, undo } = doc;
  if (!undo) throw nothingToUndo(doc);
  const placed = await loadsPlacedBy(accountId, importId);
  const replaced = await loadsReplacedBy(accountId, importId);
  const isUntouched = placed.every(({ writer }) => writer === token);
  if (placed.length !== undo.placed || replaced.length !== undo.replaced || !isUntouched) throw tooLate();
  const invoiced = await issuedSince(accountId, undo.issued);
  if (invoiced !== undefined) throw invoicedMeanwhile(invoiced);
  await dropLoads(tx, accountId, placed);
  await restoreLoads(tx, accountId, replaced);
  await touchPeriods(tx, accountId, Object.keys(undo.issued) as Period[]);
  await updateImport(tx, accountId, importId, { undoneAt: tx.clock.now() });
  const sources = [...new Set(placed.map((load) => `${load.source} for ${monthName(load)}`))];
  await tx.record({
    accountId,
    type: 'replacement_undone',
    description: `Undid the replacement of the costs of ${sources.join(', ')} with ${fileName}`,
    before: { import: importId, loads: placed.map(({ _id }) => String(_id)) },
    after: { import: importId, loads: replaced.map(({ _id }) => String(_id)) },
  });
}

async function waiting(accountId: string, importId: string): Promise<ImportDoc> {
  const doc = await importInState(accountId, importId, 'unconfirmed');
  if (doc) return doc;
  throw new Refusal('replacement_over');
}

async function replacing(accountId: string, importId: string): Promise<ImportDoc & Required<Pick<ImportDoc, 'undo'>>> {
  const doc = await importById(accountId, importId);
  if (!doc?.undo || doc.undoneAt) throw nothingToUndo(doc);
  return { ...doc, undo: doc.undo };
}

function nothingToUndo(doc: Pick<ImportDoc, 'undoneAt'> | null): Refusal {
  return new Refusal('nothing_to_undo', { isUndone: Boolean(doc?.undoneAt) });
}

function tooLate(): Refusal {
  return new Refusal('undo_too_late');
}

function invoicedMeanwhile(period: Period): Refusal {
  return new Refusal('costs_already_invoiced', { period, action: 'undo' });
}
