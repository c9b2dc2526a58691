import { isDay } from '../../billing/period/day.ts';
import type { BankLine, BankStatement } from '../../billing/statement/bank-line.ts';
import type { CsvMapping, DateOrder } from '../../billing/statement/csv-mapping.ts';
import { amountFrom, debitRows } from './csv-amounts.ts';
import { type CsvTable, columnOf, dateParts } from './csv-columns.ts';
import { decimalsFault, statementFault } from './statement-fault.ts';

/**
 * Reads the incoming payments in a bank’s CSV file. Rows without a date and an amount, such as opening balances, amounts
 * of 0 or less, and debits according to another column are left out.
 *
 * @param currency ISO 4217: the currency of amounts if the file has no column for it
 * @throws {Refusal} `statement_file` naming the line, if a date or an amount can’t be read with this mapping
 */
export function readBankCsv(table: CsvTable, mapping: CsvMapping, currency: string): BankStatement {
  const [dates, amounts] = [columnOf(table, mapping.date), columnOf(table, mapping.amount)];
  const [names, purposes] = [columnOf(table, mapping.name), columnOf(table, mapping.purpose)];
  const currencies = columnOf(table, mapping.currency);
  const chosen: readonly (string | null)[] = Object.values(mapping);
  const others = table.header.filter((column) => !chosen.includes(column));
  const isDebit = debitRows(
    others.map((column) => columnOf(table, column)),
    table.rows.length,
  );
  const lines: BankLine[] = [];
  let leftOut = 0;
  for (const [at, { line }] of table.rows.entries()) {
    const [date = '', typed = ''] = [dates[at], amounts[at]];
    if (date === '' || typed === '') {
      leftOut++;
      continue;
    }
    const day = dayFrom(date, mapping.dateOrder);
    if (day === undefined) throw statementFault(`Line ${line}: “${cut(date)}” isn’t a valid date.`, WRONG_COLUMNS);
    const amount = amountFrom(typed, mapping.decimal);
    if (amount === undefined)
      throw statementFault(`Line ${line}: “${cut(typed)}” isn’t a valid amount.`, WRONG_COLUMNS);
    const code = (currencies[at] || currency).toUpperCase();
    if (!/^[A-Z]{3}$/.test(code)) throw statementFault(`Line ${line}: “${cut(code)}” isn’t a currency.`, WRONG_COLUMNS);
    const fault = decimalsFault(amount, code);
    if (fault !== undefined) throw statementFault(`Line ${line}: “${cut(typed)}” ${fault}`, WRONG_COLUMNS);
    if (amount.lte(0) || isDebit[at]) leftOut++;
    else {
      const words = { name: names[at] ?? '', purpose: purposes[at] ?? '', bankReference: '' };
      lines.push({ date: day, amount, currency: code, ...words });
    }
  }
  return { bankAccount: '', lines, leftOut };
}

const WRONG_COLUMNS = 'Check the columns, the date format and the decimal separator.';

function dayFrom(cell: string, order: DateOrder): string | undefined {
  const parts = dateParts(cell);
  if (!parts) return undefined;
  const [a, b, c] = parts;
  const [year, month, day] = order === 'ymd' ? [a, b, c] : order === 'dmy' ? [c, b, a] : [c, a, b];
  const whole = year.length === 2 ? `20${year}` : year;
  const text = `${whole}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return isDay(text) ? text : undefined;
}

function cut(cell: string): string {
  return cell.length > 40 ? `${cell.slice(0, 40)}…` : cell;
}
