import { Imports } from '../costs/imports.ts';
import { dropIndex } from './drop-index.ts';
import type { Migration } from './run-migrations.ts';

/** Drops a unique index that allowed only one import of a Slack file across all accounts. */
export const dropImportOfSlackFile: Migration = {
  name: 'lets several accounts import the same Slack file',
  run: () => dropIndex(Imports.collection, 'import_of_slack_file'),
};
