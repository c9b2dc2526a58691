import { z } from 'zod';
import { periodsBetween, toPeriod } from '../../billing/period/period.ts';
import { focusCsv } from '../../documents/focus/focus-csv.ts';
import { focusParquet } from '../../documents/focus/focus-parquet.ts';
import { type FocusPeriods, focusCharges, focusStamp } from '../../services/costs/focus-export.ts';
import { apiError } from '../errors.ts';
import { callerIn, type Route, route } from '../route.ts';
import { periodSchema } from '../schemas/common.ts';
import { etagOf } from '../send.ts';

/** The most months of one file. */
const MOST_MONTHS = 36;
/** Part of the ETag: increase it when the same charges are written differently. */
const GENERATION = 1;
const CSV = 'text/csv; charset=utf-8';
const PARQUET = 'application/vnd.apache.parquet';

const focusQuery = z.object({
  period: periodSchema.optional().meta({ description: 'One month. Otherwise send period_from and period_to' }),
  period_from: periodSchema.optional().meta({ description: 'The first month' }),
  period_to: periodSchema
    .optional()
    .meta({ description: `The last month, which is included: at most ${MOST_MONTHS} months` }),
  format: z.enum(['csv', 'parquet']).optional().meta({ description: 'csv unless sent' }),
});

export const focusRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/focus',
    operation: 'exportFocus',
    tag: 'FOCUS',
    summary: 'All costs of the account’s invoices for one or several months as FOCUS 1.2',
    access: 'billing:read',
    query: focusQuery,
    answers: { 200: { description: 'The charges', contentType: ['text/csv', PARQUET] } },
    async run({ caller, query }) {
      const { ctx, accountId } = callerIn({ caller });
      const { format = 'csv' } = query;
      const periods = periodsIn(query);
      const charges = focusCharges(ctx, accountId, periods);
      const stamp = await focusStamp(ctx, accountId, periods);
      return {
        kind: 'stream',
        contentType: format === 'csv' ? CSV : PARQUET,
        filename: `focus-${[...new Set([periods.from, periods.to])].join('-to-')}.${format}`,
        chunks: format === 'csv' ? focusCsv(charges) : focusParquet(charges),
        etag: etagOf(JSON.stringify([GENERATION, format, periods, stamp])),
      };
    },
  }),
];

/** @throws {ApiError} 400 for anything but a month, or a first and a last one */
function periodsIn({ period, period_from, period_to }: z.output<typeof focusQuery>): FocusPeriods {
  const [first = period, last = period] = [period_from, period_to];
  const isRange = period_from !== undefined && period_to !== undefined;
  if (first === undefined || last === undefined || isRange === (period !== undefined)) {
    throw apiError(400, 'invalid_input', 'period: Send either period, or period_from and period_to.');
  }
  const [from, to] = [toPeriod(first), toPeriod(last)];
  if (from > to) throw apiError(400, 'invalid_input', 'period_to: Not before period_from.');
  if (periodsBetween(from, to).length > MOST_MONTHS) {
    throw apiError(400, 'invalid_input', `period_to: At most ${MOST_MONTHS} months.`);
  }
  return { from, to };
}
