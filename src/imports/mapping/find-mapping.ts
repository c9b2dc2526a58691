import { COLUMN_NAME_LIMIT, type CostMapping } from '../../billing/cost/cost-mapping.ts';
import { columnNames } from '../file/column-names.ts';

/** How many records a program may write above the names of the columns. */
export const MAX_RECORDS_ABOVE = 30;

/**
 * The mapping for a table with these columns: the file may have more columns than when the mapping was made, and in
 * another order, but none may be missing. Of several, the one with the most columns.
 *
 * @param separator of the file; undefined if it isn't CSV
 */
export function mappingFor(
  cells: readonly string[],
  mappings: readonly CostMapping[],
  separator?: string,
): CostMapping | undefined {
  if (mappings.length === 0) return undefined;
  const names = new Set(columnNames(cells, COLUMN_NAME_LIMIT).map((name) => name.toLowerCase()));
  return mappings
    .filter((one) => separator === undefined || one.separator === separator)
    .filter(({ header }) => header.every((name) => names.has(name.toLowerCase())))
    .sort((a, b) => b.header.length - a.header.length || (a.name < b.name ? -1 : 1))[0];
}
