import { budgetSpent } from '../../billing/group/budget.ts';
import { cleanName, compareNames, nameKey } from '../../billing/group/names.ts';
import { nearestNames } from '../../billing/group/similar-names.ts';
import { openSums, type UnpaidAmount } from '../../billing/invoice/aging.ts';
import type { InvoiceState } from '../../billing/invoice/invoice.ts';
import { isUnpaid } from '../../billing/invoice/invoice-life.ts';
import { type Decimal, ZERO } from '../../billing/money/money.ts';
import { dayIn } from '../../billing/period/day.ts';
import { type Period, periodAt } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { activeGroupNamed, activeGroupNames, activeGroupsBeginning } from '../../store/groups/active-groups.ts';
import { groupById, groupsByIds } from '../../store/groups/group-reads.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { countHeldBy } from '../../store/groups/membership-reads.ts';
import { type InvoiceOfGroup, invoicesOfGroups } from '../../store/invoicing/invoice-reads.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { admit, admitTo } from '../access/rights.ts';
import { missingToCommitments, netSoFar, plainBreakdown } from '../costs/costs-so-far.ts';
import type { Ctx } from '../kit/context.ts';
import { KeptOrder } from '../kit/kept-order.ts';
import { type Page, type PageRequest, placeOf } from '../kit/page.ts';
import { SharedReads } from '../kit/shared-reads.ts';
import { unpaidAmount } from '../settlement/aging.ts';

/** How many candidates a refusal names. */
const MOST_NAMED = 5;

/** By account. All names are read for the order of a list: people who list groups at the same time share that. */
type GroupName = Awaited<ReturnType<typeof activeGroupNames>>[number];
const nameReads = new SharedReads<readonly GroupName[]>();
/** By account: the order of names, which takes longer than reading them. */
const orders = new KeptOrder<GroupName>(
  (a, b) => compareNames(a.nameKey, b.nameKey),
  ({ _id, nameKey: key }) => JSON.stringify([_id, key]),
);

/** A group at a glance. */
export interface GroupSummary {
  readonly id: string;
  readonly name: string;
  readonly isPrimary: boolean;
  readonly state: GroupDoc['state'];
  /** Such as dev, test or prod; empty if there is none. */
  readonly environment: string;
  readonly currency: string;
  readonly projects: number;
  /** The open period, whose costs so far are `accumulated`. */
  readonly period: Period;
  readonly accumulated: Decimal;
  /** The gap to its commitments if there are no more costs. It isn't a cost before the period has ended. */
  readonly missingToCommitments: Decimal;
  /** Null if nothing was calculated yet. */
  readonly computedAt: Date | null;
  readonly heldBack: string | null;
  readonly lastInvoice: InvoiceAtAGlance | null;
  /** The amounts left to pay on its issued invoices, by currency, longest overdue first; empty if there are none. */
  readonly toPay: readonly UnpaidAmount[];
  readonly chart: GroupDoc['chart'];
  readonly approverIds: readonly string[];
  /** Whether only its people see it (domain.md, Permissions). */
  readonly isPrivate: boolean;
  /** The monthly budget; null if there is none. */
  readonly budget: Decimal | null;
  /** The amount of the open month that counts towards it: before credits and tax. */
  readonly budgetSpent: Decimal;
}

export interface InvoiceAtAGlance {
  readonly number: string;
  readonly period: Period;
  readonly state: InvoiceState;
  readonly total: Decimal;
  readonly currency: string;
}

/**
 * The account's active groups that the caller sees, the primary one first, then by name (2 before 10); optionally only those whose names
 * contain a text. All names are read, and only the groups of the page.
 */
export async function listGroups(
  ctx: Ctx,
  accountId: string,
  request: PageRequest & { readonly containing?: string | undefined },
): Promise<Page<GroupSummary>> {
  const { account, sight } = await admit(ctx, accountId, 'see');
  const typed = nameKey(request.containing ?? '');
  const all = await nameReads.get(accountId, async () => orders.sorted(accountId, await activeGroupNames(accountId)));
  const names = all.filter((group) => sight.sees(group._id) && group.nameKey.includes(typed));
  const isPrimary = ({ _id }: GroupName) => _id === account.primaryBillingGroupId;
  const ordered = [...names.filter(isPrimary), ...names.filter((group) => !isPrimary(group))];
  const { skip, page, pages } = placeOf(request, ordered.length);
  const ids = ordered.slice(skip, skip + request.size).map(({ _id }) => _id);
  const groups = new Map((await groupsByIds(accountId, ids)).map((group) => [group._id, group]));
  const shown = ids.flatMap((id) => groups.get(id) ?? []);
  return { items: await summarize(ctx, account, shown), page, pages, total: ordered.length };
}

/** One group at a glance. @throws {Refusal} `billing_group_not_found` */
export async function groupSummary(ctx: Ctx, accountId: string, billingGroupId: string): Promise<GroupSummary> {
  const { account } = await admitTo(ctx, accountId, billingGroupId);
  const group = await groupById(accountId, billingGroupId);
  const [summary] = group ? await summarize(ctx, account, [group]) : [];
  if (!summary) throw new Refusal('billing_group_not_found', {});
  return summary;
}

/**
 * The active group that a person means: by name, ignoring case and composition, or by the start of a name if it is
 * unique.
 *
 * @throws {Refusal} `billing_group_not_found` with the nearest name, `ambiguous_name` with the candidates
 */
export async function findGroup(ctx: Ctx, accountId: string, text: string): Promise<GroupDoc> {
  const { sight } = await admit(ctx, accountId, 'see');
  const key = nameKey(text);
  const exact = await activeGroupNamed(accountId, key);
  if (exact && sight.sees(exact._id)) return exact;
  const beginning = await activeGroupsBeginning(accountId, key, { sight, limit: MOST_NAMED + 1 });
  if (beginning.length === 1 && beginning[0]) return beginning[0];
  if (beginning.length > 1) {
    const candidates = beginning.slice(0, MOST_NAMED).map((group) => group.name);
    const hasMore = beginning.length > MOST_NAMED;
    throw new Refusal('ambiguous_name', { kind: 'billing group', name: cleanName(text), candidates, hasMore });
  }
  const groups = (await activeGroupNames(accountId)).filter(({ _id }) => sight.sees(_id));
  const [nearest] = nearestNames(key, groups, (group) => group.nameKey);
  throw new Refusal('billing_group_not_found', { name: cleanName(text), ...(nearest && { nearest: nearest.name }) });
}

async function summarize(ctx: Ctx, account: AccountDoc, groups: readonly GroupDoc[]): Promise<GroupSummary[]> {
  const ids = groups.map((group) => group._id);
  const now = ctx.clock.now();
  const zone = account.timeZone;
  const [period, today] = [periodAt(now, zone), dayIn(now, zone)];
  // the last period of most groups is the same
  const periods = new Set([period, ...groups.flatMap(({ lastClosed }) => lastClosed ?? [])]);
  const [invoices, counts] = await Promise.all([
    invoicesOfGroups(account._id, ids, [...periods]),
    countHeldBy(account._id, ids, now),
  ]);
  return groups.map((group) => {
    const own = invoices.filter((invoice) => invoice.billingGroupId === group._id);
    const estimate = own.find((invoice) => invoice.period === period);
    const latest = own.find((invoice) => invoice.period === group.lastClosed);
    return {
      id: group._id,
      name: group.name,
      isPrimary: group._id === account.primaryBillingGroupId,
      state: group.state,
      environment: group.environment,
      budget: group.budget ? fromDecimal128(group.budget) : null,
      budgetSpent: estimate ? budgetSpent(plainBreakdown(estimate), false) : ZERO,
      chart: group.chart ?? null,
      approverIds: group.approverIds ?? [],
      isPrivate: account.privateGroupIds?.includes(group._id) ?? false,
      currency: group.currency,
      projects: counts.get(group._id) ?? 0,
      period,
      accumulated: estimate ? netSoFar(estimate) : ZERO,
      missingToCommitments: estimate ? missingToCommitments(estimate) : ZERO,
      computedAt: estimate?.computedAt ?? null,
      heldBack: estimate?.heldBack ?? null,
      lastInvoice: latest ? atAGlance(latest) : null,
      toPay: openSums(own.filter(({ state }) => isUnpaid(state)).map((one) => unpaidAmount(one, { zone, today }))),
    };
  });
}

function atAGlance(invoice: InvoiceOfGroup): InvoiceAtAGlance | null {
  if (invoice.number === undefined) return null;
  const { number, period, state, currency } = invoice;
  return { number, period, state, currency, total: fromDecimal128(invoice.total) };
}
