import type { Block, Part } from './flow.ts';
import type { Element, Kit } from './kit.ts';
import { COLORS, LABEL, type Style } from './look.ts';
import { type Align, band, drawLine, lineHeight, ornament, rule, wrap } from './text.ts';

export interface Column {
  readonly title: string;
  /** From the table's left edge. */
  readonly x: number;
  readonly width: number;
  readonly align: Align;
}

export interface Cell {
  readonly column: Column;
  /** Each wrapped to the column, one below the other. */
  readonly texts: readonly { readonly text: string; readonly style: Style }[];
  /** The header of its row, or of the rows below it. */
  readonly heads?: 'Row' | 'Column';
}

export interface RowLook {
  readonly padding: number;
  readonly background?: string;
  /** A thin line above. */
  readonly hasRule?: boolean;
  readonly keepsNext?: boolean;
}

const HEADING_PADDING = 4;
/** The most lines in a cell: a text of many pages would push everything else off the paper. */
const MOST_LINES = 14;

/** A table's element in the document structure. */
export function tableElement(kit: Kit, name: string): Element {
  const table = kit.pdf.struct('Table', { title: name });
  kit.root.add(table);
  return table;
}

/** A row as a block. `left` is the table's left edge. */
export function rowOf(
  kit: Kit,
  table: Element,
  left: number,
  width: number,
  cells: readonly Cell[],
  look: RowLook,
): Block {
  const wrapped = cells.map((cell) => ({ ...cell, lines: linesOf(kit, cell) }));
  const inner = Math.max(...wrapped.map(({ lines }) => lines.reduce((sum, { style }) => sum + lineHeight(style), 0)));
  const height = inner + 2 * look.padding;
  const draw = (y: number) => {
    if (look.background) band(kit, left, y, width, height, look.background);
    if (look.hasRule) rule(kit, y, left, left + width);
    const row = kit.pdf.struct('TR');
    table.add(row);
    for (const { column, lines, heads } of wrapped) {
      // the library supports `scope`, but its types don't
      const options: { title?: string; scope?: string } = heads ? { scope: heads } : {};
      row.add(
        kit.pdf.struct(heads ? 'TH' : 'TD', options, () => drawLines(kit, lines, left, column, y + look.padding)),
      );
    }
    row.end();
  };
  return { height, draw, ...(look.keepsNext ? { keepsNext: true } : {}) };
}

/** A table's column headers. On later pages they are decoration, since screen readers have already read them. */
export function headingOf(
  kit: Kit,
  table: Element,
  left: number,
  width: number,
  columns: readonly Column[],
): NonNullable<Part['heading']> {
  const cells = columns.map(
    (column): Cell => ({ column, texts: [{ text: column.title, style: LABEL }], heads: 'Column' }),
  );
  const row = rowOf(kit, table, left, width, cells, { padding: HEADING_PADDING });
  const underline = (y: number) => rule(kit, y + row.height, left, left + width, COLORS.soft);
  return {
    height: row.height + 1,
    draw(y) {
      row.draw(y);
      underline(y);
    },
    repeat(y) {
      ornament(
        kit,
        () => {
          for (const cell of cells) drawLines(kit, linesOf(kit, cell), left, cell.column, y + HEADING_PADDING);
        },
        'Pagination',
      );
      underline(y);
    },
  };
}

interface Line {
  readonly line: string;
  readonly style: Style;
}

function linesOf(kit: Kit, { column, texts }: Cell): Line[] {
  return texts.flatMap(({ text, style }) =>
    wrap(kit, text, style, column.width, MOST_LINES).map((line) => ({ line, style })),
  );
}

function drawLines(kit: Kit, lines: readonly Line[], left: number, { x, width, align }: Column, top: number): void {
  let y = top;
  for (const { line, style } of lines) {
    drawLine(kit, line, style, { x: left + x, y, width, align });
    y += lineHeight(style);
  }
}
