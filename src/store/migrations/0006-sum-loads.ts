import { Loads } from '../costs/costs.ts';
import type { Migration } from './run-migrations.ts';

/**
 * Marks existing loads for the job that computes their stored sums (`fillSums`). Until it has, their costs are summed
 * from their records, so nothing waits for it, however many records there are.
 */
export const sumLoads: Migration = {
  name: 'has the sums of existing costs computed',
  async run() {
    await Loads.updateMany({ sums: { $exists: false } }, { $set: { unsummed: true } });
  },
};
