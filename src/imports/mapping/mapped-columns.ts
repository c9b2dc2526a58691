import {
  COLUMN_NAME_LIMIT,
  type CostMapping,
  columnsReadBy,
  type NumberFormat,
} from '../../billing/cost/cost-mapping.ts';
import { addDays, startOfDay } from '../../billing/period/day.ts';
import { BoundedCache } from '../file/bounded-cache.ts';
import { columnNames } from '../file/column-names.ts';
import { type RowRemark, remark } from '../focus/focus-cells.ts';
import type { KnownColumn } from '../focus/focus-columns.ts';
import { isNull, isPlaceholder } from '../focus/focus-values.ts';
import { readAmount } from './amount-cell.ts';
import { canMean, currencyOf } from './currency-unit.ts';
import { type Days, daysIn, readDays } from './date-cell.ts';
import { saysTotal } from './total-row.ts';

/** The FOCUS columns that a mapped file is read as. */
export const MAPPED_COLUMNS = [
  'BilledCost',
  'BillingAccountId',
  'BillingCurrency',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeDescription',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'ServiceName',
  'SubAccountId',
  'SubAccountName',
  'Tags',
] as const satisfies readonly KnownColumn[];

type Cells = Readonly<Record<(typeof MAPPED_COLUMNS)[number], string>>;

/** A row as FOCUS cells in the order of `MAPPED_COLUMNS`, why it can't be read, or why it isn't a cost. */
export type MappedRow =
  | { readonly cells: readonly string[] }
  | { readonly rejected: RowRemark }
  | { readonly skipped: string };

/** Examples of how a mapping expects its cells. */
export const NUMBER_EXAMPLES: Readonly<Record<NumberFormat, string>> = {
  ',.': '1.234,56',
  '.,': '1,234.56',
  ', ': '1 234,56',
  '. ': '1 234.56',
  ".'": "1'234.56",
  ",'": "1'234,56",
};
const DATE_EXAMPLES = { dmy: '31.10.2026', mdy: '10/31/2026', ymd: '2026-10-31', month: '2026-10' } as const;

const CACHED_DATES = 4096;

/** Reads the rows of a file with a mapping. */
export class MappedColumns {
  readonly #mapping: CostMapping;
  readonly #places: ReadonlyMap<string, number>;
  readonly #month: Days | undefined;
  readonly #days: BoundedCache<Days | null>;
  readonly #tagsAt: readonly { readonly key: string; readonly at: number }[];

  /**
   * @param header the file's own names of its columns
   * @param month YYYY-MM: the month of all charges in a file without dates
   */
  constructor(mapping: CostMapping, header: readonly string[], month: string | undefined) {
    this.#mapping = mapping;
    const names = columnNames(header, COLUMN_NAME_LIMIT).map((name) => name.toLowerCase());
    this.#places = new Map(columnsReadBy(mapping).map((column) => [column, names.indexOf(column.toLowerCase())]));
    this.#month = month === undefined ? undefined : daysIn(month);
    const { dateFormat, timeZone } = mapping;
    this.#days = new BoundedCache(CACHED_DATES, (cell) =>
      dateFormat === null ? null : (readDays(cell, dateFormat, timeZone) ?? null),
    );
    this.#tagsAt = mapping.tags.map((key) => ({ key, at: this.#at(key) }));
  }

  /** Whether rows have to be dated by the month of the import, which isn't given. */
  get lacksMonth(): boolean {
    return this.#mapping.date === null && this.#month === undefined;
  }

  read(fields: readonly string[]): MappedRow {
    const { amount, project, projectName, service, description, payer, source, timeZone } = this.#mapping;
    if (this.#isTotal(fields)) return { skipped: 'This row is a total. It was skipped, so that no cost counts twice.' };
    const currency = this.#currency(fields);
    if (typeof currency !== 'string') return currency;
    const cost = this.#amount(this.#cell(fields, amount), currency);
    if (typeof cost !== 'string') return cost;
    const days = this.#period(fields);
    if ('rejected' in days) return days;
    const cells: Cells = {
      BilledCost: cost,
      BillingAccountId: this.#cell(fields, payer) || source,
      BillingCurrency: currency,
      BillingPeriodStart: startOfDay(`${days.first.slice(0, 7)}-01`, timeZone).toISOString(),
      ChargeCategory: 'Usage',
      ChargeDescription: this.#cell(fields, description),
      ChargePeriodEnd: startOfDay(addDays(days.last, 1), timeZone).toISOString(),
      ChargePeriodStart: startOfDay(days.first, timeZone).toISOString(),
      ServiceName: service === null ? source : this.#cell(fields, service),
      SubAccountId: this.#cell(fields, project) || this.#cell(fields, projectName),
      SubAccountName: this.#cell(fields, projectName),
      Tags: this.#tags(fields),
    };
    return { cells: MAPPED_COLUMNS.map((column) => cells[column]) };
  }

  #at(column: string | null): number {
    return column === null ? -1 : (this.#places.get(column) ?? -1);
  }

  /** The content of a column, empty if it has none. */
  #cell(fields: readonly string[], column: string | null): string {
    const cell = (fields[this.#at(column)] ?? '').trim();
    return isNull(cell) || isPlaceholder(cell) ? '' : cell;
  }

  /** A row that says so and lacks a date or a project, or can't have either. */
  #isTotal(fields: readonly string[]): boolean {
    if (!fields.some(saysTotal)) return false;
    const { date, project, projectName } = this.#mapping;
    const who = project ?? projectName;
    if (date === null && who === null) return true;
    const day = this.#cell(fields, date);
    return (date !== null && (day === '' || saysTotal(day))) || (who !== null && this.#cell(fields, who) === '');
  }

  #currency(fields: readonly string[]): string | { rejected: RowRemark } {
    const { currency: column, fixedCurrency } = this.#mapping;
    const cell = this.#cell(fields, column);
    if (cell !== '') {
      const found = currencyOf(cell);
      if (found !== undefined) return found;
      if (fixedCurrency !== null && canMean(cell, fixedCurrency)) return fixedCurrency;
      const reason = 'This currency can’t be read. Use a three-letter code, such as EUR.';
      return { rejected: remark(column ?? 'Currency', reason, cell) };
    }
    if (fixedCurrency !== null) return fixedCurrency;
    return { rejected: remark(column ?? 'Currency', 'The row has no currency.') };
  }

  #amount(cell: string, currency: string): string | { rejected: RowRemark } {
    const { amount: column, numberFormat } = this.#mapping;
    if (cell === '') return { rejected: remark(column, 'The row has no amount.') };
    const found = readAmount(cell, numberFormat);
    if (!found) {
      const reason = `This amount can’t be read. The mapping expects amounts such as ${NUMBER_EXAMPLES[numberFormat]}.`;
      return { rejected: remark(column, reason, cell) };
    }
    if (found.unit !== undefined && !canMean(found.unit, currency)) {
      const reason = `This amount is in ${found.unit}, but the row’s currency is ${currency}.`;
      return { rejected: remark(column, reason, cell) };
    }
    return found.text;
  }

  #period(fields: readonly string[]): Days | { rejected: RowRemark } {
    const { date, lastDay } = this.#mapping;
    const first = date === null ? this.#month : this.#dayOf(fields, date);
    if (!first) return { rejected: remark(date ?? 'Date', 'The row has no date.') };
    if ('rejected' in first || this.#cell(fields, lastDay) === '') return first;
    const last = this.#dayOf(fields, lastDay ?? '');
    if (!last || 'rejected' in last) return last ?? first;
    if (last.last < first.first) {
      const reason = 'The charge ends before it begins.';
      return { rejected: remark(lastDay ?? 'Date', reason, this.#cell(fields, lastDay)) };
    }
    return { first: first.first, last: last.last };
  }

  #dayOf(fields: readonly string[], column: string): Days | { rejected: RowRemark } | undefined {
    const cell = this.#cell(fields, column);
    if (cell === '') return undefined;
    const days = this.#days.get(cell);
    if (days) return days;
    const example = DATE_EXAMPLES[this.#mapping.dateFormat ?? 'ymd'];
    const reason = `This date can’t be read. The mapping expects dates such as ${example}.`;
    return { rejected: remark(column, reason, cell) };
  }

  /** The chosen columns as tags. A single one may hold a list of tags itself. */
  #tags(fields: readonly string[]): string {
    const [only, ...others] = this.#tagsAt;
    const single = only && others.length === 0 ? (fields[only.at] ?? '').trim() : '';
    if (/^[{[]/.test(single)) return single;
    const tags = this.#tagsAt.flatMap(({ key, at }) => {
      const value = (fields[at] ?? '').trim();
      return isNull(value) || isPlaceholder(value) ? [] : [[key, value] as const];
    });
    return tags.length === 0 ? '' : JSON.stringify(Object.fromEntries(tags));
  }
}
