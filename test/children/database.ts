// A database that lives as long as this process, which prints its address.
import { startDatabase } from '../../src/local/database.ts';

const [dataDir = ''] = process.argv.slice(2);
const { MONGODB_URI: _, ...env } = process.env;
const { uri } = await startDatabase({ env, dataDir, databaseName: 'chaos', transactionLifetimeSeconds: 10 });
process.stdout.write(`${uri}\n`);
setInterval(() => undefined, 60_000);
