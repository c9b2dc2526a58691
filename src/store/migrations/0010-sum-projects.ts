import { Loads } from '../costs/costs.ts';
import type { Migration } from './run-migrations.ts';

/**
 * Marks loads without sums by project for the job that computes stored sums (`fillSums`). Until it has, they are added
 * up from the sums by day.
 */
export const sumProjects: Migration = {
  name: 'has existing costs summed by project',
  async run() {
    await Loads.updateMany({ 'sums.hasTotals': { $exists: false } }, { $set: { unsummed: true } });
  },
};
