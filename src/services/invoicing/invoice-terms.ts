import { completeSeller } from '../../billing/account/seller.ts';
import { byKey } from '../../billing/by-key.ts';
import { NO_BILLING_INFORMATION } from '../../billing/group/billing-information.ts';
import type { Terms } from '../../billing/invoice/calculate.ts';
import type { Commitment } from '../../billing/invoice/commitment.ts';
import type { Discount } from '../../billing/invoice/discount.ts';
import type { ExtraCharge } from '../../billing/invoice/extra-charge.ts';
import type { CostSum } from '../../billing/invoice/line.ts';
import type { Decimal } from '../../billing/money/money.ts';
import { oldestUsable, type Rate, rateOn } from '../../billing/money/rate.ts';
import { dayIn, lastDayBefore } from '../../billing/period/day.ts';
import { type Period, spanOf } from '../../billing/period/period.ts';
import { type TaxStatements, type TaxTerms, taxTerms } from '../../billing/tax/tax.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { type RateDoc, ratesBetween } from '../../store/costs/rates.ts';
import { claimedCredits } from '../../store/credits/credit-queries.ts';
import type { CreditDoc } from '../../store/credits/credits.ts';
import type { GroupDoc } from '../../store/groups/groups.ts';
import { type AdjustmentDoc, adjustmentsIn } from '../../store/invoicing/adjustments.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { readTogether } from '../../store/kit/read-together.ts';
import type { Reads } from '../../store/kit/transaction.ts';
import { usableCredits } from '../credits/credit-consumption.ts';

/** A group, and its costs in a period. */
export interface GroupCosts {
  readonly group: GroupDoc;
  readonly costs: readonly Pick<CostSum, 'currency' | 'lateFrom'>[];
}

/** When invoices are issued, for which period, and at which rates. */
export interface IssueOf {
  readonly period: Period;
  readonly now: Date;
  readonly rates: RatesReader;
}

/** The rates that can be used on the day of issue. */
export type RatesReader = () => Promise<readonly Rate[]>;

/** Reads the rates when they are first needed, and once. Only within one transaction. */
export function ratesOnce({ _id, timeZone }: Pick<AccountDoc, '_id' | 'timeZone'>, now: Date): RatesReader {
  let rates: Promise<readonly Rate[]> | undefined;
  return () => {
    rates ??= ratesFor(_id, dayIn(now, timeZone));
    return rates;
  };
}

/** What the terms of groups' invoices are made of, apart from the account. */
export interface TermsBasis {
  readonly adjustments: readonly AdjustmentDoc[];
  readonly credits: readonly CreditDoc[];
}

/** What `TermsBasis` is read from. */
export function termsSources(accountId: string, billingGroupIds: readonly string[], period: Period) {
  return {
    adjustments: adjustmentsIn(accountId, billingGroupIds, period),
    credits: claimedCredits(accountId, billingGroupIds),
  };
}

/**
 * The data for the invoices of groups of an account for a period, except their costs, by group. One query, however many
 * groups there are. Currency rates are those of the day of issue, which is today; tax rates are
 * those at the tax point.
 */
export async function termsOfGroups(
  _reads: Reads,
  account: AccountDoc,
  all: readonly GroupCosts[],
  { period, now, rates }: IssueOf,
  known?: TermsBasis,
): Promise<ReadonlyMap<string, Terms>> {
  const span = spanOf(period, account.timeZone);
  const groups = all.map(({ group }) => group);
  const ids = groups.map(({ _id }) => _id);
  const basis = known ?? (await readTogether(termsSources(account._id, ids, period)));
  const adjustments = byKey(basis.adjustments, ({ billingGroupId }) => billingGroupId);
  const credits = usableCredits(basis.credits, groups, span);
  const today = dayIn(now, account.timeZone);
  const terms = new Map<string, Terms>();
  for (const { group, costs } of all) {
    const own = adjustments.get(group._id) ?? [];
    const currencies = [...costs.map((cost) => cost.currency), ...own.flatMap(({ currency }) => currency ?? [])];
    const isForeign = currencies.some((currency) => currency !== group.currency);
    const usable = isForeign ? await rates() : [];
    const late = [...new Set(costs.flatMap(({ lateFrom }) => lateFrom ?? []))];
    terms.set(group._id, {
      ...{ period, span },
      discounts: own.filter(({ kind }) => kind === 'discount').map(toDiscount),
      charges: own.filter(({ kind }) => kind === 'charge').map(toCharge),
      commitments: own.filter(({ kind }) => kind === 'commitment').map(toCommitment),
      credits: credits.get(group._id) ?? [],
      tax: taxOf(account, group, period, late),
      rateFor: (from, to) => rateOn(usable, from, to, today),
    });
  }
  return terms;
}

/** How costs of a period are taxed, and late costs of other periods: at the rates of each period's last day. */
function taxOf(account: AccountDoc, group: GroupDoc, period: Period, late: readonly Period[]): TaxTerms {
  const { countryCode: sellerCountry, ...sellerAddress } = completeSeller(account.seller);
  const { countryCode: buyerCountry, ...buyer } = { ...NO_BILLING_INFORMATION, ...group.billing };
  const termsIn = (own: Period) =>
    taxTerms({
      ...{ sellerCountry, sellerAddress, buyerCountry, buyerAddress: buyer },
      buyerVatId: buyer.vatId,
      buyerVatState: buyer.vatState,
      statements: statementsOf(account),
      date: lastDayOf(own, account.timeZone),
      overrides: account.taxRates ?? [],
    });
  return { ...termsIn(period), late: new Map(late.map((own) => [own, termsIn(own)])) };
}

/**
 * The seller's tax statements. Accounts of earlier versions, which were never asked for a VAT ID, charge tax as before.
 */
function statementsOf({ seller, exportsGoods, isOssRegistered, isTaxNumberSufficient }: AccountDoc): TaxStatements {
  return {
    mayChargeTax: seller.vatId !== '' || isTaxNumberSufficient === true,
    exportsGoods: exportsGoods === true,
    isOssRegistered: isOssRegistered === true,
  };
}

/** A period's last day, YYYY-MM-DD. */
export function lastDayOf(period: Period, zone: string): string {
  return lastDayBefore(spanOf(period, zone).end, zone);
}

/** Converts a stored rate for the domain. */
export function toRate({ base, currency, date, rate, source }: RateDoc): Rate {
  return { base, currency, date, source, rate: fromDecimal128(rate) };
}

/** The rates in all currencies that can be used on a day. */
export async function ratesFor(accountId: string, today: string): Promise<Rate[]> {
  return (await ratesBetween(accountId, { from: oldestUsable(today), to: today })).map(toRate);
}

function toDiscount(doc: AdjustmentDoc): Discount {
  const { _id: id, description, from, until } = doc;
  const value = doc.percentage
    ? ({ kind: 'percentage', percentage: fromDecimal128(doc.percentage) } as const)
    : ({ kind: 'amount', ...amountOf(doc) } as const);
  return { id, description, from, until, value, scope: scopeOf(doc) };
}

/** What a discount applies to. */
export function scopeOf({
  projectId,
  projectName,
  serviceName,
}: Pick<AdjustmentDoc, 'projectId' | 'projectName' | 'serviceName'>): Discount['scope'] {
  if (serviceName !== null) return { kind: 'service', serviceName };
  return projectId === null ? { kind: 'group' } : { kind: 'project', projectId, projectName: projectName ?? '' };
}

function toCharge(doc: AdjustmentDoc): ExtraCharge {
  const { _id: id, description, from, until, isMonthly, projectId, projectName } = doc;
  const project = projectId === null ? null : { id: projectId, name: projectName ?? '' };
  return { id, description, from, until, isMonthly, project, ...amountOf(doc) };
}

function toCommitment(doc: AdjustmentDoc): Commitment {
  const { _id: id, description, from, until } = doc;
  return { id, description, from, until, ...amountOf(doc) };
}

function amountOf({ _id, amount, currency }: AdjustmentDoc): { amount: Decimal; currency: string } {
  if (!amount || currency === null) throw new Error(`Adjustment ${_id} has no amount`);
  return { amount: fromDecimal128(amount), currency };
}
