import { Accounts, Choices } from '../accounts/accounts.ts';
import { HomeVisits } from '../accounts/home-visits.ts';
import { SharedFiles } from '../costs/shared-files.ts';
import type { Tx } from '../kit/transaction.ts';
import { Subscriptions, Threads } from '../notices/subscriptions.ts';
import { People } from './people.ts';

/** How many documents of a collection one transaction deletes. */
const MAX_DELETED = 500;

/**
 * Deletes some of what is kept about the people of a workspace: names, visits to the Home, the accounts they have
 * selected, the files they have shared. @returns whether there may be more
 */
export async function deletePeopleData(_tx: Tx, teamId: string): Promise<boolean> {
  const _id = beginningWith(teamId);
  const people = await People.find({ _id }, { _id: 1 }).limit(MAX_DELETED).lean();
  const visits = await HomeVisits.find({ _id }, { _id: 1 }).limit(MAX_DELETED).lean();
  const choices = await Choices.find({ _id }, { _id: 1 }).limit(MAX_DELETED).lean();
  const files = await SharedFiles.find({ teamId }, { _id: 1 }).limit(MAX_DELETED).lean();
  await People.deleteMany(among(people));
  await HomeVisits.deleteMany(among(visits));
  await Choices.deleteMany(among(choices));
  await SharedFiles.deleteMany(among(files));
  return [people, visits, choices, files].some(({ length }) => length === MAX_DELETED);
}

function among(docs: readonly { readonly _id: string }[]) {
  return { _id: { $in: docs.map(({ _id }) => _id) } };
}

/** The IDs of all accounts of a workspace. */
export async function allAccountIdsOfTeam(teamId: string): Promise<string[]> {
  return (await Accounts.find({ teamId }, { _id: 1 }).sort({ _id: 1 }).lean()).map(({ _id }) => _id);
}

/** Deletes all subscriptions of an account, with the places of their threads. @returns how many there were */
export async function deleteSubscriptions(_tx: Tx, accountId: string): Promise<number> {
  const ids = (await Subscriptions.find({ accountId }, { _id: 1 }).lean()).map(({ _id }) => _id);
  for (const id of ids) await Threads.deleteMany({ _id: beginningWith(id) });
  return (await Subscriptions.deleteMany({ accountId, _id: { $in: ids } })).deletedCount;
}

/**
 * Forgets an account's channels: chosen again after a new installation, they get messages again. From now on nobody is
 * noted as a person of its workspace.
 */
export async function forgetChannels(_tx: Tx, accountId: string, now: Date): Promise<void> {
  const forgotten = { financeChannelId: null, approvalsChannelId: null, forgottenAt: now };
  await Accounts.updateOne({ _id: accountId }, { $set: forgotten });
}

/** The app was installed again: people of these workspaces are noted again. */
export async function rememberTeams(_tx: Tx, teamIds: readonly string[]): Promise<void> {
  const forgotten = { teamId: { $in: [...teamIds] }, forgottenAt: { $exists: true } };
  await Accounts.updateMany(forgotten, { $unset: { forgottenAt: 1 } });
}

/** Matches IDs such as `TEAM:USER` by their first part. */
function beginningWith(first: string) {
  // the character after the colon
  return { $gte: `${first}:`, $lt: `${first};` };
}
