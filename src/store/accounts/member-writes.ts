import type { Role } from '../../billing/account/role.ts';
import type { Tx } from '../kit/transaction.ts';
import { type MemberDoc, Members } from './accounts.ts';
import { type SlackStanding, standingOtherwise } from './member-reads.ts';

export async function insertMember(_tx: Tx, member: MemberDoc): Promise<void> {
  await Members.create([member]);
}

export async function setMemberRole(_tx: Tx, accountId: string, memberId: string, role: Role): Promise<void> {
  await Members.updateOne({ _id: memberId, accountId }, { $set: { role } });
}

export async function deleteMember(_tx: Tx, accountId: string, memberId: string): Promise<void> {
  await Members.deleteOne({ _id: memberId, accountId });
}

/** Records the users of a user group, and which of them are deactivated in Slack. */
export async function setUsersOfGroup(
  _tx: Tx,
  { _id, accountId }: Pick<MemberDoc, '_id' | 'accountId'>,
  users: { readonly users: readonly string[]; readonly usersAt: Date; readonly inactive: readonly string[] },
): Promise<void> {
  await Members.updateOne({ _id, accountId }, { $set: users });
}

/**
 * Records in an account's memberships whether a person is deactivated in Slack. @returns whether this changed anything
 */
export async function noteStanding(_tx: Tx, accountId: string, standing: SlackStanding): Promise<boolean> {
  const inactive = { inactive: standing.userId };
  const update = standing.isDeactivated ? { $addToSet: inactive } : { $pull: inactive };
  const { modifiedCount } = await Members.updateMany({ ...standingOtherwise(standing), accountId }, update);
  return modifiedCount > 0;
}
