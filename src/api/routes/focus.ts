import { z } from 'zod';
import { toPeriod } from '../../billing/period/period.ts';
import { focusCsv } from '../../documents/csv/focus-csv.ts';
import { focusCharges } from '../../services/costs/focus-export.ts';
import { callerIn, type Route, route } from '../route.ts';

export const focusRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/focus',
    operation: 'exportFocus',
    tag: 'FOCUS',
    summary: 'All costs of the account’s invoices for a period as FOCUS 1.2',
    access: 'billing:read',
    query: z.object({
      period: z
        .string()
        .regex(/^20\d{2}-(0[1-9]|1[0-2])$/, 'Use a month such as 2026-10.')
        .meta({ example: '2026-10' }),
    }),
    answers: { 200: { description: 'The charges', contentType: 'text/csv' } },
    async run({ caller, query }) {
      const { ctx, accountId } = callerIn({ caller });
      const chunks = focusCsv(focusCharges(ctx, accountId, toPeriod(query.period)));
      return { kind: 'stream', contentType: 'text/csv; charset=utf-8', filename: `focus-${query.period}.csv`, chunks };
    },
  }),
];
