import { z } from 'zod';
import { CHANGE_KINDS } from '../../billing/insight/change.ts';
import { isDay } from '../../billing/period/day.ts';
import { ANOMALY_KINDS, ANOMALY_STATES, CHANGED_PART_KINDS } from '../../services/anomalies/anomaly-lists.ts';
import { COST_SPLITS } from '../../services/insight/cost-report.ts';
import { idSchema, moneySchema, nextCursorSchema, pagingSchema } from './common.ts';

const daySchema = z.string().refine(isDay, 'Use a day such as 2026-10-31.').meta({ format: 'date' });
const monthSchema = z
  .string()
  .regex(/^20\d{2}-(0[1-9]|1[0-2])$/, 'Use a month such as 2026-10.')
  .meta({ example: '2026-10' });

/** What a question about costs is about; neither is the whole account. */
export const subjectQuery = z.object({
  billing_group_id: idSchema.optional().meta({ description: 'Only this billing group' }),
  project: idSchema.optional().meta({ description: 'The project’s name' }),
});
export const costsQuery = subjectQuery.extend({
  from: daySchema.meta({ description: 'The first day' }),
  until: daySchema.meta({ description: 'The last day, which is included' }),
  by: z.enum(COST_SPLITS).default('day').meta({ description: 'What the costs are split by' }),
  tag: z.string().min(1).max(200).optional().meta({ description: 'The key, with by=tag' }),
});
export const comparisonQuery = subjectQuery.extend({
  month: monthSchema.optional().meta({ description: 'The open month unless sent' }),
});

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
          z.object({
            name: z.string().meta({ description: 'Empty for costs without the tag', example: 'Kafka' }),
            amount: moneySchema,
          }),
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

export const anomaliesQuery = pagingSchema.extend({
  state: z.enum(ANOMALY_STATES).optional().meta({ description: 'Only those in this state' }),
});

export const anomaliesAnswer = z.object({
  anomalies: z.array(
    z
      .object({
        anomaly_id: z.string(),
        kind: z.enum(ANOMALY_KINDS),
        state: z
          .enum(ANOMALY_STATES)
          .meta({ description: 'Expected if a person has said why; ended if the costs are back or have become usual' }),
        project: z.string().nullable(),
        service: z.string().nullable(),
        source: z.string().nullable().meta({ description: 'Of a missing export' }),
        side: z.enum(['above', 'below']).meta({ description: 'Of the expected range' }),
        since: daySchema.meta({ description: 'The first unusual day' }),
        until: daySchema.meta({ description: 'The last unusual day so far' }),
        peak: daySchema.nullable().meta({ description: 'The day of the amount, furthest from the expected range' }),
        currency: z.string().nullable(),
        amount: moneySchema.nullable(),
        expected_low: moneySchema.nullable(),
        expected_high: moneySchema.nullable(),
        parts: z.array(
          z.object({
            kind: z.enum(CHANGED_PART_KINDS),
            name: z.string(),
            amount_before: moneySchema.meta({ description: 'A day on average, in the week before' }),
            amount: moneySchema,
          }),
        ),
        reason: z.string().nullable(),
        assignee: z.string().nullable().meta({ description: 'A Slack user ID' }),
      })
      .meta({ id: 'Anomaly' }),
  ),
  next_cursor: nextCursorSchema,
});
