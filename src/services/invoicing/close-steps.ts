import { dueDate, issuedState } from '../../billing/invoice/invoice.ts';
import { formatMoney } from '../../billing/money/money.ts';
import { type Period, periodName } from '../../billing/period/period.ts';
import { accountOrFail } from '../../store/accounts/account-reads.ts';
import { groupsByIds } from '../../store/groups/group-reads.ts';
import { invoiceOfPeriod, invoiceOfPeriodOrFail, invoicesByIds } from '../../store/invoicing/invoice-reads.ts';
import * as writes from '../../store/invoicing/invoice-writes.ts';
import type { InvoiceDoc } from '../../store/invoicing/invoices.ts';
import { draftsBefore, lineCounts } from '../../store/invoicing/invoices-to-do.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { outsideRequests } from '../../store/kit/request-keys.ts';
import { TooLongForTransaction } from '../../store/kit/transaction.ts';
import { keepBalance } from '../credits/balance-credits.ts';
import { electronicInvoiceLacks } from '../documents/document-lacks.ts';
import type { Ctx } from '../kit/context.ts';
import { type Change, type ChangeEvent, inTransaction } from '../kit/transaction.ts';
import { queueMails } from '../notices/mails.ts';
import { type Closing, freeze, invoicesToClose } from './close-freeze.ts';
import { drawNumbers } from './invoice-numbers.ts';
import { inPreparedChange, isLarge } from './lines/prepared.ts';

/** The result of a close. */
export type CloseResult =
  | { readonly outcome: 'issued' | 'was_issued'; readonly invoice: InvoiceDoc }
  | { readonly outcome: 'held_back'; readonly reason: string };

/** How long a close waits for another process that calculates the same estimate, in milliseconds. */
const PATIENCE_MS = 30_000;

/**
 * Closes a period of groups (domain.md, Periods and invoices) in three repeatable steps: one transaction freezes amounts,
 * lines and snapshots; another assigns the numbers; a third issues the invoices with their
 * events. Each step has as many queries for several groups as for one. If a process is killed between two steps, the
 * next tick finishes the drafts. All succeed, or none is frozen; no step blocks other invoices.
 *
 * @returns the results by group
 */
export async function closeGroups(ctx: Ctx, closing: Closing): Promise<ReadonlyMap<string, CloseResult>> {
  const { accountId, groupIds, period } = closing;
  // a negative total of an earlier invoice pays the next one, so it is issued before this one is frozen
  await finishDrafts(ctx, accountId, await draftsBefore(accountId, groupIds, period));
  const frozen = await frozenTogether(ctx, closing);
  const drafts = frozen.filter(({ state }) => state === 'draft');
  const finished = await finishDrafts(ctx, accountId, drafts);
  return new Map(frozen.map((invoice) => [invoice.billingGroupId, finished.get(invoice._id) ?? withoutDraft(invoice)]));
}

/** The first step. An invoice with very many lines is prepared before it, if it is alone. */
async function frozenTogether(ctx: Ctx, closing: Closing): Promise<InvoiceDoc[]> {
  const [groupId] = closing.groupIds;
  const isAlone = closing.groupIds.length === 1 && groupId !== undefined;
  if (isAlone && (await isLargeIn(closing.period, closing.accountId, groupId)))
    return frozenPrepared(ctx, closing, groupId);
  try {
    return await inTransaction(ctx, (tx) => freeze(tx, closing));
  } catch (err) {
    if (isAlone && err instanceof TooLongForTransaction) return frozenPrepared(ctx, closing, groupId);
    throw err;
  }
}

async function isLargeIn(period: Period, accountId: string, billingGroupId: string): Promise<boolean> {
  const lineCount = (await lineCounts(accountId, [billingGroupId], period)).get(billingGroupId) ?? 0;
  return isLarge({ accountId, billingGroupId, lineCount });
}

async function frozenPrepared(ctx: Ctx, closing: Closing, groupId: string): Promise<InvoiceDoc[]> {
  const { accountId, period } = closing;
  const estimate = (await invoiceOfPeriod(accountId, groupId, period)) ?? (await newEstimate(ctx, closing));
  const prepared = await inPreparedChange(ctx, estimate, {
    patienceMs: PATIENCE_MS,
    use: (tx, prepared) => freeze(tx, closing, prepared),
  });
  if (prepared) return prepared;
  const now = await invoiceOfPeriodOrFail(accountId, groupId, period);
  if (now.state === 'estimate') throw new Error(`Invoice ${now._id} is being calculated by another process`);
  return [now];
}

/** An estimate for a period that has none yet. */
async function newEstimate(ctx: Ctx, { accountId, groupIds, period }: Closing): Promise<InvoiceDoc> {
  await outsideRequests(() =>
    inTransaction(ctx, async (tx) => {
      const account = await accountOrFail(accountId);
      const groups = await groupsByIds(accountId, groupIds);
      await invoicesToClose(tx, account, groups, period);
    }),
  );
  return invoiceOfPeriodOrFail(accountId, groupIds[0] ?? '', period);
}

/** The result for an invoice that the first step didn't leave as a draft. */
function withoutDraft(invoice: InvoiceDoc): CloseResult {
  if (invoice.state !== 'estimate') return { outcome: 'was_issued', invoice };
  return { outcome: 'held_back', reason: invoice.heldBack ?? '' };
}

/**
 * Numbers and issues drafts of an account, in their order. Does nothing with those that have been issued.
 *
 * @returns the results by invoice
 */
export async function finishDrafts(
  ctx: Ctx,
  accountId: string,
  drafts: readonly Pick<InvoiceDoc, '_id'>[],
): Promise<ReadonlyMap<string, CloseResult>> {
  if (drafts.length === 0) return new Map();
  const ids = drafts.map(({ _id }) => _id);
  await numberDrafts(accountId, ids);
  return inTransaction(ctx, (tx) => issueDrafts(tx, accountId, ids));
}

async function numberDrafts(accountId: string, ids: readonly string[]): Promise<void> {
  const waiting = (await inOrder(accountId, ids)).filter(({ seq }) => seq === undefined);
  if (waiting.length === 0) return;
  await drawNumbers(
    await accountOrFail(accountId),
    waiting.map(({ _id: id, computedAt, periodEnd }) => ({ kind: 'invoice', id, frozenAt: computedAt ?? periodEnd })),
  );
}

async function issueDrafts(
  tx: Change,
  accountId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, CloseResult>> {
  const results = new Map<string, CloseResult>();
  const issued = new Map<string, writes.Issued>();
  const events: ChangeEvent[] = [];
  const mailed: InvoiceDoc[] = [];
  for (const draft of await inOrder(accountId, ids)) {
    if (draft.state !== 'draft') {
      results.set(draft._id, { outcome: 'was_issued', invoice: draft });
      continue;
    }
    const fields = await issuedFields(tx, draft);
    issued.set(draft._id, fields);
    events.push(issuedEvent(draft, fields.state));
    // invoices of zero aren't emailed
    if (!fromDecimal128(draft.total).isZero()) mailed.push(draft);
    if (fields.state === 'due') tx.nudge('charges');
    results.set(draft._id, { outcome: 'issued', invoice: { ...draft, ...fields } });
  }
  if (issued.size === 0) return results;
  await writes.issueDrafts(tx, accountId, issued);
  await tx.recordAll(events);
  await queueMails(tx, accountId, mailed, { kind: 'invoice' });
  tx.nudge('estimates');
  return results;
}

/** What issuing a draft adds to it. A negative total becomes a credit. */
async function issuedFields(tx: Change, draft: InvoiceDoc): Promise<writes.Issued> {
  const { snapshot, number } = complete(draft);
  const issuedAt = tx.clock.now();
  const balance = await keepBalance(tx, draft, number);
  const state = issuedState(fromDecimal128(draft.amountDue), snapshot.paymentMethod);
  const dueAt = dueDate(issuedAt, snapshot.paymentMethod, snapshot.timeZone);
  return { state, issuedAt, dueAt, ...(balance && { balance }) };
}

function issuedEvent(draft: InvoiceDoc, state: InvoiceDoc['state']): ChangeEvent {
  const { snapshot, number } = complete(draft);
  const total = formatMoney(fromDecimal128(draft.total), draft.currency);
  const lacks = electronicInvoiceLacks({ ...draft, snapshot });
  return {
    accountId: draft.accountId,
    type: 'invoice_issued',
    description: `Issued invoice ${number} of billing group "${snapshot.billingGroupName}" for ${periodName(draft.period)}: ${total}`,
    billingGroupId: draft.billingGroupId,
    invoiceId: draft._id,
    before: { state: 'estimate' },
    after: { state, number, period: draft.period, total, ...(lacks.length > 0 && { notElectronic: lacks }) },
  };
}

function complete({ _id, snapshot, number }: InvoiceDoc) {
  if (!snapshot || number === undefined) throw new Error(`Draft ${_id} is incomplete`);
  return { snapshot, number };
}

/** Invoices that must exist, in the order of their IDs here. */
async function inOrder(accountId: string, ids: readonly string[]): Promise<InvoiceDoc[]> {
  const byId = new Map((await invoicesByIds(accountId, ids)).map((invoice) => [invoice._id, invoice]));
  return ids.map((id) => {
    const invoice = byId.get(id);
    if (!invoice) throw new Error(`Invoice ${id} no longer exists`);
    return invoice;
  });
}
