import { may } from '../../billing/account/role.ts';
import type { InvoiceState } from '../../billing/invoice/invoice.ts';
import { dayIn, startOfDay } from '../../billing/period/day.ts';
import { periodAt } from '../../billing/period/period.ts';
import { Accounts } from '../../store/accounts/accounts.ts';
import { type HomeVisitDoc, HomeVisits } from '../../store/accounts/home-visits.ts';
import { Events } from '../../store/events/events.ts';
import { Groups } from '../../store/groups/groups.ts';
import { Invoices } from '../../store/invoicing/invoices.ts';
import { Moves } from '../../store/moves/moves.ts';
import { admit } from '../access/rights.ts';
import { eachOfAll, type Loop } from '../background/each-of-all.ts';
import { type InvoiceSummary, summaryOf } from '../invoicing/invoice-reading.ts';
import type { Ctx } from '../kit/context.ts';

/** For how long after a visit the Home follows what changes. */
const PRESENCE_MS = 3_600_000;
const PUBLISHING: Loop<HomeVisitDoc> = {
  kind: 'home',
  name: ({ _id: id, accountId }) => ({ id, accountId }),
  atOnce: 4,
  inTurn: true,
};
/** How many unpaid invoices the Home names. */
const MOST_UNPAID = 5;
const FAILED: readonly InvoiceState[] = ['failed_credit_card_charge', 'failed_no_credit_card'];
const OWED: readonly InvoiceState[] = ['due', 'mailed'];

/** Who looked at the Home lately. */
export type HomeVisit = Pick<HomeVisitDoc, 'teamId' | 'userId' | 'accountId' | 'page'>;

/** Invoices whose payment failed, or is overdue, the oldest first: what waits for those who see to payments. */
export async function unpaidInvoices(ctx: Ctx, accountId: string): Promise<InvoiceSummary[]> {
  const { account, role } = await admit(ctx, accountId, 'see');
  if (role !== null && !may(role, 'issue')) return [];
  // what is due today is not overdue before tomorrow
  const today = startOfDay(dayIn(ctx.clock.now(), account.timeZone), account.timeZone);
  const isLate = [{ 'life.payBy': { $lt: today } }, { 'life.payBy': { $exists: false }, dueAt: { $lt: today } }];
  const overdue = { state: { $in: [...OWED] }, $or: isLate };
  const docs = await Invoices.find({ accountId, $or: [{ state: { $in: [...FAILED] } }, overdue] })
    .sort({ dueAt: 1 })
    .limit(MOST_UNPAID)
    .lean();
  if (docs.length === 0) return [];
  const groups = await Groups.find({ _id: { $in: docs.map((doc) => doc.billingGroupId) } }, { name: 1 }).lean();
  return docs.map((doc) => summaryOf(doc, groups.find(({ _id }) => _id === doc.billingGroupId)?.name ?? ''));
}

/** Notes that a person looks at the Home of an account. Safe to repeat. */
export async function noteVisit(ctx: Ctx, visit: HomeVisit): Promise<void> {
  await admit(ctx, visit.accountId, 'see');
  await HomeVisits.updateOne(
    { _id: `${visit.teamId}:${visit.userId}` },
    { $set: { ...visit, visitedAt: ctx.clock.now() } },
    { upsert: true },
  );
}

/**
 * Publishes the Home again for everybody who was there in the last hour, where something has changed since it was
 * published. Safe to run twice and at once: the same Home is published again at worst.
 *
 * @returns for how many
 */
export async function refreshHomes(ctx: Ctx, publish: (visit: HomeVisit) => Promise<void>): Promise<number> {
  const since = new Date(ctx.clock.now().getTime() - PRESENCE_MS);
  const visits = await HomeVisits.find({ visitedAt: { $gte: since } }).lean();
  const stamps = new Map<string, string>();
  let published = 0;
  await eachOfAll(ctx, PUBLISHING, visits, async (visit) => {
    const stamp = stamps.get(visit.accountId) ?? (await stampOf(ctx, visit.accountId));
    stamps.set(visit.accountId, stamp);
    if (visit.stamp === stamp) return;
    await publish(visit);
    await HomeVisits.updateOne({ _id: visit._id }, { $set: { stamp } });
    published += 1;
  });
  return published;
}

/** How far an account has come: its last event, when an estimate of the open period was computed last, and what open requests come to. */
async function stampOf(ctx: Ctx, accountId: string): Promise<string> {
  const account = await Accounts.findById(accountId).lean();
  if (!account) return '';
  const [event] = await Events.find({ accountId, logEntryId: { $exists: true } }, { logEntryId: 1 })
    .sort({ logEntryId: -1 })
    .limit(1)
    .lean();
  const period = periodAt(ctx.clock.now(), account.timeZone);
  const [estimate] = await Invoices.find({ accountId, period }, { computedAt: 1 })
    .sort({ computedAt: -1 })
    .limit(1)
    .lean();
  const moves = await Moves.find({ accountId, state: 'open' }, { version: 1 }).lean();
  const versions = moves.reduce((all, { version }) => all + version, 0);
  return `${event?.logEntryId ?? 0}:${estimate?.computedAt?.getTime() ?? 0}:${versions}`;
}
