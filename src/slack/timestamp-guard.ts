import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Clock } from '../billing/clock.ts';

/** https://docs.slack.dev/authentication/verifying-requests-from-slack: five minutes, here in both directions. */
const MOST_SECONDS_APART = 5 * 60;

/**
 * Lets a request through only when `X-Slack-Request-Timestamp` is a whole number of seconds at most five minutes from
 * the clock's now, before or after; else 401. Bolt itself (5.1) refuses what is old, but takes what is dated in the
 * future, which could be kept and sent at leisure. The signature, which covers the timestamp, is still Bolt's to check.
 */
export function timestampGuard(listener: RequestListener, clock: Clock): RequestListener {
  return (request, response) => {
    if (isTimely(request.headers['x-slack-request-timestamp'], clock)) listener(request, response);
    else refuse(request, response);
  };
}

function isTimely(header: string | string[] | undefined, clock: Clock): boolean {
  if (typeof header !== 'string' || !/^\d{1,12}$/.test(header)) return false;
  const now = Math.floor(clock.now().getTime() / 1000);
  return Math.abs(now - Number(header)) <= MOST_SECONDS_APART;
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  response.writeHead(401, { connection: 'close' }).end();
}
