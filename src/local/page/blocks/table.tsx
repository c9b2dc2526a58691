import { isFields, objectsOf, textOf } from '../../workspace/json.ts';
import type { Block } from '../../workspace/types.ts';
import { RichText } from './rich-text.tsx';

/** A table block with a header row. */
export function Table({ block }: { block: Block }) {
  const settings = objectsOf(block, 'column_settings');
  const rows = Array.isArray(block.rows) ? block.rows.filter(Array.isArray) : [];
  const align = (column: number) => `align-${textOf(settings[column], 'align') ?? 'left'}`;
  const cells = (row: unknown[], Cell: 'td' | 'th') =>
    row.map((cell, column) => (
      <Cell key={column} class={align(column)} {...(Cell === 'th' && { scope: 'col' })}>
        <CellText cell={cell} />
      </Cell>
    ));
  const [head = [], ...body] = rows;
  return (
    <div class="table-frame">
      <table>
        <thead>
          <tr>{cells(head, 'th')}</tr>
        </thead>
        <tbody>
          {body.map((row, index) => (
            <tr key={index}>{cells(row, 'td')}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What a cell shows. */
export function CellText({ cell }: { cell: unknown }) {
  if (!isFields(cell)) return null;
  if (cell.type === 'rich_text') return <RichText block={cell} />;
  return <>{String(cell.text ?? cell.value ?? '')}</>;
}
