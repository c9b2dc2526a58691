import { Events } from '../events/events.ts';
import { Groups, Memberships } from '../groups/groups.ts';
import { dropIndex } from './drop-index.ts';
import type { Migration } from './run-migrations.ts';

/** Indexes without the account that are replaced by indexes that start with it. */
const REPLACED = [
  { model: Groups, names: ['groups_by_method'] },
  { model: Memberships, names: ['one_open_membership', 'memberships_of_project', 'memberships_by_name'] },
  { model: Events, names: ['events_of_group', 'events_of_project'] },
] as const;

/** Creates the replacements before dropping the old indexes, so that a project can never be in two groups at once. */
export const indexesByAccount: Migration = {
  name: 'finds groups, memberships and events by their account first',
  async run() {
    for (const { model, names } of REPLACED) {
      await model.createIndexes();
      for (const name of names) await dropIndex(model.collection, name);
    }
  },
};
