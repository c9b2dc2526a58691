import { checkVatIds, type VatOffice } from '../src/services/billing-information.ts';
import type { Job } from './ticks.ts';

/** Has VAT IDs confirmed, where there is an office to ask. */
export function vatJob(office: VatOffice): Job {
  return { name: 'vat', everyMs: 60_000, run: (ctx) => checkVatIds(ctx, office) };
}
