import type { CostMapping } from '../../billing/cost/cost-mapping.ts';
import { Refusal } from '../../billing/refusal.ts';
import { MAPPED_COLUMNS, MappedColumns } from '../mapping/mapped-columns.ts';
import { type Layout, tableLayout } from './layout.ts';

/**
 * The layout of a table that a person has mapped.
 *
 * @param cells the names of its columns
 * @param month YYYY-MM: the month of all charges, for a file without dates
 * @throws {Refusal} `focus_file` if the file has no dates and no month is given
 */
export function mappingLayout(mapping: CostMapping, cells: readonly string[], month: string | undefined): Layout {
  const columns = new MappedColumns(mapping, cells, month);
  if (columns.lacksMonth) {
    throw new Refusal('focus_file', {
      problem: `The mapping “${mapping.name}” has no date column, so the month of this file isn’t known.`,
      remedy: 'Choose the month for this import.',
    });
  }
  const own: Readonly<Record<string, string | null>> = {
    BilledCost: mapping.amount,
    BillingAccountId: mapping.payer,
    BillingCurrency: mapping.currency,
    BillingPeriodStart: mapping.date,
    ChargeDescription: mapping.description,
    ChargePeriodEnd: mapping.lastDay ?? mapping.date,
    ChargePeriodStart: mapping.date,
    ServiceName: mapping.service,
    SubAccountId: mapping.project ?? mapping.projectName,
    SubAccountName: mapping.projectName,
    Tags: mapping.tags[0] ?? null,
  };
  const costColumn = mapping.amount;
  const account = MAPPED_COLUMNS.indexOf('BillingAccountId');
  return {
    ...tableLayout({
      columns: MAPPED_COLUMNS,
      names: cells.map((cell) => cell.replace(/^\uFEFF/, '').trim()),
      costColumn,
      note: `The file is read with the mapping “${mapping.name}”. The amounts are from ${costColumn}.`,
      read: (fields) => columns.read(fields),
      ownName: (column) => own[column] ?? undefined,
    }),
    mapping,
    sourceOf: (row) => {
      const payer = row[account];
      return mapping.payer === null || payer === mapping.source ? mapping.source : `${mapping.source} (${payer})`;
    },
  };
}
