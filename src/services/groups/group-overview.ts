import type { Decimal } from '../../billing/money/money.ts';
import { type Period, shiftPeriod } from '../../billing/period/period.ts';
import { setGroupChart } from '../../store/groups/group-writes.ts';
import { largestCosts } from '../../store/invoicing/invoice-lines.ts';
import { invoicesSince } from '../../store/invoicing/invoice-reads.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { admitTo } from '../access/rights.ts';
import { netSoFar } from '../costs/costs-so-far.ts';
import { type InvoiceSummary, type LineSummary, summaryOf, toLine } from '../invoicing/invoice-reading.ts';
import type { Ctx } from '../kit/context.ts';
import type { GroupSummary } from './group-lists.ts';

/** How many periods a group's chart shows. */
const PERIODS = 12;
/** How many of its lines are shown. */
const LARGEST = 5;

/** A group's total for one period. */
export interface PeriodTotal {
  readonly period: Period;
  readonly total: Decimal;
  /** Whether there may be more costs. */
  readonly isOpen: boolean;
}

/** A group at a glance. */
export interface GroupOverview {
  /** Of the open period. */
  readonly estimate: InvoiceSummary | undefined;
  /** Newest first. */
  readonly issued: readonly InvoiceSummary[];
  /** The most expensive lines of the estimate. */
  readonly biggest: readonly LineSummary[];
  /** Oldest first, without gaps; at most twelve. */
  readonly totals: readonly PeriodTotal[];
  /** The chart stored in Slack, if there is one; `isCurrent` if it shows exactly these totals. */
  readonly chart: { readonly fileId: string; readonly isCurrent: boolean } | undefined;
}

/** The content of a group's overview, in two rounds of queries. */
export async function groupOverview(ctx: Ctx, accountId: string, group: GroupSummary): Promise<GroupOverview> {
  await admitTo(ctx, accountId, group.id);
  const since = shiftPeriod(group.period, 1 - PERIODS);
  const docs = await invoicesSince(accountId, group.id, since);
  const all = docs.map((doc) => summaryOf(doc, group.name, ctx.clock.now()));
  const estimate = all.find((one) => one.period === group.period && one.number === null);
  const biggest = estimate ? await largestCosts(estimate.storedLines, LARGEST) : [];
  const totals = docs
    .filter(({ period }) => period <= group.period)
    .map((doc) => ({
      period: doc.period,
      total: doc.period === group.period ? netSoFar(doc) : fromDecimal128(doc.net),
      isOpen: doc.state === 'estimate',
    }));
  const { chart } = group;
  return {
    estimate,
    issued: all.filter((one) => one.number !== null).reverse(),
    biggest: biggest.map(toLine),
    totals,
    chart: chart ? { fileId: chart.fileId, isCurrent: chart.key === chartKey(group.currency, totals) } : undefined,
  };
}

/** Records the Slack file ID of the chart of these totals. Safe to repeat. */
export async function keepChart(
  ctx: Ctx,
  accountId: string,
  group: Pick<GroupSummary, 'id' | 'currency'>,
  totals: readonly PeriodTotal[],
  fileId: string,
): Promise<void> {
  await admitTo(ctx, accountId, group.id);
  const key = chartKey(group.currency, totals);
  await setGroupChart(accountId, group.id, { key, fileId });
}

/** Records that Slack no longer has a chart of the group. Safe to repeat. */
export async function forgetChart(ctx: Ctx, accountId: string, group: Pick<GroupSummary, 'id'>): Promise<void> {
  await admitTo(ctx, accountId, group.id);
  await setGroupChart(accountId, group.id, null);
}

function chartKey(currency: string, totals: readonly PeriodTotal[]): string {
  return JSON.stringify([currency, ...totals.map(({ period, total, isOpen }) => [period, total.toFixed(), isOpen])]);
}
