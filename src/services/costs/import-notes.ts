import type { FileNote, FocusRow, RejectedRow } from '../../imports/focus/focus.ts';
import type { ImportDoc } from '../../store/costs/imports.ts';

/** How many notes are stored with the import. The others are only counted. */
const NOTES_KEPT = 100;

/** Something an import found that rejects no row but that people should know, such as unreadable tags. */
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
