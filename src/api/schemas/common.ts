import { z } from 'zod';
import { isCurrency } from '../../billing/money/currency.ts';

/** The most items that a client can request at once. */
const MOST_ITEMS = 10_000;
export const ID_LIMIT = 128;

/** An exact amount: digits, a point before decimals, no thousands separators. */
export const moneySchema = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .meta({ description: 'A decimal amount, exact', example: '1234.50' });

/** A month. */
export const periodSchema = z
  .string()
  .regex(/^20\d{2}-(0[1-9]|1[0-2])$/, 'Use a month such as 2026-10.')
  .meta({ example: '2026-10' });

/** An instant in UTC. */
export const timeSchema = z.string().meta({ format: 'date-time', example: '2026-10-31T23:59:59Z' });

export const messageSchema = z.object({ message: z.string() }).meta({ id: 'Message' });

export const errorSchema = z
  .object({
    message: z.string(),
    errors: z.array(z.object({ message: z.string(), status: z.int(), error_code: z.string() })),
  })
  .meta({ id: 'Error' });

/** Present only where `limit` or `cursor` was sent. */
export const nextCursorSchema = z
  .string()
  .nullable()
  .optional()
  .meta({ description: 'The cursor of the next page, null on the last. Only present if limit or cursor was sent.' });

export const pagingSchema = z.object({
  limit: z
    .string()
    .regex(/^\d{1,5}$/, 'Write a number.')
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= MOST_ITEMS, `From 1 to ${MOST_ITEMS}.`)
    .optional()
    .meta({ type: 'integer', minimum: 1, maximum: MOST_ITEMS, description: 'Items per page. All if absent.' }),
  cursor: z
    .string()
    .max(1_000, 'Not a valid cursor.')
    .optional()
    .meta({ description: 'next_cursor of the previous page.' }),
});

export const idSchema = z.string().min(1).max(ID_LIMIT, `At most ${ID_LIMIT} characters.`);

/** A line of text with a maximum length in characters. */
export function lineSchema(limit: number) {
  return z
    .string()
    .refine((text) => [...text].length <= limit, `At most ${limit} characters.`)
    .meta({ maxLength: limit });
}

export const currencySchema = z
  .string()
  .refine(isCurrency, 'Not an ISO 4217 currency that invoices can use.')
  .meta({ description: 'ISO 4217', example: 'EUR' });

/** An instant as the API writes it: in UTC, without milliseconds. */
export function time(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}Z`;
}

/** The last second of a span that ends at an instant: the published API ends periods with it. */
export function lastSecond(end: Date): string {
  return time(new Date(end.getTime() - 1_000));
}
