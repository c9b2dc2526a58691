import { beginningWith, holding } from '../kit/patterns.ts';
import { findRaw, type RawDocs } from '../kit/raw-documents.ts';
import { type GroupDoc, Groups } from './groups.ts';

// an account's active groups, by name

/** How many active groups an account has. */
export async function countActiveGroups(accountId: string): Promise<number> {
  return Groups.countDocuments({ accountId, state: 'active' });
}

/** All active groups of an account. */
export async function activeGroups(accountId: string): Promise<GroupDoc[]> {
  return Groups.find({ accountId, state: 'active' }).sort({ nameKey: 1 }).lean();
}

/** Part of an account's active groups, without one of them. */
export async function activeGroupsBut(
  accountId: string,
  id: string | null,
  { skip, limit }: { readonly skip: number; readonly limit: number },
): Promise<GroupDoc[]> {
  return Groups.find({ accountId, state: 'active', _id: { $ne: id } })
    .sort({ nameKey: 1 })
    .skip(skip)
    .limit(limit)
    .lean();
}

/** The active group with a normalized name; null if there is none. */
export async function activeGroupNamed(accountId: string, nameKey: string): Promise<GroupDoc | null> {
  return Groups.findOne({ accountId, nameKey, state: 'active' }).lean();
}

/** Whether an active group has a name. */
export async function isGroupNameTaken(accountId: string, nameKey: string): Promise<boolean> {
  return (await Groups.exists({ accountId, nameKey, state: 'active' })) !== null;
}

/** The first active groups whose names start with a text. */
export async function activeGroupsBeginning(accountId: string, nameKey: string, limit: number): Promise<GroupDoc[]> {
  return Groups.find({ accountId, state: 'active', nameKey: beginningWith(nameKey) })
    .sort({ nameKey: 1 })
    .limit(limit)
    .lean();
}

/** The names of all active groups of an account, unordered. */
export async function activeGroupNames(accountId: string): Promise<Pick<GroupDoc, '_id' | 'name' | 'nameKey'>[]> {
  return Groups.find({ accountId, state: 'active' }, { name: 1, nameKey: 1 }).lean();
}

const DETAILS = { name: 1, billing: 1, currency: 1, paymentMethodId: 1, createdAt: 1 } as const;

/** The fields of a group that detailed lists show. */
export type ListedGroup = Pick<GroupDoc, '_id' | keyof typeof DETAILS>;

/** The active groups after a normalized name, as raw documents; all of them if there is no limit. */
export async function listedGroups(
  accountId: string,
  { after, limit }: { readonly after: string | undefined; readonly limit: number | undefined },
): Promise<RawDocs<ListedGroup>> {
  return findRaw<ListedGroup>(
    Groups.collection,
    { accountId, state: 'active', ...(after !== undefined && { nameKey: { $gt: after } }) },
    { projection: DETAILS, sort: { nameKey: 1 }, ...(limit !== undefined && { limit }) },
  );
}

/** The active groups whose names contain the typed text. */
export async function activeGroupsHolding(
  accountId: string,
  typedKey: string,
  limit: number,
): Promise<Pick<GroupDoc, '_id' | 'name'>[]> {
  return Groups.find({ accountId, state: 'active', nameKey: holding(typedKey) }, { name: 1 })
    .sort({ nameKey: 1 })
    .limit(limit)
    .lean();
}
