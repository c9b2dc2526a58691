import type { Decimal } from '../money/money.ts';
import type { Period } from '../period/period.ts';
import { conflict, invalid, notFound, unavailable } from './kind.ts';

/** Invoices, credit memos and their documents. */
export const INVOICING_REFUSALS = {
  adjustment_not_found: notFound(),
  below_zero: conflict<{ readonly number: string }>(),
  /** The caller wasn't asked, or doesn't see the group any longer. */
  cost_review_not_found: notFound(),
  credit_memo_not_found: notFound<{ readonly number: string }>(),
  /** `obstacles` are sentences about what an electronic invoice lacks. */
  document_incomplete: conflict<{ readonly number: string; readonly obstacles: readonly string[] }>(),
  documents_busy: unavailable(),
  invoice_line_not_found: notFound(),
  invoice_not_found: notFound<{ readonly number?: string }>(),
  /** `period` is set if the document of an estimate was requested. */
  invoice_not_issued: conflict<{ readonly period?: Period }>(),
  memo_amount_too_high: invalid<{
    readonly limit: 'line' | 'tax rate' | 'total';
    readonly most: Decimal;
    readonly currency: string;
  }>(),
  memo_made: conflict<{ readonly number: string }>(),
  nothing_left: conflict<{ readonly number: string; readonly isBalanceUsed: boolean }>(),
  nothing_to_preview: conflict<{
    readonly group: string;
    readonly period: Period;
    readonly because: 'not_begun' | 'deleted' | 'no_invoice';
    readonly lastPeriod: Period;
  }>(),
  numbers_taken: conflict<{ readonly number: string }>('format'),
  period_before_group: notFound<{ readonly group: string; readonly period: Period }>(),
  period_not_over: conflict<{ readonly period: Period }>(),
  period_out_of_order: conflict<{ readonly group: string; readonly first: Period; readonly wanted: Period }>(),
  /** `missing` is a sentence that names the currencies and the day. */
  rate_missing: conflict<{ readonly missing: string }>(),
  whole_document_only: conflict<{ readonly format: string }>(),
};
