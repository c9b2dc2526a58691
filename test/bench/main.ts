// npm run bench: rows a second of the import beside a bare insertMany of the same documents, and the close of 100
// groups over 100,000 usage records beside one bare $group over them. Ratios, medians of five runs, peak memory.
import { startDatabase } from '../../src/local/database.ts';
import { connectStore, disconnectStore } from '../../src/store/connect.ts';
import { benchClose } from './close.ts';
import { benchImport } from './import.ts';
import { peakMemory, say } from './measure.ts';

const database = await startDatabase({ env: process.env, databaseName: 'bench' });
try {
  await connectStore(database.uri);
  say(`Database: ${database.source}`);
  await benchImport();
  await benchClose();
  say(`Peak memory of the process, with the documents for the comparison in it: ${peakMemory()} MB`);
} finally {
  await disconnectStore();
  await database.stop();
}
