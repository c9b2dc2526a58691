import { z } from 'zod';
import { CHANGE_KINDS } from '../../billing/insight/change.ts';
import { isDay } from '../../billing/period/day.ts';
import { COST_SPLITS } from '../../services/insight/cost-report.ts';
import { idSchema, moneySchema } from './common.ts';

const daySchema = z.string().refine(isDay, 'Use a day such as 2026-10-31.').meta({ format: 'date' });
const monthSchema = z
  .string()
  .regex(/^20\d{2}-(0[1-9]|1[0-2])$/, 'Use a month such as 2026-10.')
  .meta({ example: '2026-10' });

/** What a question about costs is about; neither is the whole account. */
export const subjectQuery = z.object({
  billing_group_id: idSchema.optional(),
  project: idSchema.optional().meta({ description: 'The project’s name' }),
});
export const costsQuery = subjectQuery.extend({
  from: daySchema,
  until: daySchema,
  by: z.enum(COST_SPLITS).default('day'),
  tag: z.string().min(1).max(200).optional().meta({ description: 'The key, with by=tag' }),
});
export const comparisonQuery = subjectQuery.extend({ month: monthSchema.optional() });

const subjectName = z.string().nullable().meta({ description: 'Null for the whole account' });

export const costsAnswer = z
  .object({
    subject: subjectName,
    from: daySchema,
    until: daySchema,
    currencies: z.array(
      z.object({
        currency: z.string(),
        total: moneySchema,
        shares: z.array(
          z.object({ name: z.string().meta({ description: 'Empty for costs without the tag' }), amount: moneySchema }),
        ),
      }),
    ),
  })
  .meta({ id: 'Costs' });

export const comparisonAnswer = z
  .object({
    subject: subjectName,
    month: monthSchema,
    month_before: monthSchema,
    is_open: z.boolean(),
    currencies: z.array(
      z.object({
        currency: z.string(),
        amount: moneySchema,
        amount_before: moneySchema,
        change: moneySchema,
        parts: z.array(z.object({ kind: z.enum(CHANGE_KINDS), amount: moneySchema })),
        largest: z.array(
          z.object({
            kind: z.enum(CHANGE_KINDS),
            project: z.string().nullable(),
            service: z.string().nullable(),
            amount: moneySchema,
          }),
        ),
      }),
    ),
  })
  .meta({ id: 'Comparison' });

export const forecastAnswer = z
  .object({
    subject: subjectName,
    month: monthSchema,
    complete_until: daySchema.nullable(),
    currencies: z.array(
      z.object({
        currency: z.string(),
        method: z.enum(['model', 'pace']),
        so_far: moneySchema,
        expected: moneySchema,
        low: moneySchema.nullable(),
        high: moneySchema.nullable(),
        last_month: moneySchema,
        budget: moneySchema.nullable(),
        budget_used_up_on: daySchema.nullable(),
      }),
    ),
  })
  .meta({ id: 'Forecast' });
