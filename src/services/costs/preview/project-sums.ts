import { externalKeyOf } from '../../../billing/group/names.ts';
import { type Decimal, ZERO } from '../../../billing/money/money.ts';
import type { FocusRow } from '../../../imports/focus/focus.ts';

/** What a project costs in a file. */
export interface ProjectSum {
  /** As the file names it. */
  readonly project: string;
  readonly currency: string;
  readonly amount: Decimal;
}

/** The totals of a file's rows by project and currency. IDs that differ only by case are the same. */
export class ProjectSums {
  readonly #sums = new Map<string, ProjectSum>();

  add(rows: readonly Pick<FocusRow, 'subAccountId' | 'subAccountName' | 'currency' | 'amount'>[]): void {
    for (const { subAccountId, subAccountName, currency, amount } of rows) {
      const key = `${externalKeyOf(subAccountId)} ${currency}`;
      const before = this.#sums.get(key);
      const project = before?.project ?? subAccountName ?? subAccountId;
      this.#sums.set(key, { project, currency, amount: (before?.amount ?? ZERO).plus(amount) });
    }
  }

  /** Largest amount first. */
  all(): ProjectSum[] {
    return [...this.#sums.values()].sort((a, b) => b.amount.comparedTo(a.amount));
  }
}
