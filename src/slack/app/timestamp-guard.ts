import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Clock } from '../../billing/period/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import { TIME_LIMITS } from '../limits/limits.ts';

/** Slack's limit for the past; here it holds in both directions. */
const MAX_SECONDS_APART = TIME_LIMITS.signatureAgeMs / 1000;

/**
 * Lets a request through only when `X-Slack-Request-Timestamp` is a whole number of seconds at most five minutes from
 * the clock's now, before or after; else 401. Bolt itself (5.1) refuses what is old, but takes what is dated in the
 * future, which could be kept and sent at leisure. The signature, which covers the timestamp, is still Bolt's to check.
 */
export function timestampGuard(listener: RequestListener, clock: Clock, log?: Logger): RequestListener {
  return (request, response) => {
    const secondsAgo = ageOf(request.headers['x-slack-request-timestamp'], clock);
    if (secondsAgo !== undefined && Math.abs(secondsAgo) <= MAX_SECONDS_APART) return listener(request, response);
    // a clock that is wrong shows here: then every request is refused, and by the same number of seconds
    log?.warn(
      { secondsAgo: secondsAgo ?? null },
      'refused a request whose timestamp is missing, invalid or too far away',
    );
    refuse(request, response);
  };
}

/** How many seconds ago a request is dated; undefined when it does not say. */
function ageOf(header: string | string[] | undefined, clock: Clock): number | undefined {
  if (typeof header !== 'string' || !/^\d{1,12}$/.test(header)) return undefined;
  return Math.floor(clock.now().getTime() / 1000) - Number(header);
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  response.writeHead(401, { connection: 'close' }).end();
}
