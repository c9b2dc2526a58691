import { Accounts, Choices } from '../accounts/accounts.ts';
import { HomeVisits } from '../accounts/home-visits.ts';
import { SharedFiles } from '../costs/shared-files.ts';
import type { Tx } from '../kit/transaction.ts';
import { Subscriptions, Threads } from '../notices/subscriptions.ts';
import { People } from './people.ts';

/** Deletes what is kept about the people of a workspace: names, visits to the Home, the accounts they have selected. */
export async function deletePeopleData(_tx: Tx, teamId: string): Promise<void> {
  const _id = beginningWith(teamId);
  await People.deleteMany({ _id });
  await HomeVisits.deleteMany({ _id });
  await Choices.deleteMany({ _id });
  await SharedFiles.deleteMany({ teamId });
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

/** Forgets an account's channels: chosen again after a new installation, they get messages again. */
export async function forgetChannels(_tx: Tx, accountId: string): Promise<void> {
  await Accounts.updateOne({ _id: accountId }, { $set: { financeChannelId: null, approvalsChannelId: null } });
}

/** Matches IDs such as `TEAM:USER` by their first part. */
function beginningWith(first: string) {
  // the character after the colon
  return { $gte: `${first}:`, $lt: `${first};` };
}
