import { completeSeller } from '../../billing/account/seller.ts';
import { NO_BILLING_INFORMATION } from '../../billing/group/billing-information.ts';
import type { PaymentMethod } from '../../billing/group/payment-method.ts';
import { nextPeriod, type Period, periodName } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import { accountOrFail } from '../../store/accounts/account-reads.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { wasHeldBack } from '../../store/events/event-reads.ts';
import { groupsByIds } from '../../store/groups/group-reads.ts';
import { markClosed } from '../../store/groups/group-writes.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { wholeInvoicesOfGroups } from '../../store/invoicing/invoice-reads.ts';
import * as writes from '../../store/invoicing/invoice-writes.ts';
import type { InvoiceDoc } from '../../store/invoicing/invoices.ts';
import { readTogether } from '../../store/kit/read-together.ts';
import { consumeCredits } from '../credits/credit-consumption.ts';
import { restOnAccount } from '../kit/account-change.ts';
import type { Change } from '../kit/transaction.ts';
import { methodsFor } from '../settlement/payment-methods.ts';
import { paymentTerms } from '../settlement/uncharged-amounts.ts';
import { touchEstimates } from './estimates.ts';
import { basisSources, type Figures, figuresOfGroups, storedFigures } from './figures.ts';
import { useLines } from './lines/lines-ahead.ts';
import { assertUpToDate, type Prepared, versionOf } from './lines/prepared.ts';
import { MOST_IN_TRANSACTION, storeLines } from './lines/stored-lines.ts';

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

/** Groups of an account whose estimates for a period are closed in one transaction. */
interface ClosedTogether {
  readonly groups: readonly GroupDoc[];
  readonly period: Period;
  /** What was calculated before, for a group alone. */
  readonly prepared?: Prepared | undefined;
}

/**
 * Turns estimates into drafts with their final figures, or says why that isn't possible. Leaves what is no longer an
 * estimate as it is.
 *
 * @param prepared for a group alone: what was calculated before
 * @returns the groups' invoices as they are now, in the groups' order
 * @throws {Outdated} if that no longer holds
 * @throws {TooLongForTransaction} if it has to be prepared
 */
export async function freeze(
  tx: Change,
  { accountId, groupIds, period }: Closing,
  prepared?: Prepared,
): Promise<InvoiceDoc[]> {
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
    for (const invoice of await closeEstimates(tx, account, { groups: open, period, prepared }, before)) {
      before.set(invoice.billingGroupId, invoice);
    }
  }
  return groupIds.flatMap((id) => before.get(id) ?? []);
}

/**
 * The invoices and estimates of groups for a period, by group. Those to be closed are written before anything is read
 * that they contain, so that a concurrent change waits for this close instead of making all of it run again.
 */
export async function invoicesToClose(
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
  { groups, period, prepared }: ClosedTogether,
  invoices: ReadonlyMap<string, InvoiceDoc>,
): Promise<InvoiceDoc[]> {
  const { _id: accountId } = account;
  const before = groups.map(({ _id }) => {
    const invoice = invoices.get(_id);
    if (!invoice) throw new Error(`Nothing to close for group ${_id}`);
    return invoice;
  });
  const { figures, now, linesVersion } = prepared
    ? await checked(tx, prepared, before)
    : await calculatedNow(tx, account, { groups, period }, before);
  const methods = await methodsFor(accountId, groups);
  const estimates = groups.map((group, at): Estimate => {
    const [invoice, own, method] = [before[at], figures.get(group._id), methods[at]];
    if (!invoice || !own || !method) throw new Error(`No figures for group ${group._id}`);
    const version = versionOf(linesVersion ?? invoice.linesVersion ?? 0);
    const settled = { ...storedFigures(own), ...version, currency: group.currency, computedAt: now, touchedAt: null };
    return { group, figures: own, method, before: invoice, invoice: { ...invoice, ...settled } };
  });
  const able = estimates.filter(({ invoice }) => invoice.heldBack === null);
  const heldBack = estimates.filter(({ invoice }) => invoice.heldBack !== null);
  for (const { group, invoice } of heldBack) await holdBack(tx, group, invoice);
  return [...heldBack.map(({ invoice }) => invoice), ...(await freezeAble(tx, account, able, period))];
}

/** Figures by group, and the `computedAt` that their invoices get. */
interface Calculated {
  readonly figures: ReadonlyMap<string, Figures>;
  readonly now: Date;
  /** The version that has the lines that were written ahead; absent if none were. */
  readonly linesVersion?: number;
}

/** Calculates estimates and stores their lines. */
async function calculatedNow(
  tx: Change,
  account: AccountDoc,
  { groups, period }: Omit<ClosedTogether, 'prepared'>,
  before: readonly InvoiceDoc[],
): Promise<Calculated> {
  const { _id: accountId } = account;
  const now = tx.clock.now();
  const basis = await readTogether(basisSources({ accountId, period }, before));
  const of = { period, now, basis, most: MOST_IN_TRANSACTION.sums };
  const figures = await figuresOfGroups(tx, account, groups, of);
  const calculated = before.map((invoice) => {
    const own = figures.get(invoice.billingGroupId);
    if (!own) throw new Error(`No figures for group ${invoice.billingGroupId}`);
    return { invoice, figures: own };
  });
  await storeLines(tx, { accountId, basis, now }, calculated);
  return { figures, now };
}

/** Uses what was prepared for a group. @throws {Outdated} */
async function checked(tx: Change, prepared: Prepared, [invoice]: readonly InvoiceDoc[]): Promise<Calculated> {
  const { group, figures, now, lines, linesVersion } = prepared;
  // the close itself has touched it once
  await assertUpToDate(tx, prepared, (invoice?.touches ?? 0) - 1);
  await useLines(tx, lines);
  return { figures: new Map([[group._id, figures]]), now, linesVersion };
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
