import { z } from 'zod';

/** How the days of a column are written: day first, month first or year first. */
export const DATE_ORDERS = ['dmy', 'mdy', 'ymd'] as const;
export type DateOrder = (typeof DATE_ORDERS)[number];

/** Which column of a bank’s CSV file is what. Columns are named by their header. */
export const csvMappingSchema = z.object({
  date: z.string({ error: 'Choose a column.' }),
  amount: z.string({ error: 'Choose a column.' }),
  name: z.string().nullable(),
  purpose: z.string().nullable(),
  currency: z.string().nullable(),
  dateOrder: z.enum(DATE_ORDERS, { error: 'Choose how dates are written.' }),
  decimal: z.enum([',', '.'], { error: 'Choose the decimal separator.' }),
});
export type CsvMapping = z.infer<typeof csvMappingSchema>;
