import { type CreditUse, type UsableCredit, usePromotional, usePurchased } from '../credit/credit-use.ts';
import { convert, convertAmount, type RateFor } from '../money/conversion.ts';
import { Decimal, roundByOwner, roundToMinor, sum, ZERO } from '../money/money.ts';
import type { ConversionRate } from '../money/rate.ts';
import { type Period, type Span, toPeriod } from '../period/period.ts';
import { NO_TAX, ruleFor, statedRules, type TaxAmount, type TaxTerms, taxAmounts } from '../tax/tax.ts';
import { type Amount, holdsIn } from './adjustment.ts';
import type { LeftOut } from './breakdown.ts';
import { costEntries, creditEntries, dueEntry, roundingEntry, taxEntries, totalEntry } from './calculation-trail.ts';
import { type Commitment, commitmentFees } from './commitment.ts';
import { type Discount, type Discounted, discount, isDiscounted } from './discount.ts';
import { chargeLines, type ExtraCharge } from './extra-charge.ts';
import {
  addedLine,
  type CostSum,
  compare,
  type DraftLine,
  type InvoiceLine,
  inLineOrder,
  isCost,
  lineOf,
  roundedLine,
} from './line.ts';
import type { TrailEntry } from './trail-entry.ts';

/** What an invoice's figures are based on, apart from the costs. */
export interface Terms {
  readonly period: Period;
  readonly span: Span;
  readonly charges: readonly ExtraCharge[];
  readonly discounts: readonly Discount[];
  readonly commitments: readonly Commitment[];
  readonly credits: readonly UsableCredit[];
  readonly tax: TaxTerms;
  /** The rates of the day of issue. */
  readonly rateFor: RateFor;
}

export interface Calculation {
  readonly lines: readonly InvoiceLine[];
  /** The sum of all costs in the invoice's currency, unrounded and before discounts. */
  readonly exact: Decimal;
  /** `total_vat_zero` */
  readonly net: Decimal;
  readonly taxes: readonly TaxAmount[];
  readonly tax: Decimal;
  /** `total_inc_vat` */
  readonly total: Decimal;
  /** The amount that purchased credits pay. */
  readonly prepaid: Decimal;
  readonly amountDue: Decimal;
  /** In the order in which they are used, promotional ones first. */
  readonly creditUses: readonly CreditUse[];
  readonly conversions: readonly ConversionRate[];
  /** Currencies without a rate. Amounts in them are left out, and the invoice can't be issued. */
  readonly missing: readonly string[];
  /** The amounts in those currencies. */
  readonly leftOut: readonly LeftOut[];
  readonly trail: readonly TrailEntry[];
}

const NOTHING: Terms = {
  period: toPeriod('1970-01'),
  span: { begin: new Date(0), end: new Date(0) },
  charges: [],
  discounts: [],
  commitments: [],
  credits: [],
  tax: NO_TAX,
  rateFor: () => undefined,
};

/**
 * Calculates an invoice's figures (domain.md, Calculation) in this order, recording each step in the trail:
 *
 * 1. costs: a line for each sum of usage records
 * 2. extra charges of the period
 * 3. conversion from other currencies
 * 4. discounts on costs
 * 5. commitments: the gap to the month's minimum
 * 6. rounding of all lines together
 * 7. promotional credits, before tax
 * 8. net, and tax once for each category and rate
 * 9. total
 * 10. purchased credits, after tax
 * 11. the amount due, never negative
 *
 * The same input always gives exactly the same result, whatever order the costs are in.
 */
export function calculate(costs: readonly CostSum[], currency: string, terms: Terms = NOTHING): Calculation {
  const of = { period: terms.period, span: terms.span, currency };
  const charges = chargeLines(terms.charges, of);
  const booked = inLineOrder([...costs.map(lineOf), ...charges.lines]);
  const converted = convert(booked, currency, terms.rateFor);
  const local = inCurrency(terms, currency);
  const discounted = discount(converted.lines, local.discounts, of, (line) => ruleFor(terms.tax, line));
  const fees = commitmentFees(local.commitments, sum(discounted.lines.map((line) => line.exact)), of);
  const exactLines = fees.lines.length === 0 ? discounted.lines : inLineOrder([...discounted.lines, ...fees.lines]);
  const taxed = rounding(exactLines, currency, terms.tax);
  const rounded = taxed.map(({ line }) => line);

  const payables = taxed.map(({ line, rule }) => ({ projectId: line.projectId, rule, amount: line.total }));
  const promotional = usePromotional(payables, terms.credits, currency);
  const notes = discounted.notes.map((note) => noteLine(note, rounded));
  const lines = [...rounded, ...notes, ...promotional.uses.flatMap((use) => creditLines(use, of))];
  const taxes = taxAmounts(
    promotional.left.map(({ rule, amount }) => ({ rule, base: amount })),
    currency,
  );
  const net = sum(lines.map((line) => line.total));
  const tax = sum(taxes.map((one) => one.amount));
  const total = net.plus(tax);
  const purchased = usePurchased(promotional.left, terms.credits, total, currency);
  const prepaid = sum(purchased.map((use) => use.amount));
  const amountDue = Decimal.max(total.minus(prepaid), ZERO);
  const beforeCredits = sum(rounded.map((line) => line.total));
  return {
    lines,
    exact: sum(converted.lines.filter(isCost).map((line) => line.exact)),
    ...{ net, taxes, tax, total, prepaid, amountDue },
    creditUses: [...promotional.uses, ...purchased],
    conversions: [...converted.conversions, ...local.conversions].filter(isFirst),
    missing: [...new Set([...converted.missing, ...local.missing.map((one) => one.currency)])].sort(compare),
    leftOut: [...leftOutOf(booked, converted.missing), ...local.missing],
    trail: [
      ...costEntries(costs),
      ...charges.trail,
      ...converted.trail,
      ...discounted.trail,
      ...fees.trail,
      roundingEntry(sum(exactLines.map((line) => line.exact)), beforeCredits, currency),
      ...creditEntries('credit', promotional.uses, beforeCredits, currency),
      ...taxEntries(taxes, currency),
      totalEntry(net, total, currency),
      ...creditEntries('prepaid', purchased, total, currency),
      dueEntry(total, prepaid, amountDue, currency),
    ],
  };
}

/**
 * Rounds all lines together, so that they add up to the rounded exact sum and no project pays a unit for another, and
 * says how each is taxed.
 */
function rounding(lines: readonly DraftLine[], currency: string, tax: TaxTerms) {
  const totals = roundByOwner(
    lines.map((line) => ({ owner: line.projectId, exact: line.exact })),
    currency,
  );
  const rules = statedRules(lines.map((line, at) => ({ rule: ruleFor(tax, line), total: totals[at] ?? ZERO })));
  return lines.map((draft, at) => {
    const total = totals[at] ?? ZERO;
    const rule = rules[at] ?? ruleFor(tax, draft);
    const preDiscount = preDiscountOf(draft, total, currency);
    return { line: roundedLine(draft, { preDiscount, total, taxCategory: rule.category, taxRate: rule.rate }), rule };
  });
}

/**
 * A note about a discount. It charges nothing, so it is taxed like one of the lines it concerns and adds no tax rate.
 */
function noteLine({ line, scope }: Discounted['notes'][number], rounded: readonly InvoiceLine[]): InvoiceLine {
  const { undiscounted: total, ...rest } = line;
  const about = rounded.find((one) => isDiscounted(one, scope));
  if (!about) throw new Error(`The discount noted as “${line.description}” isn’t on any line`);
  return { ...rest, preDiscount: total, total, taxCategory: about.taxCategory, taxRate: about.taxRate };
}

/** A line's amount before discounts, as shown. Rounding never makes a discount look like an increase. */
function preDiscountOf({ undiscounted, exact }: DraftLine, total: Decimal, currency: string): Decimal {
  if (undiscounted.equals(exact)) return total;
  const before = roundToMinor(undiscounted, currency);
  return undiscounted.gt(exact) ? Decimal.max(before, total) : before;
}

/** A credit_consumption line for the amount that a credit takes off each tax rate. */
function creditLines({ credit, parts }: CreditUse, of: { span: Span; currency: string }): InvoiceLine[] {
  return parts.map(({ rule, amount }) => {
    const { undiscounted: total, ...line } = addedLine({
      lineType: 'credit_consumption',
      description: `Credit ${credit.code}`,
      currency: of.currency,
      ...of.span,
      amount: amount.neg(),
      code: credit.code,
    });
    return { ...line, preDiscount: total, total, taxCategory: rule.category, taxRate: rule.rate };
  });
}

/** Converts discounts and minimums agreed in another currency to the invoice's currency. */
function inCurrency({ discounts, commitments, rateFor, period }: Terms, currency: string) {
  const conversions: ConversionRate[] = [];
  const missing: LeftOut[] = [];
  const convertOne = <T extends Amount>(one: T, kind: LeftOut['kind']): T[] => {
    const amount = convertAmount(one, currency, rateFor);
    if (amount === undefined) missing.push({ kind, currency: one.currency, amount: one.amount });
    const rate = one.currency === currency ? undefined : rateFor(one.currency, currency);
    if (rate) conversions.push(rate);
    return amount === undefined ? [] : [{ ...one, amount, currency }];
  };
  return {
    discounts: discounts
      .filter((one) => holdsIn(one, period))
      .flatMap((one): Discount[] => {
        const { value } = one;
        return value.kind === 'percentage'
          ? [one]
          : convertOne(value, 'discount').map((amount) => ({ ...one, value: amount }));
      }),
    commitments: commitments.filter((one) => holdsIn(one, period)).flatMap((one) => convertOne(one, 'commitment')),
    conversions,
    missing,
  };
}

/** The totals of lines in currencies that can't be converted. */
function leftOutOf(lines: readonly DraftLine[], missing: readonly string[]): LeftOut[] {
  return missing.flatMap((currency) =>
    (['costs', 'extra charges'] as const).flatMap((kind) => {
      const own = lines.filter((line) => line.currency === currency && isCost(line) === (kind === 'costs'));
      return own.length === 0 ? [] : [{ kind, currency, amount: sum(own.map((line) => line.exact)) }];
    }),
  );
}

function isFirst(one: ConversionRate, at: number, all: readonly ConversionRate[]): boolean {
  return all.findIndex(({ from }) => from === one.from) === at;
}
