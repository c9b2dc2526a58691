import type { Tx } from '../kit/transaction.ts';
import { type MembershipDoc, Memberships } from './groups.ts';

/** A new membership, without an end. */
export type NewMembership = Pick<MembershipDoc, 'accountId' | 'projectId' | 'projectKey' | 'billingGroupId' | 'from'>;

/**
 * Stores memberships with one call. @throws a duplicate key error if one of the projects has a membership without an
 * end
 */
export async function insertMemberships(_tx: Tx, begun: readonly NewMembership[]): Promise<void> {
  await Memberships.insertMany(begun.map((one) => ({ ...one, to: null, open: true })));
}

type Ids = readonly MembershipDoc['_id'][];

/** The changes that a move makes to memberships. */
export interface MembershipChanges {
  readonly dropped: Ids;
  /** Memberships that end at `at`. */
  readonly ended: Ids;
  /** Memberships whose end is removed. */
  readonly extended: Ids;
  readonly begun: readonly NewMembership[];
  readonly at: Date;
}

/** Changes memberships in such an order that no project ever has two without an end. */
export async function changeMemberships(
  tx: Tx,
  accountId: string,
  { dropped, ended, extended, begun, at }: MembershipChanges,
): Promise<void> {
  const those = (ids: Ids) => ({ accountId, _id: { $in: [...ids] } });
  if (dropped.length > 0) await Memberships.deleteMany(those(dropped));
  if (ended.length > 0) await Memberships.updateMany(those(ended), { $set: { to: at }, $unset: { open: 1 } });
  if (extended.length > 0) await Memberships.updateMany(those(extended), { $set: { to: null, open: true } });
  if (begun.length > 0) await insertMemberships(tx, begun);
}
