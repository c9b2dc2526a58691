import { z } from 'zod';
import { INVOICE_STATES, LINE_TYPES } from '../../billing/invoice/invoice.ts';
import { TAX_CATEGORIES } from '../../billing/tax/tax.ts';
import { idSchema, moneySchema, nextCursorSchema, pagingSchema, timeSchema } from './common.ts';

/** `draft` is internal and never shown. */
const STATES = INVOICE_STATES.filter((state) => state !== 'draft');
export const SORTS = [
  'invoice_number',
  'period_begin',
  'period_end',
  'state',
  'currency',
  'total_inc_vat',
  'total_vat_zero',
] as const;
export type Sort = (typeof SORTS)[number];

const stateSchema = z.enum(STATES as [(typeof STATES)[number], ...typeof STATES]);
const numberSchema = z.string().meta({ description: 'An estimate has no number and is called estimate-YYYY-MM' });

export const invoiceSchema = z
  .object({
    invoice_number: numberSchema,
    billing_group_id: z.string(),
    billing_group_name: z.string(),
    billing_group_state: z.enum(['active', 'deleted']),
    currency: z.string(),
    state: stateSchema,
    period_begin: timeSchema,
    period_end: timeSchema.meta({ description: 'The period’s last second' }),
    generated_at: timeSchema.nullable(),
    issue_date: timeSchema.nullable(),
    due_date: timeSchema.nullable(),
    total_vat_zero: moneySchema,
    total_inc_vat: moneySchema,
    download_cookie: z.string().meta({
      description: 'Gives access to this invoice’s PDF and CSV without a token, for 24 hours. Empty for an estimate',
    }),
  })
  .meta({ id: 'Invoice' });
export const invoicesAnswer = z.object({ invoices: z.array(invoiceSchema), next_cursor: nextCursorSchema });

export const invoiceListQuery = pagingSchema.extend({
  sort: z.enum(SORTS).optional().meta({ description: 'Ascending. Newest period first if absent' }),
  order: z.enum(['asc', 'desc']).optional().meta({ description: 'Sort order (our extension)' }),
});

export const invoiceHeadAnswer = z.object({
  invoice: z
    .object({
      invoice_number: numberSchema,
      invoice_state: stateSchema,
      due_date: timeSchema.nullable(),
      generated_at: timeSchema.nullable(),
      local_vat_zero: moneySchema,
      local_inc_vat: moneySchema,
    })
    .meta({ id: 'InvoiceHead' }),
});

export const lineSchema = z
  .object({
    line_type: z.enum(LINE_TYPES),
    description: z.string(),
    line_total_local: moneySchema,
    line_pre_discount_local: moneySchema,
    line_total_usd: moneySchema.nullable().meta({ description: 'Null when no exchange rate is known' }),
    local_currency: z.string(),
    project_name: z.string().nullable(),
    service_name: z.string().nullable(),
    service_type: z.string().nullable(),
    service_plan: z.string().nullable(),
    cloud_name: z.string().nullable(),
    timestamp_begin: timeSchema,
    timestamp_end: timeSchema,
    tags: z.record(z.string(), z.string()),
    commitment_name: z.string().nullable(),
  })
  .meta({ id: 'InvoiceLine' });
export const linesAnswer = z.object({ lines: z.array(lineSchema), next_cursor: nextCursorSchema });

const partySchema = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

/** The whole invoice (an extension of the published API). */
export const wholeInvoiceSchema = invoiceSchema
  .omit({ download_cookie: true })
  .extend({
    account_id: z.string(),
    account_name: z.string(),
    download_cookie: z.string(),
    tax: moneySchema,
    taxes: z.array(
      z.object({
        category: z.enum(TAX_CATEGORIES),
        rate: moneySchema.meta({ description: 'As a percentage' }),
        base: moneySchema,
        amount: moneySchema,
        reason: z.string().nullable().meta({ description: 'Why there is no tax', example: 'Reverse charge' }),
      }),
    ),
    prepaid: z.array(z.object({ code: z.string(), amount: moneySchema })),
    balance: z
      .object({ code: z.string(), amount: moneySchema })
      .nullable()
      .meta({ description: 'For a total below zero: the credit that holds it and pays later invoices' }),
    amount_due: moneySchema,
    conversions: z.array(
      z.object({ from: z.string().meta({ example: 'USD' }), rate: moneySchema, date: z.string(), source: z.string() }),
    ),
    seller: partySchema.nullable(),
    buyer: partySchema.nullable(),
    lines: z.array(lineSchema),
  })
  .meta({ id: 'WholeInvoice' });
export const wholeInvoiceAnswer = z.object({ invoice: wholeInvoiceSchema });

export const groupParams = z.object({ id: idSchema.meta({ description: 'billing_group_id' }) });
export const invoiceParams = groupParams.extend({
  number: idSchema.meta({ description: 'invoice_number', example: 'ACME-1' }),
});

export type LineBody = z.output<typeof lineSchema>;
export type InvoiceBody = z.output<typeof invoiceSchema>;
