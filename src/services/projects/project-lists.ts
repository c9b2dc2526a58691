import { nameKey } from '../../billing/group/names.ts';
import { type Decimal, ZERO } from '../../billing/money/money.ts';
import { type Period, periodAt } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import {
  Groups,
  heldAt,
  type MembershipDoc,
  Memberships,
  type ProjectDoc,
  Projects,
} from '../../store/groups/groups.ts';
import { ARE_COSTS, COST, Invoices, Lines } from '../../store/invoicing/invoices.ts';
import { type Decimal128, fromDecimal128 } from '../../store/kit/decimal.ts';
import { admit } from '../access/rights.ts';
import type { Ctx } from '../kit/context.ts';
import { type Page, type PageRequest, placeOf } from '../kit/page.ts';

/** A project with its costs in the open period, before adjustments and credits: those in a group alone where one is asked for. */
export interface ProjectSummary {
  readonly id: string;
  readonly name: string;
  readonly label: string | null;
  readonly billingGroupId: string;
  readonly billingGroupName: string;
  readonly cost: Decimal;
  /** What it costs in groups of other currencies, where it was before in the same month. */
  readonly others: readonly { readonly currency: string; readonly amount: Decimal }[];
  readonly currency: string;
}

/** A group whose view is shown: it was read for that already. */
export interface ShownGroup {
  readonly id: string;
  readonly name: string;
  readonly currency: string;
  /** How many projects it has. */
  readonly projects: number;
}

/** The account's projects, or one group's, by name. */
export async function listProjects(
  ctx: Ctx,
  accountId: string,
  request: PageRequest & { group?: ShownGroup },
): Promise<Page<ProjectSummary>> {
  const { account } = await admit(ctx, accountId, 'see');
  const now = ctx.clock.now();
  const period = periodAt(now, account.timeZone);
  if (request.group !== undefined) return projectsOfGroup(accountId, request.group, request, now, period);
  const total = await Projects.countDocuments({ accountId });
  const { skip, page, pages } = placeOf(request, total);
  const projects = await Projects.find({ accountId }).sort({ nameKey: 1 }).skip(skip).limit(request.size).lean();
  const held = { projectId: { $in: projects.map(({ _id }) => _id) }, ...heldAt(now) };
  const memberships = await Memberships.find(held).lean();
  return { items: await summariseProjects(period, projects, memberships), page, pages, total };
}

/** Found by their memberships, which know the projects' order: a group may have thousands. */
async function projectsOfGroup(
  accountId: string,
  group: ShownGroup,
  request: PageRequest,
  now: Date,
  period: Period,
): Promise<Page<ProjectSummary>> {
  const { id: billingGroupId, projects: total } = group;
  const held = { accountId, billingGroupId, ...heldAt(now) };
  const { skip, page, pages } = placeOf(request, total);
  const memberships = await Memberships.find(held).sort({ projectKey: 1 }).skip(skip).limit(request.size).lean();
  const projects = await Projects.find({ _id: { $in: memberships.map(({ projectId }) => projectId) } })
    .sort({ nameKey: 1 })
    .lean();
  const estimate = await Invoices.findOne({ billingGroupId, period }, { _id: 1 }).lean();
  const within = { invoiceId: estimate?._id ?? '' };
  return { items: await summariseProjects(period, projects, memberships, { ...within, group }), page, pages, total };
}

/** The project a person means by name, label or the provider's id. @throws {Refusal} `project_not_found`, `ambiguous_name` */
export async function findProject(ctx: Ctx, accountId: string, text: string): Promise<ProjectDoc> {
  const [project] = await findProjects(ctx, accountId, [text]);
  if (!project) throw new RangeError('One text is one project');
  return project;
}

/** The same for many, in their order, with two queries and the admission's. @throws {Refusal} for the first that is not one */
export async function findProjects(ctx: Ctx, accountId: string, texts: readonly string[]): Promise<ProjectDoc[]> {
  await admit(ctx, accountId, 'see');
  const keys = texts.map((text) => nameKey(text));
  const ids = texts.map((text) => text.trim());
  const exact = await Projects.find({
    accountId,
    $or: [{ nameKey: { $in: keys } }, { externalId: { $in: ids } }],
  }).lean();
  const found = texts.map((_, at) => {
    const named = exact.find((one) => one.nameKey === keys[at]);
    return named ?? exact.find((one) => one.externalId !== null && one.externalId === ids[at]);
  });
  const rest = ids.filter((_, at) => !found[at]);
  const labelled = rest.length === 0 ? [] : await Projects.find({ accountId, label: { $in: rest } }).lean();
  return texts.map((text, at) => found[at] ?? onlyOne(text, labelled));
}

function onlyOne(text: string, labelled: readonly ProjectDoc[]): ProjectDoc {
  const [one, another] = labelled.filter(({ label }) => label === text.trim());
  if (one && !another) return one;
  if (another) throw new Refusal('ambiguous_name', { kind: 'project', name: text, candidates: [], hasMore: false });
  throw new Refusal('project_not_found', { name: text });
}

async function summariseProjects(
  period: Period,
  projects: readonly ProjectDoc[],
  memberships: readonly MembershipDoc[],
  { group: shown, ...within }: { readonly invoiceId?: string; readonly group?: ShownGroup } = {},
): Promise<ProjectSummary[]> {
  const ids = projects.map((project) => project._id);
  const groups = shown
    ? [{ _id: shown.id, name: shown.name, currency: shown.currency }]
    : await Groups.find(
        { _id: { $in: [...new Set(memberships.map((one) => one.billingGroupId))] } },
        { name: 1, currency: 1 },
      ).lean();
  const key = { projectId: '$projectId', currency: '$currency' };
  const costs = await Lines.aggregate<{ _id: { projectId: string; currency: string }; amount: Decimal128 }>([
    { $match: { ...within, projectId: { $in: ids }, period, ...ARE_COSTS } },
    { $group: { _id: key, amount: { $sum: COST } } },
    { $sort: { '_id.currency': 1 } },
  ]);
  return projects.map((project) => {
    const membership = memberships.find((one) => one.projectId === project._id);
    const group = groups.find((one) => one._id === membership?.billingGroupId);
    const own = costs.filter(({ _id }) => _id.projectId === project._id);
    const currency = group?.currency ?? '';
    const inGroups = own.find(({ _id }) => _id.currency === currency);
    return {
      id: project._id,
      name: project.name,
      label: project.label,
      billingGroupId: group?._id ?? '',
      billingGroupName: group?.name ?? '',
      cost: inGroups ? fromDecimal128(inGroups.amount) : ZERO,
      currency,
      others: own
        .filter((one) => one !== inGroups)
        .map(({ _id, amount }) => ({ currency: _id.currency, amount: fromDecimal128(amount) })),
    };
  });
}
