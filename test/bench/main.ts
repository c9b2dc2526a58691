// npm run bench: what docs/performance.md lists, with the targets beside the results. One part alone by its name (import,
// close, estimate, lines, close-growth, replies, queries, insight, api, documents, forecast, anomalies, flood, fuzz); after `replies` and `queries`, part of
// a reply's name. Ratios within one run, medians of five runs (BENCH_RUNS).
import { startDatabase } from '../../src/local/database.ts';
import { connectStore, disconnectStore } from '../../src/store/kit/connect.ts';
import { benchAnomalies } from './anomalies.ts';
import { benchApi } from './api.ts';
import { benchDocuments } from './documents.ts';
import { benchFlood } from './flood.ts';
import { benchForecast } from './forecast.ts';
import { benchFuzz } from './fuzz.ts';
import { benchImport } from './import.ts';
import { benchInsight } from './insight.ts';
import { benchClose } from './invoicing/close.ts';
import { benchCloseGrowth } from './invoicing/close-growth.ts';
import { benchEstimate } from './invoicing/estimate.ts';
import { benchLines } from './invoicing/lines.ts';
import { peakMemory, say } from './measure.ts';
import { benchQueries, benchReplies } from './replies.ts';

const database = await startDatabase({ env: process.env, databaseName: 'bench' });
try {
  // for the benches that count commands
  await connectStore(`${database.uri}${database.uri.includes('?') ? '&' : '?'}monitorCommands=true`);
  say(`Database: ${database.source}`);
  const only = process.argv[2];
  if (only === undefined || only === 'import') await benchImport();
  if (only === undefined || only === 'close') await benchClose();
  if (only === undefined || only === 'estimate') await benchEstimate();
  // only by name: creating a million records takes minutes
  if (only === 'close-growth') await benchCloseGrowth(database.uri);
  if (only === undefined || only === 'lines') await benchLines(database.uri);
  if (only === undefined || only === 'replies') await benchReplies(only && process.argv[3]);
  if (only === undefined || only === 'queries') await benchQueries(only && process.argv[3]);
  if (only === undefined || only === 'insight') await benchInsight();
  if (only === undefined || only === 'api') await benchApi(database.uri);
  if (only === undefined || only === 'documents') await benchDocuments();
  if (only === undefined || only === 'forecast') benchForecast();
  if (only === undefined || only === 'anomalies') benchAnomalies();
  if (only === undefined || only === 'flood') await benchFlood(database.uri);
  // only by name: it measures nothing
  if (only === 'fuzz') await benchFuzz();
  say(`Peak memory of the process, with the documents for the comparison in it: ${peakMemory()} MB`);
} finally {
  await disconnectStore();
  await database.stop();
}
