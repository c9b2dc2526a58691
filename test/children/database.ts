// A database whose data outlive it, on a port of its own: `DATA_DIR PORT`. Says its address; killed like any process.
import { startDatabase } from '../../src/local/database.ts';

const [dataDir = '', port = '0'] = process.argv.slice(2);
const database = await startDatabase({
  env: process.env,
  databaseName: 'chaos',
  dataDir,
  port: Number(port),
  transactionLifetimeSeconds: 10,
});
process.stdout.write(`${database.uri}\n`);
await new Promise(() => undefined);
