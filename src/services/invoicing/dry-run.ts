import { completeSeller } from '../../billing/account/seller.ts';
import { FULL_SIGHT, type Sight } from '../../billing/account/sight.ts';
import { NO_BILLING_INFORMATION } from '../../billing/group/billing-information.ts';
import {
  DRY_RUN_DAYS_AHEAD,
  type DryRunFigures,
  type DryRunTotal,
  dryRunTotals,
  missingBuyerDetails,
  missingSellerDetails,
  type SellerFacts,
} from '../../billing/invoice/dry-run.ts';
import { count } from '../../billing/money/count.ts';
import { formatMoney, ZERO } from '../../billing/money/money.ts';
import { plusDays } from '../../billing/period/day.ts';
import { closesAt, latestDue, nextPeriod, type Period, periodName, toPeriod } from '../../billing/period/period.ts';
import type { TaxOverride } from '../../billing/tax/tax.ts';
import { eachAccount } from '../../store/accounts/account-reads.ts';
import { markDryRun } from '../../store/accounts/account-writes.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { rawGroupsToClose } from '../../store/groups/group-reads.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { rawEstimatesUpTo } from '../../store/invoicing/invoice-reads.ts';
import type { InvoiceDoc } from '../../store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { admit } from '../access/rights.ts';
import { eachOfAll, type Loop } from '../background/each-of-all.ts';
import { type DocumentLacks, missingDocumentDetails } from '../documents/document-lacks.ts';
import { automatic, type Ctx } from '../kit/context.ts';
import { KeptResults } from '../kit/kept-results.ts';
import { SharedReads } from '../kit/shared-reads.ts';
import { inTransaction } from '../kit/transaction.ts';
import { lastDayOf } from './invoice-terms.ts';

/** How many groups that would be held back or lack something the event lists. */
const MOST_NAMED = 8;
/** How long the announcement waits for estimates that are being recalculated. */
const PATIENCE_MS = 6 * 3_600_000;

/** How much more an entry takes than an item of a list. */
const ENTRY_SIZE = 3;
/** People who ask for the same dry run at the same time share it. */
const reads = new SharedReads<DryRun>();
/** As long as no group, estimate or setting changes, neither does what the documents lack, which takes the longest. */
const kept = new KeptResults<DryRun>(({ entries }) => (entries.length + 1) * ENTRY_SIZE);

/** The result of closing one group. */
export interface DryRunEntry extends DryRunFigures {
  readonly billingGroupId: string;
  readonly groupName: string;
  readonly period: Period;
  /** The estimate; null if there is none yet. */
  readonly invoiceId: string | null;
  /** What the invoice would lack, in words. */
  readonly lacks: readonly string[];
}

/** What the next close of an account would do, based on its current estimates. It changes nothing. */
export interface DryRun {
  readonly period: Period;
  readonly closesAt: Date;
  /** Groups that would be held back first, then those that lack something, then the others by name. */
  readonly entries: readonly DryRunEntry[];
  readonly totals: readonly DryRunTotal[];
  readonly heldBack: number;
  readonly lacking: number;
  /** What every invoice would lack because of the seller. */
  readonly seller: readonly string[];
  /** Whether some estimates are currently being recalculated. */
  readonly isMoving: boolean;
  /** Whether the person doesn't see all groups, so that it only covers those that they see. */
  readonly isPartial: boolean;
}

/**
 * What the next close would issue and hold back, of all groups that the caller sees. Three queries in addition to the permission
 * check, however many groups there are. @throws {Refusal} `account_not_found`
 */
export async function dryRun(ctx: Ctx, accountId: string): Promise<DryRun> {
  const { account, sight } = await admit(ctx, accountId, 'see');
  const about = { account, period: nextClose(account, ctx.clock.now()), sight };
  return reads.get(JSON.stringify([account, about.period, sight.key]), async () => {
    const { groups, estimates } = await documentsFor(about);
    const stamp = JSON.stringify([account, about.period, groups.stamp, estimates.stamp]);
    return kept.get(`${accountId} ${sight.key}`, stamp, () => outcomeOf(about, groups.read(), estimates.read()));
  });
}

/**
 * Announces the next close of each account three days ahead, as an event in the invoices topic, once per account and
 * period over all processes. @returns how many were announced
 */
export async function announceDryRuns(ctx: Ctx): Promise<number> {
  let announced = 0;
  const loop: Loop<AccountDoc> = {
    kind: 'dry-run',
    name: ({ _id }) => ({ id: _id, accountId: _id }),
    what: 'announce the next close',
    inTurn: true,
  };
  await eachOfAll(ctx, loop, eachAccount(), async (account) => {
    if (await announce(automatic(ctx), account)) announced += 1;
  });
  return announced;
}

async function announce(ctx: Ctx, account: AccountDoc): Promise<boolean> {
  const now = ctx.clock.now();
  const period = nextClose(account, now);
  const close = closesAt(period, account.timeZone, account.closeDelayHours);
  const due = plusDays(close, -DRY_RUN_DAYS_AHEAD, account.timeZone).getTime();
  if (account.dryRunFor === period || now.getTime() < due) return false;
  const about = { account, period, sight: FULL_SIGHT };
  const { groups, estimates } = await documentsFor(about);
  const run = outcomeOf(about, groups.read(), estimates.read());
  if (run.entries.length === 0 || (run.isMoving && now.getTime() < due + PATIENCE_MS)) return false;
  return inTransaction(ctx, async (tx) => {
    // a concurrent announcement writes the same document, so only one of them succeeds
    if (!(await markDryRun(tx, account._id, period))) return false;
    await tx.record({ accountId: account._id, type: 'close_dry_run', ...told(run) });
    return true;
  });
}

/** Which close is tried, and for whom. */
interface About {
  readonly account: AccountDoc;
  readonly period: Period;
  readonly sight: Sight;
}

/** All that it depends on besides the account. */
async function documentsFor({ account, period, sight }: About) {
  const [groups, estimates] = await Promise.all([
    rawGroupsToClose(account._id, period),
    rawEstimatesUpTo(account._id, period, sight),
  ]);
  return { groups, estimates };
}

function outcomeOf(
  { account, period, sight }: About,
  all: readonly GroupDoc[],
  estimates: readonly InvoiceDoc[],
): DryRun {
  const groups = all.filter(({ _id }) => sight.sees(_id));
  const byPlace = new Map(estimates.map((one) => [`${one.billingGroupId} ${one.period}`, one]));
  const lacks = documentLacks(account, groups, estimates);
  const entries = groups
    .flatMap((group) =>
      periodsOf(group, period).map((one) => {
        const estimate = byPlace.get(`${group._id} ${one}`);
        return entryOf(group, one, estimate, lacks.get(estimate?._id ?? '')?.buyer ?? []);
      }),
    )
    .sort((a, b) => urgency(a) - urgency(b));
  return {
    period,
    closesAt: closesAt(period, account.timeZone, account.closeDelayHours),
    entries,
    totals: dryRunTotals(entries),
    heldBack: entries.filter(({ heldBack }) => heldBack !== null).length,
    lacking: entries.filter(({ heldBack, lacks }) => heldBack === null && lacks.length > 0).length,
    seller: [
      ...missingSellerDetails(completeSeller(account.seller), sellerFacts(account, period)),
      // each once: some rules only apply if both parties are in one country
      ...new Set([...lacks.values()].flatMap(({ seller }) => seller)),
    ],
    isMoving: estimates.some(({ touchedAt, computedAt }) => touchedAt !== null || computedAt === null),
    isPartial: !sight.isWhole,
  };
}

function sellerFacts(
  { timeZone, taxRates = [], seller, isTaxNumberSufficient }: AccountDoc,
  period: Period,
): SellerFacts {
  const day = lastDayOf(period, timeZone);
  const isOwn = ({ country, serviceName, from }: TaxOverride) =>
    country === seller.countryCode && serviceName === null && from <= day;
  return { day, hasOwnRate: taxRates.some(isOwn), isTaxNumberSufficient: isTaxNumberSufficient === true };
}

/** What the documents of estimates lack, by the estimates' IDs. Invoices of zero have none. */
function documentLacks(
  account: AccountDoc,
  groups: readonly GroupDoc[],
  estimates: readonly InvoiceDoc[],
): ReadonlyMap<string, DocumentLacks> {
  const byGroup = new Map(groups.map((group) => [group._id, group]));
  return new Map(
    estimates.flatMap((estimate) => {
      const group = byGroup.get(estimate.billingGroupId);
      if (!group || fromDecimal128(estimate.total).isZero()) return [];
      return [[estimate._id, missingDocumentDetails(account, group, estimate)] as const];
    }),
  );
}

/** The period that will be closed next. */
function nextClose({ timeZone, closeDelayHours }: AccountDoc, now: Date): Period {
  return nextPeriod(latestDue(now, timeZone, closeDelayHours));
}

/**
 * The periods up to a given one that a group still has to be invoiced for: more than one if an earlier one is held
 * back.
 */
function periodsOf(group: GroupDoc, last: Period): Period[] {
  const periods: Period[] = [];
  const end = group.finalPeriod !== null && group.finalPeriod < last ? group.finalPeriod : last;
  for (let period = group.nextPeriod; period <= end; period = nextPeriod(period)) periods.push(toPeriod(period));
  return periods;
}

function entryOf(
  group: GroupDoc,
  period: Period,
  estimate: InvoiceDoc | undefined,
  documentLacksOfBuyer: readonly string[],
): DryRunEntry {
  const total = estimate ? fromDecimal128(estimate.total) : ZERO;
  return {
    billingGroupId: group._id,
    groupName: group.name,
    period,
    invoiceId: estimate?._id ?? null,
    currency: estimate?.currency ?? group.currency,
    net: estimate ? fromDecimal128(estimate.net) : ZERO,
    tax: estimate ? fromDecimal128(estimate.tax) : ZERO,
    total,
    heldBack: estimate?.heldBack ?? null,
    lacks: [...missingBuyerDetails({ ...NO_BILLING_INFORMATION, ...group.billing }, total), ...documentLacksOfBuyer],
  };
}

function urgency({ heldBack, lacks }: DryRunEntry): number {
  if (heldBack !== null) return 0;
  return lacks.length > 0 ? 1 : 2;
}

/** The event's description, and the data of its message, as plain values. */
function told(run: DryRun) {
  const { period, totals, heldBack, lacking, seller, entries } = run;
  const invoices = entries.length - heldBack;
  const sums = totals.map(({ currency, total }) => formatMoney(total, currency)).join(' and ');
  const rest = [
    ...(heldBack > 0 ? [`${heldBack} would be held back`] : []),
    ...(lacking > 0 ? [`${lacking} would be incomplete`] : []),
  ];
  const what = `${count(invoices, 'invoice')}${sums === '' ? '' : `, ${sums}`}`;
  return {
    description: `Dry run of the close of ${periodName(period)}: ${[what, ...rest].join(', ')}`,
    after: {
      ...{ period, invoices, heldBack, lacking },
      closesAt: run.closesAt.toISOString(),
      totals: totals.map(({ currency, invoices: count, net, tax, total }) => ({
        ...{ currency, invoices: count },
        ...{ net: net.toFixed(), tax: tax.toFixed(), total: total.toFixed() },
      })),
      seller: [...seller],
      named: entries
        .filter((entry) => urgency(entry) < 2)
        .slice(0, MOST_NAMED)
        .map((entry) => ({
          billingGroupId: entry.billingGroupId,
          groupName: entry.groupName,
          period: entry.period,
          heldBack: entry.heldBack,
          lacks: [...entry.lacks],
        })),
    },
  };
}
