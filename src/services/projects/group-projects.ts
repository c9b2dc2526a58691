import { type Decimal, ZERO } from '../../billing/money/money.ts';
import { type Period, periodAt } from '../../billing/period/period.ts';
import { stillPays } from '../../store/credits/credit-queries.ts';
import { Credits } from '../../store/credits/credits.ts';
import { type GroupDoc, heldAt, Memberships, Projects } from '../../store/groups/groups.ts';
import { Invoices, Lines } from '../../store/invoicing/invoices.ts';
import { type Decimal128, fromDecimal128 } from '../../store/kit/decimal.ts';
import { admit } from '../access/rights.ts';
import { openPeriodEnd } from '../credits/credit-validity.ts';
import { knownGroup, type Part, type PartRequest } from '../groups/group-details.ts';
import type { Ctx } from '../kit/context.ts';

/** A project of a group, with what it costs there in the open period, and the credits that pay for it alone. */
export interface GroupProject {
  readonly id: string;
  readonly name: string;
  /** Before tax, in the group's currency. */
  readonly estimate: Decimal;
  readonly credits: Decimal;
  readonly currency: string;
}

type Amounts = ReadonlyMap<string, Decimal>;

/**
 * A group's projects by name. A constant number of queries, however many they are.
 *
 * @param request places are names, in the form in which they are unique
 * @throws {Refusal} `billing_group_not_found`
 */
export async function projectsIn(
  ctx: Ctx,
  of: { readonly accountId: string; readonly billingGroupId: string },
  request: PartRequest,
): Promise<Part<GroupProject>> {
  const { account } = await admit(ctx, of.accountId, 'see');
  const group = await knownGroup(ctx, of.accountId, of.billingGroupId);
  const now = ctx.clock.now();
  const { after, limit } = request;
  const held = {
    billingGroupId: of.billingGroupId,
    ...heldAt(now),
    ...(after !== undefined && { projectKey: { $gt: after } }),
  };
  const query = Memberships.find(held, { projectId: 1, projectKey: 1 }).sort({ projectKey: 1 });
  const found = await (limit === undefined ? query : query.limit(limit + 1)).lean();
  const members = limit === undefined ? found : found.slice(0, limit);
  const ids = members.map(({ projectId }) => projectId);
  const projects = await Projects.find({ _id: { $in: ids } }, { name: 1 }).lean();
  const nameOf = new Map(projects.map(({ _id, name }) => [_id, name]));
  const estimates = await estimatesOf(group, periodAt(now, account.timeZone));
  const credits = await creditsOf(group, openPeriodEnd(group, account.timeZone), now);
  const last = members.at(-1);
  return {
    items: ids.map((id) => ({
      id,
      name: nameOf.get(id) ?? '',
      estimate: estimates.get(id) ?? ZERO,
      credits: credits.get(id) ?? ZERO,
      currency: group.currency,
    })),
    ...(found.length > members.length && last && { next: last.projectKey }),
  };
}

/** The names of projects, by id. One query. */
export async function projectNames(
  ctx: Ctx,
  accountId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  await admit(ctx, accountId, 'see');
  const docs = ids.length === 0 ? [] : await Projects.find({ accountId, _id: { $in: [...ids] } }, { name: 1 }).lean();
  return new Map(docs.map(({ _id, name }) => [_id, name]));
}

/** What each project costs on the group's own estimate: in the same month it may cost something elsewhere too. */
async function estimatesOf({ _id: billingGroupId, currency }: GroupDoc, period: Period): Promise<Amounts> {
  // an estimate that is not refreshed since the group's currency changed adds up another one
  const estimate = await Invoices.findOne({ billingGroupId, period, currency }, { _id: 1 }).lean();
  if (!estimate) return new Map();
  const sums = await Lines.aggregate<{ _id: string; amount: Decimal128 }>([
    { $match: { invoiceId: estimate._id } },
    { $group: { _id: '$projectId', amount: { $sum: '$total' } } },
  ]);
  return toMap(sums);
}

async function creditsOf(
  { _id: billingGroupId, currency }: GroupDoc,
  openEnd: Date | null,
  now: Date,
): Promise<Amounts> {
  const sums = await Credits.aggregate<{ _id: string; amount: Decimal128 }>([
    {
      $match: {
        billingGroupId,
        state: 'claimed',
        currency,
        projectId: { $ne: null },
        startTime: { $lte: now },
        ...stillPays(now, openEnd),
      },
    },
    { $group: { _id: '$projectId', amount: { $sum: '$remaining' } } },
  ]);
  return toMap(sums);
}

function toMap(sums: readonly { _id: string; amount: Decimal128 }[]): Amounts {
  return new Map(sums.map(({ _id, amount }) => [_id, fromDecimal128(amount)]));
}
