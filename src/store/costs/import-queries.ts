import { theText } from '../kit/text-conditions.ts';
import type { Tx } from '../kit/transaction.ts';
import { type ImportDoc, type ImportState, Imports } from './imports.ts';

/** With how many earlier imports an import is compared. */
const LATEST = 50;
const FROM_SLACK = { 'slack.fileId': { $type: 'string' } } as const;

/** Imports of files shared in Slack that are in some states. */
export interface SlackImports {
  readonly states: readonly ImportState[];
  /** Only those whose state hasn't been posted. */
  readonly isUntold: boolean;
}

/** Identifies an import. */
export type ImportName = Pick<ImportDoc, '_id' | 'accountId'>;

/** Across all accounts: those with such imports. */
export async function accountsWithSlackImports(of: SlackImports): Promise<string[]> {
  return Imports.distinct('accountId', inSlack(of));
}

/** Such imports of some accounts, oldest first. */
export function eachSlackImport(of: SlackImports, accountIds: readonly string[]): AsyncIterable<ImportName> {
  return Imports.find({ ...inSlack(of), accountId: { $in: [...accountIds] } }, { accountId: 1 })
    .sort({ queuedAt: 1 })
    .lean()
    .cursor();
}

/** One of them; null if it isn't one any longer. */
export async function slackImport(of: SlackImports, { _id, accountId }: ImportName): Promise<ImportDoc | null> {
  return Imports.findOne({ ...inSlack(of), _id, accountId }).lean();
}

function inSlack({ states, isUntold }: SlackImports) {
  return { state: { $in: [...states] }, ...(isUntold && { told: false }), ...FROM_SLACK };
}

/** An import of an account; null if there is none. */
export async function importById(accountId: string, id: string): Promise<ImportDoc | null> {
  return Imports.findOne({ _id: id, accountId }).lean();
}

/** What some imports of an account would change, or have changed. */
export async function changesOfImports(
  accountId: string,
  ids: readonly string[],
): Promise<Pick<ImportDoc, '_id' | 'changes' | 'changeCount'>[]> {
  if (ids.length === 0) return [];
  return Imports.find({ accountId, _id: { $in: [...ids] } }, { changes: 1, changeCount: 1 }).lean();
}

/** An import of an account that must exist. @throws {Error} if it doesn't */
export async function importOrFail(accountId: string, id: string): Promise<ImportDoc> {
  return Imports.findOne({ _id: id, accountId }).orFail().lean();
}

/** An import, if it is in one of some states. */
export async function importInState(accountId: string, id: string, state: ImportState): Promise<ImportDoc | null> {
  return Imports.findOne({ _id: id, accountId, state }).lean();
}

/** Matches the same file imported into an account in the same way. */
export interface SameFile {
  readonly accountId: string;
  /** The Slack ID of the first file. */
  readonly fileId: string;
  readonly replace: boolean;
}

/** An import of a file that is in one of some states. */
export async function importOfFile(file: SameFile, states: readonly ImportState[]): Promise<ImportDoc | null> {
  return Imports.findOne({ ...sameFile(file), state: { $in: [...states] } }).lean();
}

/** The latest finished imports that added files and rejected no row. */
export async function importsThatStoredAll(
  accountId: string,
): Promise<(Pick<ImportDoc, 'counts' | 'notes'> & Required<Pick<ImportDoc, 'files'>>)[]> {
  return Imports.find(
    { accountId, state: 'finished', replace: false, 'files.whole': { $exists: true } },
    { counts: 1, notes: 1, files: 1 },
  )
    .sort({ queuedAt: -1 })
    .limit(LATEST)
    .lean<(Pick<ImportDoc, 'counts' | 'notes'> & Required<Pick<ImportDoc, 'files'>>)[]>();
}

/** How many imports of a file exist, including pending ones. */
export async function countImportsOfFile(file: SameFile): Promise<number> {
  return Imports.countDocuments(sameFile(file));
}

/** The other imports of an account that are stored as running. */
export async function runningImports(accountId: string, exceptId: string): Promise<ImportDoc[]> {
  return Imports.find({ accountId, state: 'running', _id: { $ne: exceptId } }).lean();
}

/** Whether an account has an import in one of some states. */
export async function hasImports(accountId: string, states: readonly ImportState[]): Promise<boolean> {
  return (await Imports.exists({ accountId, state: { $in: [...states] } })) !== null;
}

/** An account's unconfirmed replacements: since when they have been pending, and the token they are staged under. */
export async function unconfirmedImports(accountId: string): Promise<Pick<ImportDoc, '_id' | 'queuedAt' | 'token'>[]> {
  return Imports.find({ accountId, state: 'unconfirmed' }, { queuedAt: 1, token: 1 }).lean();
}

/** Stores an import. @throws a duplicate key error if another attempt for the file has its number */
export async function insertImport(_tx: Tx, doc: ImportDoc): Promise<void> {
  await Imports.create([doc]);
}

/** Changes fields of an import, such as its state and its counts. */
export async function updateImport(
  _tx: Tx,
  accountId: string,
  id: string,
  fields: Partial<Omit<ImportDoc, '_id' | 'accountId'>>,
): Promise<void> {
  await Imports.updateOne({ _id: id, accountId }, { $set: fields });
}

/** Records that an import's state has been posted; does nothing if the state has changed since. */
export async function markImportTold({
  accountId,
  id,
  state,
}: {
  readonly accountId: string;
  readonly id: string;
  readonly state: ImportState;
}): Promise<void> {
  await Imports.updateOne({ _id: id, accountId, state }, { $set: { told: true } });
}

/**
 * Ends an import that is in one of some states, with the reason. @returns its previous version; null if it is in
 * another state
 */
export async function refuseIn(
  _tx: Tx,
  accountId: string,
  id: string,
  states: readonly ImportState[],
  refused: Pick<ImportDoc, 'failure' | 'finishedAt' | 'isDeclined'>,
): Promise<ImportDoc | null> {
  return Imports.findOneAndUpdate(
    { _id: id, accountId, state: { $in: [...states] } },
    { $set: { state: 'refused', ...refused, told: false } },
  ).lean();
}

function sameFile({ accountId, fileId, replace }: SameFile) {
  return { accountId, 'slack.fileId': theText(fileId), replace };
}
