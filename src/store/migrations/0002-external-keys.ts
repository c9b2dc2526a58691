import { externalKeyOf } from '../../billing/group/names.ts';
import { Projects } from '../groups/groups.ts';
import { isDuplicateKey } from '../kit/transaction.ts';
import type { Migration } from './run-migrations.ts';

/**
 * Gives projects the key by which their provider's ID is found regardless of case. If the IDs of two projects differ
 * only by case, the older one gets the key: new costs of both go there.
 */
export const addExternalKeys: Migration = {
  name: 'finds projects by their provider’s ID in upper or lower case',
  async run() {
    await Projects.createIndexes();
    const without = Projects.find({ externalId: { $type: 'string' }, externalKey: { $exists: false } });
    for (const { _id, externalId } of await without.sort({ createdAt: 1, _id: 1 }).lean()) {
      if (externalId === null) continue;
      try {
        await Projects.updateOne({ _id }, { $set: { externalKey: externalKeyOf(externalId) } });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    }
  },
};
