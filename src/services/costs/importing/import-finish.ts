import { count } from '../../../billing/money/count.ts';
import { Decimal, formatMoney } from '../../../billing/money/money.ts';
import { Refusal } from '../../../billing/refusal.ts';
import { importOrFail, updateImport } from '../../../store/costs/import-queries.ts';
import type { ImportDoc } from '../../../store/costs/imports.ts';
import { loadsStagedBy } from '../../../store/costs/loads.ts';
import { fenceLease, type Lease } from '../../../store/kit/leases.ts';
import { keepInvoicedRecords } from '../../invoicing/invoiced-records.ts';
import { inChange } from '../../kit/account-change.ts';
import type { Ctx } from '../../kit/context.ts';
import type { Change } from '../../kit/transaction.ts';
import { type BatchRun, importTakenOver } from '../cost-batch.ts';
import { type ImportReport, toReport } from '../import-queue.ts';
import { sumWritten } from '../load-sums.ts';
import { assertReplaceable, putStagedInPlace, restatementOf } from '../replacement.ts';
import { type Confirmation, countReplaced, type DeliveryRun, isToBeAsked, stageRest } from './import-delivery.ts';

/** The results of reading the files. */
export type Outcome = Pick<ImportDoc, 'counts' | 'rejections' | 'notes' | 'summary' | 'files'>;

/** What ending an import needs to know of it. */
export interface Ending {
  readonly accountId: string;
  /** The files' names. */
  readonly fileName: string;
  readonly replace: boolean;
  readonly confirmation?: Confirmation;
  readonly delivery?: DeliveryRun;
}

/** Carries out the staged replacement, or leaves it for a person to confirm. @throws {Refusal} as `importFocus` */
export async function finishReplacement(
  ctx: Ctx,
  batches: BatchRun,
  id: string,
  input: Ending,
  outcome: Outcome,
): Promise<ImportReport> {
  const { accountId, lease } = batches;
  if (input.delivery) {
    await stageRest(ctx, batches, input.delivery, outcome.counts.read);
    await countReplaced(batches);
  } else await assertReplaceable(accountId, lease.token);
  await keepInvoicedRecords(ctx, batches);
  await sumWritten(ctx, accountId, lease);
  const restatement = await restatementOf(accountId, lease.token);
  const rejected = restatement.replaces ? rejectionDoubts(outcome) : [];
  const { confirmation = 'if_complete' } = input;
  if (confirmation === 'if_complete' && rejected.length > 0) throw doubtful(rejected);
  const { changes, changeCount } = restatement;
  const incomplete = changeCount > 0 ? (input.delivery?.doubts ?? []) : [];
  const doubts = [...rejected, ...incomplete, ...restatement.falls];
  const isAsked = restatement.replaces && isToBeAsked(confirmation, { changeCount, doubts });
  const issued = Object.fromEntries(batches.issued);
  const replacement = { changes, changeCount, doubts, issued };
  const ended = { state: isAsked ? 'unconfirmed' : 'finished', ...outcome, ...replacement } as const;
  const loads = input.delivery ? await loadsStagedBy(accountId, lease.token) : [];
  return finish(ctx, lease, id, input, ended, async (tx) => input.delivery?.ended(tx, { id, ...ended, loads }));
}

/**
 * Stores an import's end and activates what it has staged, unless that needs a person's confirmation.
 *
 * @param also what else belongs to the same transaction
 */
export async function finish(
  ctx: Ctx,
  lease: Lease,
  id: string,
  input: Ending,
  outcome: Outcome & Pick<ImportDoc, 'state'> & Partial<ImportDoc>,
  also: (tx: Change) => Promise<void> = async () => undefined,
): Promise<ImportReport> {
  const { accountId, replace, fileName, delivery } = input;
  await inChange(ctx, accountId, 'issue', async (tx) => {
    if (!(await fenceLease(tx, lease))) throw importTakenOver();
    const isDone = outcome.state === 'finished';
    const { issued = {} } = outcome;
    const staged = {
      accountId,
      token: lease.token,
      importId: id,
      fileName,
      issued,
      isDelivery: delivery !== undefined,
    };
    await also(tx);
    const undo = isDone && replace ? await putStagedInPlace(tx, staged) : null;
    const finishedAt = isDone ? tx.clock.now() : null;
    await updateImport(tx, accountId, id, { ...outcome, undo, finishedAt, told: false });
    if (isDone)
      await recordFinished(tx, { accountId, id, fileName, ...outcome, ...(delivery && { delivery: delivery.of }) });
  });
  return toReport(await importOrFail(accountId, id));
}

/** Logs that an import is done. */
export async function recordFinished(
  tx: Change,
  of: { readonly accountId: string; readonly id: string; readonly fileName: string } & Pick<
    ImportDoc,
    'counts' | 'notes' | 'delivery'
  >,
): Promise<void> {
  const { accountId, id, fileName, counts, notes, delivery } = of;
  const sums = Object.entries(counts.sums).map(([currency, amount]) => formatMoney(new Decimal(amount), currency));
  const noted = notes && notes.count > 0 ? [`${notes.count} with a note`] : [];
  const { added, repeated, rejected } = counts;
  const parts = [`${added} new`, `${repeated} already imported`, `${rejected} rejected`, ...noted, ...sums];
  await tx.record({
    accountId,
    type: delivery ? 'source_imported' : 'import_finished',
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
