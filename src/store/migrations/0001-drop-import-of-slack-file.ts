import mongoose from 'mongoose';
import { Imports } from '../costs/imports.ts';
import type { Migration } from './run-migrations.ts';

/** A unique index that allowed one import of a Slack file, whichever the account. */
const OBSOLETE = 'import_of_slack_file';
/** MongoDB's IndexNotFound. */
const INDEX_NOT_FOUND = 27;

export const dropImportOfSlackFile: Migration = {
  name: 'lets several accounts import the same Slack file',
  async run() {
    const indexes = await Imports.collection.indexes();
    if (!indexes.some(({ name }) => name === OBSOLETE)) return;
    await Imports.collection.dropIndex(OBSOLETE).catch((error: unknown) => {
      if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== INDEX_NOT_FOUND) throw error;
    });
  },
};
