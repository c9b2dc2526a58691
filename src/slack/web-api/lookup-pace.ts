import { LookupUnfinished } from '../../services/notices/send-once.ts';

/**
 * How often Slack allows channel lookups: for some apps, once a minute in the whole workspace (apps distributed outside
 * the Marketplace, since 3 March 2026). Slack says so with its first 429. From then on lookups keep that interval, and
 * earlier ones wait without a call. Posting isn't affected.
 */
export class LookupPace {
  private apartMs = 0;
  private nextAt = 0;
  private readonly now: () => number;

  /** @param now milliseconds of a monotonic clock */
  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  /** Whether Slack allows only one lookup a minute. */
  get isScarce(): boolean {
    return this.apartMs > 0;
  }

  /** @throws {LookupUnfinished} with the cursor, as long as Slack would refuse */
  assertAllowed(cursor: string | undefined): void {
    const waitMs = this.nextAt - this.now();
    if (waitMs > 0) throw new LookupUnfinished(cursor, Math.ceil(waitMs / 1000));
  }

  /** A lookup was answered. */
  done(): void {
    this.nextAt = this.now() + this.apartMs;
  }

  /** A lookup was answered 429. @param retryAfter in seconds */
  limited(retryAfter: number): void {
    this.nextAt = this.now() + retryAfter * 1000;
    // a short pause belongs to a burst: the usual limit allows many per minute
    if (retryAfter > SHORT_S) this.apartMs = ONE_MINUTE_MS;
  }
}

const SHORT_S = 30;
const ONE_MINUTE_MS = 60_000;
