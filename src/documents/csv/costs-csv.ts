import { toFixedMinor } from '../../billing/money/money.ts';
import type { CostReport } from '../../services/insight/cost-report.ts';
import { csvHeading, csvRow, digits } from './csv-row.ts';

/** The costs of a report as CSV (RFC 4180), a row for each share of each currency. Costs without the tag have no value. */
export function costsCsv({ split, tag, from, until, currencies }: CostReport): string {
  const rows = currencies.flatMap(({ currency, shares }) =>
    shares.map(({ name, amount }) => csvRow([from, until, name, currency, digits(toFixedMinor(amount, currency))])),
  );
  const what = split === 'tag' ? `tag ${tag ?? ''}` : split;
  return [csvHeading(['from', 'until', what, 'currency', 'amount']), ...rows].join('');
}
