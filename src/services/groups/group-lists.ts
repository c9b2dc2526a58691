import { budgetSpent } from '../../billing/group/budget.ts';
import { cleanName, nameKey } from '../../billing/group/names.ts';
import { nearestName } from '../../billing/group/nearest-name.ts';
import type { InvoiceState } from '../../billing/invoice/invoice.ts';
import { type Decimal, ZERO } from '../../billing/money/money.ts';
import { type Period, periodAt } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import {
  activeGroupNamed,
  activeGroupNames,
  activeGroups,
  activeGroupsBeginning,
  activeGroupsBut,
  countActiveGroups,
} from '../../store/groups/active-groups.ts';
import { groupById } from '../../store/groups/group-reads.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { countHeldBy } from '../../store/groups/membership-reads.ts';
import { invoicesOfGroups } from '../../store/invoicing/invoice-reads.ts';
import type { InvoiceDoc } from '../../store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { admit } from '../access/rights.ts';
import { missingToCommitments, netSoFar, plainBreakdown } from '../costs/costs-so-far.ts';
import type { Ctx } from '../kit/context.ts';
import { type Page, type PageRequest, placeOf } from '../kit/page.ts';

/** How many candidates a refusal names. */
const MOST_NAMED = 5;

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
  readonly chart: GroupDoc['chart'];
  readonly approverIds: readonly string[];
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

/** The account's active groups, the primary one first, then by name. */
export async function listGroups(ctx: Ctx, accountId: string, request: PageRequest): Promise<Page<GroupSummary>> {
  const { account } = await admit(ctx, accountId, 'see');
  const total = await countActiveGroups(accountId);
  const { skip, page, pages } = placeOf(request, total);
  const groups = total <= request.size ? await allGroups(account) : await groupsFrom(account, skip, request.size);
  return { items: await summarise(ctx, account, groups), page, pages, total };
}

/** All on one page, with one query. */
async function allGroups({ _id: accountId, primaryBillingGroupId }: AccountDoc): Promise<GroupDoc[]> {
  const groups = await activeGroups(accountId);
  const isPrimary = (group: GroupDoc) => Number(group._id === primaryBillingGroupId);
  return [...groups].sort((a, b) => isPrimary(b) - isPrimary(a));
}

/** In the order of the index on names, with the primary one first. */
async function groupsFrom(account: AccountDoc, skip: number, size: number): Promise<GroupDoc[]> {
  const { _id: accountId, primaryBillingGroupId } = account;
  const primary = primaryBillingGroupId ? await groupById(accountId, primaryBillingGroupId) : null;
  const before = primary && skip === 0 ? [primary] : [];
  const others = await activeGroupsBut(accountId, primaryBillingGroupId, {
    skip: primary ? Math.max(0, skip - 1) : skip,
    limit: size - before.length,
  });
  return [...before, ...others];
}

/** One group at a glance. @throws {Refusal} `billing_group_not_found` */
export async function groupSummary(ctx: Ctx, accountId: string, billingGroupId: string): Promise<GroupSummary> {
  const { account } = await admit(ctx, accountId, 'see');
  const group = await groupById(accountId, billingGroupId);
  const [summary] = group ? await summarise(ctx, account, [group]) : [];
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
  await admit(ctx, accountId, 'see');
  const key = nameKey(text);
  const exact = await activeGroupNamed(accountId, key);
  if (exact) return exact;
  const beginning = await activeGroupsBeginning(accountId, key, MOST_NAMED + 1);
  if (beginning.length === 1 && beginning[0]) return beginning[0];
  if (beginning.length > 1) {
    const candidates = beginning.slice(0, MOST_NAMED).map((group) => group.name);
    const hasMore = beginning.length > MOST_NAMED;
    throw new Refusal('ambiguous_name', { kind: 'billing group', name: cleanName(text), candidates, hasMore });
  }
  const groups = await activeGroupNames(accountId);
  const nearest = nearestName(key, groups, (group) => group.nameKey);
  throw new Refusal('billing_group_not_found', { name: cleanName(text), ...(nearest && { nearest: nearest.name }) });
}

async function summarise(ctx: Ctx, account: AccountDoc, groups: readonly GroupDoc[]): Promise<GroupSummary[]> {
  const ids = groups.map((group) => group._id);
  const period = periodAt(ctx.clock.now(), account.timeZone);
  const closed = groups.flatMap(({ _id, lastClosed }) =>
    lastClosed === null ? [] : [{ billingGroupId: _id, period: lastClosed }],
  );
  const invoices = await invoicesOfGroups(account._id, ids, period, closed);
  const counts = await countHeldBy(account._id, ids, ctx.clock.now());
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
      currency: group.currency,
      projects: counts.get(group._id) ?? 0,
      period,
      accumulated: estimate ? netSoFar(estimate) : ZERO,
      missingToCommitments: estimate ? missingToCommitments(estimate) : ZERO,
      computedAt: estimate?.computedAt ?? null,
      heldBack: estimate?.heldBack ?? null,
      lastInvoice: latest ? atAGlance(latest) : null,
    };
  });
}

function atAGlance(invoice: InvoiceDoc): InvoiceAtAGlance | null {
  if (invoice.number === undefined) return null;
  const { number, period, state, currency } = invoice;
  return { number, period, state, currency, total: fromDecimal128(invoice.total) };
}
