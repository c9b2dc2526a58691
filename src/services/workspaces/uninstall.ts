import type { Logger } from '../../platform/logger.ts';
import { endInstallation, installationById } from '../../store/workspaces/installations.ts';
import { type Installation, type Keeping, openToken } from './installations.ts';

/** What Slack reported: the app was uninstalled, or tokens of it were revoked. */
export interface Revocation {
  /** The workspace and the organization that it may be about. */
  readonly ids: readonly string[];
  /** When it happened, in whole seconds. */
  readonly at: Date;
}

export interface UninstallOptions extends Keeping {
  readonly log: Logger;
  /** Asks Slack whether a token is still accepted; undefined if Slack's answer doesn't say. */
  readonly isAccepted: (botToken: string) => Promise<boolean | undefined>;
}

/**
 * Ends the installations whose tokens Slack no longer accepts. Such reports arrive in any order, twice, and after the
 * app was installed again, so Slack is asked about the stored token, and the report only counts where Slack's answer
 * doesn't say. Accounts stay as they are: months are closed, and notifications wait for another installation.
 *
 * @returns the IDs of those that ended
 * @throws {Error} if Slack can't be asked: the report has to be sent again
 */
export async function endRevoked(options: UninstallOptions, { ids, at }: Revocation): Promise<string[]> {
  const ended: string[] = [];
  for (const id of new Set(ids)) {
    const installation = await installationById(id);
    if (!installation || installation.endedAt !== null) continue;
    if (await isInUse(options, installation, at)) continue;
    if (!(await endInstallation(installation, options.clock.now()))) continue;
    options.log.info({ installation: id }, 'the app was uninstalled');
    ended.push(id);
  }
  return ended;
}

async function isInUse({ box, isAccepted }: UninstallOptions, installation: Installation, at: Date): Promise<boolean> {
  const answer = await isAccepted(openToken(box, installation, 'botToken'));
  return answer ?? at < installation.installedAt;
}
