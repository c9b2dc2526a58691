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
  },
  { collection: 'installations', versionKey: false },
)
  .index({ teamIds: 1 }, { name: 'installations_by_workspace' })
  .index({ enterpriseId: 1 }, { name: 'installations_by_organization' })
  .index({ endedAt: 1 }, { name: 'installations_by_end' });

export const Installations = mongoose.model('Installation', installationSchema);

/** Stores an installation, or replaces the earlier one. The organization's known workspaces are kept. */
export async function putInstallation({ teamIds, _id, ...installation }: InstallationDoc): Promise<void> {
  await Installations.updateOne(
    { _id },
    { $set: installation, $addToSet: { teamIds: { $each: [...teamIds] } } },
    { upsert: true },
  );
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
 * Those of an ended installation's workspaces whose data has to stay: another installation serves them, or did until
 * recently. Workspaces of an organization with such an installation are noted with it, so that they are deleted with its
 * own end, also if nobody there has used the app since.
 *
 * @param before the instant before which an installation ended long enough ago
 */
export async function teamsToKeep(
  _tx: Tx,
  { _id, enterpriseId, teamIds }: InstallationDoc,
  before: Date,
): Promise<ReadonlySet<string>> {
  const others = { _id: { $ne: _id }, $or: [{ endedAt: null }, { endedAt: { $gt: before } }] };
  if (enterpriseId !== null) {
    const ofOrganization = { ...others, teamId: null, enterpriseId };
    const noted = { $addToSet: { teamIds: { $each: [...teamIds] } } };
    if ((await Installations.updateOne(ofOrganization, noted)).matchedCount === 1) return new Set(teamIds);
  }
  const found = await Installations.find({ ...others, teamIds: { $in: [...teamIds] } }, { teamIds: 1 }).lean();
  return new Set(found.flatMap((one) => one.teamIds));
}

/** Records that an organization's installation serves a workspace. */
export async function addInstalledTeam(id: string, teamId: string): Promise<void> {
  await Installations.updateOne({ _id: id }, { $addToSet: { teamIds: teamId } });
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
