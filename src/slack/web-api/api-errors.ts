/**
 * Slack's error code when it received a call and rejected it, such as `is_archived`; undefined for every other error.
 */
export function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'slack_webapi_platform_error') return undefined;
  const data = 'data' in error ? error.data : undefined;
  return typeof data === 'object' && data !== null && 'error' in data ? String(data.error) : undefined;
}

/** Error codes after which Slack may still have carried out the call. */
const UNCERTAIN: readonly string[] = [
  'fatal_error',
  'internal_error',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
];
/** Error codes for temporary failures. All others last until somebody changes something. */
const PASSING: readonly string[] = [...UNCERTAIN, 'accesslimited', 'rate_limited', 'ratelimited'];

/** Errors of the system before there is a connection. */
const NOT_CONNECTED: readonly unknown[] = [
  ...['ECONNREFUSED', 'EHOSTUNREACH', 'ENETDOWN', 'ENETUNREACH'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'],
];

/** Whether a call was sent but not answered, so that Slack may have carried it out, or may still do so. */
export function isUnanswered(error: unknown): boolean {
  return codeOf(error) === 'slack_webapi_request_error' && !wasNotSent(error);
}

/** Whether there was no connection to send a call on. */
function wasNotSent(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('code' in error && NOT_CONNECTED.includes(error.code)) return true;
  return 'cause' in error && wasNotSent(error.cause);
}

/** Whether Slack wants fewer calls. Such an error has `retryAfter`, in seconds. */
export function isRateLimited(error: unknown): error is Error & { readonly retryAfter: number } {
  return codeOf(error) === 'slack_webapi_rate_limited_error';
}

/** Why the same call would always fail again: Slack's error code, or `http_403`; undefined for temporary failures. */
export function permanentErrorOf(error: unknown): string | undefined {
  const word = refusalOf(error);
  if (word !== undefined) return PASSING.includes(word) ? undefined : word;
  const status = statusOf(error);
  return status >= 400 && status < 500 && status !== 408 && status !== 429 ? `http_${status}` : undefined;
}

/** Whether Slack certainly didn't carry out the failed call. */
export function wasNotProcessed(error: unknown): boolean {
  const word = refusalOf(error);
  if (word !== undefined) return !UNCERTAIN.includes(word);
  const status = statusOf(error);
  return wasNotSent(error) || isRateLimited(error) || (status >= 400 && status < 500 && status !== 408);
}

/** The status of an answer that isn't the Web API's, such as a proxy's; 0 for every other error. */
function statusOf(error: unknown): number {
  if (!(error instanceof Error) || codeOf(error) !== 'slack_webapi_http_error') return 0;
  return 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 0;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
