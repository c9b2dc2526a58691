import { may } from '../../billing/account/role.ts';
import type { InvoiceState } from '../../billing/invoice/invoice.ts';
import { dayIn, startOfDay } from '../../billing/period/day.ts';
import { periodAt } from '../../billing/period/period.ts';
import { accountById } from '../../store/accounts/account-reads.ts';
import {
  type HomeVisit,
  type HomeVisitDoc,
  homeVisitsSince,
  noteHomeVisit,
  setHomeStamp,
} from '../../store/accounts/home-visits.ts';
import { lastEntryNumber } from '../../store/events/events.ts';
import { latestComputed, unpaidInvoices as unpaidOf } from '../../store/invoicing/invoice-reads.ts';
import { openMoveVersions } from '../../store/moves/moves.ts';
import { admit } from '../access/rights.ts';
import { eachOfAll, type Loop } from '../background/each-of-all.ts';
import { type InvoiceSummary, summaryOf } from '../invoicing/invoice-reading.ts';
import type { Ctx } from '../kit/context.ts';

/** How long after a visit the Home is kept up to date. */
const PRESENCE_MS = 3_600_000;
const PUBLISHING: Loop<HomeVisitDoc> = {
  kind: 'home',
  name: ({ _id: id, accountId }) => ({ id, accountId }),
  atOnce: 4,
  inTurn: true,
};
/** How many unpaid invoices the Home shows. */
const MOST_UNPAID = 5;
const FAILED: readonly InvoiceState[] = ['failed_credit_card_charge', 'failed_no_credit_card'];
const OWED: readonly InvoiceState[] = ['due', 'mailed'];

/** What people who take care of payments should know at a glance. */
export interface ToFollowUp {
  /** Invoices with a failed or overdue payment, oldest first. */
  readonly unpaid: readonly InvoiceSummary[];
  /** Whether there are more of them. */
  readonly hasMore: boolean;
}

/** Payments to follow up; nothing for people who don't take care of payments. */
export async function paymentsToFollowUp(ctx: Ctx, accountId: string): Promise<ToFollowUp> {
  const { account, role } = await admit(ctx, accountId, 'see');
  if (role !== null && !may(role, 'issue')) return { unpaid: [], hasMore: false };
  // an invoice due today is overdue from tomorrow
  const payBefore = startOfDay(dayIn(ctx.clock.now(), account.timeZone), account.timeZone);
  const found = await unpaidOf(accountId, { failed: FAILED, owed: OWED, payBefore }, MOST_UNPAID + 1);
  const docs = found.slice(0, MOST_UNPAID);
  // named as on the invoice, which takes no further query
  const unpaid = docs.map((doc) => summaryOf(doc, doc.snapshot?.billingGroupName ?? '', ctx.clock.now()));
  return { unpaid, hasMore: found.length > docs.length };
}

/** Records that a person opened the Home of an account. Safe to repeat. */
export async function noteVisit(ctx: Ctx, visit: HomeVisit): Promise<void> {
  await admit(ctx, visit.accountId, 'see');
  await noteHomeVisit(visit, ctx.clock.now());
}

/**
 * Updates the Home for everyone who opened it in the last hour, if something has changed since it was published. Safe
 * to run twice and concurrently: at worst, the same Home is published again.
 *
 * @param to.among leaves out those whom the app can't reach
 * @returns how many were updated
 */
export async function refreshHomes(
  ctx: Ctx,
  {
    among,
    publish,
  }: { among: (visits: HomeVisitDoc[]) => Promise<HomeVisitDoc[]>; publish: (visit: HomeVisit) => Promise<void> },
): Promise<number> {
  const since = new Date(ctx.clock.now().getTime() - PRESENCE_MS);
  const visits = await among(await homeVisitsSince(since));
  const stamps = new Map<string, string>();
  let published = 0;
  await eachOfAll(ctx, PUBLISHING, visits, async (visit) => {
    const stamp = stamps.get(visit.accountId) ?? (await stampOf(ctx, visit.accountId));
    stamps.set(visit.accountId, stamp);
    if (visit.stamp === stamp) return;
    await publish(visit);
    await setHomeStamp(visit, stamp);
    published += 1;
  });
  return published;
}

/**
 * The state of an account's data: its last event, the last calculation of an estimate of the open period, and the cost
 * impact of pending requests.
 */
async function stampOf(ctx: Ctx, accountId: string): Promise<string> {
  const account = await accountById(accountId);
  if (!account) return '';
  const head = await lastEntryNumber(accountId);
  const estimate = await latestComputed(accountId, periodAt(ctx.clock.now(), account.timeZone));
  const versions = (await openMoveVersions(accountId)).reduce((all, version) => all + version, 0);
  return `${head}:${estimate?.computedAt?.getTime() ?? 0}:${versions}`;
}
