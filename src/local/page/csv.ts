/** The first rows of a CSV text (RFC 4180), for a preview. */
export function parseCsv(text: string, maxRows: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  while (cell.lastIndex < text.length && rows.length < maxRows) {
    const match = cell.exec(text);
    if (!match) break;
    const [, quoted, bare = '', end] = match;
    row.push(quoted?.replaceAll('""', '"') ?? bare);
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  // a text that ends with a comma, or is truncated after one
  if (row.length > 0 && rows.length < maxRows) rows.push([...row, '']);
  return rows;
}
