/**
 * The database for local mode and tests: an existing one or one started here. Always a replica set, since money needs
 * transactions.
 */
import path from 'node:path';
import { MongoMemoryReplSet } from 'mongodb-memory-server';
import { resetPortsCache } from 'mongodb-memory-server-core/lib/util/getport/index.js';
import { ResolveConfigVariables, setDefaultValue } from 'mongodb-memory-server-core/lib/util/resolveConfig.js';
import { type DataFolder, lastingDataFolder, temporaryDataFolder } from './data-folder.ts';
import { findMongod, type Mongod, type OnProgress } from './find-mongod.ts';
import { engineRoot } from './mongod/engine.ts';
import { discardAbandoned } from './mongod/postgres/cluster.ts';

export interface EmbeddedDatabase {
  /** Includes the replica set and database names. */
  readonly uri: string;
  readonly source: 'uri' | Mongod['source'];
  /** Stops the server and deletes the data in a temporary folder. Safe to call twice. */
  stop(): Promise<void>;
}

export interface DatabaseOptions {
  /** MONGODB_URI, MONGOMS_SYSTEM_BINARY, PATH and DOCUMENTDB_ROOT are read from here. */
  readonly env: NodeJS.ProcessEnv;
  /** Where data is kept between runs. Without it, data is temporary. */
  readonly dataDir?: string;
  readonly databaseName: string;
  readonly port?: number;
  /** Called with a line for each slow step. */
  readonly onProgress?: OnProgress;
  /** Transactions open for longer are rolled back; 60 by default. */
  readonly transactionLifetimeSeconds?: number;
}

const REPLICA_SET = 'rs0';
/** In milliseconds. A first start copies files, and a start after a kill waits for the killed server to exit. */
const LAUNCH_LIMIT_MS = 30_000;

/**
 * Uses MONGODB_URI if it is set and starts nothing. Otherwise starts the first mongod found (for the order, see
 * findMongod) through mongodb-memory-server, whose watchdog stops it within seconds if this process is killed. A second
 * start on the same dataDir finds the first one's data, even if the first was killed.
 * @throws {Error} in plain words: no mongod is available, the dataDir is in use, or its port is taken
 */
export async function startDatabase(options: DatabaseOptions): Promise<EmbeddedDatabase> {
  const { env, dataDir, databaseName, onProgress = () => {} } = options;
  if (env.MONGODB_URI) return { uri: env.MONGODB_URI, source: 'uri', stop: async () => {} };
  const mongod = await findMongod(env, onProgress);
  const folder =
    dataDir === undefined
      ? temporaryDataFolder(options.port)
      : await lastingDataFolder(path.resolve(dataDir), mongod.source, options.port);
  const replicaSet = await launch(mongod, folder, options);
  return {
    uri: replicaSet.getUri(databaseName),
    source: mongod.source,
    async stop() {
      await replicaSet.stop({ doCleanup: false, force: false });
      folder.release();
      if (mongod.source === 'stand-in') await discardAbandoned(engineRoot(env));
    },
  };
}

async function launch(mongod: Mongod, folder: DataFolder, options: DatabaseOptions): Promise<MongoMemoryReplSet> {
  // any version on the machine will do: don't check it and don't warn
  setDefaultValue(ResolveConfigVariables.SYSTEM_BINARY_VERSION_CHECK, 'false');
  resetPortsCache(); // otherwise a start soon after a stop would get a different port
  const { env, transactionLifetimeSeconds: lifetime } = options;
  const args = lifetime === undefined ? [] : ['--setParameter', `transactionLifetimeLimitSeconds=${lifetime}`];
  try {
    return await MongoMemoryReplSet.create({
      binary: { systemBinary: mongod.binary },
      instanceOpts: [{ dbPath: folder.dbpath, port: folder.port, launchTimeout: LAUNCH_LIMIT_MS }],
      replSet: {
        name: REPLICA_SET,
        count: 1,
        storageEngine: 'wiredTiger',
        args,
        // its own process group, so that Ctrl-C doesn't stop the database before the program
        spawn: {
          detached: true,
          env: { ...env, PATH: `${path.dirname(process.execPath)}${path.delimiter}${env.PATH ?? ''}` },
        },
      },
    });
  } catch (error) {
    folder.release();
    throw error;
  }
}
