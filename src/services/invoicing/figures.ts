import { breakdownOf } from '../../billing/invoice/breakdown.ts';
import { type Calculation, type CostSum, calculate, impossibility, type Terms } from '../../billing/invoice/invoice.ts';
import { type Decimal, product, sum } from '../../billing/money/money.ts';
import type { Period } from '../../billing/period/period.ts';
import { taxBlockers } from '../../billing/tax/tax.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { type CostBasis, costSources, costSumsOfGroups } from '../../store/costs/cost-sums.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { type LineDigestsDoc, lineDigests } from '../../store/invoicing/invoice-trails.ts';
import type { InvoiceDoc, InvoiceSnapshot } from '../../store/invoicing/invoices.ts';
import { toDecimal128 } from '../../store/kit/decimal.ts';
import type { Reads } from '../../store/kit/transaction.ts';
import { electronicInvoiceBlockers } from '../documents/document-lacks.ts';
import { type IssueOf, ratesOnce, type TermsBasis, termsOfGroups, termsSources } from './invoice-terms.ts';
import { taxAtHome } from './tax-in-home-currency.ts';

/** The figures of an estimate or an invoice, and why it can't be issued, if there is a reason. */
export interface Figures {
  readonly calculation: Calculation;
  /** The same without commitment fees, if there are any. */
  readonly beforeCommitments: Calculation | null;
  readonly heldBack: string | null;
  readonly taxAtHome?: NonNullable<InvoiceSnapshot['taxAtHome']>;
}

/** What groups' invoices are calculated from, apart from the account and their costs. */
export interface Basis extends CostBasis, TermsBasis {
  readonly digests: readonly LineDigestsDoc[];
}

/** What `Basis` is read from. */
export function basisSources(
  { accountId, period }: Pick<InvoiceDoc, 'accountId' | 'period'>,
  invoices: readonly Pick<InvoiceDoc, '_id' | 'billingGroupId'>[],
) {
  const billingGroupIds = invoices.map(({ billingGroupId }) => billingGroupId);
  return {
    ...costSources({ accountId, billingGroupIds }),
    ...termsSources(accountId, billingGroupIds, period),
    digests: lineDigests(
      accountId,
      invoices.map(({ _id }) => _id),
    ),
  };
}

/** What is calculated. */
interface FiguresOf {
  readonly period: Period;
  readonly now: Date;
  readonly basis: Basis;
  /** How many stored sums are read at most; all by default. */
  readonly most?: number;
}

/**
 * Calculates the invoices of groups of an account for a period from their current costs and terms, as if they were
 * issued now, by group. No credit is used up. As many queries for several groups as for one.
 *
 * @throws {TooLongForTransaction} if there are more stored sums than `most`
 */
export async function figuresOfGroups(
  reads: Reads,
  account: AccountDoc,
  groups: readonly GroupDoc[],
  { period, now, basis, most }: FiguresOf,
): Promise<ReadonlyMap<string, Figures>> {
  const billingGroupIds = groups.map(({ _id }) => _id);
  const { _id: accountId, timeZone } = account;
  const sums = await costSumsOfGroups(
    reads,
    { accountId, billingGroupIds, period, timeZone },
    { known: basis, ...(most !== undefined && { most }) },
  );
  const all = groups.map((group) => ({ group, costs: sums.get(group._id) ?? [] }));
  const issue = { period, now, rates: ratesOnce(account, now) };
  const terms = await termsOfGroups(reads, account, all, issue, basis);
  const figures = new Map<string, Figures>();
  for (const { group, costs } of all) {
    const own = terms.get(group._id);
    if (own) figures.set(group._id, await calculated(account, group, { costs, terms: own, issue }));
  }
  return figures;
}

async function calculated(
  account: AccountDoc,
  group: GroupDoc,
  { costs, terms, issue }: { readonly costs: readonly CostSum[]; readonly terms: Terms; readonly issue: IssueOf },
): Promise<Figures> {
  const { currency } = group;
  const { period, now, rates } = issue;
  const calculation = calculate(costs, currency, terms);
  const beforeCommitments = withoutCommitments(costs, currency, terms, calculation);
  const fault = impossibility(calculation, plainSum(costs, currency, calculation), currency);
  if (fault) throw new Error(`Group ${group._id}, ${period}: ${fault}`);
  const home = await taxAtHome(account, { tax: calculation.tax, currency }, now, rates);
  const { missing } = calculation;
  const { begin: periodBegin, end: periodEnd } = terms.span;
  const document = { ...storedAmounts(calculation), ...{ period, periodBegin, periodEnd, currency } };
  const reasons = [
    ...(missing.length === 0 ? [] : [`No exchange rate to convert ${missing.join(', ')} into ${currency}.`]),
    ...taxBlockers(calculation.taxes),
    ...(home.missing === undefined ? [] : [home.missing]),
    ...electronicInvoiceBlockers(account, group, document),
  ];
  return {
    ...{ calculation, beforeCommitments },
    heldBack: reasons.length === 0 ? null : reasons.join(' '),
    ...(home.taxAtHome && { taxAtHome: home.taxAtHome }),
  };
}

/** The figures as stored on the invoice. */
export function storedFigures({ calculation, beforeCommitments, heldBack }: Figures): Partial<InvoiceDoc> {
  const { creditUses, conversions } = calculation;
  return {
    exact: toDecimal128(calculation.exact),
    ...storedAmounts(calculation),
    amountDue: toDecimal128(calculation.amountDue),
    breakdown: storedBreakdown(calculation),
    beforeCommitments: beforeCommitments && {
      net: toDecimal128(beforeCommitments.net),
      credits: storedBreakdown(beforeCommitments).credits,
    },
    leftOut: calculation.leftOut.map((one) => ({ ...one, amount: toDecimal128(one.amount) })),
    prepaid: creditUses
      .filter((use) => use.parts.length === 0)
      .map(({ credit, amount }) => ({ code: credit.code, amount: toDecimal128(amount) })),
    conversions: conversions.map(({ from, rate, date, source }) => ({ from, rate: toDecimal128(rate), date, source })),
    lineCount: calculation.lines.length,
    recordCount: calculation.lines.reduce((count, line) => count + line.records, 0),
    heldBack,
  };
}

function storedAmounts({ net, tax, total, taxes }: Calculation) {
  return {
    ...{ net: toDecimal128(net), tax: toDecimal128(tax), total: toDecimal128(total) },
    taxes: taxes.map(({ category, rate, base, amount, reason }) => ({
      ...{ category, reason },
      ...{ rate: toDecimal128(rate), base: toDecimal128(base), amount: toDecimal128(amount) },
    })),
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

/** The sum of the costs in each currency, converted as a whole: a cross-check for the lines. */
function plainSum(costs: readonly CostSum[], currency: string, { conversions }: Calculation): Decimal {
  const inCurrency = (code: string) => sum(costs.filter((cost) => cost.currency === code).map((cost) => cost.amount));
  return sum([inCurrency(currency), ...conversions.map(({ from, rate }) => product(inCurrency(from), rate))]);
}
