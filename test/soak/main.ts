// npm run soak -- [MINUTES, 30 if not given]: the product under a mixed load of commands, Homes, imports, API reads and
// closes. Prints how its memory develops, its open handles and the p99 of acknowledgements. Ends with 1 when a request
// failed, memory grows by a megabyte a minute, or handles stay open.
import { startDatabase } from '../../src/local/database.ts';
import { connectStore, disconnectStore } from '../../src/store/kit/connect.ts';
import { say } from '../bench/measure.ts';
import { soak } from './run.ts';

const minutes = Number(process.argv[2] ?? 30);
if (!(minutes > 0)) throw new RangeError('MINUTES must be a number above 0');
const database = await startDatabase({ env: process.env, databaseName: `soak_${process.pid}` });
try {
  await connectStore(database.uri);
  const { lines, isSound } = await soak({ minutes, databaseUri: database.uri, onProgress: say });
  for (const line of [`Database: ${database.source}`, ...lines]) say(line);
  process.exitCode = isSound ? 0 : 1;
} finally {
  await disconnectStore();
  await database.stop();
}
