import { Lines } from '../invoicing/invoices.ts';
import { dropIndex } from './drop-index.ts';
import type { Migration } from './run-migrations.ts';

/**
 * Lets an invoice's position have a line in several versions. Lines that are stored have none, and are in all of them.
 */
export const linesByVersion: Migration = {
  name: 'lets lines be written before their invoice has them',
  async run() {
    await Lines.createIndexes();
    await dropIndex(Lines.collection, 'line_of_invoice');
  },
};
