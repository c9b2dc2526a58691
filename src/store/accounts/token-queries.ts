import { isDuplicateKey, type Tx } from '../kit/transaction.ts';
import { Secrets, type TokenDoc, Tokens } from './tokens.ts';

/** Identifies a token of an account, by its ID or its name. */
export type TokenChoice = { readonly _id: string } | { readonly nameKey: string };

export async function insertToken(_tx: Tx, token: TokenDoc): Promise<void> {
  await Tokens.create([token]);
}

/** A token of an account; null if there is none. */
export async function tokenOf(accountId: string, of: TokenChoice): Promise<TokenDoc | null> {
  return Tokens.findOne({ accountId, ...of }).lean();
}

export async function countTokens(accountId: string): Promise<number> {
  return Tokens.countDocuments({ accountId });
}

/** How many of an account's tokens are neither revoked nor expired. */
export async function countGoodTokens(accountId: string, now: Date): Promise<number> {
  const notExpired = { $or: [{ expiresAt: null }, { expiresAt: { $gt: now } }] };
  return Tokens.countDocuments({ accountId, revokedAt: null, ...notExpired });
}

/** Part of an account's tokens, newest first. */
export async function tokenPage(
  accountId: string,
  { skip, limit }: { skip: number; limit: number },
): Promise<TokenDoc[]> {
  return Tokens.find({ accountId }).sort({ createdAt: -1, _id: 1 }).skip(skip).limit(limit).lean();
}

/** Whether an account has, or had, a token with a name. */
export async function isTokenNameTaken(accountId: string, nameKey: string): Promise<boolean> {
  return (await Tokens.exists({ accountId, nameKey })) !== null;
}

/** Whether an account has a token with a name that isn't revoked. */
export async function hasUnrevokedToken(accountId: string, name: string): Promise<boolean> {
  return (await Tokens.exists({ accountId, name, revokedAt: null })) !== null;
}

export async function revokeToken(_tx: Tx, accountId: string, id: string, revokedAt: Date): Promise<void> {
  await Tokens.updateOne({ _id: id, accountId }, { $set: { revokedAt } });
}

/** Across all accounts: the token with a hash, which authenticates a request; null if there is none. */
export async function tokenByHash(hash: string): Promise<TokenDoc | null> {
  return Tokens.findOne({ hash }).lean();
}

/** Across all accounts: which of these hashes are tokens' hashes. */
export async function tokenHashesAmong(hashes: readonly string[]): Promise<string[]> {
  const found = await Tokens.find({ hash: { $in: hashes } })
    .select({ hash: 1 })
    .lean();
  return found.map(({ hash }) => hash);
}

/** Across all accounts: the token named in a download link; null if there is none. */
export async function tokenById(id: string): Promise<TokenDoc | null> {
  return Tokens.findById(id).lean();
}

/** Records when a token was used, unless another request has already done so. Atomic, outside of a transaction. */
export async function noteTokenUse({ _id, accountId, lastUsedAt }: TokenDoc, now: Date): Promise<void> {
  await Tokens.updateOne({ _id, accountId, lastUsedAt }, { $set: { lastUsedAt: now } });
}

/** A secret shared by all processes. `make` creates it if it doesn't exist. Atomic, outside of a transaction. */
export async function sharedSecret(id: string, make: () => string): Promise<string> {
  const there = await Secrets.findById(id).lean();
  if (there) return there.value;
  try {
    await Secrets.create([{ _id: id, value: make() }]);
  } catch (error) {
    // another process was quicker
    if (!isDuplicateKey(error)) throw error;
  }
  return (await Secrets.findById(id).orFail().lean()).value;
}
