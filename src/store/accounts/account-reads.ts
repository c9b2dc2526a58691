import type { Source } from '../kit/read-together.ts';
import { type AccountDoc, Accounts, Choices } from './accounts.ts';

/** An account, or null if it doesn't exist. */
export async function accountById(accountId: string): Promise<AccountDoc | null> {
  return Accounts.findById(accountId).lean();
}

/** The same, to be read with other data. */
export function accountNamed(accountId: string): Source<AccountDoc> {
  return { from: Accounts, where: { _id: accountId } };
}

/** An account that must exist. @throws {Error} if it doesn't */
export async function accountOrFail(accountId: string): Promise<AccountDoc> {
  return Accounts.findById(accountId).orFail().lean();
}

/** All accounts, one after another. */
export function eachAccount(): AsyncIterable<AccountDoc> {
  return Accounts.find().lean().cursor();
}

/** All accounts by workspace and name. */
export async function allAccounts(): Promise<Pick<AccountDoc, '_id' | 'name' | 'teamId'>[]> {
  return Accounts.find({}, { name: 1, teamId: 1 }).sort({ teamId: 1, nameKey: 1 }).lean();
}

/** The IDs of all accounts, in order. */
export async function allAccountIds(): Promise<string[]> {
  return (await Accounts.find({}, { _id: 1 }).sort({ _id: 1 }).lean()).map(({ _id }) => _id);
}

/** The accounts with one of these IDs, or with budgets that were used up when last checked. */
export async function accountsToCheckBudgets(ids: readonly string[]): Promise<AccountDoc[]> {
  return Accounts.find({ $or: [{ _id: { $in: [...ids] } }, { usedUp: { $exists: true } }] }).lean();
}

/** Across all accounts: those that ask for reviews of their costs. */
export async function accountsAskingForReviews(): Promise<Pick<AccountDoc, '_id' | 'timeZone'>[]> {
  return Accounts.find({ costReviews: 'ask' }, { timeZone: 1 }).sort({ _id: 1 }).lean();
}

/** An account's time zone, an IANA name. @throws {Error} if the account doesn't exist */
export async function timeZoneOf(accountId: string): Promise<string> {
  return (await Accounts.findById(accountId, { timeZone: 1 }).orFail().lean()).timeZone;
}

/** Accounts by their IDs, sorted by name. */
export async function accountsByIds(ids: readonly string[]): Promise<AccountDoc[]> {
  return Accounts.find({ _id: { $in: [...ids] } })
    .sort({ nameKey: 1 })
    .lean();
}

/** The IDs of some of a workspace's accounts. */
export async function accountIdsOfTeam(teamId: string, limit: number): Promise<string[]> {
  return (await Accounts.find({ teamId }, { _id: 1 }).limit(limit).lean()).map(({ _id }) => _id);
}

/** In all workspaces: the accounts with a name, up to two. */
export async function accountsNamed(nameKey: string): Promise<AccountDoc[]> {
  return Accounts.find({ nameKey }).limit(2).lean();
}

/** In all workspaces: the first account names. */
export async function firstAccountNames(limit: number): Promise<string[]> {
  return (await Accounts.find({}, { name: 1 }).sort({ nameKey: 1 }).limit(limit).lean()).map(({ name }) => name);
}

/** Whether a workspace has an account with a name. */
export async function isAccountNameTaken(teamId: string, nameKey: string): Promise<boolean> {
  return (await Accounts.exists({ teamId, nameKey })) !== null;
}

/** The Slack workspace of an account. @throws {Error} as `timeZoneOf` */
export async function teamIdOf(accountId: string): Promise<string> {
  return (await Accounts.findById(accountId, { teamId: 1 }).orFail().lean()).teamId;
}

/** Whether what was kept about an account's Slack workspace was deleted, after the app was uninstalled. */
export async function isForgotten(accountId: string): Promise<boolean> {
  return (await Accounts.exists({ _id: accountId, forgottenAt: { $exists: true } })) !== null;
}

/** The Slack workspaces of accounts, by account ID. */
export async function teamIdsOf(accountIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const accounts = await Accounts.find({ _id: { $in: [...accountIds] } }, { teamId: 1 }).lean();
  return new Map(accounts.map(({ _id, teamId }) => [_id, teamId]));
}

/** Whether there are accounts of other workspaces. */
export async function hasOtherWorkspaces(teamId: string): Promise<boolean> {
  return (await Accounts.exists({ teamId: { $ne: teamId } })) !== null;
}

/** Since when an account has had no active owner; null if it has one, undefined if the account doesn't exist. */
export async function ownerlessSince(accountId: string): Promise<Date | null | undefined> {
  const account = await Accounts.findById(accountId, { ownerless: 1 }).lean();
  return account ? (account.ownerless?.since ?? null) : undefined;
}

/** Across all accounts: those without an active owner for which no notification was sent yet. */
export async function ownerlessUntold(): Promise<Pick<AccountDoc, '_id' | 'name' | 'ownerless'>[]> {
  return Accounts.find({ 'ownerless.told': false }, { name: 1, ownerless: 1 }).lean();
}

/** The account that a person has chosen for their commands; null if they haven't chosen one. */
export async function chosenAccountId(teamId: string, userId: string): Promise<string | null> {
  return (await Choices.findById(`${teamId}:${userId}`).lean())?.accountId ?? null;
}
