import { cutName } from '../../billing/group/names.ts';

/**
 * The names of a table's columns, each of which occurs once: columns of the same name get numbers, and columns without
 * one their place. Without a byte order mark and surrounding spaces.
 *
 * @param longest in characters; longer names are cut
 */
export function columnNames(header: readonly string[], longest: number): string[] {
  const seen = new Map<string, number>();
  return header.map((cell, at) => {
    const name = cell.replace(/^\uFEFF/, '').trim();
    const shown = name === '' ? `Column ${at + 1}` : cutName(name, longest);
    const times = (seen.get(shown) ?? 0) + 1;
    seen.set(shown, times);
    return times === 1 ? shown : `${shown} (${times})`;
  });
}
