import { Invoices } from '../invoicing/invoices.ts';
import type { Migration } from './run-migrations.ts';

/** Has estimates computed again that don't say what their figures are made of. */
export const touchOldEstimates: Migration = {
  name: 'computes the breakdown of estimates that have none',
  async run() {
    const old = { state: 'estimate', touchedAt: null, breakdown: { $exists: false } } as const;
    await Invoices.updateMany(old, { $set: { touchedAt: new Date() }, $inc: { touches: 1 } });
  },
};
