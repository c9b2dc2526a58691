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

interface Bench {
  readonly run: (uri: string, only: string | undefined) => Promise<void> | void;
  /** Counts the commands of the connection, which takes the driver as long as converting every reply once more. */
  readonly countsCommands?: true;
  /** Takes many minutes, or measures nothing. */
  readonly isOnlyByName?: true;
}

const BENCHES: Readonly<Record<string, Bench>> = {
  import: { run: benchImport },
  close: { run: benchClose, countsCommands: true },
  estimate: { run: benchEstimate, countsCommands: true },
  'close-growth': { run: benchCloseGrowth, isOnlyByName: true },
  lines: { run: benchLines },
  replies: { run: (_uri, only) => benchReplies(only) },
  queries: { run: (_uri, only) => benchQueries(only), countsCommands: true },
  insight: { run: benchInsight, countsCommands: true },
  api: { run: benchApi },
  documents: { run: benchDocuments },
  forecast: { run: benchForecast },
  anomalies: { run: benchAnomalies },
  flood: { run: benchFlood },
  fuzz: { run: benchFuzz, isOnlyByName: true },
};

const [wanted, only] = process.argv.slice(2);
if (wanted !== undefined && !(wanted in BENCHES))
  throw new Error(`There is no bench “${wanted}”, only ${Object.keys(BENCHES).join(', ')}`);
const database = await startDatabase({ env: process.env, databaseName: 'bench' });
try {
  say(`Database: ${database.source}`);
  for (const [name, { run, countsCommands, isOnlyByName }] of Object.entries(BENCHES)) {
    if (wanted === undefined ? isOnlyByName : wanted !== name) continue;
    const { uri } = database;
    await connectStore(countsCommands ? `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true` : uri);
    await run(uri, only);
    await disconnectStore();
  }
  say(`Peak memory of the process, with the documents for the comparison in it: ${peakMemory()} MB`);
} finally {
  await disconnectStore();
  await database.stop();
}
