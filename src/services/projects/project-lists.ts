import { cleanName, compareProjects, nameKey, titleOfProject } from '../../billing/group/names.ts';
import { nearestNames } from '../../billing/group/similar-names.ts';
import { type Decimal, ZERO } from '../../billing/money/money.ts';
import { type Period, periodAt } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import { groupById, groupsByIds } from '../../store/groups/group-reads.ts';
import type { GroupDoc, ProjectDoc } from '../../store/groups/groups.ts';
import { type HeldProject, membershipsAt, projectIdsHeldAt } from '../../store/groups/membership-reads.ts';
import {
  allProjectNames,
  type LabeledProject,
  type NamedProject,
  projectsLike,
} from '../../store/groups/project-reads.ts';
import { invoiceIdsOfPeriods, invoiceOfPeriod } from '../../store/invoicing/invoice-reads.ts';
import { costsOfProjects, type ProjectCost } from '../../store/invoicing/line-sums.ts';
import { admit, admitTo } from '../access/rights.ts';
import { hiddenProjectIds } from '../access/sight.ts';
import type { Ctx } from '../kit/context.ts';
import { KeptOrder } from '../kit/kept-order.ts';
import { KeptUntil } from '../kit/kept-until.ts';
import { type Page, type PageRequest, placeOf } from '../kit/page.ts';
import { SharedReads } from '../kit/shared-reads.ts';
import { myProjectIds } from './project-leads.ts';

/** By account. All names are read for the order of a list: people who list projects at the same time share that. */
const nameReads = new SharedReads<readonly NamedProject[]>();
/** By account: the order of names, which takes longer than reading them. */
const orders = new KeptOrder<NamedProject>(compareProjects, ({ _id, name, label }) =>
  JSON.stringify([_id, name, label]),
);
/** The sorted names. A project keeps its name and label. */
const sortedNames = new KeptUntil<readonly NamedProject[]>(
  ['project_created', 'project_deleted'],
  (names) => names.length + 1,
);

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
}

/** A group, to list its projects. One query. @throws {Refusal} `billing_group_not_found` */
export async function groupToList(ctx: Ctx, accountId: string, billingGroupId: string): Promise<ShownGroup> {
  await admitTo(ctx, accountId, billingGroupId);
  const group = await groupById(accountId, billingGroupId);
  if (!group) throw new Refusal('billing_group_not_found', {});
  return { id: group._id, name: group.name, currency: group.currency };
}

/**
 * The account's projects that the caller sees, one group's, or those that the caller leads, optionally only those whose
 * names or labels contain a text; by name (2 before 10). All names are read.
 */
export async function listProjects(
  ctx: Ctx,
  accountId: string,
  request: PageRequest & {
    readonly group?: ShownGroup | undefined;
    readonly isMine?: boolean;
    readonly containing?: string | undefined;
  },
): Promise<Page<ProjectSummary>> {
  const { account, sight } = await admit(ctx, accountId, 'see');
  const now = ctx.clock.now();
  const period = periodAt(now, account.timeZone);
  if (request.group !== undefined && !sight.sees(request.group.id)) throw new Refusal('billing_group_not_found', {});
  if (request.group !== undefined) return projectsOfGroup(accountId, request.group, request, now, period);
  const among = request.isMine ? await myProjectIds(ctx, accountId) : undefined;
  const hiddenIds = await hiddenProjectIds(accountId, sight, now);
  const all = among
    ? await allProjectNames(accountId, hiddenIds, among)
    : await nameReads.get(accountId, () => sortedNamesOf(accountId));
  const seen = among || hiddenIds.length === 0 ? all : without(all, hiddenIds);
  const { projects, ...place } = pageOfNames(
    containing(among ? [...seen].sort(compareProjects) : seen, request.containing ?? ''),
    request,
  );
  const ids = projects.map(({ _id }) => _id);
  const memberships = await membershipsAt(accountId, ids, now);
  const groups = await groupsByIds(accountId, [...new Set(memberships.map((one) => one.billingGroupId))]);
  const hiddenInvoiceIds = await invoiceIdsOfPeriods(accountId, sight.hidden, [period]);
  const costs = await costsOfProjects(accountId, ids, period, { hiddenInvoiceIds });
  return { items: summaries(projects, { memberships, groups, costs }), ...place };
}

/** All names of an account. They are read again once a project was created or deleted: nothing else changes them. */
async function sortedNamesOf(accountId: string): Promise<readonly NamedProject[]> {
  return sortedNames.get(accountId, async () => orders.sorted(accountId, await allProjectNames(accountId, [])));
}

/** Found through their memberships. All their names are read. */
async function projectsOfGroup(
  accountId: string,
  group: ShownGroup,
  request: PageRequest,
  now: Date,
  period: Period,
): Promise<Page<ProjectSummary>> {
  const { id: billingGroupId } = group;
  const held = await projectIdsHeldAt({ accountId, billingGroupId }, now);
  const { projects, ...place } = pageOfNames(
    (await allProjectNames(accountId, [], held)).sort(compareProjects),
    request,
  );
  const ids = projects.map(({ _id }) => _id);
  const memberships = ids.map((projectId) => ({ projectId, billingGroupId }));
  const estimate = await invoiceOfPeriod(accountId, billingGroupId, period);
  const costs = await costsOfProjects(accountId, ids, period, { invoiceId: estimate?._id ?? '' });
  const groups = [{ ...group, _id: billingGroupId }];
  return { items: summaries(projects, { memberships, groups, costs }), ...place };
}

/** A page of sorted projects, and its position in the list. */
function pageOfNames(names: readonly NamedProject[], request: PageRequest) {
  const { skip, page, pages } = placeOf(request, names.length);
  const projects = names.slice(skip, skip + request.size);
  return { projects, page, pages, total: names.length };
}

function without(names: readonly NamedProject[], hiddenIds: readonly string[]): readonly NamedProject[] {
  const hidden = new Set(hiddenIds);
  return names.filter(({ _id }) => !hidden.has(_id));
}

function containing(names: readonly NamedProject[], text: string): readonly NamedProject[] {
  const typed = nameKey(text);
  if (typed === '') return names;
  return names.filter((one) => one.nameKey.includes(typed) || nameKey(one.label ?? '').includes(typed));
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
 * The same for several projects, in order, with one query and the permission check. @throws {Refusal} for the first
 * that isn't found
 */
export async function findProjects(ctx: Ctx, accountId: string, texts: readonly string[]): Promise<ProjectDoc[]> {
  const { sight } = await admit(ctx, accountId, 'see');
  const hidden = await hiddenProjectIds(accountId, sight, ctx.clock.now());
  const found = await projectsMeant(accountId, texts, hidden);
  const missing = texts.find((_, at) => !found[at]);
  if (missing === undefined) return found.filter((one) => one !== null);
  const nearest = nearestTo(missing, await allProjectNames(accountId, hidden));
  throw new Refusal('project_not_found', {
    name: cleanName(missing),
    ...(nearest && { nearest: titleOfProject(nearest) }),
  });
}

/** The project whose name or label is most similar to a text, if any is similar. */
export function nearestTo(text: string, projects: readonly NamedProject[]): NamedProject | undefined {
  const called = projects.flatMap((one) => keysOf(one).map((key) => ({ key, one })));
  return nearestNames(nameKey(text), called, ({ key }) => key)[0]?.one;
}

/** A project's normalized name and label. */
export function keysOf({ nameKey: key, label }: NamedProject): string[] {
  return label === null || cleanName(label) === '' ? [key] : [key, nameKey(label)];
}

/** Finds projects by name, label or the provider's ID, in order; null where none matches, or only a hidden one. One query. @throws {Refusal} `ambiguous_name` */
export async function projectsMeant(
  accountId: string,
  texts: readonly string[],
  hiddenIds: readonly string[],
): Promise<(ProjectDoc | null)[]> {
  const keys = texts.map((text) => nameKey(text));
  const ids = texts.map((text) => text.trim());
  const alike = await projectsLike(accountId, { keys: [], externalIds: ids, nameKeys: keys, labels: ids, hiddenIds });
  const found = texts.map((_, at) => {
    const named = alike.find((one) => one.nameKey === keys[at]);
    return named ?? alike.find((one) => one.externalId !== null && one.externalId === ids[at]);
  });
  return texts.map((text, at) => found[at] ?? onlyOne(text, alike));
}

function onlyOne(text: string, labeled: readonly ProjectDoc[]): ProjectDoc | null {
  const [one, another] = labeled.filter(({ label }) => label === text.trim());
  if (another) throw new Refusal('ambiguous_name', { kind: 'project', name: text, candidates: [], hasMore: false });
  return one ?? null;
}

function summaries(
  projects: readonly LabeledProject[],
  of: {
    readonly memberships: readonly Pick<HeldProject, 'projectId' | 'billingGroupId'>[];
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
