import { nameKey } from '../../billing/group/names.ts';
import { Accounts } from '../accounts/accounts.ts';
import { Tokens } from '../accounts/tokens.ts';
import { Groups, Projects } from '../groups/groups.ts';
import { isDuplicateKey } from '../kit/transaction.ts';
import type { Migration } from './run-migrations.ts';

/**
 * Removes joiners and other invisible characters from the keys of names. If two keys would become equal, both stay
 * unchanged.
 */
export const refoldNames: Migration = {
  name: 'leaves invisible characters out of the keys of names',
  async run() {
    const old = { nameKey: { $regex: '\u200C|\u200D|\uFE0F|\u00AD|\u2800|\u3164' } };
    for (const model of [Accounts, Groups, Projects, Tokens] as const) {
      await model.createIndexes();
      for (const { _id, name } of await model.collection.find<{ _id: never; name: string }>(old).toArray()) {
        try {
          await model.collection.updateOne({ _id }, { $set: { nameKey: nameKey(name) } });
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
        }
      }
    }
  },
};
