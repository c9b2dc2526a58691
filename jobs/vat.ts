import { checkVatIds, type VatOffice } from '../src/services/groups/billing-information.ts';
import type { Job } from './kit/job.ts';

/** Confirms VAT IDs, if there is a service to ask. */
export function vatJob(office: VatOffice): Job {
  return {
    name: 'vat',
    does: 'checks VAT IDs',
    everyMs: 60_000,
    concurrency: 'one',
    missed: 'all VAT IDs due for a check are checked',
    run: (ctx) => checkVatIds(ctx, office),
  };
}
