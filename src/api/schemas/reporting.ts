import { z } from 'zod';
import { MOVE_STATES } from '../../services/moves/move-read.ts';
import { moneySchema, nextCursorSchema, pagingSchema, periodSchema, timeSchema } from './common.ts';
import { invoiceSchema, lineSchema } from './invoice.ts';
import { eventSchema } from './lists.ts';
import { moveSchema } from './moves.ts';

const instantSchema = z.iso
  .datetime({ offset: true, error: 'Use a time such as 2026-10-31T23:59:59Z.' })
  .transform((text) => new Date(text))
  .meta({ type: 'string', format: 'date-time', example: '2026-10-31T23:59:59Z' });

const updatedSince = instantSchema
  .optional()
  .meta({ description: 'Only what has changed since then: send read_at of the last time that you read everything' });
const months = {
  period_from: periodSchema.optional().meta({ description: 'The first month' }),
  period_to: periodSchema.optional().meta({ description: 'The last month, which is included' }),
};

export const readAtSchema = timeSchema.meta({
  description: 'The updated_since of the next time, the same on all pages. Reading some items twice is intended',
});
const paged = { read_at: readAtSchema, next_cursor: nextCursorSchema.unwrap() };

export const invoiceReportQuery = pagingSchema.extend({
  updated_since: updatedSince,
  state: z.string().max(200).optional().meta({ description: 'Comma-separated', example: 'due,mailed' }),
  ...months,
});
export const reportedInvoiceSchema = invoiceSchema
  .omit({ download_cookie: true })
  .extend({
    invoice_id: z.string(),
    period: z.string().meta({ example: '2026-10' }),
    tax: moneySchema,
    amount_due: moneySchema,
    open_amount: moneySchema.meta({ description: 'What is still to be paid' }),
    update_time: timeSchema.nullable(),
  })
  .meta({ id: 'ReportedInvoice' });
export const reportedInvoicesAnswer = z.object({ invoices: z.array(reportedInvoiceSchema), ...paged });

export const reportedLineSchema = lineSchema
  .extend({
    line_id: z.string().meta({ description: 'Stays the same when the invoice is calculated again' }),
    invoice_id: z.string(),
    invoice_number: z.string(),
    billing_group_id: z.string(),
    period: z.string(),
  })
  .meta({ id: 'ReportedLine' });
export const reportedLinesAnswer = z.object({
  lines: z.array(reportedLineSchema),
  invoice_ids: z.array(z.string()).meta({
    description: 'Invoices whose lines begin here. Delete what you have of them before you store these lines',
  }),
  ...paged,
});

export const datedQuery = pagingSchema.extend({ updated_since: updatedSince });
export const moveReportQuery = datedQuery.extend({
  state: z.enum(MOVE_STATES).optional().meta({ description: 'Only requests in this state' }),
});

export const reportedProjectSchema = z
  .object({
    project_id: z.string(),
    project_name: z.string(),
    label: z.string().nullable(),
    billing_group_id: z.string(),
    billing_group_name: z.string(),
  })
  .meta({ id: 'ReportedProject' });
export const reportedProjectsAnswer = z.object({
  projects: z.array(reportedProjectSchema),
  next_cursor: nextCursorSchema.unwrap(),
});

export const reportedPaymentSchema = z
  .object({
    payment_id: z.string(),
    invoice_id: z.string(),
    way: z.enum(['transfer', 'card']),
    amount: moneySchema,
    currency: z.string(),
    date: z.string(),
    reference: z.string(),
    state: z.enum(['received', 'reversed']),
    update_time: timeSchema,
  })
  .meta({ id: 'ReportedPayment' });
export const reportedPaymentsAnswer = z.object({ payments: z.array(reportedPaymentSchema), ...paged });

export const reportedMemoSchema = z
  .object({
    credit_memo_id: z.string(),
    credit_memo_number: z.string().nullable(),
    invoice_id: z.string(),
    invoice_number: z.string(),
    billing_group_id: z.string(),
    state: z.enum(['draft', 'ready', 'sent']),
    reason: z.string(),
    currency: z.string(),
    net: moneySchema,
    tax: moneySchema,
    total: moneySchema,
    issue_time: timeSchema.nullable(),
    update_time: timeSchema,
  })
  .meta({ id: 'ReportedCreditMemo' });
export const reportedMemosAnswer = z.object({ credit_memos: z.array(reportedMemoSchema), ...paged });

export const reportedBudgetSchema = z
  .object({
    budget_id: z.string(),
    billing_group_id: z.string(),
    project_id: z.string().nullable(),
    amount: moneySchema,
    currency: z.string(),
    thresholds: z.array(z.int()).meta({ description: 'In percent' }),
  })
  .meta({ id: 'ReportedBudget' });
export const reportedBudgetsAnswer = z.object({
  budgets: z.array(reportedBudgetSchema),
  next_cursor: nextCursorSchema.unwrap(),
});

export const reportedMovesAnswer = z.object({ moves: z.array(moveSchema), ...paged });

export const eventsAfterQuery = pagingSchema.pick({ limit: true }).extend({
  after: z
    .string()
    .regex(/^\d{1,15}$/, 'Write a number.')
    .transform(Number)
    .optional()
    .meta({ type: 'integer', minimum: 0, description: 'The log_entry_id of the last event that you have' }),
});
export const eventsAfterAnswer = z.object({ events: z.array(eventSchema) });

export type ReportedInvoice = z.output<typeof reportedInvoiceSchema>;
export type ReportedLine = z.output<typeof reportedLineSchema>;
