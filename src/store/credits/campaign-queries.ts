import type { Tx } from '../kit/transaction.ts';
import { type CampaignDoc, Campaigns, type CodeDoc, Codes } from './credits.ts';

/** A campaign of an account; null if there is none. */
export async function campaignById(accountId: string, id: string): Promise<CampaignDoc | null> {
  return Campaigns.findOne({ _id: id, accountId }).lean();
}

export async function countCampaigns(accountId: string): Promise<number> {
  return Campaigns.countDocuments({ accountId });
}

/** A page of an account's campaigns, newest first. */
export async function campaignPage(
  accountId: string,
  page: { readonly skip: number; readonly size: number },
): Promise<CampaignDoc[]> {
  return Campaigns.find({ accountId }).sort({ createdAt: -1 }).skip(page.skip).limit(page.size).lean();
}

export async function insertCampaign(_tx: Tx, campaign: CampaignDoc): Promise<void> {
  await Campaigns.create([campaign]);
}

/** Ends a campaign. @returns its previous version; null if it had already ended */
export async function endActive(_tx: Tx, accountId: string, id: string): Promise<CampaignDoc | null> {
  return Campaigns.findOneAndUpdate({ _id: id, accountId, state: 'active' }, { $set: { state: 'ended' } }).lean();
}

/** How many codes a campaign has, and how many claims are left. */
export interface CodeCounts {
  readonly codes: number;
  readonly claimsLeft: number;
}

/** The same for several campaigns, by ID. */
export async function codeCounts(
  accountId: string,
  campaignIds: readonly string[],
): Promise<ReadonlyMap<string, CodeCounts>> {
  const counts = await Codes.aggregate<CodeCounts & { _id: string }>([
    { $match: { accountId, campaignId: { $in: [...campaignIds] } } },
    { $group: { _id: '$campaignId', codes: { $sum: 1 }, claimsLeft: { $sum: '$claimsLeft' } } },
  ]);
  return new Map(counts.map(({ _id, codes, claimsLeft }) => [_id, { codes, claimsLeft }]));
}

/** A campaign's codes. */
export async function codesOfCampaign(
  accountId: string,
  campaignId: string,
): Promise<Pick<CodeDoc, '_id' | 'code' | 'claimsLeft'>[]> {
  return Codes.find({ accountId, campaignId }, { code: 1, claimsLeft: 1 }).sort({ _id: 1 }).lean();
}

/** A code of an account by its ID, which is derived from the typed code; null if there is none. */
export async function codeById(accountId: string, id: string): Promise<CodeDoc | null> {
  return Codes.findOne({ _id: id, accountId }).lean();
}

/** Stores codes. @throws a duplicate key error if the account already has one of them */
export async function insertCodes(_tx: Tx, codes: readonly CodeDoc[]): Promise<void> {
  await Codes.insertMany(codes);
}

/** Uses one claim of a code. @returns whether there was one left */
export async function takeClaim(_tx: Tx, accountId: string, id: string): Promise<boolean> {
  const { modifiedCount } = await Codes.updateOne(
    { _id: id, accountId, claimsLeft: { $gt: 0 } },
    { $inc: { claimsLeft: -1 } },
  );
  return modifiedCount > 0;
}
