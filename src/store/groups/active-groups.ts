import type { Sight } from '../../billing/account/sight.ts';
import { findRaw, type RawDocs } from '../kit/raw-documents.ts';
import { MANY } from '../kit/read-together.ts';
import { beginningWith, holding } from '../kit/text-conditions.ts';
import { type GroupDoc, Groups } from './groups.ts';

// an account's active groups, by name

/** How many active groups an account has. */
export async function countActiveGroups(accountId: string): Promise<number> {
  return Groups.countDocuments({ accountId, state: 'active' });
}

/** The active group with a normalized name; null if there is none. */
export async function activeGroupNamed(accountId: string, nameKey: string): Promise<GroupDoc | null> {
  return Groups.findOne({ accountId, nameKey, state: 'active' }).lean();
}

/** Whether an active group has a name. */
export async function isGroupNameTaken(accountId: string, nameKey: string): Promise<boolean> {
  return (await Groups.exists({ accountId, nameKey, state: 'active' })) !== null;
}

/** The first active groups whose names start with a text, of those that a reader sees. */
export async function activeGroupsBeginning(
  accountId: string,
  nameKey: string,
  { sight, limit }: { readonly sight: Sight; readonly limit: number },
): Promise<GroupDoc[]> {
  return Groups.find({ accountId, state: 'active', nameKey: beginningWith(nameKey), ...idsSeenBy(sight) })
    .sort({ nameKey: 1 })
    .limit(limit)
    .lean();
}

/** The names of all active groups of an account, unordered. */
export async function activeGroupNames(accountId: string): Promise<Pick<GroupDoc, '_id' | 'name' | 'nameKey'>[]> {
  return Groups.find({ accountId, state: 'active' }, { name: 1, nameKey: 1 }).batchSize(MANY).lean();
}

const DETAILS = { name: 1, billing: 1, currency: 1, paymentMethodId: 1, createdAt: 1 } as const;

/** The fields of a group that detailed lists show. */
export type ListedGroup = Pick<GroupDoc, '_id' | keyof typeof DETAILS>;

/** The active groups that a reader sees after a normalized name, as raw documents; all of them if there is no limit. */
export async function listedGroups(
  accountId: string,
  sight: Sight,
  { after, limit }: { readonly after: string | undefined; readonly limit: number | undefined },
): Promise<RawDocs<ListedGroup>> {
  return findRaw<ListedGroup>(
    Groups.collection,
    { accountId, state: 'active', ...(after !== undefined && { nameKey: { $gt: after } }), ...idsSeenBy(sight) },
    { projection: DETAILS, sort: { nameKey: 1 }, ...(limit !== undefined && { limit }) },
  );
}

/** The active groups whose names contain the typed text, of those that a reader sees. */
export async function activeGroupsHolding(
  accountId: string,
  typedKey: string,
  { sight, limit }: { readonly sight: Sight; readonly limit: number },
): Promise<Pick<GroupDoc, '_id' | 'name'>[]> {
  return Groups.find({ accountId, state: 'active', nameKey: holding(typedKey), ...idsSeenBy(sight) }, { name: 1 })
    .sort({ nameKey: 1 })
    .limit(limit)
    .lean();
}

// without a type for the raw query, whose driver expects other IDs
function idsSeenBy({ hidden }: Sight): object {
  return hidden.length === 0 ? {} : { _id: { $nin: [...hidden] } };
}
