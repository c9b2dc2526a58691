import { completeSeller } from '../../billing/account/seller.ts';
import { NO_BILLING_INFORMATION } from '../../billing/group/billing-information.ts';
import { dueDate, issuedState } from '../../billing/invoice/invoice.ts';
import { formatMoney } from '../../billing/money/money.ts';
import { latestDue, nextPeriod, type Period, periodName, spanOf } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import { accountById, accountOrFail, accountsByIds } from '../../store/accounts/account-reads.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { wasHeldBack } from '../../store/events/event-reads.ts';
import { accountsWithGroupsToClose, type DueGroup, groupById, groupsToClose } from '../../store/groups/group-reads.ts';
import { markClosed } from '../../store/groups/group-writes.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import {
  draftsBefore,
  type InvoiceName,
  invoiceOfPeriod,
  invoiceOfPeriodOrFail,
  invoiceOrFail,
} from '../../store/invoicing/invoice-reads.ts';
import * as writes from '../../store/invoicing/invoice-writes.ts';
import type { InvoiceDoc } from '../../store/invoicing/invoices.ts';
import { eachDraft } from '../../store/invoicing/invoices-to-do.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { admit } from '../access/rights.ts';
import { eachOfAll, eachStep, forgetOutside, type Loop } from '../background/each-of-all.ts';
import { keepBalance } from '../credits/balance-credits.ts';
import { consumeCredits } from '../credits/credit-consumption.ts';
import { restOnAccount } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';
import { queueMail } from '../notices/mails.ts';
import { methodFor } from '../settlement/payment-methods.ts';
import { paymentTerms } from '../settlement/uncharged-amounts.ts';
import { figuresOf, storedFigures, storeLines, storeTrail, touchEstimates } from './estimates.ts';
import { drawNumber } from './invoice-numbers.ts';

/** The maximum number of groups closed in one tick. */
const BATCH = 100;
/** How many accounts are closed in parallel. The groups of an account follow one another, and so do its numbers. */
const ACCOUNTS_AT_ONCE = 4;
/** The time zone in which a month ends first. */
const FIRST_ZONE = 'Etc/GMT-14';
const FINISHING: Loop<InvoiceName> = {
  kind: 'draft',
  whole: 'everywhere',
  name: ({ _id: id, accountId, billingGroupId }) => ({ id, accountId, billingGroupId }),
  what: 'finish the invoice',
  most: BATCH,
  atOnce: ACCOUNTS_AT_ONCE,
  inTurn: true,
};
const CLOSING_ACCOUNTS: Loop<AccountDoc> = {
  kind: 'close-account',
  whole: 'everywhere',
  name: ({ _id }) => ({ id: _id, accountId: _id }),
  what: 'close the month',
  atOnce: ACCOUNTS_AT_ONCE,
  inTurn: true,
};
const CLOSING: Loop<DueGroup> = {
  kind: 'close',
  name: ({ _id: id, accountId }) => ({ id, accountId, billingGroupId: id }),
  what: 'issue the invoice',
};

/** Identifies a group and its account. */
export type GroupName = Pick<GroupDoc, '_id' | 'accountId'>;

/** The result of a close. */
export type CloseResult =
  | { readonly outcome: 'issued' | 'was_issued'; readonly invoice: InvoiceDoc }
  | { readonly outcome: 'held_back'; readonly reason: string };

/**
 * Issues a group's invoice for a period when a person asks for it, without waiting for the account's close delay. Safe
 * to repeat, concurrently and from several processes: there is one invoice per group and period.
 *
 * @throws {Refusal} `period_not_over`, `period_out_of_order` (an earlier period has to be invoiced first),
 * `role_needed`
 */
export async function issueInvoice(
  ctx: Ctx,
  input: { accountId: string; billingGroupId: string; period: Period },
): Promise<CloseResult> {
  const { account } = await admit(ctx, input.accountId, 'issue');
  const group = await groupById(account._id, input.billingGroupId);
  if (!group) throw new Refusal('billing_group_not_found', {});
  const { end } = spanOf(input.period, account.timeZone);
  if (ctx.clock.now() < end) throw new Refusal('period_not_over', { period: input.period });
  if (group.nextPeriod < input.period) {
    const wanted = input.period;
    throw new Refusal('period_out_of_order', { group: group.name, first: group.nextPeriod, wanted });
  }
  return closeInvoice(ctx, group, input.period);
}

/**
 * Closes a group's period (domain.md, Periods and invoices) in three repeatable steps: one transaction freezes amounts,
 * lines and snapshot; one write assigns the number; one transaction issues the invoice with its event. If a process is
 * killed between two steps, the next tick finishes the draft. No step blocks other invoices.
 */
export async function closeInvoice(ctx: Ctx, group: GroupName, period: Period): Promise<CloseResult> {
  await finishEarlierDrafts(ctx, group, period);
  const frozen = await inTransaction(ctx, (tx) => freeze(tx, group, period));
  if (frozen.heldBack !== null) return { outcome: 'held_back', reason: frozen.heldBack };
  if (frozen.state !== 'draft') return { outcome: 'was_issued', invoice: frozen };
  return finishDraft(ctx, frozen);
}

/**
 * Closes everything that is due in every account, and finishes drafts left by a crash. A group whose close fails
 * doesn't delay the others.
 *
 * @returns how many were issued
 * @throws the first failure, after all were processed
 */
export async function closeDue(ctx: Ctx): Promise<number> {
  let issued = 0;
  const count = ({ outcome }: CloseResult) => {
    issued += outcome === 'issued' ? 1 : 0;
  };
  await eachStep(ctx, {
    drafts: () => eachOfAll(ctx, FINISHING, eachDraft(), async (draft) => count(await finishDraft(ctx, draft))),
    accounts: async () => {
      const latest = latestDue(ctx.clock.now(), FIRST_ZONE, 0);
      const accounts = await accountsByIds(await accountsWithGroupsToClose(latest));
      await forgetOutside(ctx, CLOSING.kind, accounts);
      await eachOfAll(ctx, CLOSING_ACCOUNTS, accounts, (account) => closeAccount(ctx, account, count));
    },
  });
  return issued;
}

async function closeAccount(ctx: Ctx, account: AccountDoc, count: (result: CloseResult) => void): Promise<void> {
  const due = latestDue(ctx.clock.now(), account.timeZone, account.closeDelayHours);
  await eachOfAll(
    ctx,
    { ...CLOSING, whole: { accountId: account._id } },
    await groupsToClose(account._id, due),
    async (group) => {
      const last = group.finalPeriod !== null && group.finalPeriod < due ? group.finalPeriod : due;
      for (let period = group.nextPeriod; period <= last; period = nextPeriod(period)) {
        const result = await closeInvoice(ctx, group, period);
        if (result.outcome === 'held_back') break;
        count(result);
      }
    },
  );
}

/** A negative total of an earlier invoice pays the next one, so it is issued before this one is frozen. */
async function finishEarlierDrafts(ctx: Ctx, { _id, accountId }: GroupName, period: Period): Promise<void> {
  for (const draft of await draftsBefore(accountId, _id, period)) await finishDraft(ctx, draft);
}

/**
 * Turns the estimate into a draft with its final figures, or says why that isn't possible. Does nothing if it is no
 * longer an estimate.
 */
async function freeze(tx: Change, { _id: billingGroupId, accountId }: GroupName, period: Period): Promise<InvoiceDoc> {
  const group = await groupById(accountId, billingGroupId);
  await restOnAccount(tx, accountId);
  const account = await accountById(accountId);
  if (!group || !account) throw new Error(`Group ${billingGroupId} no longer exists`);
  const before = await invoiceOfPeriod(accountId, billingGroupId, period);
  if (!before && period < group.nextPeriod) throw new Refusal('period_before_group', { group: group.name, period });
  if (before && before.state !== 'estimate') return { ...before, heldBack: null };
  if (!before) await touchEstimates(tx, account, period, [group]);
  const invoice = before ?? (await invoiceOfPeriodOrFail(accountId, billingGroupId, period));
  const figures = await figuresOf(tx, account, group, period, tx.clock.now());
  const settled = { ...storedFigures(figures), currency: group.currency, computedAt: tx.clock.now(), touchedAt: null };
  await storeLines(tx, account._id, invoice, figures.calculation.lines);
  await storeTrail(tx, invoice._id, figures);
  if (figures.heldBack !== null) return holdBack(tx, group, { ...invoice, ...settled });
  const { paymentMethod, ...parties } = await snapshotOf(account, group);
  const due = { amountDue: figures.calculation.amountDue, method: paymentMethod };
  const terms = await paymentTerms(tx, account, { ...invoice, ...settled }, due);
  const home = figures.taxAtHome && { taxAtHome: figures.taxAtHome };
  const snapshot = { ...parties, ...terms, ...home };
  const draft = { ...invoice, ...settled, state: 'draft' as const, snapshot };
  await writes.freezeEstimate(tx, draft);
  await consumeCredits(tx, draft, figures.calculation.creditUses);
  const following = nextPeriod(period);
  await markClosed(tx, accountId, group._id, { period, next: following });
  // a deleted group has no invoice after its last
  if (group.finalPeriod === null || following <= group.finalPeriod) {
    await touchEstimates(tx, account, following, [group]);
  }
  return draft;
}

/** Keeps it an estimate and reports why, once for each reason. */
async function holdBack(tx: Change, group: GroupDoc, estimate: InvoiceDoc): Promise<InvoiceDoc> {
  await writes.replaceEstimate(tx, estimate);
  const { heldBack: reason, period } = estimate;
  if (await wasHeldBack(group.accountId, group._id, { period, reason })) return estimate;
  await tx.record({
    accountId: group.accountId,
    type: 'invoice_held_back',
    description: `Held back the invoice of billing group "${group.name}" for ${periodName(period)}: ${reason}`,
    billingGroupId: group._id,
    invoiceId: estimate._id,
    after: { period, reason },
  });
  return estimate;
}

/** The current seller and buyer. */
export async function snapshotOf(account: AccountDoc, group: GroupDoc): Promise<NonNullable<InvoiceDoc['snapshot']>> {
  return {
    accountName: account.name,
    sellerName: account.seller.legalName,
    seller: completeSeller(account.seller),
    buyer: { ...NO_BILLING_INFORMATION, ...group.billing },
    timeZone: account.timeZone,
    billingGroupName: group.name,
    paymentMethod: await methodFor(group),
  };
}

async function finishDraft(ctx: Ctx, draft: Pick<InvoiceDoc, '_id' | 'accountId'>): Promise<CloseResult> {
  await drawInvoiceNumber(draft);
  return inTransaction(ctx, (tx) => issueDraft(tx, draft));
}

async function drawInvoiceNumber({ _id, accountId }: Pick<InvoiceDoc, '_id' | 'accountId'>): Promise<void> {
  const draft = await invoiceOrFail(accountId, _id);
  if (draft.seq !== undefined) return;
  const account = await accountOrFail(accountId);
  await drawNumber(account, { kind: 'invoice', id: _id, frozenAt: draft.computedAt ?? draft.periodEnd });
}

async function issueDraft(
  tx: Change,
  { _id: invoiceId, accountId }: Pick<InvoiceDoc, '_id' | 'accountId'>,
): Promise<CloseResult> {
  const draft = await invoiceOrFail(accountId, invoiceId);
  if (draft.state !== 'draft') return { outcome: 'was_issued', invoice: draft };
  const { snapshot, number } = draft;
  if (!snapshot || number === undefined) throw new Error(`Draft ${invoiceId} is incomplete`);
  const issuedAt = tx.clock.now();
  const balance = await keepBalance(tx, draft, number);
  const state = issuedState(fromDecimal128(draft.amountDue), snapshot.paymentMethod);
  const dueAt = dueDate(issuedAt, snapshot.paymentMethod, snapshot.timeZone);
  await writes.issueDraft(tx, accountId, invoiceId, { state, issuedAt, dueAt, ...(balance && { balance }) });
  const total = formatMoney(fromDecimal128(draft.total), draft.currency);
  await tx.record({
    accountId: draft.accountId,
    type: 'invoice_issued',
    description: `Issued invoice ${number} of billing group "${snapshot.billingGroupName}" for ${periodName(draft.period)}: ${total}`,
    billingGroupId: draft.billingGroupId,
    invoiceId,
    before: { state: 'estimate' },
    after: { state, number, period: draft.period, total },
  });
  // invoices of zero aren't emailed
  if (!fromDecimal128(draft.total).isZero()) await queueMail(tx, draft, { kind: 'invoice' });
  if (state === 'due') tx.nudge('charges');
  tx.nudge('estimates');
  return { outcome: 'issued', invoice: { ...draft, state, issuedAt, dueAt, ...(balance && { balance }) } };
}
