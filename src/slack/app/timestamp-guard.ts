import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Clock } from '../../billing/period/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import { TIME_LIMITS } from '../limits/limits.ts';

/** Slack's limit for the past. Here it applies in both directions. */
const MAX_SECONDS_APART = TIME_LIMITS.signatureAgeMs / 1000;

/**
 * Accepts a request only when `X-Slack-Request-Timestamp` is a whole number of seconds within five minutes of the
 * clock, before or after. Otherwise answers 401. Bolt itself (5.1) rejects old requests but accepts future dates, so
 * that a request could be kept and sent later. Bolt still checks the signature, which covers the timestamp.
 */
export function timestampGuard(listener: RequestListener, clock: Clock, log?: Logger): RequestListener {
  return (request, response) => {
    const secondsAgo = ageOf(request.headers['x-slack-request-timestamp'], clock);
    if (secondsAgo !== undefined && Math.abs(secondsAgo) <= MAX_SECONDS_APART) return listener(request, response);
    // shows a wrong clock: every request is then rejected, by the same number of seconds
    log?.warn(
      { secondsAgo: secondsAgo ?? null },
      'refused a request whose timestamp is missing, invalid or too far away',
    );
    refuse(request, response);
  };
}

/** How many seconds ago a request is dated; undefined if it has no date. */
function ageOf(header: string | string[] | undefined, clock: Clock): number | undefined {
  if (typeof header !== 'string' || !/^\d{1,12}$/.test(header)) return undefined;
  return Math.floor(clock.now().getTime() / 1000) - Number(header);
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  response.writeHead(401, { connection: 'close' }).end();
}
