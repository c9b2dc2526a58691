import { API_REFUSALS } from '../billing/refusals/index.ts';

/** The table in docs/api-errors.md, generated from the registry: `error_code`, status, and whether to retry later. */
export function errorsTable(): string {
  const rows = Object.entries(API_REFUSALS)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { status, isRetryable }]) => `| \`${code}\` | ${status} | ${isRetryable ? 'yes' : 'no'} |`);
  return ['| error_code | status | try again later |', '| --- | --- | --- |', ...rows].join('\n');
}
