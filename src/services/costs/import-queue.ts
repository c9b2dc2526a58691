import { Refusal } from '../../billing/refusal.ts';
import {
  accountsWithSlackImports,
  countImportsOfFile,
  eachSlackImport,
  type ImportName,
  importOfFile,
  insertImport,
  markImportTold,
  refuseIn,
  type SlackImports,
  slackImport,
} from '../../store/costs/import-queries.ts';
import type { ImportDoc, ImportSlack } from '../../store/costs/imports.ts';
import { newId } from '../../store/kit/ids.ts';
import { claimLease, freeLease, isHeld, type Lease, renewLease } from '../../store/kit/leases.ts';
import { inChange } from '../kit/account-change.ts';
import { actorName, type Ctx } from '../kit/context.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';
import { NOTHING_READ } from './import-tally.ts';

/** An import's outcome or progress. */
export type ImportReport = Pick<
  ImportDoc,
  | 'accountId'
  | 'fileName'
  | 'replace'
  | 'state'
  | 'actor'
  | 'rejections'
  | 'notes'
  | 'summary'
  | 'changes'
  | 'changeCount'
  | 'doubts'
  | 'failure'
  | 'slack'
  | 'undo'
  | 'undoneAt'
  | 'month'
> &
  ImportDoc['counts'] & { readonly id: string };

const UNFINISHED = ['queued', 'running', 'interrupted', 'unconfirmed'] as const;
/** States of an import that someone must be notified of. */
const TELLING = ['finished', 'refused', 'unconfirmed'] as const;

/**
 * Queues files shared in Slack for import. Safe to repeat while the import is pending: the same files are queued once
 * per account. After it has ended, they can be imported again.
 *
 * @returns the import, and whether it was queued by this call
 * @throws {Refusal} `role_needed`
 */
export async function queueImport(
  ctx: Ctx,
  { accountId, ...input }: QueuedFiles & { accountId: string },
): Promise<ImportReport & { readonly isNew: boolean }> {
  return inChange(ctx, accountId, 'issue', (tx) => queueIn(tx, accountId, input));
}

/** Files shared in Slack, and how to import them. */
interface QueuedFiles {
  readonly fileName: string;
  readonly replace: boolean;
  readonly slack: ImportSlack;
  /** YYYY-MM: the month of all charges, for a file whose mapping has no dates. */
  readonly month?: string;
}

/** The same as part of a change of the account, which the caller may make. */
export async function queueIn(
  tx: Change,
  accountId: string,
  input: QueuedFiles,
): Promise<ImportReport & { readonly isNew: boolean }> {
  const { replace, slack, fileName, month } = input;
  tx.nudge('imports');
  // two clicks at the same instant get the same number; the second then finds the first one's import
  const same = { accountId, fileId: slack.fileId, replace };
  const before = await importOfFile(same, UNFINISHED);
  if (before) return { ...toReport(before), isNew: false };
  const attempt = (await countImportsOfFile(same)) + 1;
  const doc = { ...newImport(tx, accountId, input, 'queued'), attempt, ...(month !== undefined && { month }) };
  await insertImport(tx, doc);
  await tx.record({
    accountId,
    type: 'import_queued',
    description: `Queued ${fileName} for import`,
    after: { import: doc._id, fileName, replace },
  });
  return { ...toReport(doc), isNew: true };
}

export type { ImportName };

/** Imports that a job has to do something about, in all accounts. */
export interface WaitingImports {
  /** The accounts that have any. */
  accountIds(): Promise<string[]>;
  /** All imports of some accounts, oldest first. */
  each(accountIds: Iterable<string>): AsyncIterable<ImportName>;
  /** One of them as it is now; undefined if nothing has to be done about it any longer. */
  now(name: ImportName): Promise<ImportReport | undefined>;
}

function waiting(of: SlackImports): WaitingImports {
  return {
    accountIds: () => accountsWithSlackImports(of),
    each: (accountIds) => eachSlackImport(of, [...accountIds]),
    async now(name) {
      const doc = await slackImport(of, name);
      return doc ? toReport(doc) : undefined;
    },
  };
}

/** Files shared in Slack that are waiting to be imported: queued, or left by a process that died. */
export const PENDING_IMPORTS = waiting({ states: ['queued', 'running', 'interrupted'], isUntold: false });

/** Imports from Slack whose outcome or confirmation request hasn't been posted yet. */
export const UNREPORTED_IMPORTS = waiting({ states: TELLING, isUntold: true });

/** Records that an import's state has been posted; does nothing if the state has changed since. */
export async function markTold(report: Pick<ImportReport, 'accountId' | 'id' | 'state'>): Promise<void> {
  await markImportTold(report);
}

/** Ends an import that isn't possible, or that a person declined, with the reason. Safe to repeat. */
export async function refuseImport(
  ctx: Ctx,
  { accountId, id }: Pick<ImportReport, 'accountId' | 'id'>,
  why: Refusal | string,
  { isDeclined = false }: { readonly isDeclined?: boolean } = {},
): Promise<void> {
  const reason = typeof why === 'string' ? why : (ctx.explain?.(why) ?? why.code);
  await inTransaction(ctx, async (tx) => {
    tx.nudge('imports');
    const refused = { failure: reason, finishedAt: tx.clock.now(), ...(isDeclined && { isDeclined }) };
    const doc = await refuseIn(tx, accountId, id, UNFINISHED, refused);
    if (!doc) return;
    await tx.record({
      accountId,
      type: doc.delivery ? 'source_import_refused' : 'import_refused',
      description: `Refused the import of ${doc.fileName}: ${reason}`,
      after: { import: id, reason },
    });
  });
}

export function newImport(
  ctx: Ctx,
  accountId: string,
  input: Pick<ImportDoc, 'fileName' | 'replace' | 'slack' | 'delivery'>,
  state: 'queued' | 'running',
): ImportDoc {
  return {
    _id: newId('imp'),
    accountId,
    fileName: input.fileName,
    replace: input.replace,
    state,
    actor: actorName(ctx.actor),
    slack: input.slack,
    counts: NOTHING_READ,
    rejections: [],
    changes: [],
    failure: null,
    queuedAt: ctx.clock.now(),
    finishedAt: null,
    told: false,
    ...(input.delivery && { delivery: input.delivery }),
  };
}

export function toReport(doc: ImportDoc): ImportReport {
  const { _id: id, accountId, fileName, replace, state, actor, rejections, changes, failure, slack, counts } = doc;
  const { notes, summary, changeCount, doubts, undo, undoneAt, month } = doc;
  return {
    ...{ id, accountId, fileName, replace, state, actor, rejections, changes, failure, slack, ...counts },
    ...(month !== undefined && { month }),
    ...(notes && { notes }),
    ...(summary && { summary }),
    ...(changeCount !== undefined && { changeCount }),
    ...(doubts !== undefined && { doubts }),
    ...(undo !== undefined && { undo }),
    ...(undoneAt !== undefined && { undoneAt }),
  };
}

/** Runs something while no import of the account runs. @throws {Refusal} `import_running` */
export async function aloneInAccount<T>(
  ctx: Ctx,
  accountId: string,
  leaseMs: number,
  work: (lease: Lease) => Promise<T>,
): Promise<T> {
  const lease = await claimLease(leaseOf(accountId), leaseMs);
  if (!lease) throw new Refusal('import_running', { tookOver: false });
  const alive = setInterval(() => renewLease(lease, leaseMs).catch(() => false), leaseMs / 3);
  try {
    return await work(lease);
  } finally {
    clearInterval(alive);
    await freeLease(lease);
    ctx.nudge('estimates');
    ctx.nudge('anomalies');
  }
}

/** Whether costs of the account are being imported or summed, so that only a part of them may be there. */
export async function isImporting(accountId: string): Promise<boolean> {
  return isHeld(leaseOf(accountId));
}

function leaseOf(accountId: string): string {
  return `import:${accountId}`;
}
