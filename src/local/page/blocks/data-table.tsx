import { useState } from 'preact/hooks';
import { isFields, textOf } from '../../workspace/json.ts';
import type { Block } from '../../workspace/types.ts';
import { CellText } from './table.tsx';

const USUAL_PAGE_SIZE = 5;

/** A table with pages, which can be sorted by a column and filtered. */
export function DataTable({ block }: { block: Block }) {
  const [sorted, setSorted] = useState<{ column: number; isDown: boolean }>();
  const [wanted, setWanted] = useState('');
  const [page, setPage] = useState(0);
  const [head = [], ...rows] = Array.isArray(block.rows) ? block.rows.filter(Array.isArray) : [];
  const size = Number(block.page_size ?? USUAL_PAGE_SIZE);
  const header = Number(block.row_header_column_index ?? 0);
  const found = rows.filter((row) => row.some((cell) => words(cell).toLowerCase().includes(wanted.toLowerCase())));
  const shown = sorted ? found.toSorted((a, b) => (sorted.isDown ? -1 : 1) * compare(a, b, sorted.column)) : found;
  const pages = Math.max(1, Math.ceil(shown.length / size));
  const current = Math.min(page, pages - 1);
  const sortBy = (column: number) => setSorted({ column, isDown: sorted?.column === column && !sorted.isDown });
  return (
    <div class="data-table">
      {rows.length > size && (
        <input
          class="field"
          type="search"
          aria-label={`Filter ${textOf(block, 'caption') ?? 'the table'}`}
          placeholder="Filter …"
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
      )}
      <div class="table-frame">
        <table>
          <caption>{textOf(block, 'caption')}</caption>
          <thead>
            <tr>
              {head.map((cell, column) => (
                <th key={column} scope="col" class={alignOf(rows, column)} aria-sort={sortOf(sorted, column)}>
                  <button type="button" class="bare" onClick={() => sortBy(column)}>
                    <CellText cell={cell} />
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.slice(current * size, (current + 1) * size).map((row, index) => (
              <tr key={index}>
                {row.map((cell, column) => {
                  const Cell = column === header ? 'th' : 'td';
                  return (
                    <Cell key={column} class={alignOf(rows, column)} {...(Cell === 'th' && { scope: 'row' })}>
                      <CellText cell={cell} />
                    </Cell>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {pages > 1 && (
        <p class="data-table-pages">
          <button type="button" class="button" disabled={current === 0} onClick={() => setPage(current - 1)}>
            Previous page
          </button>
          <span>
            Page {current + 1} of {pages}
          </span>
          <button type="button" class="button" disabled={current === pages - 1} onClick={() => setPage(current + 1)}>
            Next page
          </button>
        </p>
      )}
    </div>
  );
}

/** Columns of numbers are aligned at their end. */
function alignOf(rows: readonly unknown[][], column: number): string {
  const isNumber = (cell: unknown) => isFields(cell) && cell.type === 'raw_number';
  return rows.every((row) => isNumber(row[column])) ? 'align-right' : 'align-left';
}

function sortOf(sorted: { column: number; isDown: boolean } | undefined, column: number) {
  if (sorted?.column !== column) return 'none';
  return sorted.isDown ? 'descending' : 'ascending';
}

function compare(a: readonly unknown[], b: readonly unknown[], column: number): number {
  const [one, other] = [a[column], b[column]];
  const [first, second] = [numberIn(one), numberIn(other)];
  if (first !== undefined && second !== undefined) return first - second;
  return words(one).localeCompare(words(other));
}

function numberIn(cell: unknown): number | undefined {
  return isFields(cell) && typeof cell.value === 'number' ? cell.value : undefined;
}

/** What a cell shows, for filtering and sorting. */
function words(value: unknown): string {
  if (Array.isArray(value)) return value.map(words).join(' ');
  if (!isFields(value)) return '';
  return [value.text ?? value.value ?? '', words(value.elements)].join(' ').trim();
}
