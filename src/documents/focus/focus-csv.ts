import type { FocusCharge } from '../../services/costs/focus-export.ts';
import { csvRow, digits } from '../csv/csv-row.ts';
import { FOCUS_COLUMNS, focusCells } from './focus-cells.ts';

/**
 * Charges as FOCUS 1.2 in CSV, in batches. For each InvoiceId, BilledCost adds up to the invoice's net: discounts are
 * included; credits, fees and rounding are separate rows; taxes aren't part of the net and are left out. Dates are in
 * UTC, ends exclusive.
 */
export async function* focusCsv(charges: AsyncIterable<readonly FocusCharge[]>): AsyncGenerator<string> {
  yield csvRow(Object.keys(FOCUS_COLUMNS));
  for await (const batch of charges) yield batch.map(rowOf).join('');
}

function rowOf(charge: FocusCharge): string {
  const cells = focusCells(charge);
  return csvRow(
    Object.entries(FOCUS_COLUMNS).map(([column, kind]) => {
      const cell = cells[column as keyof typeof cells] ?? '';
      if (cell instanceof Date) return instant(cell);
      return kind === 'decimal' && cell !== '' ? digits(cell) : cell;
    }),
  );
}

/** FOCUS 1.2, Date/Time Format: in UTC, to the second. */
function instant(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}
