import {
  changesBetween,
  largeDecreases,
  largestDecreaseFirst,
  type ProjectChange,
} from '../../billing/invoice/restatement.ts';
import { count } from '../../billing/money/count.ts';
import { type Decimal, formatMoney } from '../../billing/money/money.ts';
import { type Period, periodName, toPeriod } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import { timeZoneOf } from '../../store/accounts/account-reads.ts';
import { isOnInvoice } from '../../store/costs/cost-records.ts';
import type { LoadDoc } from '../../store/costs/costs.ts';
import type { IssuedCounts, ReplacementUndo } from '../../store/costs/imports.ts';
import {
  bookedPeriods,
  endUndo,
  loadInPlaceOf,
  loadsStagedBy,
  placeLoad,
  replaceLoad,
  totalsByProject,
} from '../../store/costs/loads.ts';
import { titlesOfProjects } from '../../store/groups/project-reads.ts';
import { frozenFrom } from '../../store/invoicing/invoice-reads.ts';
import { touchEstimatesOfPeriods } from '../../store/invoicing/invoice-writes.ts';
import { issuedCounts, issuedSince } from '../../store/invoicing/issued-counts.ts';
import type { Change } from '../kit/transaction.ts';

/** How many changes an event lists. */
const NAMED = 20;
/** How many changes a report keeps. The others are only counted. */
const CHANGES_KEPT = 100;

/** What a staged replacement would change. */
export interface Restatement {
  /** The first changes by project, largest decrease first, as sentences. */
  readonly changes: readonly string[];
  readonly changeCount: number;
  /** Months whose costs would decrease by more than half, as sentences. */
  readonly falls: readonly string[];
  /** Whether it replaces any costs instead of only adding new ones. */
  readonly replaces: boolean;
}

/** The data needed to carry out a staged replacement. */
export interface StagedReplacement {
  readonly accountId: string;
  /** The token of the lease under which it was staged. */
  readonly token: number;
  readonly importId: string;
  readonly fileName: string;
  /** How many invoices each period had when costs were staged for it. */
  readonly issued: IssuedCounts;
  /**
   * Whether a source delivered it. Differences in invoiced months then become late costs, and people are notified of
   * restated months only.
   */
  readonly isDelivery: boolean;
}

/** @throws {Refusal} `period_already_invoiced` if costs that an import would replace have been invoiced */
export async function assertReplaceable(accountId: string, token: number): Promise<void> {
  for (const staged of await loadsStagedBy(accountId, token)) await refuseInvoiced(staged, await loadInPlaceOf(staged));
}

/**
 * What a staged import would change. Linear in the number of projects.
 *
 * @param token of the lease under which it was staged
 */
export async function restatementOf(accountId: string, token: number): Promise<Restatement> {
  const changes: ProjectChange[] = [];
  const falls: string[] = [];
  let replaces = false;
  for (const staged of await loadsStagedBy(accountId, token)) {
    const active = await loadInPlaceOf(staged);
    const [before, after] = [active ? await totalsByProject(active) : [], await totalsByProject(staged)];
    replaces ||= before.length > 0;
    for (const change of changesBetween(before, after)) changes.push(change);
    for (const { currency, before: was, after: is } of largeDecreases(before, after)) {
      const [from, to] = [formatMoney(was, currency), formatMoney(is, currency)];
      falls.push(`The costs of ${staged.source} for ${monthName(staged)} would fall from ${from} to ${to}.`);
    }
  }
  const worst = largestDecreaseFirst(changes).slice(0, CHANGES_KEPT);
  return { changes: await inWords(accountId, worst), changeCount: changes.length, falls, replaces };
}

/**
 * Activates staged costs in place of their sources' earlier costs, in one step. The step is the same size for any
 * number of records, because a load counts as a whole or not at all. Replaced costs are kept as long as the replacement
 * can be undone.
 *
 * @returns the data needed to undo it; null if nothing was replaced
 * @throws {Refusal} `period_already_invoiced` if costs of the billing period have been invoiced; `invoiced_meanwhile`
 * if a period with staged costs has been invoiced since; `costs_changed_meanwhile` if the sources' costs have changed
 * since
 */
export async function putStagedInPlace(tx: Change, of: StagedReplacement): Promise<ReplacementUndo | null> {
  const { accountId, importId, fileName } = of;
  const invoiced = await issuedSince(accountId, of.issued);
  if (invoiced !== undefined) throw invoicedMeanwhile(invoiced);
  const concerned = new Set<Period>();
  let [placed, replaced] = [0, 0];
  for (const staged of await loadsStagedBy(accountId, of.token)) {
    const { source, billingMonth } = staged;
    const active = await loadInPlaceOf(staged);
    assertUnchanged(staged, active);
    if (!of.isDelivery) await refuseInvoiced(staged, active);
    const changes = changesBetween(active ? await totalsByProject(active) : [], await totalsByProject(staged)).slice(
      0,
      NAMED,
    );
    // from here on, an earlier replacement of this source can't be undone
    await endUndo(tx, accountId, source);
    if (active) await replaceLoad(tx, active, importId);
    await placeLoad(tx, staged, importId);
    for (const load of active ? [staged, active] : [staged]) {
      for (const period of [...load.periods, ...(await bookedPeriods(load))]) concerned.add(period);
    }
    placed += 1;
    replaced += active ? 1 : 0;
    await tx.record({
      accountId,
      type: of.isDelivery ? 'costs_refreshed' : 'costs_replaced',
      description: `Replaced the costs of ${source} for ${monthName(staged)} with ${fileName}`,
      before: { source, billingMonth, load: active ? String(active._id) : null },
      after: { source, billingMonth, load: String(staged._id), changes: await inWords(accountId, changes) },
    });
  }
  await touchPeriods(tx, accountId, [...concerned]);
  if (replaced === 0) return null;
  return { placed, replaced, issued: await issuedCounts(accountId, [...concerned]) };
}

/** Writes every estimate of these periods, so that this change conflicts with a concurrent close of one of them. */
export async function touchPeriods(tx: Change, accountId: string, periods: readonly Period[]): Promise<void> {
  await touchEstimatesOfPeriods(tx, accountId, periods, tx.clock.now());
}

/** A billing month as shown to people: `October 2026`. */
export function monthName({ billingMonth }: Pick<LoadDoc, 'billingMonth'>): string {
  return periodName(toPeriod(billingMonth));
}

function assertUnchanged(staged: LoadDoc, active: LoadDoc | null): void {
  const { over = null } = staged;
  const isSame = over ? active?._id.equals(over.loadId) && (active.writer ?? null) === over.writer : active === null;
  if (isSame) return;
  throw new Refusal('costs_changed_meanwhile', { source: staged.source, period: toPeriod(staged.billingMonth) });
}

/**
 * A replacement is checked by the file's billing period, not by the dates of its charges (domain.md, Imported costs).
 */
async function refuseInvoiced(staged: LoadDoc, active: LoadDoc | null): Promise<void> {
  if (active && (await isInvoicedLoad(active))) throw alreadyInvoiced(staged);
}

/** Whether costs of a load have been invoiced, so that it can’t be replaced. */
export async function isInvoicedLoad({ _id, accountId, billingMonth }: LoadDoc): Promise<boolean> {
  const timeZone = await timeZoneOf(accountId);
  for (const { billingGroupId, period } of await frozenFrom(accountId, toPeriod(billingMonth))) {
    if (await isOnInvoice({ accountId, billingGroupId, period, timeZone }, _id)) return true;
  }
  return false;
}

async function inWords(accountId: string, changes: readonly ProjectChange[]): Promise<string[]> {
  const names = await titlesOfProjects(accountId, [...new Set(changes.map(({ projectId }) => projectId))]);
  return changes.map(({ projectId, currency, before, after, recordsBefore, recordsAfter }) => {
    const side = (amount: Decimal, records: number) => `${formatMoney(amount, currency)} (${count(records, 'record')})`;
    return `${names.get(projectId) ?? projectId}: ${side(before, recordsBefore)} became ${side(after, recordsAfter)}`;
  });
}

function alreadyInvoiced(load: LoadDoc): Refusal {
  const period = toPeriod(load.billingMonth);
  return new Refusal('costs_already_invoiced', { period, action: 'replace', source: load.source });
}

function invoicedMeanwhile(period: Period): Refusal {
  return new Refusal('invoiced_meanwhile', { period });
}
