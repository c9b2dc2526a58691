import { PRIVATE_GROUP } from '../../billing/account/sight.ts';
import { titleOfProject } from '../../billing/group/names.ts';
import { type Decimal, ZERO } from '../../billing/money/money.ts';
import type { FocusRow, RejectedRow } from '../../imports/focus/focus.ts';
import { accountOrFail } from '../../store/accounts/account-reads.ts';
import type { ImportDoc, ImportRejection, ImportSummary } from '../../store/costs/imports.ts';
import { groupNames } from '../../store/groups/group-reads.ts';

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

/** An added row: its billing month, the group that pays for it, and its amount. */
export interface AddedRow {
  /** Such as `2026-10`. */
  readonly billingMonth: string;
  readonly groupId: string;
  readonly currency: string;
  readonly amount: Decimal;
}

/** A project that an import created. */
export interface CreatedProject {
  readonly name: string;
  readonly label: string | null;
}

/** How many new projects are named. The others are only counted. */
const NAMED = 20;

/** What an import has added, by month and by group that pays, and the projects that it has created. */
export class Added {
  readonly #months = new Map<string, Omit<AddedRow, 'groupId'>>();
  readonly #payers = new Map<string, Omit<AddedRow, 'billingMonth'>>();
  readonly #newProjects: string[] = [];
  #newProjectCount = 0;

  add(rows: readonly AddedRow[], created: readonly CreatedProject[]): void {
    for (const { billingMonth, groupId, currency, amount } of rows) {
      const [month, payer] = [`${billingMonth} ${currency}`, `${groupId} ${currency}`];
      const inMonth = this.#months.get(month)?.amount ?? ZERO;
      const ofPayer = this.#payers.get(payer)?.amount ?? ZERO;
      this.#months.set(month, { billingMonth, currency, amount: inMonth.plus(amount) });
      this.#payers.set(payer, { groupId, currency, amount: ofPayer.plus(amount) });
    }
    this.#newProjectCount += created.length;
    this.#newProjects.push(...created.map(titleOfProject).slice(0, NAMED - this.#newProjects.length));
  }

  /**
   * As stored with the import and shown in its channel: months in order, payers with the largest amount first. Private
   * groups aren't named.
   */
  async summary(accountId: string): Promise<ImportSummary> {
    const names = await groupNames(accountId, [...new Set([...this.#payers.values()].map(({ groupId }) => groupId))]);
    const { privateGroupIds = [] } = await accountOrFail(accountId);
    const nameOf = (id: string) => (privateGroupIds.includes(id) ? PRIVATE_GROUP : (names.get(id) ?? id));
    const months = [...this.#months].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, month]) => month);
    const payers = [...this.#payers.values()].sort((a, b) => b.amount.comparedTo(a.amount));
    return {
      months: months.map(({ amount, ...month }) => ({ ...month, amount: amount.toFixed() })),
      payers: payers.map(({ groupId, currency, amount }) => ({
        group: nameOf(groupId),
        currency,
        amount: amount.toFixed(),
      })),
      newProjects: this.#newProjects,
      newProjectCount: this.#newProjectCount,
    };
  }
}
