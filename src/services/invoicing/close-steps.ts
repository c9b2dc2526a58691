import { completeSeller } from '../../billing/account/seller.ts';
import { NO_BILLING_INFORMATION } from '../../billing/group/billing-information.ts';
import type { PaymentMethod } from '../../billing/group/payment-method.ts';
import { dueDate, issuedState } from '../../billing/invoice/invoice.ts';
import { formatMoney } from '../../billing/money/money.ts';
import { nextPeriod, type Period, periodName } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import { accountOrFail } from '../../store/accounts/account-reads.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { wasHeldBack } from '../../store/events/event-reads.ts';
import { groupsByIds } from '../../store/groups/group-reads.ts';
import { markClosed } from '../../store/groups/group-writes.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { invoicesByIds, wholeInvoicesOfGroups } from '../../store/invoicing/invoice-reads.ts';
import * as writes from '../../store/invoicing/invoice-writes.ts';
import type { InvoiceDoc } from '../../store/invoicing/invoices.ts';
import { draftsBefore } from '../../store/invoicing/invoices-to-do.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { readTogether } from '../../store/kit/read-together.ts';
import { keepBalance } from '../credits/balance-credits.ts';
import { consumeCredits } from '../credits/credit-consumption.ts';
import { electronicInvoiceLacks } from '../documents/document-lacks.ts';
import { restOnAccount } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { type Change, type ChangeEvent, inTransaction } from '../kit/transaction.ts';
import { queueMails } from '../notices/mails.ts';
import { methodsFor } from '../settlement/payment-methods.ts';
import { paymentTerms } from '../settlement/uncharged-amounts.ts';
import { touchEstimates } from './estimates.ts';
import { basisSources, type Figures, figuresOfGroups, storedFigures } from './figures.ts';
import { drawNumbers } from './invoice-numbers.ts';
import { storeLines } from './stored-lines.ts';

/** The result of a close. */
export type CloseResult =
  | { readonly outcome: 'issued' | 'was_issued'; readonly invoice: InvoiceDoc }
  | { readonly outcome: 'held_back'; readonly reason: string };

/** Groups of an account whose invoices for a period are closed together. */
export interface Closing {
  readonly accountId: string;
  /** In the order of their numbers. */
  readonly groupIds: readonly string[];
  readonly period: Period;
}

/** An estimate that is being closed. */
interface Estimate {
  readonly group: GroupDoc;
  /** As it was, and as it is going to be. */
  readonly before: InvoiceDoc;
  readonly invoice: InvoiceDoc;
  readonly figures: Figures;
  readonly method: PaymentMethod;
}

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
  const frozen = await inTransaction(ctx, (tx) => freeze(tx, closing));
  const drafts = frozen.filter(({ state }) => state === 'draft');
  const finished = await finishDrafts(ctx, accountId, drafts);
  return new Map(frozen.map((invoice) => [invoice.billingGroupId, finished.get(invoice._id) ?? withoutDraft(invoice)]));
}

/** The result for an invoice that the first step didn't leave as a draft. */
function withoutDraft(invoice: InvoiceDoc): CloseResult {
  if (invoice.state !== 'estimate') return { outcome: 'was_issued', invoice };
  return { outcome: 'held_back', reason: invoice.heldBack ?? '' };
}

/**
 * Turns estimates into drafts with their final figures, or says why that isn't possible. Leaves what is no longer an
 * estimate as it is.
 *
 * @returns the groups' invoices as they are now, in the groups' order
 */
async function freeze(tx: Change, { accountId, groupIds, period }: Closing): Promise<InvoiceDoc[]> {
  await restOnAccount(tx, accountId);
  const account = await accountOrFail(accountId);
  const byId = new Map((await groupsByIds(accountId, groupIds)).map((group) => [group._id, group]));
  const groups = groupIds.map((id) => {
    const group = byId.get(id);
    if (!group) throw new Error(`Group ${id} no longer exists`);
    return group;
  });
  const before = await invoicesToClose(tx, account, groups, period);
  const open = groups.filter(({ _id }) => before.get(_id)?.state === 'estimate');
  if (open.length > 0) {
    for (const invoice of await closeEstimates(tx, account, { groups: open, period }, before)) {
      before.set(invoice.billingGroupId, invoice);
    }
  }
  return groupIds.flatMap((id) => before.get(id) ?? []);
}

/**
 * The invoices and estimates of groups for a period, by group. Those to be closed are written before anything is read
 * that they contain, so that a concurrent change waits for this close instead of making all of it run again.
 */
async function invoicesToClose(
  tx: Change,
  account: AccountDoc,
  groups: readonly GroupDoc[],
  period: Period,
): Promise<Map<string, InvoiceDoc>> {
  const ids = groups.map(({ _id }) => _id);
  const read = async () => {
    const invoices = await wholeInvoicesOfGroups(account._id, ids, period);
    return new Map(invoices.map((invoice) => [invoice.billingGroupId, invoice]));
  };
  const before = await read();
  for (const { _id, name, nextPeriod: next } of groups) {
    if (!before.has(_id) && period < next) throw new Refusal('period_before_group', { group: name, period });
  }
  const isOpen = ({ _id }: GroupDoc) => (before.get(_id)?.state ?? 'estimate') === 'estimate';
  const open = groups.filter(isOpen);
  if (open.length === 0) return before;
  await touchEstimates(tx, account, period, open);
  return read();
}

async function closeEstimates(
  tx: Change,
  account: AccountDoc,
  { groups, period }: { readonly groups: readonly GroupDoc[]; readonly period: Period },
  invoices: ReadonlyMap<string, InvoiceDoc>,
): Promise<InvoiceDoc[]> {
  const now = tx.clock.now();
  const { _id: accountId } = account;
  const before = groups.map(({ _id }) => {
    const invoice = invoices.get(_id);
    if (!invoice) throw new Error(`Nothing to close for group ${_id}`);
    return invoice;
  });
  const basis = await readTogether(basisSources({ accountId, period }, before));
  const figures = await figuresOfGroups(tx, account, groups, { period, now, basis });
  const methods = await methodsFor(accountId, groups);
  const estimates = groups.map((group, at): Estimate => {
    const [invoice, own, method] = [before[at], figures.get(group._id), methods[at]];
    if (!invoice || !own || !method) throw new Error(`No figures for group ${group._id}`);
    const settled = { ...storedFigures(own), currency: group.currency, computedAt: now, touchedAt: null };
    return { group, figures: own, method, before: invoice, invoice: { ...invoice, ...settled } };
  });
  const calculated = estimates.map(({ before: invoice, figures: own }) => ({ invoice, figures: own }));
  await storeLines(tx, { accountId, basis, now }, calculated);
  const able = estimates.filter(({ invoice }) => invoice.heldBack === null);
  const heldBack = estimates.filter(({ invoice }) => invoice.heldBack !== null);
  for (const { group, invoice } of heldBack) await holdBack(tx, group, invoice);
  return [...heldBack.map(({ invoice }) => invoice), ...(await freezeAble(tx, account, able, period))];
}

async function freezeAble(
  tx: Change,
  account: AccountDoc,
  able: readonly Estimate[],
  period: Period,
): Promise<InvoiceDoc[]> {
  const { _id: accountId } = account;
  if (able.length === 0) return [];
  const drafts: InvoiceDoc[] = [];
  for (const { group, invoice, figures, method } of able) {
    const { paymentMethod, ...parties } = snapshotOf(account, group, method);
    const terms = await paymentTerms(tx, account, invoice, {
      amountDue: figures.calculation.amountDue,
      method: paymentMethod,
    });
    const home = figures.taxAtHome && { taxAtHome: figures.taxAtHome };
    drafts.push({ ...invoice, state: 'draft', snapshot: { ...parties, ...terms, ...home } });
  }
  await writes.freezeEstimates(tx, drafts);
  for (const { invoice, figures } of able) await consumeCredits(tx, invoice, figures.calculation.creditUses);
  const following = nextPeriod(period);
  const groups = able.map(({ group }) => group);
  await markClosed(
    tx,
    accountId,
    groups.map(({ _id }) => _id),
    { period, next: following },
  );
  // a deleted group has no invoice after its last
  const continued = groups.filter(({ finalPeriod }) => finalPeriod === null || following <= finalPeriod);
  if (continued.length > 0) await touchEstimates(tx, account, following, continued);
  return drafts;
}

/** Keeps it an estimate and reports why, once for each reason. */
async function holdBack(tx: Change, group: GroupDoc, estimate: InvoiceDoc): Promise<void> {
  await writes.replaceEstimate(tx, estimate);
  const { heldBack: reason, period } = estimate;
  if (await wasHeldBack(group.accountId, group._id, { period, reason })) return;
  await tx.record({
    accountId: group.accountId,
    type: 'invoice_held_back',
    description: `Held back the invoice of billing group "${group.name}" for ${periodName(period)}: ${reason}`,
    billingGroupId: group._id,
    invoiceId: estimate._id,
    after: { period, reason },
  });
}

/** The current seller and buyer. */
export function snapshotOf(
  account: AccountDoc,
  group: GroupDoc,
  paymentMethod: PaymentMethod,
): NonNullable<InvoiceDoc['snapshot']> {
  return {
    accountName: account.name,
    sellerName: account.seller.legalName,
    seller: completeSeller(account.seller),
    buyer: { ...NO_BILLING_INFORMATION, ...group.billing },
    timeZone: account.timeZone,
    billingGroupName: group.name,
    paymentMethod,
  };
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
