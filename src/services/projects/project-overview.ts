import { may } from '../../billing/account/role.ts';
import { PRIVATE_GROUP, type Sight } from '../../billing/account/sight.ts';
import { type Decimal, sum } from '../../billing/money/money.ts';
import type { Effect } from '../../billing/move/move.ts';
import { type Period, periodAt, shiftPeriod } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import { type Tag, tagsOfProject } from '../../store/costs/cost-records.ts';
import { groupsByIds } from '../../store/groups/group-reads.ts';
import type { GroupDoc, ProjectDoc, ProjectLead } from '../../store/groups/groups.ts';
import { membershipsAt } from '../../store/groups/membership-reads.ts';
import { projectById } from '../../store/groups/project-reads.ts';
import { invoiceIdsOfPeriods } from '../../store/invoicing/invoice-reads.ts';
import { type ServiceCost, serviceCostsOf } from '../../store/invoicing/line-sums.ts';
import { openMoveOf } from '../../store/moves/move-reads.ts';
import type { MoveDoc } from '../../store/moves/moves.ts';
import { admit } from '../access/rights.ts';
import { hiddenProjectIds } from '../access/sight.ts';
import type { Ctx } from '../kit/context.ts';

/** The maximum number of services listed per currency. */
const TOP = 10;
/** The maximum number of tags listed. */
const MOST_TAGS = 20;

/** A service's costs by month. The name is null for the total of all services that aren't listed. */
export interface ServiceShare {
  readonly name: string | null;
  readonly thisMonth: Decimal;
  readonly lastMonth: Decimal;
}

/** A project's costs in one currency. The services add up to the monthly totals. */
export interface ProjectCosts {
  readonly currency: string;
  readonly thisMonth: Decimal;
  readonly lastMonth: Decimal;
  /** Sorted by this month's costs, the largest first. */
  readonly services: readonly ServiceShare[];
}

/** A pending move request for a project. */
export interface PendingMove {
  readonly toGroupName: string;
  readonly effect: Effect;
  readonly effectAt: Date;
  readonly askedBy: string;
}

/** A project with its group, costs, tags and pending move. */
export interface ProjectOverview {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly label: string | null;
  readonly group: { readonly id: string; readonly name: string };
  /** The account's. */
  readonly timeZone: string;
  readonly thisMonth: Period;
  readonly lastMonth: Period;
  /** By currency, before adjustments, credits and tax. The group's currency is always included. */
  readonly costs: readonly ProjectCosts[];
  /** People first, then user groups. */
  readonly leads: readonly ProjectLead[];
  readonly tags: readonly Tag[];
  readonly hasMoreTags: boolean;
  readonly pendingMove: PendingMove | null;
  /** Whether the person may request a move, and none is pending. */
  readonly mayMove: boolean;
  /** Whether the person may change its leads. */
  readonly mayChangeLeads: boolean;
}

/** A project of an account that the caller sees. @throws {Refusal} `project_not_found` */
export async function getProject(ctx: Ctx, accountId: string, id: string): Promise<ProjectDoc> {
  const { sight } = await admit(ctx, accountId, 'see');
  const hidden = await hiddenProjectIds(accountId, sight, ctx.clock.now());
  const project = hidden.includes(id) ? null : await projectById(accountId, id);
  if (!project) throw new Refusal('project_not_found', {});
  return project;
}

/** A project with its costs this month and last month. Seven queries besides those of the admission. */
export async function projectOverview(ctx: Ctx, project: ProjectDoc): Promise<ProjectOverview> {
  const { _id: id, accountId, name, label } = project;
  const { account, role, sight } = await admit(ctx, accountId, 'see');
  const now = ctx.clock.now();
  const thisMonth = periodAt(now, account.timeZone);
  const lastMonth = shiftPeriod(thisMonth, -1);
  const periods = [thisMonth, lastMonth];
  const [[membership], move, tags] = await Promise.all([
    membershipsAt(accountId, [id], now),
    openMoveOf(accountId, id),
    tagsOfProject(accountId, { projectId: id, periods, limit: MOST_TAGS + 1 }),
  ]);
  const ids = [membership?.billingGroupId, move?.toGroupId].filter((one) => one !== undefined);
  const groups = await groupsByIds(accountId, ids);
  const group = groups.find(({ _id }) => _id === membership?.billingGroupId);
  if (!group || !sight.sees(group._id)) throw new Refusal('project_not_found', {});
  const hiddenInvoiceIds = await invoiceIdsOfPeriods(accountId, sight.hidden, periods);
  const costs = await serviceCostsOf(accountId, id, periods, { hiddenInvoiceIds });
  return {
    ...{ id, accountId, name, label, timeZone: account.timeZone, thisMonth, lastMonth },
    group: { id: group._id, name: group.name },
    costs: byCurrency(costs, thisMonth, group.currency),
    leads: project.leads ?? [],
    tags: tags.slice(0, MOST_TAGS),
    hasMoreTags: tags.length > MOST_TAGS,
    pendingMove: move && pendingMove(move, groups, sight),
    mayMove: move === null && (role === null || may(role, 'edit_projects')),
    mayChangeLeads: role === null || may(role, 'edit_groups'),
  };
}

function pendingMove(
  { toGroupId, effect, effectAt, askedBy }: MoveDoc,
  groups: readonly Pick<GroupDoc, '_id' | 'name'>[],
  sight: Sight,
): PendingMove {
  const name = groups.find(({ _id }) => _id === toGroupId)?.name ?? '';
  return { toGroupName: sight.sees(toGroupId) ? name : PRIVATE_GROUP, effect, effectAt, askedBy };
}

function byCurrency(all: readonly ServiceCost[], thisMonth: Period, groupCurrency: string): ProjectCosts[] {
  const others = new Set(all.map(({ currency }) => currency).filter((one) => one !== groupCurrency));
  return [groupCurrency, ...[...others].sort()].map((currency) => {
    const own = all.filter((one) => one.currency === currency);
    const names = [...new Set(own.map(({ service }) => service))];
    const services = names
      .map((name) => ({
        name,
        ...months(
          own.filter(({ service }) => service === name),
          thisMonth,
        ),
      }))
      .filter((one) => !one.thisMonth.isZero() || !one.lastMonth.isZero())
      .sort(largestFirst);
    return { currency, ...months(own, thisMonth), services: withOthers(services) };
  });
}

function months(costs: readonly ServiceCost[], thisMonth: Period): Pick<ServiceShare, 'thisMonth' | 'lastMonth'> {
  const of = (isThis: boolean) =>
    sum(costs.filter(({ period }) => (period === thisMonth) === isThis).map(({ amount }) => amount));
  return { thisMonth: of(true), lastMonth: of(false) };
}

function largestFirst(a: ServiceShare, b: ServiceShare): number {
  return (
    b.thisMonth.comparedTo(a.thisMonth) ||
    b.lastMonth.comparedTo(a.lastMonth) ||
    (a.name ?? '').localeCompare(b.name ?? '', 'en')
  );
}

/** The largest services, and one entry for all others. */
function withOthers(services: readonly ServiceShare[]): ServiceShare[] {
  const others = services.slice(TOP);
  if (others.length === 0) return [...services];
  const rest = {
    name: null,
    thisMonth: sum(others.map((one) => one.thisMonth)),
    lastMonth: sum(others.map((one) => one.lastMonth)),
  };
  return [...services.slice(0, TOP), rest];
}
