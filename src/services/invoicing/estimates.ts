import { breakdownOf } from '../../billing/invoice/breakdown.ts';
import {
  type Calculation,
  type CostSum,
  calculate,
  type InvoiceLine,
  impossibility,
  type Terms,
} from '../../billing/invoice/invoice.ts';
import { type Decimal, product, sum, ZERO } from '../../billing/money/money.ts';
import { type Period, spanOf } from '../../billing/period/period.ts';
import { taxBlockers } from '../../billing/tax/tax.ts';
import { accountById } from '../../store/accounts/account-reads.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { costSums, projectLabels } from '../../store/costs/cost-sums.ts';
import { groupById } from '../../store/groups/group-reads.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { deleteLines, insertLines, replaceTrail } from '../../store/invoicing/invoice-lines.ts';
import { estimateById, groupsInvoicedFor, type InvoiceName } from '../../store/invoicing/invoice-reads.ts';
import {
  insertEstimates,
  storeFigures,
  touchAllEstimates,
  touchEstimatesOf,
} from '../../store/invoicing/invoice-writes.ts';
import type { InvoiceDoc, InvoiceSnapshot, LineDoc } from '../../store/invoicing/invoices.ts';
import { eachTouchedEstimate, isTouched } from '../../store/invoicing/invoices-to-do.ts';
import { toDecimal128 } from '../../store/kit/decimal.ts';
import { newId } from '../../store/kit/ids.ts';
import type { Tx } from '../../store/kit/transaction.ts';
import { eachOfAll, type Loop } from '../background/each-of-all.ts';
import { undrawableLines } from '../documents/document-lacks.ts';
import type { Ctx } from '../kit/context.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';
import { termsOf } from './invoice-terms.ts';
import { taxAtHome } from './tax-in-home-currency.ts';

/** The maximum number of estimates updated in one tick. */
const BATCH = 200;
/** How many lines are stored with one call. */
const LINES_AT_ONCE = 1000;

/** The figures of an estimate or an invoice, and why it can't be issued, if there is a reason. */
export interface Figures {
  readonly calculation: Calculation;
  /** The same without commitment fees, if there are any. */
  readonly beforeCommitments: Calculation | null;
  readonly heldBack: string | null;
  readonly taxAtHome?: NonNullable<InvoiceSnapshot['taxAtHome']>;
}

/**
 * Marks the estimates of these groups for a period as out of date, and creates missing ones. Closing an estimate writes
 * the same document, so a close and a concurrent change conflict. The caller must have checked that the period isn't
 * invoiced.
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
  if (missing.length > 0)
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

const REFRESHING: Loop<InvoiceName> = {
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
    await eachOfAll(ctx, REFRESHING, eachTouchedEstimate(), async ({ _id, accountId }) => {
      tried += 1;
      // another process with the same estimates was quicker
      if (!(await isTouched(accountId, _id))) return;
      await refreshEstimate(ctx, accountId, _id);
      done += 1;
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

/** Recalculates one estimate, including its lines, in one transaction; does nothing if it is no longer an estimate. */
export async function refreshEstimate(ctx: Ctx, accountId: string, invoiceId: string): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const invoice = await estimateById(accountId, invoiceId);
    if (!invoice) return;
    const account = await accountById(accountId);
    const group = await groupById(accountId, invoice.billingGroupId);
    if (!account || !group) throw new Error(`The group of invoice ${invoiceId} no longer exists`);
    const figures = await figuresOf(tx, account, group, invoice.period, tx.clock.now());
    await storeLines(tx, account._id, invoice, figures.calculation.lines);
    await storeTrail(tx, invoice._id, figures);
    await storeFigures(tx, accountId, invoiceId, {
      ...storedFigures(figures),
      undrawable: undrawableLines(figures.calculation.lines),
      ...{ currency: group.currency, computedAt: tx.clock.now(), touchedAt: null },
    });
  });
}

/**
 * Calculates a group's invoice for a period from its current costs and terms, as if it were issued now. No credit is
 * used up.
 */
export async function figuresOf(
  tx: Tx,
  account: AccountDoc,
  group: GroupDoc,
  period: Period,
  now: Date,
): Promise<Figures> {
  const { currency } = group;
  const costs = await costSums(tx, {
    accountId: account._id,
    billingGroupId: group._id,
    period,
    timeZone: account.timeZone,
  });
  const terms = await termsOf(tx, account, group, { period, now, costs });
  const calculation = calculate(costs, currency, terms);
  const beforeCommitments = withoutCommitments(costs, currency, terms, calculation);
  const fault = impossibility(calculation, plainSum(costs, currency, calculation), currency);
  if (fault) throw new Error(`Group ${group._id}, ${period}: ${fault}`);
  const home = await taxAtHome(account, { tax: calculation.tax, currency }, now);
  const { missing } = calculation;
  const reasons = [
    ...(missing.length === 0 ? [] : [`No exchange rate to convert ${missing.join(', ')} into ${currency}.`]),
    ...taxBlockers(calculation.taxes),
    ...(home.missing === undefined ? [] : [home.missing]),
  ];
  return {
    ...{ calculation, beforeCommitments },
    heldBack: reasons.length === 0 ? null : reasons.join(' '),
    ...(home.taxAtHome && { taxAtHome: home.taxAtHome }),
  };
}

/** The figures as stored on the invoice. */
export function storedFigures({ calculation, beforeCommitments, heldBack }: Figures): Partial<InvoiceDoc> {
  const { creditUses, conversions, taxes } = calculation;
  return {
    exact: toDecimal128(calculation.exact),
    net: toDecimal128(calculation.net),
    tax: toDecimal128(calculation.tax),
    total: toDecimal128(calculation.total),
    amountDue: toDecimal128(calculation.amountDue),
    breakdown: storedBreakdown(calculation),
    beforeCommitments: beforeCommitments && {
      net: toDecimal128(beforeCommitments.net),
      credits: storedBreakdown(beforeCommitments).credits,
    },
    leftOut: calculation.leftOut.map((one) => ({ ...one, amount: toDecimal128(one.amount) })),
    taxes: taxes.map(({ category, rate, base, amount, reason }) => ({
      ...{ category, reason },
      ...{ rate: toDecimal128(rate), base: toDecimal128(base), amount: toDecimal128(amount) },
    })),
    prepaid: creditUses
      .filter((use) => use.parts.length === 0)
      .map(({ credit, amount }) => ({ code: credit.code, amount: toDecimal128(amount) })),
    conversions: conversions.map(({ from, rate, date, source }) => ({ from, rate: toDecimal128(rate), date, source })),
    lineCount: calculation.lines.length,
    recordCount: calculation.lines.reduce((count, line) => count + line.records, 0),
    heldBack,
  };
}

/**
 * The figures without commitment fees, which nobody owes before the period has ended; null if there is no difference.
 */
export function withoutCommitments(
  costs: readonly CostSum[],
  currency: string,
  terms: Terms,
  { lines }: Calculation,
): Calculation | null {
  const isMissing = lines.some(({ lineType }) => lineType === 'commitment_fee');
  return isMissing ? calculate(costs, currency, { ...terms, commitments: [] }) : null;
}

function storedBreakdown({ lines }: Calculation): NonNullable<InvoiceDoc['breakdown']> {
  const { costs, adjustments, commitments, credits } = breakdownOf(lines);
  return {
    costs: toDecimal128(costs),
    adjustments: toDecimal128(adjustments),
    commitments: toDecimal128(commitments),
    credits: toDecimal128(credits),
  };
}

/** Stores the trail of the calculation, replacing the previous one. */
export async function storeTrail(tx: Tx, invoiceId: string, { calculation }: Figures): Promise<void> {
  await replaceTrail(tx, invoiceId, calculation.trail);
}

/** Replaces an invoice's lines. */
export async function storeLines(
  tx: Tx,
  accountId: string,
  invoice: Pick<InvoiceDoc, '_id' | 'period'>,
  lines: readonly InvoiceLine[],
): Promise<void> {
  await deleteLines(tx, invoice._id);
  const labels = await projectLabels(accountId, [...new Set(lines.map((line) => line.projectId))]);
  for (let at = 0; at < lines.length; at += LINES_AT_ONCE) {
    const docs = lines
      .slice(at, at + LINES_AT_ONCE)
      .map((line, index) => storedLine(invoice, at + index + 1, line, labels.get(line.projectId) ?? null));
    await insertLines(tx, docs);
  }
}

function storedLine(
  invoice: Pick<InvoiceDoc, '_id' | 'period'>,
  place: number,
  line: InvoiceLine,
  projectLabel: string | null,
): Omit<LineDoc, '_id'> {
  const { exact, total, preDiscount, taxRate, original, ...rest } = line;
  const { _id: invoiceId, period } = invoice;
  return {
    ...rest,
    ...{ invoiceId, period, place, projectLabel },
    exact: toDecimal128(exact),
    total: toDecimal128(total),
    preDiscount: toDecimal128(preDiscount),
    taxRate: toDecimal128(taxRate),
    original: original && { currency: original.currency, amount: toDecimal128(original.amount) },
  };
}

/** The sum of the costs in each currency, converted as a whole: a cross-check for the lines. */
function plainSum(costs: readonly CostSum[], currency: string, { conversions }: Calculation): Decimal {
  const inCurrency = (code: string) => sum(costs.filter((cost) => cost.currency === code).map((cost) => cost.amount));
  return sum([inCurrency(currency), ...conversions.map(({ from, rate }) => product(inCurrency(from), rate))]);
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
