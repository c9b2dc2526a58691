import { checkVatIds, type VatOffice } from '../src/services/groups/billing-information.ts';
import type { Job } from './kit/job.ts';

/** Has VAT IDs confirmed, where there is an office to ask. */
export function vatJob(office: VatOffice): Job {
  return {
    name: 'vat',
    does: 'has VAT IDs confirmed',
    everyMs: 60_000,
    concurrency: 'one',
    missed: 'all that are due to be asked about are asked about then',
    run: (ctx) => checkVatIds(ctx, office),
  };
}
