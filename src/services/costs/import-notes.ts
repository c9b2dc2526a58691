import type { FileNote, FocusRow, RejectedRow } from '../../imports/focus/focus.ts';
import type { ImportDoc } from '../../store/costs/imports.ts';

/** Notes that are kept with the import; the others are only counted. */
const NOTES_KEPT = 100;

/** What an import came across that rejects no row and that a person should know, such as tags that can't be read. */
export class ImportNotes {
  readonly #first: { line: number; column: string; reason: string }[] = [];
  #count = 0;

  add({ line, column, reason }: Pick<FileNote, 'line' | 'column' | 'reason'>): void {
    this.#count += 1;
    if (this.#first.length < NOTES_KEPT) this.#first.push({ line, column, reason });
  }

  addOf(rows: readonly (FocusRow | RejectedRow)[]): void {
    for (const row of rows) {
      if (row.kind === 'row') for (const warning of row.warnings ?? []) this.add({ line: row.line, ...warning });
    }
  }

  get found(): NonNullable<ImportDoc['notes']> {
    return { count: this.#count, first: [...this.#first] };
  }
}
