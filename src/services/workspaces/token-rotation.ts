import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../billing/period/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { installationById, replaceTokens } from '../../store/workspaces/installations.ts';
import { Hold } from '../background/held-lease.ts';
import { type BotTokens, type Installation, openToken, sealTokens } from './installations.ts';

/** Slack's bot tokens are valid for 12 hours. They are refreshed this long before they expire. */
const AHEAD_MS = 7_200_000;
const LEASE_MS = 10_000;
/** How long a request waits for a refresh in another process, if its token has already expired. */
const PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 100;
/** After a failure, the token is used as it is for this long. */
const PAUSE_MS = 30_000;

/** Slack doesn't accept a refresh token, and never will. */
export class RefreshRefused extends Error {
  override readonly name = 'RefreshRefused';
}

export interface TokenRotationOptions {
  readonly box: SecretBox;
  /** The real time, by which tokens expire. */
  readonly clock: Clock;
  readonly log: Logger;
  /** Exchanges a refresh token, which can be used once, for new tokens. @throws {RefreshRefused} and other errors */
  readonly refresh: (refreshToken: string) => Promise<Required<BotTokens>>;
  /** Called with an installation's ID when its token can no longer be refreshed. */
  readonly refused?: (id: string) => Promise<void>;
  /** How long a refresh waits after a process was killed during another one, in milliseconds; 10 s by default. */
  readonly leaseMs?: number;
}

/**
 * The bot tokens of installations, refreshed in time. A refresh token can be used once, so one process at a time
 * refreshes an installation, under a lease, and stores the new tokens before they are used. If a process is killed
 * between Slack's answer and storing it, the next one repeats the request with the same refresh token, two hours before
 * the old bot token expires.
 */
export class TokenRotation {
  private readonly options: TokenRotationOptions;
  private readonly underway = new Map<string, Promise<string>>();
  /** When an installation's next refresh is tried after a failure, by the process's own clock. */
  private readonly pausedUntil = new Map<string, number>();

  constructor(options: TokenRotationOptions) {
    this.options = options;
  }

  /**
   * The bot token of an installation, which is valid as far as is known. A refresh is only waited for once the token has
   * expired: requests have to be acknowledged within three seconds.
   *
   * @throws {UnreadableSecret}
   */
  tokenOf(installation: Installation): string | Promise<string> {
    const { _id: id } = installation;
    const token = openToken(this.options.box, installation, 'botToken');
    if (!this.isDue(installation) || this.isPaused(id)) return token;
    const underway = this.underway.get(id) ?? this.refreshed(installation).finally(() => this.underway.delete(id));
    this.underway.set(id, underway);
    if (this.isExpired(installation)) return underway;
    // it has logged what went wrong, and the next request tries again
    underway.catch(() => undefined);
    return token;
  }

  /** Resolves when no refresh is in progress: its new tokens would be lost with the process. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.underway.values());
  }

  /** The new token, or the old one as long as it can't be refreshed. */
  private async refreshed(installation: Installation): Promise<string> {
    try {
      return await this.inTurn(installation);
    } catch (error) {
      const { _id: id, expiresAt } = installation;
      this.pausedUntil.set(id, performance.now() + PAUSE_MS);
      this.options.log.error({ installation: id, expiresAt, err: error }, 'a bot token could not be refreshed yet');
      if (error instanceof RefreshRefused) await this.options.refused?.(id);
      return openToken(this.options.box, installation, 'botToken');
    }
  }

  private async inTurn(installation: Installation): Promise<string> {
    const { box } = this.options;
    const began = performance.now();
    for (let known = installation; ; known = (await installationById(known._id)) ?? known) {
      if (!this.isDue(known)) return openToken(box, known, 'botToken');
      const hold = await Hold.claim(`bot-token:${known._id}`, this.options.leaseMs ?? LEASE_MS);
      if (hold) return this.underLease(hold, known._id);
      // another process is refreshing it
      if (!this.isExpired(known) || performance.now() - began > PATIENCE_MS) return openToken(box, known, 'botToken');
      await wait(LOOK_EVERY_MS);
    }
  }

  private async underLease(hold: Hold, id: string): Promise<string> {
    const { box, refresh } = this.options;
    try {
      const current = await installationById(id);
      if (!current || current.endedAt !== null) throw new Error('The app was uninstalled');
      if (!this.isDue(current)) return openToken(box, current, 'botToken');
      hold.assert();
      const tokens = await refresh(openToken(box, current, 'refreshToken'));
      if (await replaceTokens(current, sealTokens(box, id, tokens))) return tokens.botToken;
      // installed again meanwhile, with other tokens
      const replaced = await installationById(id);
      if (!replaced || replaced.endedAt !== null) throw new Error('The app was uninstalled');
      return openToken(box, replaced, 'botToken');
    } finally {
      await hold.free();
    }
  }

  private isDue({ refreshToken, expiresAt }: Installation): boolean {
    if (refreshToken === null || expiresAt === null) return false;
    return expiresAt.getTime() - this.options.clock.now().getTime() <= AHEAD_MS;
  }

  private isExpired({ expiresAt }: Installation): boolean {
    return expiresAt !== null && expiresAt <= this.options.clock.now();
  }

  private isPaused(id: string): boolean {
    return performance.now() < (this.pausedUntil.get(id) ?? 0);
  }
}
