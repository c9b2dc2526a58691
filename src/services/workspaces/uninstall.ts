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

/**
 * What Slack says about a bot token. `over`: its app was removed, or its workspace was deleted. `rejected`: that, or
 * something that may pass, such as a network that the workspace doesn't allow. `expired`: nothing else is known.
 */
export type TokenState = 'accepted' | 'over' | 'rejected' | 'expired';

export interface UninstallOptions extends Keeping {
  readonly log: Logger;
  /** Asks Slack about a token. @throws {Error} if Slack can't be asked */
  readonly stateOf: (botToken: string) => Promise<TokenState>;
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

async function isInUse({ box, stateOf }: UninstallOptions, installation: Installation, at: Date): Promise<boolean> {
  const state = await stateOf(openToken(box, installation, 'botToken'));
  return state === 'expired' ? at < installation.installedAt : state === 'accepted';
}

/** How long a token that Slack has accepted isn't asked about again, in milliseconds. */
const CONFIRMED_MS = 60_000;
/** For how many tokens that is remembered. */
const MAX_CONFIRMED = 1_000;

/**
 * Ends installations that are over without an event that says so: events can be lost while no process runs. What fails
 * with an old token says nothing about the stored one, so Slack is asked about that.
 */
export class SilentEnds {
  private readonly options: UninstallOptions;
  private readonly underway = new Map<string, Promise<void>>();
  /** Until when a token isn't asked about, by the process's own clock. The keys are tokens as they are stored. */
  private readonly confirmed = new Map<string, number>();

  constructor(options: UninstallOptions) {
    this.options = options;
  }

  /**
   * Asks Slack about an installation with whose token a call failed, at most once a minute as long as it is in use. Never
   * throws: the next failure asks again.
   *
   * @param isRefreshRefused whether its token can no longer be refreshed, so that an expired one stays expired
   */
  async suspect(id: string, isRefreshRefused = false): Promise<void> {
    const underway = this.underway.get(id) ?? this.look(id, isRefreshRefused).finally(() => this.underway.delete(id));
    this.underway.set(id, underway);
    await underway;
  }

  /** Resolves when Slack isn't being asked. */
  async idle(): Promise<void> {
    await Promise.all(this.underway.values());
  }

  private async look(id: string, isRefreshRefused: boolean): Promise<void> {
    const { log, box, stateOf, clock } = this.options;
    try {
      const installation = await installationById(id);
      if (!installation?.botToken || installation.endedAt !== null) return;
      if (!isRefreshRefused && performance.now() < (this.confirmed.get(installation.botToken) ?? 0)) return;
      const state = await stateOf(openToken(box, installation, 'botToken'));
      if (state === 'accepted') this.confirm(installation.botToken);
      if (state !== 'over' && !(isRefreshRefused && state === 'expired')) return;
      if (!(await endInstallation(installation, clock.now()))) return;
      log.info({ installation: id }, 'the app was uninstalled, and no event has said so');
    } catch (error) {
      log.warn({ installation: id, err: error }, 'Slack could not be asked whether the app is still installed');
    }
  }

  private confirm(token: string): void {
    this.confirmed.delete(token);
    this.confirmed.set(token, performance.now() + CONFIRMED_MS);
    const [oldest] = this.confirmed.keys();
    if (this.confirmed.size > MAX_CONFIRMED && oldest !== undefined) this.confirmed.delete(oldest);
  }
}
