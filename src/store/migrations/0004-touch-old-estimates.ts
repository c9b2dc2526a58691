import { Invoices } from '../invoicing/invoices.ts';
import type { Migration } from './run-migrations.ts';

/** Marks estimates without a breakdown as out of date, so that they are calculated again. */
export const touchOldEstimates: Migration = {
  name: 'computes the breakdown of estimates that have none',
  async run() {
    const old = { state: 'estimate', touchedAt: null, breakdown: { $exists: false } } as const;
    await Invoices.updateMany(old, { $set: { touchedAt: new Date() }, $inc: { touches: 1 } });
  },
};
