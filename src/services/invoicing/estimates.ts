import { ZERO } from '../../billing/money/money.ts';
import { type Period, spanOf } from '../../billing/period/period.ts';
import { accountNamed } from '../../store/accounts/account-reads.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { groupNamed } from '../../store/groups/group-reads.ts';
import { holdGroups } from '../../store/groups/group-writes.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { estimateNamed, groupsInvoicedFor } from '../../store/invoicing/invoice-reads.ts';
import {
  insertEstimates,
  storeFigures,
  touchAllEstimates,
  touchEstimatesOf,
} from '../../store/invoicing/invoice-writes.ts';
import type { InvoiceDoc } from '../../store/invoicing/invoices.ts';
import { eachTouchedEstimate, type TouchedEstimate } from '../../store/invoicing/invoices-to-do.ts';
import { toDecimal128 } from '../../store/kit/decimal.ts';
import { newId } from '../../store/kit/ids.ts';
import { readTogether } from '../../store/kit/read-together.ts';
import { TooLongForTransaction } from '../../store/kit/transaction.ts';
import { eachOfAll, type Loop } from '../background/each-of-all.ts';
import { undrawableLines } from '../documents/document-lacks.ts';
import type { Ctx } from '../kit/context.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';
import { basisSources, type Figures, figuresOfGroups, storedFigures } from './figures.ts';
import { useLines } from './lines/lines-ahead.ts';
import { inPreparedChange, isLarge, type Prepared, versionOf } from './lines/prepared.ts';
import { MOST_IN_TRANSACTION, storeLines } from './lines/stored-lines.ts';

/** The maximum number of estimates updated in one tick. */
const BATCH = 200;

/**
 * Marks the estimates of these groups for a period as out of date, and creates missing ones. Closing an estimate writes
 * the same document, so a close and a concurrent change conflict. A new estimate is a document that a concurrent move
 * doesn't see, so its group is written as well: moves write all groups concerned. The caller must have checked that the
 * period isn't invoiced.
 */
export async function touchEstimates(
  tx: Change,
  account: Pick<AccountDoc, '_id' | 'timeZone'>,
  period: Period,
  groups: readonly Pick<GroupDoc, '_id' | 'currency'>[],
): Promise<void> {
  const ids = groups.map((group) => group._id);
  const touchedAt = tx.clock.now();
  if ((await touchEstimatesOf(tx, account._id, ids, period, touchedAt)) === ids.length) return;
  const there = new Set(await groupsInvoicedFor(account._id, ids, period));
  const missing = groups.filter((group) => !there.has(group._id));
  if (missing.length === 0) return;
  await holdGroups(
    tx,
    account._id,
    missing.map((group) => group._id),
  );
  await insertEstimates(
    tx,
    missing.map((group) => blank(account, group, period, touchedAt)),
  );
}

/** Marks existing estimates as out of date, for any period. */
export async function touchOpenEstimates(
  tx: Change,
  of: { readonly accountId: string; readonly billingGroupId?: string },
): Promise<void> {
  await touchAllEstimates(tx, of, tx.clock.now());
}

const REFRESHING: Loop<Recalculated> = {
  kind: 'estimate',
  whole: 'everywhere',
  name: ({ _id: id, accountId, billingGroupId }) => ({ id, accountId, billingGroupId }),
  what: 'compute the estimate',
  most: BATCH,
  atOnce: 4,
  inTurn: true,
};

/** Recalculates estimates that are out of date. Safe to run twice and concurrently. @returns how many */
export async function refreshEstimates(ctx: Ctx): Promise<number> {
  let [tried, done] = [0, 0];
  try {
    await eachOfAll(ctx, REFRESHING, eachTouchedEstimate(), async (estimate) => {
      tried += 1;
      if (await refresh(ctx, estimate, { onlyTouched: true })) done += 1;
    });
  } finally {
    if (tried === BATCH) ctx.nudge('estimates');
    if (done > 0) {
      ctx.nudge('home');
      ctx.nudge('moves');
      ctx.nudge('budgets');
    }
  }
  return done;
}

/** An estimate to be recalculated, with the number of lines that it has, if it is known. */
type Recalculated = TouchedEstimate & Partial<Pick<InvoiceDoc, 'lineCount'>>;

interface RefreshOptions {
  readonly onlyTouched: boolean;
}

/** Recalculates one estimate, including its lines; does nothing if it is no longer an estimate. */
export async function refreshEstimate(ctx: Ctx, estimate: Recalculated): Promise<void> {
  await refresh(ctx, estimate, { onlyTouched: false });
}

/** @returns whether it was recalculated */
async function refresh(ctx: Ctx, estimate: Recalculated, options: RefreshOptions): Promise<boolean> {
  const { lineCount } = estimate;
  // those that are known to be large needn't fail first
  if (lineCount !== undefined && (await isLarge({ ...estimate, lineCount }))) return refreshPrepared(ctx, estimate);
  try {
    return await refreshAtOnce(ctx, estimate, options);
  } catch (err) {
    if (err instanceof TooLongForTransaction) return refreshPrepared(ctx, estimate);
    throw err;
  }
}

/** In one transaction. @throws {TooLongForTransaction} */
async function refreshAtOnce(ctx: Ctx, estimate: TouchedEstimate, { onlyTouched }: RefreshOptions): Promise<boolean> {
  const { _id, accountId, billingGroupId, period } = estimate;
  return inTransaction(ctx, async (tx) => {
    const { invoices, accounts, groups, ...basis } = await readTogether({
      invoices: estimateNamed(accountId, _id),
      accounts: accountNamed(accountId),
      groups: groupNamed(accountId, billingGroupId),
      ...basisSources({ accountId, period }, [estimate]),
    });
    const [[invoice], [account], [group]] = [invoices, accounts, groups];
    // another process with the same estimates was quicker
    if (!invoice || (onlyTouched && invoice.touchedAt === null)) return false;
    if (!account || !group) throw new Error(`The group of invoice ${_id} no longer exists`);
    const now = tx.clock.now();
    const of = { period, now, basis, most: MOST_IN_TRANSACTION.sums };
    const figures = (await figuresOfGroups(tx, account, [group], of)).get(group._id);
    if (!figures) throw new Error(`No figures for group ${group._id}`);
    await storeLines(tx, { accountId, basis, now }, [{ invoice, figures }]);
    await storeFigures(tx, accountId, _id, { ...newFigures(figures, group, now), touchedAt: null });
    return true;
  });
}

/** With very many lines: in several transactions, of which only the last, a short one, changes the estimate. */
async function refreshPrepared(ctx: Ctx, estimate: TouchedEstimate): Promise<boolean> {
  const { _id, accountId } = estimate;
  const use = async (
    tx: Change,
    { invoice, group, figures, now, lines, linesVersion }: Prepared,
    current: InvoiceDoc,
  ) => {
    await useLines(tx, lines);
    // what has changed meanwhile comes next: costs that keep changing mustn't keep the estimate as it is
    const touchedAt = current.touches === invoice.touches ? null : current.touchedAt;
    await storeFigures(tx, accountId, _id, {
      ...newFigures(figures, group, now),
      ...versionOf(linesVersion),
      touchedAt,
    });
    return true;
  };
  return (await inPreparedChange(ctx, estimate, { patienceMs: 0, use })) ?? false;
}

function newFigures(figures: Figures, { currency }: GroupDoc, computedAt: Date): Partial<InvoiceDoc> {
  const undrawable = undrawableLines(figures.calculation.lines);
  return { ...storedFigures(figures), undrawable, currency, computedAt };
}

function blank(
  account: Pick<AccountDoc, '_id' | 'timeZone'>,
  group: Pick<GroupDoc, '_id' | 'currency'>,
  period: Period,
  touchedAt: Date,
): InvoiceDoc {
  const span = spanOf(period, account.timeZone);
  const nothing = toDecimal128(ZERO);
  return {
    _id: newId('inv'),
    accountId: account._id,
    billingGroupId: group._id,
    period,
    periodBegin: span.begin,
    periodEnd: span.end,
    state: 'estimate',
    currency: group.currency,
    exact: nothing,
    net: nothing,
    tax: nothing,
    total: nothing,
    amountDue: nothing,
    lineCount: 0,
    recordCount: 0,
    computedAt: null,
    touchedAt,
    touches: 1,
    heldBack: null,
    snapshot: null,
  };
}
