import { type Period, parsePeriod } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import { type GroupDoc, Groups } from '../../store/groups/groups.ts';
import { type InvoiceDoc, Invoices, type LineDoc, Lines } from '../../store/invoicing/invoices.ts';
import { admit } from '../access/rights.ts';
import { knownGroup, type Part, type PartRequest } from '../groups/group-details.ts';
import type { Ctx } from '../kit/context.ts';
import { type InvoiceSummary, type LineSummary, summaryOf, toLine } from './invoice-reading.ts';

/** Lines that are in memory at once while all of them are read. */
const BATCH = 500;
const ESTIMATE = 'estimate-';

/** An invoice with whether its group is still there. */
export interface GroupInvoice extends InvoiceSummary {
  readonly billingGroupState: GroupDoc['state'];
  /** Rises whenever anything that the invoice rests on has changed. */
  readonly version: string;
  /** Who billed whom; null for an estimate. */
  readonly snapshot: InvoiceDoc['snapshot'];
}

/** All invoices of a group, the newest first, the open estimate among them: one for each month. @throws {Refusal} `billing_group_not_found` */
export async function invoicesOfGroup(ctx: Ctx, accountId: string, billingGroupId: string): Promise<GroupInvoice[]> {
  const group = await knownGroup(ctx, accountId, billingGroupId);
  const docs = await Invoices.find({ billingGroupId }).sort({ period: -1 }).lean();
  return docs.map((doc) => withGroup(doc, group));
}

/**
 * An invoice of a group by its number; an estimate, which has none, by `estimate-2026-10`.
 *
 * @throws {Refusal} `invoice_not_found`, `billing_group_not_found`
 */
export async function invoiceOfGroup(
  ctx: Ctx,
  accountId: string,
  billingGroupId: string,
  name: string,
): Promise<GroupInvoice> {
  const group = await knownGroup(ctx, accountId, billingGroupId);
  const period = estimatePeriod(name);
  const doc = await Invoices.findOne({ billingGroupId, ...(period ? open(period) : issued(name)) }).lean();
  if (!doc) throw unknownInvoice();
  return withGroup(doc, group);
}

/** An issued invoice of the account by its number. @throws {Refusal} `invoice_not_found` */
export async function invoiceByNumber(ctx: Ctx, accountId: string, number: string): Promise<GroupInvoice> {
  await admit(ctx, accountId, 'see');
  const doc = await Invoices.findOne({ accountId, ...issued(number) }).lean();
  const group = doc && (await Groups.findById(doc.billingGroupId).lean());
  if (!doc || !group) throw unknownInvoice();
  return withGroup(doc, group);
}

/** Whether it is a document: frozen, with its number, and told of. */
export function isIssued({ number, state }: Pick<InvoiceSummary, 'number' | 'state'>): boolean {
  return number !== null && state !== 'estimate' && state !== 'draft';
}

/** By what a program names an invoice: its number, or `estimate-2026-10` as long as it has none to be shown. */
export function nameOfInvoice(invoice: Pick<InvoiceSummary, 'number' | 'state' | 'period'>): string {
  return isIssued(invoice) && invoice.number !== null ? invoice.number : `${ESTIMATE}${invoice.period}`;
}

/**
 * Some of an invoice's lines, in their order. Places are lines' places with the version of the estimate that they stand in.
 *
 * @throws {Refusal} `changed_meanwhile` for an estimate that was worked out anew since the first part
 */
export async function linesPart(ctx: Ctx, invoice: GroupInvoice, request: PartRequest): Promise<Part<LineSummary>> {
  await admit(ctx, invoice.accountId, 'see');
  const { after = `0 ${stampOf(invoice)}`, limit = BATCH } = request;
  const [place = '0', stamp = ''] = after.split(' ');
  if (stamp !== stampOf(invoice)) {
    throw new Refusal('changed_meanwhile', 'The estimate was worked out anew meanwhile: begin with its first line.');
  }
  const found = await Lines.find({ invoiceId: invoice.id, place: { $gt: Number(place) } })
    .sort({ place: 1 })
    .limit(limit + 1)
    .lean();
  const docs = found.slice(0, limit);
  const last = docs.at(-1);
  return { items: docs.map(toLine), ...(found.length > limit && last && { next: `${last.place} ${stamp}` }) };
}

/** All lines of an invoice, or one project's, a batch at a time. */
export async function* allLines(
  ctx: Ctx,
  invoice: InvoiceSummary,
  projectName?: string,
): AsyncGenerator<readonly LineSummary[]> {
  await admit(ctx, invoice.accountId, 'see');
  const which = { invoiceId: invoice.id, ...(projectName !== undefined && { projectName }) };
  let batch: LineSummary[] = [];
  const cursor = Lines.find(which).sort({ place: 1 }).lean().cursor({ batchSize: BATCH });
  for await (const doc of cursor as AsyncIterable<LineDoc>) {
    batch.push(toLine(doc));
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function estimatePeriod(name: string): Period | undefined {
  return name.startsWith(ESTIMATE) ? parsePeriod(name.slice(ESTIMATE.length)) : undefined;
}

function open(period: Period) {
  return { period, state: { $in: ['estimate', 'draft'] as const } };
}

/** One that is frozen, but not yet issued, may have its number already. */
function issued(number: string) {
  return { number, state: { $nin: ['estimate', 'draft'] as const } };
}

function withGroup(doc: InvoiceDoc, group: GroupDoc): GroupInvoice {
  const version = `${doc.state}-${doc.touches}-${doc.computedAt?.getTime() ?? 0}`;
  return { ...summaryOf(doc, group.name), billingGroupState: group.state, version, snapshot: doc.snapshot };
}

function stampOf({ computedAt }: InvoiceSummary): string {
  return String(computedAt?.getTime() ?? 0);
}

function unknownInvoice(): Refusal {
  return new Refusal('invoice_not_found', 'There is no such invoice.');
}
