// npm run bench: rows a second of the import beside a bare insertMany of the same documents, and the close of 100
// groups over 100,000 usage records beside one bare $group over them; replies in an account
// of 1,000 groups and 10,000 projects; the Invoice API beside a constant, and with 100,000 lines; commands beside readers of
// one PDF link. One of them alone by its
// name (import, close, close-growth, replies, api, documents, fuzz). Ratios, medians of five runs, peak memory.
import { startDatabase } from '../../src/local/database.ts';
import { connectStore, disconnectStore } from '../../src/store/kit/connect.ts';
import { benchApi } from './api.ts';
import { benchClose } from './close.ts';
import { benchCloseGrowth } from './close-growth.ts';
import { benchDocuments } from './documents.ts';
import { benchFuzz } from './fuzz.ts';
import { benchImport } from './import.ts';
import { peakMemory, say } from './measure.ts';
import { benchReplies } from './replies.ts';

const database = await startDatabase({ env: process.env, databaseName: 'bench' });
try {
  await connectStore(database.uri);
  say(`Database: ${database.source}`);
  const only = process.argv[2];
  if (only === undefined || only === 'import') await benchImport();
  if (only === undefined || only === 'close') await benchClose();
  // only by name: creating a million records takes minutes
  if (only === 'close-growth') await benchCloseGrowth(database.uri);
  if (only === undefined || only === 'replies') await benchReplies();
  if (only === undefined || only === 'api') await benchApi(database.uri);
  if (only === undefined || only === 'documents') await benchDocuments();
  // only by name: it measures nothing
  if (only === 'fuzz') await benchFuzz();
  say(`Peak memory of the process, with the documents for the comparison in it: ${peakMemory()} MB`);
} finally {
  await disconnectStore();
  await database.stop();
}
