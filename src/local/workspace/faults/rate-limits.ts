import { POST_LIMITS, RESTRICTED_HISTORY, TIERS } from '../../../slack/limits/limits.ts';
import { textOf } from '../json.ts';
import type { Fields } from '../types.ts';

type Tier = keyof typeof TIERS;

/** The tier on each method's page in Slack's docs. Methods that aren't listed are special and not limited here. */
const TIER_OF: { [method: string]: Tier } = {
  'apps.connections.open': 1,
  'chat.delete': 3,
  'chat.postEphemeral': 4,
  'chat.update': 3,
  'conversations.history': 3,
  'conversations.info': 3,
  'conversations.join': 3,
  'conversations.list': 2,
  'conversations.members': 4,
  'conversations.open': 3,
  'conversations.replies': 3,
  'files.completeUploadExternal': 4,
  'files.getUploadURLExternal': 4,
  'files.info': 4,
  'usergroups.list': 2,
  'usergroups.users.list': 2,
  'users.conversations': 3,
  'users.info': 4,
  'users.list': 2,
  'views.open': 4,
  'views.publish': 4,
  'views.push': 4,
  'views.update': 4,
};

/** What Slack restricts further for some apps. */
const HISTORY: readonly string[] = ['conversations.history', 'conversations.replies'];
const MINUTE_MS = 60_000;

/** Counts calls as Slack does, and tells when a call comes too soon. Off by default. */
export class RateLimits {
  isOn: boolean;
  /** Whether the limits apply that Slack has for apps outside its Marketplace, whatever `isOn` says. */
  isHistoryRestricted = false;
  readonly #now: () => Date;
  /** When each method's calls in the last minute were made, in milliseconds. */
  readonly #calls = new Map<string, number[]>();
  /** What remains of each channel's burst, and as of when. */
  readonly #bursts = new Map<string, { left: number; at: number }>();

  constructor(isOn: boolean, now: () => Date) {
    this.isOn = isOn;
    this.#now = now;
  }

  /**
   * Counts a call, unless it comes too soon.
   * @returns seconds to wait; undefined when the call may be made now
   */
  take(method: string, args: Fields): number | undefined {
    if (this.isHistoryRestricted && HISTORY.includes(method))
      return this.#takeOfMinute(method, RESTRICTED_HISTORY.perMinute);
    if (!this.isOn) return undefined;
    const tier = TIER_OF[method];
    if (tier !== undefined) return this.#takeOfMinute(method, TIERS[tier]);
    if (method !== 'chat.postMessage') return undefined;
    const wait = this.#burstWait(textOf(args, 'channel') ?? '');
    return wait ?? this.#takeOfMinute(method, POST_LIMITS.minute);
  }

  #takeOfMinute(method: string, limit: number): number | undefined {
    const now = this.#now().getTime();
    const recent = (this.#calls.get(method) ?? []).filter((at) => at > now - MINUTE_MS);
    const [first] = recent;
    this.#calls.set(method, recent);
    if (first !== undefined && recent.length >= limit) return seconds(first + MINUTE_MS - now);
    recent.push(now);
    return undefined;
  }

  #burstWait(channel: string): number | undefined {
    const now = this.#now().getTime();
    const known = this.#bursts.get(channel) ?? { left: POST_LIMITS.burst, at: now };
    const left = Math.min(POST_LIMITS.burst, known.left + (now - known.at) / POST_LIMITS.everyMs);
    if (left < 1) return seconds((1 - left) * POST_LIMITS.everyMs);
    this.#bursts.set(channel, { left: left - 1, at: now });
    return undefined;
  }
}

/** Whole seconds, for the Retry-After header. */
function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
