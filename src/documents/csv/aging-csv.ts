import { AGE_NAMES, ageOf } from '../../billing/invoice/aging.ts';
import { toFixedMinor } from '../../billing/money/money.ts';
import type { OpenInvoice } from '../../services/settlement/aging.ts';
import { csvHeading, csvRow, digits } from './csv-row.ts';

const COLUMNS = [
  ...['invoice_number', 'billing_group', 'period', 'issue_date', 'due_date', 'days_overdue', 'age'],
  ...['currency', 'invoice_total', 'open_amount'],
];

/** Open invoices as CSV (RFC 4180), one per row. Days are YYYY-MM-DD in the account's time zone. */
export function agingCsv(invoices: readonly OpenInvoice[]): string {
  const rows = invoices.map((invoice) =>
    csvRow([
      ...[invoice.number, invoice.billingGroupName, invoice.period, invoice.issuedDay ?? '', invoice.dueDay ?? ''],
      digits(String(invoice.daysOverdue)),
      AGE_NAMES[ageOf(invoice.daysOverdue)],
      invoice.currency,
      digits(toFixedMinor(invoice.total, invoice.currency)),
      digits(toFixedMinor(invoice.open, invoice.currency)),
    ]),
  );
  return [csvHeading(COLUMNS), ...rows].join('');
}
