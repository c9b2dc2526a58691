import { items, type Problems } from './check-text.ts';
import { type Fields, isFields } from './json.ts';
import { LIMITS } from './limits.ts';

/** Checks a block of type `rich_text`, also as a cell. */
export function checkRichText(block: Fields, problems: Problems, at: string): void {
  items(block.elements, problems, `${at}/elements`).forEach((element, index) => {
    const type = isFields(element) ? element.type : undefined;
    const known = ['rich_text_section', 'rich_text_list', 'rich_text_quote', 'rich_text_preformatted'];
    if (typeof type !== 'string' || !known.includes(type)) {
      problems.add(`unsupported type: ${String(type)}`, `${at}/elements/${index}/type`);
    }
  });
}

/** Checks a block of type `table`. */
export function checkTable(block: Fields, problems: Problems, at: string): void {
  const rows = items(block.rows, problems, `${at}/rows`);
  problems.count(rows, LIMITS.table.rows, `${at}/rows`, 1);
  let characters = 0;
  rows.forEach((row, index) => {
    const cells = items(row, problems, `${at}/rows/${index}`);
    problems.count(cells, LIMITS.table.columns, `${at}/rows/${index}`, 1);
    cells.forEach((cell, column) => {
      characters += checkCell(cell, problems, `${at}/rows/${index}/${column}`);
    });
  });
  if (characters > LIMITS.table.characters)
    problems.add(`no more than ${LIMITS.table.characters} characters in all`, at);
}

/** Checks a block of type `data_table`: a header without rich text, rows of the same length, and a caption. */
export function checkDataTable(block: Fields, problems: Problems, at: string): void {
  const limits = LIMITS.dataTable;
  problems.required(block.caption, limits.characters, `${at}/caption`);
  const rows = items(block.rows, problems, `${at}/rows`);
  problems.count(rows, limits.rows, `${at}/rows`, limits.minRows);
  const columns = Array.isArray(rows[0]) ? rows[0].length : 0;
  let characters = 0;
  rows.forEach((row, index) => {
    const where = `${at}/rows/${index}`;
    const cells = items(row, problems, where);
    problems.count(cells, limits.columns, where, 1);
    if (cells.length !== columns) problems.add('all rows must have the same number of cells', where);
    cells.forEach((cell, column) => {
      if (index === 0 && isFields(cell) && cell.type === 'rich_text')
        problems.add('unsupported type: rich_text', `${where}/${column}/type`);
      characters += checkCell(cell, problems, `${where}/${column}`);
    });
  });
  if (characters > limits.characters) problems.add(`no more than ${limits.characters} characters in all`, at);
  checkWhole(block.page_size, 1, limits.pageSize, problems, `${at}/page_size`);
  checkWhole(block.row_header_column_index, 0, columns - 1, problems, `${at}/row_header_column_index`);
}

function checkWhole(value: unknown, min: number, max: number, problems: Problems, at: string): void {
  if (value === undefined) return;
  if (typeof value !== 'number' || !Number.isInteger(value)) problems.add('must provide an integer', at);
  else if (value < min || value > max) problems.add(`must be between ${min} and ${max}`, at);
}

/** @returns how many characters the cell shows */
function checkCell(cell: unknown, problems: Problems, at: string): number {
  if (!isFields(cell)) {
    problems.add('must provide an object', at);
    return 0;
  }
  if (cell.type === 'raw_text') {
    problems.required(cell.text, LIMITS.table.characters, `${at}/text`);
    return typeof cell.text === 'string' ? cell.text.length : 0;
  }
  if (cell.type === 'raw_number') {
    if (typeof cell.value !== 'number' && cell.text === undefined) problems.add('missing required field: value', at);
    return String(cell.text ?? cell.value ?? '').length;
  }
  if (cell.type === 'rich_text') {
    checkRichText(cell, problems, at);
    return shownLength(cell.elements);
  }
  problems.add(`unsupported type: ${String(cell.type)}`, `${at}/type`);
  return 0;
}

function shownLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + shownLength(item), 0);
  if (!isFields(value)) return 0;
  const own = typeof value.text === 'string' ? value.text.length : 0;
  return own + shownLength(value.elements);
}
