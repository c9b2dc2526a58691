import { fileName } from '../../billing/group/names.ts';
import { dayIn } from '../../billing/period/day.ts';
import { type Period, periodAt } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import { accountOrFail } from '../../store/accounts/account-reads.ts';
import { pictureBytes } from '../../store/accounts/pictures.ts';
import { groupNamed, groupOrFail } from '../../store/groups/group-reads.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { invoiceOfPeriodOrFail, invoiceOrFail, invoicesForPeriod } from '../../store/invoicing/invoice-reads.ts';
import type { InvoiceDoc } from '../../store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { readTogether } from '../../store/kit/read-together.ts';
import { outsideRequests } from '../../store/kit/request-keys.ts';
import { admitTo } from '../access/rights.ts';
import { toBillingDocument } from '../documents/document-content.ts';
import { linesFor } from '../documents/invoice-condense.ts';
import { CONTENT_TYPES, type DocumentFile, invoiceDocument } from '../documents/invoice-document.ts';
import { generatedBytes } from '../documents/issued-bytes.ts';
import type { Ctx } from '../kit/context.ts';
import { SharedReads } from '../kit/shared-reads.ts';
import { inTransaction } from '../kit/transaction.ts';
import { methodFor } from '../settlement/payment-methods.ts';
import { snapshotOf } from './close-freeze.ts';
import { refreshEstimate, touchEstimates } from './estimates.ts';
import { getInvoice, type InvoiceSummary } from './invoice-reading.ts';
import { taxAtHome } from './tax-in-home-currency.ts';

/** By estimate: people who preview an invoice at the same time share its calculation, instead of conflicting. */
const refreshes = new SharedReads<void>();

/** A group, and the period of its invoice. */
interface Previewed {
  readonly accountId: string;
  readonly billingGroupId: string;
  readonly period?: Period | undefined;
}

/**
 * A group's current invoice for a period: the issued one, or the recalculated estimate.
 *
 * @param period the next one to be invoiced by default
 * @throws {Refusal} `billing_group_not_found`, `nothing_to_preview` for a period that hasn't started or for which the
 * group has no invoice, `account_not_found`
 */
export async function previewedInvoice(ctx: Ctx, of: Previewed): Promise<InvoiceSummary> {
  return getInvoice(ctx, of.accountId, { id: await previewedId(ctx, of) });
}

/** The same, only its ID. @throws {Refusal} as `previewedInvoice` */
export async function previewedId(ctx: Ctx, of: Previewed): Promise<string> {
  const { account } = await admitTo(ctx, of.accountId, of.billingGroupId);
  const { groups, invoices } = await readTogether({
    groups: groupNamed(account._id, of.billingGroupId),
    invoices: invoicesForPeriod(account._id, of.billingGroupId, of.period),
  });
  const [group] = groups;
  if (!group) throw new Refusal('billing_group_not_found', {});
  const period = of.period ?? group.nextPeriod;
  const there = invoices.find((one) => one.period === period);
  if (there && there.state !== 'estimate') return there._id;
  if (!there) assertOpen(group, period, periodAt(ctx.clock.now(), account.timeZone));
  // nothing that the person changes: sent again, it may be done again
  return outsideRequests(async () => {
    if (!there) await inTransaction(ctx, (tx) => touchEstimates(tx, account, period, [group]));
    const estimate = there ?? (await invoiceOfPeriodOrFail(account._id, group._id, period));
    const { lineCount, ...rest } = estimate;
    // an estimate without lines is hardly ever large, and asking whether it will be takes a query
    await refreshes.get(estimate._id, () => refreshEstimate(ctx, lineCount > 0 ? estimate : rest));
    return estimate._id;
  });
}

/**
 * The PDF of an invoice as if it were issued now, marked as a preview on each page, without a number and payment
 * details. If the invoice was issued in the meantime, the invoice itself.
 *
 * @throws {Refusal} `invoice_not_found`, `account_not_found`, `documents_busy`
 */
export async function previewPdf(ctx: Ctx, accountId: string, invoiceId: string): Promise<DocumentFile> {
  const { number, billingGroupId, period } = await getInvoice(ctx, accountId, { id: invoiceId });
  if (number !== null) return invoiceDocument(ctx, accountId, number, 'pdf');
  await refreshes.get(invoiceId, () => refreshEstimate(ctx, { _id: invoiceId, accountId, billingGroupId, period }));
  const estimate = await invoiceOrFail(accountId, invoiceId);
  const account = await accountOrFail(accountId);
  const group = await groupOrFail(accountId, estimate.billingGroupId);
  const logo = account.seller.logo ? await pictureBytes(account.seller.logo) : null;
  const now = ctx.clock.now();
  const { taxAtHome: home } = await taxAtHome(
    account,
    { tax: fromDecimal128(estimate.tax), currency: estimate.currency },
    now,
  );
  const issued = {
    ...estimate,
    ...{ kind: 'invoice' as const, number: '', precedingInvoice: null, issuedAt: now },
    ...(estimate.heldBack !== null && { reason: `It would be held back: ${estimate.heldBack}` }),
    snapshot: { ...snapshotOf(account, group, await methodFor(group)), ...(home && { taxAtHome: home }) },
  };
  const document = { ...toBillingDocument(issued, (await linesFor(estimate, 'pdf')).lines, logo), isPreview: true };
  return {
    filename: previewName(estimate, group, dayIn(now, account.timeZone)),
    contentType: CONTENT_TYPES.pdf,
    body: await generatedBytes(ctx, document, 'pdf'),
  };
}

function previewName({ period }: InvoiceDoc, { name }: GroupDoc, day: string): string {
  return `${fileName(`preview-${name}-${period}-as-of-${day}`)}.pdf`;
}

function assertOpen(group: GroupDoc, period: Period, current: Period): void {
  const isOver = group.finalPeriod !== null && period > group.finalPeriod;
  if (period >= group.nextPeriod && period <= current && !isOver) return;
  const because = period > current ? 'not_begun' : isOver ? 'deleted' : 'no_invoice';
  const lastPeriod = group.finalPeriod ?? period;
  throw new Refusal('nothing_to_preview', { group: group.name, period, because, lastPeriod });
}
