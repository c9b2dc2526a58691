import { type Decimal, ZERO } from '../../billing/money/money.ts';
import { type Period, periodAt } from '../../billing/period/period.ts';
import { sumLeftByProject } from '../../store/credits/credit-queries.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { projectsHeldAt } from '../../store/groups/membership-reads.ts';
import { namesOfProjects } from '../../store/groups/project-reads.ts';
import { invoiceOfPeriod } from '../../store/invoicing/invoice-reads.ts';
import { totalsByProject } from '../../store/invoicing/line-sums.ts';
import { admit, admitTo } from '../access/rights.ts';
import { hiddenProjectIds } from '../access/sight.ts';
import { openPeriodEnd } from '../credits/credit-validity.ts';
import { knownGroup, type Part, type PartRequest } from '../groups/group-details.ts';
import type { Ctx } from '../kit/context.ts';

/** A project of a group, with its costs there in the open period, and the credits that pay only for it. */
export interface GroupProject {
  readonly id: string;
  readonly name: string;
  /** Before tax, in the group's currency. */
  readonly estimate: Decimal;
  readonly credits: Decimal;
  readonly currency: string;
}

/**
 * A group's projects, sorted by name. A constant number of queries, however many projects there are.
 *
 * @param request with normalized names as positions
 * @throws {Refusal} `billing_group_not_found`
 */
export async function projectsIn(
  ctx: Ctx,
  of: { readonly accountId: string; readonly billingGroupId: string },
  request: PartRequest,
): Promise<Part<GroupProject>> {
  const { account } = await admitTo(ctx, of.accountId, of.billingGroupId);
  const group = await knownGroup(ctx, of.accountId, of.billingGroupId);
  const now = ctx.clock.now();
  const { after, limit } = request;
  const found = await projectsHeldAt(of, now, { after, limit: limit === undefined ? undefined : limit + 1 });
  const members = limit === undefined ? found : found.slice(0, limit);
  const ids = members.map(({ projectId }) => projectId);
  const names = await namesOfProjects(of.accountId, ids);
  const estimates = await estimatesOf(group, periodAt(now, account.timeZone));
  const openEnd = openPeriodEnd(group, account.timeZone);
  const credits = await sumLeftByProject(of, { currency: group.currency, now, openEnd });
  const last = members.at(-1);
  return {
    items: ids.map((id) => ({
      id,
      name: names.get(id) ?? '',
      estimate: estimates.get(id) ?? ZERO,
      credits: credits.get(id) ?? ZERO,
      currency: group.currency,
    })),
    ...(found.length > members.length && last && { next: last.projectKey }),
  };
}

/** The names of those projects that the caller sees, by ID. One query. */
export async function projectNames(
  ctx: Ctx,
  accountId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { sight } = await admit(ctx, accountId, 'see');
  if (ids.length === 0) return new Map();
  const hidden = new Set(await hiddenProjectIds(accountId, sight, ctx.clock.now()));
  return namesOfProjects(
    accountId,
    ids.filter((id) => !hidden.has(id)),
  );
}

/** The costs of each project on the group's estimate. Projects may have other costs elsewhere in the same month. */
async function estimatesOf(
  { _id, accountId, currency }: GroupDoc,
  period: Period,
): Promise<ReadonlyMap<string, Decimal>> {
  // an estimate not recalculated since the group's currency changed is in the old currency
  const estimate = await invoiceOfPeriod(accountId, _id, period);
  return estimate?.currency === currency ? totalsByProject(accountId, estimate._id) : new Map();
}
