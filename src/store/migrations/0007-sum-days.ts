import { Loads } from '../costs/costs.ts';
import type { Migration } from './run-migrations.ts';

/**
 * Marks loads without sums by day for the job that computes stored sums (`fillSums`). Until it has, their daily costs
 * are summed from their records.
 */
export const sumDays: Migration = {
  name: 'has existing costs summed by day',
  async run() {
    await Loads.updateMany({ 'sums.hasDays': { $exists: false } }, { $set: { unsummed: true } });
  },
};
