import { LeadGroups } from '../groups/project-leads.ts';
import { dropIndex } from './drop-index.ts';
import type { Migration } from './run-migrations.ts';

/** They are read by their workspace, and no longer by their age across all of them. */
export const leadGroupsByTeam: Migration = {
  name: 'finds user groups that lead projects by their workspace',
  async run() {
    await LeadGroups.createIndexes();
    await dropIndex(LeadGroups.collection, 'lead_groups_by_age');
  },
};
