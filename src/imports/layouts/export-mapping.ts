import type { KnownColumn } from '../focus/focus-columns.ts';

/** Where the value of a FOCUS column comes from in a provider's own export. The first that has a value counts. */
export type CellSource =
  /** A column, by its name in the export. */
  | { readonly column: string }
  /** A value in a column that holds a JSON object. */
  | { readonly column: string; readonly key: string }
  /** The same for every row. */
  | { readonly constant: string }
  /** A column whose words are replaced. A word that isn't listed stays as it is. */
  | { readonly column: string; readonly words: Readonly<Record<string, string>> }
  /** A day, written as 2026-10-31 or 10/31/2026. It begins at midnight UTC, or ends there: the next day. */
  | { readonly column: string; readonly day: 'begin' | 'end' }
  /** A month, written as 202610. It begins at midnight UTC. */
  | { readonly column: string; readonly month: true }
  /** The same, as a value in a column that holds a JSON object. */
  | { readonly column: string; readonly key: string; readonly month: true }
  /** A column that holds a JSON list of objects with `key` and `value`. */
  | { readonly column: string; readonly pairs: true }
  /** An amount, and the sum of the amounts in a column that holds a JSON list of objects. */
  | { readonly column: string; readonly plus: { readonly column: string; readonly key: string } };

/** How a provider's own export is read: one of its columns for each FOCUS column. */
export interface ExportMapping {
  /** For people, such as “AWS Cost and Usage Report”. */
  readonly name: string;
  /** The columns by which the export is recognized. It must have all of them. */
  readonly recognizedBy: readonly string[];
  /** The column that holds the amounts. */
  readonly costColumn: string;
  /** What the amounts are made of, if it isn't only that column. */
  readonly costNote?: string;
  readonly cells: Readonly<Partial<Record<KnownColumn, readonly CellSource[]>>>;
  /** Columns whose names start like this are tags; the rest of the name is the tag's key. */
  readonly tagColumns?: string;
}
