import { tagsText } from '../../billing/invoice/line-tags.ts';
import { publishedServiceType } from '../../billing/invoice/service-type.ts';
import { type Decimal, toFixedMinor } from '../../billing/money/money.ts';
import type { LineSummary } from '../../services/invoicing/invoice-reading.ts';
import { csvRow, digits } from './csv-row.ts';

/** The columns of the published API, whose clients read them by their position. Never reorder them. */
export const PUBLISHED_COLUMNS = [
  'project_name',
  'service_name',
  'service_type',
  'service_plan',
  'cloud_name',
  'line_type',
  'timestamp_begin',
  'timestamp_end',
  'line_total_local',
  'line_total_usd',
  'local_currency',
  'line_pre_discount_local',
  'description',
  'commitment_name',
  'tags',
] as const;

/** What the lines are converted with. */
export interface PublishedLines {
  /** ISO 4217: the invoice's. */
  readonly currency: string;
  /** Null if there is no rate. */
  toUsd(amount: Decimal): Decimal | null;
}

/**
 * An invoice's lines in the published order of columns, in chunks. Times are ISO 8601 in UTC. Tags are `key=value;…`.
 * Safe in spreadsheets, like `csvRow`.
 */
export async function* publishedCsv(
  lines: AsyncIterable<LineSummary>,
  { currency, toUsd }: PublishedLines,
): AsyncGenerator<string> {
  yield csvRow([...PUBLISHED_COLUMNS]);
  for await (const line of lines) {
    const usd = toUsd(line.total);
    yield csvRow([
      ...[line.projectName, line.serviceName, publishedServiceType(line) ?? '', line.servicePlan ?? ''],
      ...[line.cloudName ?? '', line.lineType, line.begin.toISOString(), line.end.toISOString()],
      digits(toFixedMinor(line.total, currency)),
      digits(usd ? toFixedMinor(usd, 'USD') : ''),
      currency,
      digits(toFixedMinor(line.preDiscount, currency)),
      ...[line.description, line.lineType === 'commitment_fee' ? line.description : ''],
      tagsText(line.tags ?? []),
    ]);
  }
}
