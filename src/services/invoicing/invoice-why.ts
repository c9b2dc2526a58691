import type { TrailEntry } from '../../billing/invoice/trail-entry.ts';
import type { Decimal } from '../../billing/money/money.ts';
import { dayIn } from '../../billing/period/day.ts';
import { Refusal } from '../../billing/refusal.ts';
import { rowsBehind } from '../../store/costs/cost-rows.ts';
import { lineAt } from '../../store/invoicing/invoice-lines.ts';
import { trailOf } from '../../store/invoicing/invoice-trails.ts';
import { fromDecimal128 } from '../../store/kit/decimal.ts';
import { admitTo } from '../access/rights.ts';
import type { Ctx } from '../kit/context.ts';
import { type Page, type PageRequest, placeOf } from '../kit/page.ts';
import { type InvoiceSummary, type LineSummary, toLine } from './invoice-reading.ts';

/** One cost, as provided by its source. */
export interface CostRow {
  readonly begin: Date;
  readonly end: Date;
  /** The day on which it starts, YYYY-MM-DD in the account's time zone. */
  readonly day: string;
  readonly description: string;
  readonly cloudName: string | null;
  readonly amount: Decimal;
  readonly currency: string;
}

export interface LineExplanation {
  readonly line: LineSummary;
  /** The steps applied to the line before those of the whole invoice: conversion and discounts. */
  readonly steps: readonly TrailEntry[];
  /** The costs that add up to it; empty for lines added by the calculation. */
  readonly rows: Page<CostRow>;
}

/** The steps of an invoice's calculation; empty for an invoice from before trails were stored. */
export async function invoiceTrail(ctx: Ctx, invoice: InvoiceSummary, request: PageRequest): Promise<Page<TrailEntry>> {
  await admitTo(ctx, invoice.accountId, invoice.billingGroupId);
  const entries = (await trailOf(invoice.accountId, invoice.id)) ?? [];
  const { skip, page, pages } = placeOf(request, entries.length);
  return { items: entries.slice(skip, skip + request.size), page, pages, total: entries.length };
}

/** A line of an invoice with a page of the costs behind it. @throws {Refusal} `invoice_line_not_found` */
export async function explainLine(
  ctx: Ctx,
  invoice: InvoiceSummary,
  place: number,
  request: PageRequest,
): Promise<LineExplanation> {
  const { account } = await admitTo(ctx, invoice.accountId, invoice.billingGroupId);
  const doc = await lineAt(invoice.storedLines, place);
  if (!doc) throw new Refusal('invoice_line_not_found');
  const { skip, page, pages } = placeOf(request, doc.records);
  const of = {
    accountId: account._id,
    billingGroupId: invoice.billingGroupId,
    period: invoice.period,
    timeZone: account.timeZone,
  };
  const booked = { ...doc, currency: doc.original?.currency ?? doc.currency };
  const rows = doc.records === 0 ? [] : await rowsBehind(of, booked, { skip, size: request.size });
  const items = rows.map(({ begin, end, description, cloudName, amount, currency }) => ({
    ...{ begin, end, description, cloudName, currency },
    day: dayIn(begin, account.timeZone),
    amount: fromDecimal128(amount),
  }));
  return { line: toLine(doc), steps: doc.trail ?? [], rows: { items, page, pages, total: doc.records } };
}
