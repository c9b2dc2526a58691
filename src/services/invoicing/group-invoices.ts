import { type Period, parsePeriod } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import { groupById } from '../../store/groups/group-reads.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { eachLineOf, linesAfter } from '../../store/invoicing/invoice-lines.ts';
import * as reads from '../../store/invoicing/invoice-reads.ts';
import type { InvoiceDoc } from '../../store/invoicing/invoices.ts';
import { admit, admitTo } from '../access/rights.ts';
import { knownGroup, type Part, type PartRequest } from '../groups/group-details.ts';
import type { Ctx } from '../kit/context.ts';
import { SharedReads } from '../kit/shared-reads.ts';
import { type InvoiceSummary, type LineSummary, summaryOf, toLine } from './invoice-reading.ts';

/** How many lines are in memory while all of them are read. */
const BATCH = 500;
const ESTIMATE = 'estimate-';

/** Requests at the same time share these, by the account and the group. Everyone who shares one was admitted before. */
const listReads = new SharedReads<[GroupDoc, InvoiceDoc[]]>();
const oneReads = new SharedReads<[GroupDoc, InvoiceDoc | null]>();

/** An invoice, and whether its group still exists. */
export interface GroupInvoice extends InvoiceSummary {
  readonly billingGroupState: GroupDoc['state'];
  /** Incremented whenever the invoice's data changes. */
  readonly version: string;
  /** When anything about it changed last; null if it wasn't calculated yet. */
  readonly changedAt: Date | null;
  /** The seller and buyer; null for an estimate. */
  readonly snapshot: InvoiceDoc['snapshot'];
}

/**
 * All invoices of a group, newest first, including the open estimate: one per month. @throws {Refusal}
 * `billing_group_not_found`
 */
export async function invoicesOfGroup(ctx: Ctx, accountId: string, billingGroupId: string): Promise<GroupInvoice[]> {
  await admitTo(ctx, accountId, billingGroupId);
  const question = JSON.stringify([accountId, billingGroupId]);
  const [group, docs] = await listReads.get(question, () =>
    Promise.all([knownGroup(ctx, accountId, billingGroupId), reads.invoicesOfGroup(accountId, billingGroupId)]),
  );
  return docs.map((doc) => withGroup(ctx, doc, group));
}

/**
 * An invoice of a group by its number, or an estimate, which has none, by `estimate-2026-10`.
 *
 * @throws {Refusal} `invoice_not_found`, `billing_group_not_found`
 */
export async function invoiceOfGroup(
  ctx: Ctx,
  accountId: string,
  billingGroupId: string,
  name: string,
): Promise<GroupInvoice> {
  await admitTo(ctx, accountId, billingGroupId);
  const period = estimatePeriod(name);
  const invoice = () =>
    period
      ? reads.unissuedOfPeriod(accountId, billingGroupId, period)
      : reads.issuedOfGroup(accountId, billingGroupId, name);
  const question = JSON.stringify([accountId, billingGroupId, name]);
  const [group, doc] = await oneReads.get(question, () =>
    Promise.all([knownGroup(ctx, accountId, billingGroupId), invoice()]),
  );
  if (!doc) throw unknownInvoice();
  return withGroup(ctx, doc, group);
}

/** An issued invoice of the account by its number. @throws {Refusal} `invoice_not_found` */
export async function invoiceByNumber(ctx: Ctx, accountId: string, number: string): Promise<GroupInvoice> {
  const { sight } = await admit(ctx, accountId, 'see');
  const doc = await reads.issuedByNumber(accountId, number);
  const group = doc && sight.sees(doc.billingGroupId) && (await groupById(accountId, doc.billingGroupId));
  if (!doc || !group) throw unknownInvoice();
  return withGroup(ctx, doc, group);
}

/** Whether it is a document: frozen, numbered and issued. */
export function isIssued({ number, state }: Pick<InvoiceSummary, 'number' | 'state'>): boolean {
  return number !== null && state !== 'estimate' && state !== 'draft';
}

/** The name of an invoice in the API: its number, or `estimate-2026-10` if it has no visible number yet. */
export function nameOfInvoice(invoice: Pick<InvoiceSummary, 'number' | 'state' | 'period'>): string {
  return isIssued(invoice) && invoice.number !== null ? invoice.number : `${ESTIMATE}${invoice.period}`;
}

/**
 * Some of an invoice's lines, in order. Page positions include the version of the estimate.
 *
 * @throws {Refusal} `changed_meanwhile` for an estimate that was recalculated since the first page
 */
export async function linesPart(ctx: Ctx, invoice: GroupInvoice, request: PartRequest): Promise<Part<LineSummary>> {
  await admitTo(ctx, invoice.accountId, invoice.billingGroupId);
  const { after = `0 ${stampOf(invoice)}`, limit = BATCH } = request;
  const [place = '0', stamp = ''] = after.split(' ');
  if (stamp !== stampOf(invoice)) throw new Refusal('changed_meanwhile', { what: 'estimate' });
  const found = await linesAfter(invoice.storedLines, Number(place), limit + 1);
  const docs = found.slice(0, limit);
  const last = docs.at(-1);
  return { items: docs.map(toLine), ...(found.length > limit && last && { next: `${last.place} ${stamp}` }) };
}

/** All lines of an invoice, or of one of its projects, one batch at a time. */
export async function* allLines(
  ctx: Ctx,
  invoice: InvoiceSummary,
  projectName?: string,
): AsyncGenerator<readonly LineSummary[]> {
  await admitTo(ctx, invoice.accountId, invoice.billingGroupId);
  let batch: LineSummary[] = [];
  for await (const doc of eachLineOf(invoice.storedLines, { projectName, batchSize: BATCH })) {
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

/** An invoice from stored data. */
export function withGroup(ctx: Ctx, doc: InvoiceDoc, group: GroupDoc): GroupInvoice {
  const version = `${doc.state}-${doc.touches}-${doc.computedAt?.getTime() ?? 0}`;
  return {
    ...summaryOf(doc, group.name, ctx.clock.now()),
    billingGroupState: group.state,
    version,
    changedAt: doc.changedAt ?? doc.computedAt,
    snapshot: doc.snapshot,
  };
}

function stampOf({ computedAt }: InvoiceSummary): string {
  return String(computedAt?.getTime() ?? 0);
}

function unknownInvoice(): Refusal {
  return new Refusal('invoice_not_found', {});
}
