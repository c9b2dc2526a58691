import mongoose from 'mongoose';
import { anyText, instant, maybeInstant, maybeText, text } from '../kit/schema-fields.ts';
import type { Tx } from '../kit/transaction.ts';

/** The app in a workspace, or in all workspaces of an organization (Enterprise Grid). */
export interface InstallationDoc {
  /** The organization's ID (`E…`) if the app is installed for all its workspaces, otherwise the workspace's (`T…`). */
  readonly _id: string;
  /** Null for an organization. */
  readonly teamId: string | null;
  readonly enterpriseId: string | null;
  /** Of the workspace or organization. */
  readonly name: string;
  /** The workspaces it serves: its own, or those of the organization from which requests have come. */
  readonly teamIds: readonly string[];
  readonly botId: string;
  readonly botUserId: string;
  readonly scopes: readonly string[];
  /** Encrypted; null once the app was uninstalled. */
  readonly botToken: string | null;
  /** Encrypted; null without token rotation. */
  readonly refreshToken: string | null;
  /** When the bot's token expires; null if it doesn't. */
  readonly expiresAt: Date | null;
  /** The Slack user who installed it last. */
  readonly installedBy: string;
  readonly installedAt: Date;
  /** When it was uninstalled, or its tokens were revoked; null while it is installed. */
  readonly endedAt: Date | null;
  /**
   * Increased by the deletion of data of its workspaces, and by another installation that serves one of them, so that
   * the two conflict.
   */
  readonly fence?: number;
}

const { Schema } = mongoose;

const installationSchema = new Schema<InstallationDoc>(
  {
    _id: text,
    teamId: maybeText,
    enterpriseId: maybeText,
    name: anyText,
    teamIds: { type: [String], required: true },
    botId: text,
    botUserId: text,
    scopes: { type: [String], required: true },
    botToken: maybeText,
    refreshToken: maybeText,
    expiresAt: maybeInstant,
    installedBy: text,
    installedAt: instant,
    endedAt: maybeInstant,
    fence: { type: Number, required: false },
  },
  { collection: 'installations', versionKey: false },
)
  .index({ teamIds: 1 }, { name: 'installations_by_workspace' })
  .index({ enterpriseId: 1 }, { name: 'installations_by_organization' })
  .index({ endedAt: 1 }, { name: 'installations_by_end' });

export const Installations = mongoose.model('Installation', installationSchema);

/** Stores an installation, or replaces the earlier one. The organization's known workspaces are kept. */
export async function putInstallation(
  _tx: Tx,
  { teamIds, _id, enterpriseId, ...installation }: InstallationDoc,
): Promise<void> {
  await Installations.updateOne(
    { _id },
    { $set: { enterpriseId, ...installation }, $addToSet: { teamIds: { $each: [...teamIds] } } },
    { upsert: true },
  );
  await stopDeletion([{ teamIds: { $in: [...teamIds] } }, ...(enterpriseId === null ? [] : [{ enterpriseId }])]);
}

/** Makes the deletion of what other installations leave behind look again whether a workspace is served by this one. */
async function stopDeletion(ways: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
  await Installations.updateMany({ endedAt: { $ne: null }, $or: [...ways] }, { $inc: { fence: 1 } });
}

/** An installation, ended or not, by its ID. */
export async function installationById(id: string): Promise<InstallationDoc | null> {
  return Installations.findById(id).lean();
}

/** The installations, not ended, that may serve a workspace: its own, and those in its organization. */
export async function installationsFor(
  teamId: string | undefined,
  enterpriseId: string | undefined,
): Promise<InstallationDoc[]> {
  const ways = [...(teamId ? [{ teamIds: teamId }] : []), ...(enterpriseId ? [{ enterpriseId }] : [])];
  return ways.length === 0 ? [] : Installations.find({ endedAt: null, $or: ways }).lean();
}

/** Those of some workspaces that are served by an installation that hasn't ended. */
export async function installedTeams(teamIds: readonly string[]): Promise<ReadonlySet<string>> {
  const found = await Installations.find({ endedAt: null, teamIds: { $in: [...teamIds] } }, { teamIds: 1 }).lean();
  const served = new Set(found.flatMap((one) => one.teamIds));
  return new Set(teamIds.filter((teamId) => served.has(teamId)));
}

/**
 * Whether the data of an ended installation's workspace may be deleted in this transaction: not if the app was installed
 * again, and not if another installation serves the workspace, or did until recently. A workspace of an organization with
 * such an installation is noted with it, so that it is deleted with that one's end, also if nobody there has used the
 * app since. An installation that arrives meanwhile conflicts with the transaction.
 *
 * @param before the instant before which an installation ended long enough ago
 */
export async function mayDeleteTeam(
  _tx: Tx,
  { _id, enterpriseId, endedAt }: InstallationDoc,
  teamId: string,
  before: Date,
): Promise<boolean> {
  const fenced = await Installations.updateOne({ _id, endedAt, teamIds: teamId }, { $inc: { fence: 1 } });
  if (fenced.matchedCount === 0) return false;
  const others = { _id: { $ne: _id }, $or: [{ endedAt: null }, { endedAt: { $gt: before } }] };
  if (enterpriseId !== null) {
    const ofOrganization = { ...others, teamId: null, enterpriseId };
    const noted = await Installations.updateOne(ofOrganization, { $addToSet: { teamIds: teamId } });
    if (noted.matchedCount === 1) return false;
  }
  return (await Installations.exists({ ...others, teamIds: teamId })) === null;
}

/** Records that an organization's installation serves a workspace. */
export async function addInstalledTeam(_tx: Tx, id: string, teamId: string): Promise<void> {
  await Installations.updateOne({ _id: id }, { $addToSet: { teamIds: teamId } });
  await stopDeletion([{ teamIds: teamId }]);
}

/** The tokens of an installation, encrypted. */
export type StoredTokens = Pick<InstallationDoc, 'botToken' | 'refreshToken' | 'expiresAt'>;

/** Replaces an installation's tokens, unless they were replaced by other ones since. @returns whether they were */
export async function replaceTokens(
  { _id, botToken }: Pick<InstallationDoc, '_id' | 'botToken'>,
  tokens: StoredTokens,
): Promise<boolean> {
  const { matchedCount } = await Installations.updateOne({ _id, botToken, endedAt: null }, { $set: tokens });
  return matchedCount === 1;
}

/** Ends an installation and deletes its tokens, unless it was replaced by another one since. @returns whether it ended */
export async function endInstallation(
  { _id, botToken }: Pick<InstallationDoc, '_id' | 'botToken'>,
  endedAt: Date,
): Promise<boolean> {
  const end = { $set: { endedAt, botToken: null, refreshToken: null, expiresAt: null } };
  return (await Installations.updateOne({ _id, botToken, endedAt: null }, end)).matchedCount === 1;
}

/** All installations that haven't ended, one after another. */
export function eachInstallation(): AsyncIterable<InstallationDoc> {
  return Installations.find({ endedAt: null }).lean().cursor();
}

/** Installations that ended before an instant, the earliest first. */
export async function installationsEndedBefore(instant: Date, limit: number): Promise<InstallationDoc[]> {
  return Installations.find({ endedAt: { $lte: instant } })
    .sort({ endedAt: 1 })
    .limit(limit)
    .lean();
}

/** Deletes an installation that has ended, unless the app was installed again since. @returns whether it was deleted */
export async function deleteEndedInstallation(
  _tx: Tx,
  { _id, endedAt }: Pick<InstallationDoc, '_id' | 'endedAt'>,
): Promise<boolean> {
  if (endedAt === null) return false;
  return (await Installations.deleteOne({ _id, endedAt })).deletedCount === 1;
}
