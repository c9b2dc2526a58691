/** Slack's word when it got a call and said no, such as `is_archived`; undefined for every other error. */
export function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'slack_webapi_platform_error') return undefined;
  const data = 'data' in error ? error.data : undefined;
  return typeof data === 'object' && data !== null && 'error' in data ? String(data.error) : undefined;
}
