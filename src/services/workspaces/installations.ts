import type { Clock } from '../../billing/period/clock.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { inTransaction } from '../../store/kit/transaction.ts';
import {
  addInstalledTeam,
  eachInstallation,
  type InstallationDoc,
  installationById,
  installationsFor,
  putInstallation,
  replaceTokens,
  type StoredTokens,
} from '../../store/workspaces/installations.ts';
import { rememberTeams } from '../../store/workspaces/slack-data.ts';

export { installedTeams } from '../../store/workspaces/installations.ts';

/** An installation as stored, with encrypted tokens. */
export type Installation = InstallationDoc;

/** The tokens of an installation. */
export interface BotTokens {
  readonly botToken: string;
  /** Undefined without token rotation. */
  readonly refreshToken?: string | undefined;
  /** Undefined for a token that doesn't expire. */
  readonly expiresAt?: Date | undefined;
}

/** What Slack returns when the app is installed. */
export interface NewInstallation
  extends BotTokens,
    Pick<InstallationDoc, 'teamId' | 'enterpriseId' | 'name' | 'botId' | 'botUserId' | 'scopes' | 'installedBy'> {}

/** How tokens are encrypted, and the real time, by which Slack's tokens expire. */
export interface Keeping {
  readonly box: SecretBox;
  readonly clock: Clock;
}

/**
 * Stores an installation: a first one, one with more scopes, or one after the app was uninstalled. The new tokens
 * replace the old ones. @returns its ID
 */
export async function saveInstallation({ box, clock }: Keeping, given: NewInstallation): Promise<string> {
  const { botToken, refreshToken, expiresAt, teamId, ...known } = given;
  const id = teamId ?? known.enterpriseId;
  if (id === null) throw new RangeError('An installation belongs to a workspace or an organization');
  const teamIds = teamId === null ? [] : [teamId];
  const installation: InstallationDoc = {
    ...{ ...known, _id: id, teamId, teamIds },
    ...sealTokens(box, id, { botToken, refreshToken, expiresAt }),
    ...{ installedAt: clock.now(), endedAt: null },
  };
  await inTransaction(async (tx) => {
    await putInstallation(tx, installation);
    // those of an organization that used the app before
    await rememberTeams(tx, (await installationById(id))?.teamIds ?? teamIds);
  });
  return id;
}

/**
 * The installation that a request belongs to: the one of its workspace or of the whole organization, or else the only
 * one in its organization, for a person who acts from another of its workspaces.
 */
export async function installationOf(from: {
  readonly teamId?: string | undefined;
  readonly enterpriseId?: string | undefined;
}): Promise<{ readonly installation: Installation; readonly teamId: string } | undefined> {
  const { teamId, enterpriseId } = from;
  const all = await installationsFor(teamId, enterpriseId);
  const own = latest(
    all.filter((one) => teamId !== undefined && (one.teamIds.includes(teamId) || one._id === enterpriseId)),
  );
  if (own && teamId !== undefined) {
    if (!own.teamIds.includes(teamId)) await serve(own._id, teamId);
    return { installation: own, teamId };
  }
  const [only, ...others] = all;
  if (!only || only.teamId === null || others.length > 0) return undefined;
  return { installation: only, teamId: only.teamId };
}

/** Records that an organization's installation serves a workspace, from which a request has come. */
async function serve(id: string, teamId: string): Promise<void> {
  await inTransaction(async (tx) => {
    await addInstalledTeam(tx, id, teamId);
    await rememberTeams(tx, [teamId]);
  });
}

/** The installation that serves a workspace; undefined if the app isn't installed there. */
export async function installationServing(teamId: string): Promise<Installation | undefined> {
  return latest(await installationsFor(teamId, undefined));
}

/** Whether a person installed the app that serves a workspace. False for everyone if it is set up for one workspace. */
export async function hasInstalled(teamId: string, userId: string): Promise<boolean> {
  return (await installationServing(teamId))?.installedBy === userId;
}

/** The tokens as they are stored. */
export function sealTokens(box: SecretBox, id: string, tokens: BotTokens): StoredTokens {
  const { botToken, refreshToken, expiresAt = null } = tokens;
  return {
    botToken: box.seal(botToken, placeOf(id, 'botToken')),
    refreshToken: refreshToken === undefined ? null : box.seal(refreshToken, placeOf(id, 'refreshToken')),
    expiresAt,
  };
}

/** An installation's token in plain text. @throws {UnreadableSecret} */
export function openToken(box: SecretBox, { _id, ...stored }: Installation, name: 'botToken' | 'refreshToken'): string {
  return box.open(stored[name] ?? '', placeOf(_id, name));
}

/** Encrypts all tokens with the newest key, so that older keys can be removed. @returns how many installations changed */
export async function resealInstallations(box: SecretBox): Promise<number> {
  let changed = 0;
  for await (const one of eachInstallation()) {
    const sealed = [one.botToken, one.refreshToken].filter((token) => token !== null);
    if (!sealed.some((token) => box.isOutdated(token))) continue;
    const refreshToken = one.refreshToken === null ? undefined : openToken(box, one, 'refreshToken');
    const tokens = { botToken: openToken(box, one, 'botToken'), refreshToken, expiresAt: one.expiresAt ?? undefined };
    if (await replaceTokens(one, sealTokens(box, one._id, tokens))) changed += 1;
  }
  return changed;
}

function placeOf(id: string, name: string): string {
  return `installations ${id} ${name}`;
}

/** An organization's installation replaces those of its workspaces, and the other way round. */
function latest(all: readonly Installation[]): Installation | undefined {
  return all.toSorted((a, b) => b.installedAt.getTime() - a.installedAt.getTime())[0];
}
