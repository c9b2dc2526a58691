import type { InvoiceState, LineType } from '../billing/invoice.ts';
import { type Decimal, ZERO } from '../billing/money.ts';
import { nameKey } from '../billing/names.ts';
import { type Period, periodAt } from '../billing/period.ts';
import { Refusal } from '../billing/refusal.ts';
import { type Decimal128, fromDecimal128 } from '../store/decimal.ts';
import { Groups, Memberships, type ProjectDoc, Projects } from '../store/groups.ts';
import { type InvoiceDoc, Invoices, type LineDoc, Lines } from '../store/invoices.ts';
import type { Ctx } from './context.ts';
import { type Page, type PageRequest, placeOf } from './page.ts';
import { admit } from './rights.ts';

/** A project with what it costs in the open period. */
export interface ProjectSummary {
  readonly id: string;
  readonly name: string;
  readonly label: string | null;
  readonly billingGroupName: string;
  readonly cost: Decimal;
  readonly currency: string;
}

/** An invoice's head: an issued one has a number, an estimate has none. */
export interface InvoiceSummary {
  readonly id: string;
  readonly accountId: string;
  readonly number: string | null;
  readonly billingGroupId: string;
  readonly billingGroupName: string;
  readonly period: Period;
  readonly periodBegin: Date;
  readonly periodEnd: Date;
  readonly state: InvoiceState;
  readonly currency: string;
  readonly net: Decimal;
  readonly tax: Decimal;
  readonly total: Decimal;
  readonly amountDue: Decimal;
  readonly lineCount: number;
  readonly recordCount: number;
  readonly computedAt: Date | null;
  readonly issuedAt: Date | null;
  readonly dueAt: Date | null;
  readonly heldBack: string | null;
}

export interface LineSummary {
  readonly place: number;
  readonly lineType: LineType;
  readonly description: string;
  readonly projectName: string;
  readonly projectLabel: string | null;
  readonly serviceName: string;
  readonly serviceType: string | null;
  readonly servicePlan: string | null;
  readonly cloudName: string | null;
  readonly lateFrom: Period | null;
  readonly begin: Date;
  readonly end: Date;
  readonly exact: Decimal;
  readonly total: Decimal;
  readonly records: number;
}

/** What a period comes to, by one way of looking at it: the largest first. */
export interface CostShare {
  readonly name: string;
  readonly label: string | null;
  readonly currency: string;
  readonly amount: Decimal;
}

export interface CostOverview {
  readonly period: Period;
  readonly totals: readonly { readonly currency: string; readonly amount: Decimal }[];
  readonly byGroup: readonly CostShare[];
  readonly byProject: readonly CostShare[];
  readonly byService: readonly CostShare[];
}

/** How many shares of each kind an overview names. */
const TOP = 10;

/** The account's projects, or one group's, by name. */
export async function listProjects(
  ctx: Ctx,
  accountId: string,
  request: PageRequest & { billingGroupId?: string },
): Promise<Page<ProjectSummary>> {
  const { account } = await admit(ctx, accountId, 'see');
  const members = request.billingGroupId
    ? await Memberships.distinct('projectId', { billingGroupId: request.billingGroupId, open: true })
    : null;
  const filter = members ? { accountId, _id: { $in: members } } : { accountId };
  const total = await Projects.countDocuments(filter);
  const { skip, page, pages } = placeOf(request, total);
  const projects = await Projects.find(filter).sort({ nameKey: 1 }).skip(skip).limit(request.size).lean();
  const period = periodAt(ctx.clock.now(), account.timeZone);
  return { items: await summariseProjects(accountId, period, projects), page, pages, total };
}

/** What a period comes to by group, project and service; the open one unless another is named. */
export async function costOverview(ctx: Ctx, accountId: string, asked?: Period): Promise<CostOverview> {
  const { account } = await admit(ctx, accountId, 'see');
  const period = asked ?? periodAt(ctx.clock.now(), account.timeZone);
  const invoices = await Invoices.find({ accountId, period }).lean();
  const groups = await Groups.find(
    { accountId, _id: { $in: invoices.map((one) => one.billingGroupId) } },
    { name: 1 },
  ).lean();
  const byGroup = invoices.map((invoice) => ({
    name: groups.find((group) => group._id === invoice.billingGroupId)?.name ?? invoice.billingGroupId,
    label: null,
    currency: invoice.currency,
    amount: fromDecimal128(invoice.net),
  }));
  const ids = invoices.map((invoice) => invoice._id);
  return {
    period,
    totals: totalsOf(byGroup),
    byGroup: largest(byGroup),
    byProject: await shares(ids, { name: '$projectName', label: '$projectLabel', currency: '$currency' }),
    byService: await shares(ids, { name: '$serviceName', label: null, currency: '$currency' }),
  };
}

/** Invoices, the newest period first, open estimates among them. */
export async function listInvoices(
  ctx: Ctx,
  accountId: string,
  request: PageRequest & { billingGroupId?: string },
): Promise<Page<InvoiceSummary>> {
  await admit(ctx, accountId, 'see');
  const filter = request.billingGroupId ? { accountId, billingGroupId: request.billingGroupId } : { accountId };
  const total = await Invoices.countDocuments(filter);
  const { skip, page, pages } = placeOf(request, total);
  const docs = await Invoices.find(filter).sort({ period: -1, seq: -1, _id: 1 }).skip(skip).limit(request.size).lean();
  return { items: await summariseInvoices(accountId, docs), page, pages, total };
}

/** An invoice by its id or number (without regard to case). @throws {Refusal} `invoice_not_found` */
export async function getInvoice(
  ctx: Ctx,
  accountId: string,
  by: { id: string } | { number: string },
): Promise<InvoiceSummary> {
  await admit(ctx, accountId, 'see');
  const doc = await Invoices.findOne(
    'id' in by ? { accountId, _id: by.id } : { accountId, number: by.number.trim().toUpperCase() },
  ).lean();
  const [summary] = doc ? await summariseInvoices(accountId, [doc]) : [];
  if (summary) return summary;
  const asked = 'number' in by ? ` “${by.number.trim()}”` : '';
  throw new Refusal('invoice_not_found', `There is no invoice${asked} in this account.`, {
    wayOut: 'Type /billing invoices to see them all.',
  });
}

/** The estimate or invoice of a group for a period, or undefined when there is none yet. */
export async function invoiceOf(
  ctx: Ctx,
  accountId: string,
  billingGroupId: string,
  period: Period,
): Promise<InvoiceSummary | undefined> {
  await admit(ctx, accountId, 'see');
  const doc = await Invoices.findOne({ accountId, billingGroupId, period }).lean();
  return doc ? (await summariseInvoices(accountId, [doc]))[0] : undefined;
}

/** An invoice's lines in their order. */
export async function listLines(ctx: Ctx, invoice: InvoiceSummary, request: PageRequest): Promise<Page<LineSummary>> {
  await admit(ctx, invoice.accountId, 'see');
  const { skip, page, pages } = placeOf(request, invoice.lineCount);
  const docs = await Lines.find({ invoiceId: invoice.id, place: { $gt: skip } })
    .sort({ place: 1 })
    .limit(request.size)
    .lean();
  return { items: docs.map(toLine), page, pages, total: invoice.lineCount };
}

/** The lines that cost most. */
export async function largestLines(ctx: Ctx, invoice: InvoiceSummary, count: number): Promise<LineSummary[]> {
  await admit(ctx, invoice.accountId, 'see');
  const docs = await Lines.find({ invoiceId: invoice.id }).sort({ total: -1, place: 1 }).limit(count).lean();
  return docs.map(toLine);
}

/** All lines of an invoice, one after another, without having them all in memory. */
export async function* eachLine(ctx: Ctx, invoice: InvoiceSummary): AsyncGenerator<LineSummary> {
  await admit(ctx, invoice.accountId, 'see');
  for await (const doc of Lines.find({ invoiceId: invoice.id }).sort({ place: 1 }).lean().cursor()) yield toLine(doc);
}

/** The project a person means by name, label or the provider's id. @throws {Refusal} `project_not_found`, `ambiguous_name` */
export async function findProject(ctx: Ctx, accountId: string, text: string): Promise<ProjectDoc> {
  await admit(ctx, accountId, 'see');
  const exact = await Projects.findOne({
    accountId,
    $or: [{ nameKey: nameKey(text) }, { externalId: text.trim() }],
  }).lean();
  if (exact) return exact;
  const labelled = await Projects.find({ accountId, label: text.trim() }).limit(2).lean();
  if (labelled.length === 1 && labelled[0]) return labelled[0];
  if (labelled.length > 1)
    throw new Refusal('ambiguous_name', `Several projects are called “${text}”: use the name in brackets.`);
  throw new Refusal('project_not_found', `There is no project named “${text}”.`, {
    wayOut: 'Type /billing projects to see them all.',
  });
}

async function summariseProjects(
  accountId: string,
  period: Period,
  projects: readonly ProjectDoc[],
): Promise<ProjectSummary[]> {
  const ids = projects.map((project) => project._id);
  const memberships = await Memberships.find({ projectId: { $in: ids }, open: true }).lean();
  const groups = await Groups.find(
    { _id: { $in: memberships.map((one) => one.billingGroupId) } },
    { name: 1, currency: 1 },
  ).lean();
  const invoices = await Invoices.distinct('_id', { accountId, period });
  const costs = await Lines.aggregate<{ _id: string; amount: Decimal128 }>([
    { $match: { invoiceId: { $in: invoices }, projectId: { $in: ids } } },
    { $group: { _id: '$projectId', amount: { $sum: '$total' } } },
  ]);
  return projects.map((project) => {
    const membership = memberships.find((one) => one.projectId === project._id);
    const group = groups.find((one) => one._id === membership?.billingGroupId);
    const cost = costs.find((one) => one._id === project._id);
    return {
      id: project._id,
      name: project.name,
      label: project.label,
      billingGroupName: group?.name ?? '',
      cost: cost ? fromDecimal128(cost.amount) : ZERO,
      currency: group?.currency ?? '',
    };
  });
}

async function summariseInvoices(accountId: string, docs: readonly InvoiceDoc[]): Promise<InvoiceSummary[]> {
  const groups = await Groups.find(
    { accountId, _id: { $in: docs.map((doc) => doc.billingGroupId) } },
    { name: 1 },
  ).lean();
  return docs.map((doc) => ({
    id: doc._id,
    accountId,
    number: doc.number ?? null,
    billingGroupId: doc.billingGroupId,
    billingGroupName:
      doc.snapshot?.billingGroupName ?? groups.find((group) => group._id === doc.billingGroupId)?.name ?? '',
    period: doc.period,
    periodBegin: doc.periodBegin,
    periodEnd: doc.periodEnd,
    state: doc.state,
    currency: doc.currency,
    net: fromDecimal128(doc.net),
    tax: fromDecimal128(doc.tax),
    total: fromDecimal128(doc.total),
    amountDue: fromDecimal128(doc.amountDue),
    lineCount: doc.lineCount,
    recordCount: doc.recordCount,
    computedAt: doc.computedAt,
    issuedAt: doc.issuedAt ?? null,
    dueAt: doc.dueAt ?? null,
    heldBack: doc.heldBack,
  }));
}

function toLine(doc: LineDoc): LineSummary {
  const { place, lineType, description, projectName, projectLabel, serviceName, serviceType, servicePlan } = doc;
  const { cloudName, lateFrom, begin, end, records } = doc;
  return {
    ...{ place, lineType, description, projectName, projectLabel, serviceName, serviceType, servicePlan },
    ...{ cloudName, lateFrom, begin, end, records },
    exact: fromDecimal128(doc.exact),
    total: fromDecimal128(doc.total),
  };
}

async function shares(
  invoiceIds: readonly string[],
  by: { name: string; label: string | null; currency: string },
): Promise<CostShare[]> {
  const rows = await Lines.aggregate<{
    _id: { name: string; label?: string | null; currency: string };
    amount: Decimal128;
  }>([
    { $match: { invoiceId: { $in: [...invoiceIds] } } },
    { $group: { _id: by, amount: { $sum: '$total' } } },
    { $sort: { amount: -1, '_id.name': 1 } },
    { $limit: TOP },
  ]);
  return rows.map(({ _id, amount }) => ({
    name: _id.name,
    label: _id.label ?? null,
    currency: _id.currency,
    amount: fromDecimal128(amount),
  }));
}

function largest(all: readonly CostShare[]): CostShare[] {
  return [...all].sort((a, b) => b.amount.comparedTo(a.amount)).slice(0, TOP);
}

function totalsOf(all: readonly CostShare[]): { currency: string; amount: Decimal }[] {
  const totals = new Map<string, Decimal>();
  for (const { currency, amount } of all) totals.set(currency, (totals.get(currency) ?? ZERO).plus(amount));
  return [...totals].map(([currency, amount]) => ({ currency, amount }));
}
