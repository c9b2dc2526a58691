import { nameKey } from '../../billing/group/names.ts';
import { type Decimal, ZERO } from '../../billing/money/money.ts';
import { type Period, periodAt } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import { groupsByIds } from '../../store/groups/group-reads.ts';
import type { GroupDoc, ProjectDoc } from '../../store/groups/groups.ts';
import { type HeldProject, membershipsAt, projectsHeldAt } from '../../store/groups/membership-reads.ts';
import {
  countProjects,
  projectPage,
  projectsByIds,
  projectsLike,
  projectsWithLabels,
} from '../../store/groups/project-reads.ts';
import { costsOfProjects, type ProjectCost } from '../../store/invoicing/invoice-lines.ts';
import { invoiceOfPeriod } from '../../store/invoicing/invoice-reads.ts';
import { admit } from '../access/rights.ts';
import type { Ctx } from '../kit/context.ts';
import { type Page, type PageRequest, placeOf } from '../kit/page.ts';

/**
 * A project with its costs in the open period, before adjustments and credits; only those in one group if requested.
 */
export interface ProjectSummary {
  readonly id: string;
  readonly name: string;
  readonly label: string | null;
  readonly billingGroupId: string;
  readonly billingGroupName: string;
  readonly cost: Decimal;
  /** Its costs in groups with other currencies, where it was earlier in the same month. */
  readonly others: readonly { readonly currency: string; readonly amount: Decimal }[];
  readonly currency: string;
}

/** The group whose view is shown, which was already read. */
export interface ShownGroup {
  readonly id: string;
  readonly name: string;
  readonly currency: string;
  /** The number of its projects. */
  readonly projects: number;
}

/** The account's projects, or one group's, sorted by name. */
export async function listProjects(
  ctx: Ctx,
  accountId: string,
  request: PageRequest & { group?: ShownGroup },
): Promise<Page<ProjectSummary>> {
  const { account } = await admit(ctx, accountId, 'see');
  const now = ctx.clock.now();
  const period = periodAt(now, account.timeZone);
  if (request.group !== undefined) return projectsOfGroup(accountId, request.group, request, now, period);
  const total = await countProjects(accountId);
  const { skip, page, pages } = placeOf(request, total);
  const projects = await projectPage(accountId, { skip, size: request.size });
  const ids = projects.map(({ _id }) => _id);
  const memberships = await membershipsAt(accountId, ids, now);
  const groups = await groupsByIds(accountId, [...new Set(memberships.map((one) => one.billingGroupId))]);
  const costs = await costsOfProjects(ids, period);
  return { items: summaries(projects, { memberships, groups, costs }), page, pages, total };
}

/** Found through their memberships, which contain the sort key: a group may have thousands. */
async function projectsOfGroup(
  accountId: string,
  group: ShownGroup,
  request: PageRequest,
  now: Date,
  period: Period,
): Promise<Page<ProjectSummary>> {
  const { id: billingGroupId, projects: total } = group;
  const { skip, page, pages } = placeOf(request, total);
  const memberships = await projectsHeldAt({ accountId, billingGroupId }, now, { skip, limit: request.size });
  const ids = memberships.map(({ projectId }) => projectId);
  const projects = await projectsByIds(accountId, ids);
  const estimate = await invoiceOfPeriod(accountId, billingGroupId, period);
  const costs = await costsOfProjects(ids, period, estimate?._id ?? '');
  const groups = [{ ...group, _id: billingGroupId }];
  return { items: summaries(projects, { memberships, groups, costs }), page, pages, total };
}

/**
 * The project that a person means by name, label or the provider's ID. @throws {Refusal} `project_not_found`,
 * `ambiguous_name`
 */
export async function findProject(ctx: Ctx, accountId: string, text: string): Promise<ProjectDoc> {
  const [project] = await findProjects(ctx, accountId, [text]);
  if (!project) throw new RangeError('One text is one project');
  return project;
}

/**
 * The same for several projects, in order, with two queries and the permission check. @throws {Refusal} for the first
 * that isn't found
 */
export async function findProjects(ctx: Ctx, accountId: string, texts: readonly string[]): Promise<ProjectDoc[]> {
  await admit(ctx, accountId, 'see');
  return (await projectsMeant(accountId, texts)).map((found, at) => {
    if (found) return found;
    throw new Refusal('project_not_found', { name: texts[at] ?? '' });
  });
}

/** Finds projects by name, label or the provider's ID, in order; null where none matches. Two queries. @throws {Refusal} `ambiguous_name` */
export async function projectsMeant(accountId: string, texts: readonly string[]): Promise<(ProjectDoc | null)[]> {
  const keys = texts.map((text) => nameKey(text));
  const ids = texts.map((text) => text.trim());
  const exact = await projectsLike(accountId, { keys: [], externalIds: ids, nameKeys: keys });
  const found = texts.map((_, at) => {
    const named = exact.find((one) => one.nameKey === keys[at]);
    return named ?? exact.find((one) => one.externalId !== null && one.externalId === ids[at]);
  });
  const rest = ids.filter((_, at) => !found[at]);
  const labelled = rest.length === 0 ? [] : await projectsWithLabels(accountId, rest);
  return texts.map((text, at) => found[at] ?? onlyOne(text, labelled));
}

function onlyOne(text: string, labelled: readonly ProjectDoc[]): ProjectDoc | null {
  const [one, another] = labelled.filter(({ label }) => label === text.trim());
  if (another) throw new Refusal('ambiguous_name', { kind: 'project', name: text, candidates: [], hasMore: false });
  return one ?? null;
}

function summaries(
  projects: readonly ProjectDoc[],
  of: {
    readonly memberships: readonly HeldProject[];
    readonly groups: readonly Pick<GroupDoc, '_id' | 'name' | 'currency'>[];
    readonly costs: readonly ProjectCost[];
  },
): ProjectSummary[] {
  return projects.map((project) => {
    const membership = of.memberships.find((one) => one.projectId === project._id);
    const group = of.groups.find((one) => one._id === membership?.billingGroupId);
    const own = of.costs.filter(({ projectId }) => projectId === project._id);
    const currency = group?.currency ?? '';
    const inGroups = own.find((one) => one.currency === currency);
    return {
      id: project._id,
      name: project.name,
      label: project.label,
      billingGroupId: group?._id ?? '',
      billingGroupName: group?.name ?? '',
      cost: inGroups?.amount ?? ZERO,
      currency,
      others: own.filter((one) => one !== inGroups).map(({ currency: other, amount }) => ({ currency: other, amount })),
    };
  });
}
