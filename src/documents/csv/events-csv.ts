import type { EventSummary } from '../../services/events/event-lists.ts';
import { csvHeading, csvRow, digits } from './csv-row.ts';

const COLUMNS = [
  'log_entry_id',
  'create_time',
  'event_type',
  'event_desc',
  'actor',
  'billing_group_id',
  'project_id',
  'invoice_id',
  'before',
  'after',
  'hash',
] as const;

/**
 * Log entries as CSV, in chunks. Times are ISO 8601 in UTC, changes are JSON, and IDs are as in the log. Safe in
 * spreadsheets, like `csvRow`.
 */
export async function* eventsCsv(entries: AsyncIterable<EventSummary>): AsyncGenerator<string> {
  yield csvHeading(COLUMNS);
  for await (const entry of entries) {
    yield csvRow([
      digits(String(entry.logEntryId)),
      entry.at.toISOString(),
      entry.type,
      entry.description,
      entry.actor,
      entry.billingGroupId ?? '',
      entry.projectId ?? '',
      entry.invoiceId ?? '',
      json(entry.before),
      json(entry.after),
      entry.hash,
    ]);
  }
}

function json(value: unknown): string {
  return value === null ? '' : JSON.stringify(value);
}
