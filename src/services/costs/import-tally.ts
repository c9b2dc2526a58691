import { type Decimal, ZERO } from '../../billing/money/money.ts';
import type { FocusRow, RejectedRow } from '../../imports/focus/focus.ts';
import type { ImportDoc, ImportRejection } from '../../store/costs/imports.ts';

/** A row, and its file if several are imported together. */
export type ImportedRow = (FocusRow | RejectedRow) & { readonly file?: string };

/** How many rejections are stored with the import. The others are only counted. */
const REJECTIONS_KEPT = 100;

export const NOTHING_READ: ImportDoc['counts'] = { read: 0, added: 0, repeated: 0, rejected: 0, sums: {} };

/** The progress of an import. */
export class Tally {
  readonly rejections: ImportRejection[] = [];
  private read = 0;
  private added = 0;
  private repeated = 0;
  private rejected = 0;
  private readonly sums = new Map<string, Decimal>();

  add(rows: readonly ImportedRow[], stored: { added: number; repeated: number }): void {
    this.read += rows.length;
    this.added += stored.added;
    this.repeated += stored.repeated;
    for (const row of rows) {
      if (row.kind === 'row') this.sums.set(row.currency, (this.sums.get(row.currency) ?? ZERO).plus(row.amount));
      else this.reject(row);
    }
  }

  counts(): ImportDoc['counts'] {
    const { read, added, repeated, rejected } = this;
    const sums = Object.fromEntries([...this.sums].map(([currency, amount]) => [currency, amount.toFixed()]));
    return { read, added, repeated, rejected, sums };
  }

  /** The new counts, without changing the current ones: a transaction may run twice. */
  after(rows: readonly ImportedRow[], stored: { added: number; repeated: number }): ImportDoc['counts'] {
    const { read, added, repeated, rejected, sums } = this.counts();
    const bad = rows.filter((row) => row.kind === 'rejected').length;
    return {
      read: read + rows.length,
      added: added + stored.added,
      repeated: repeated + stored.repeated,
      rejected: rejected + bad,
      sums,
    };
  }

  private reject({ file, line, column, reason }: RejectedRow & { readonly file?: string }): void {
    this.rejected += 1;
    if (this.rejections.length === REJECTIONS_KEPT) return;
    this.rejections.push({ ...(file !== undefined && { file }), line, column, reason });
  }
}
