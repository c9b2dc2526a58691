/** The database of local mode and of the tests: found or started, always a replica set, since money needs transactions. */
import path from 'node:path';
import { MongoMemoryReplSet } from 'mongodb-memory-server';
import { resetPortsCache } from 'mongodb-memory-server-core/lib/util/getport/index.js';
import { ResolveConfigVariables, setDefaultValue } from 'mongodb-memory-server-core/lib/util/resolveConfig.js';
import { type DataFolder, lastingDataFolder, temporaryDataFolder } from './data-folder.ts';
import { findMongod, type Mongod, type OnProgress } from './find-mongod.ts';
import { engineRoot } from './mongod/engine.ts';
import { discardAbandoned } from './mongod/postgres/cluster.ts';

export interface EmbeddedDatabase {
  /** Names the replica set and the database. */
  readonly uri: string;
  readonly source: 'uri' | Mongod['source'];
  /** Ends the server; data in a temporary folder go with it. Calling it twice does no harm. */
  stop(): Promise<void>;
}

export interface DatabaseOptions {
  /** MONGODB_URI, MONGOMS_SYSTEM_BINARY, PATH and DOCUMENTDB_ROOT are read from here. */
  readonly env: NodeJS.ProcessEnv;
  /** Where the data stay between runs; without it they are temporary. */
  readonly dataDir?: string;
  readonly databaseName: string;
  readonly port?: number;
  /** Takes a line for each step that takes time. */
  readonly onProgress?: OnProgress;
  /** A transaction open for longer is rolled back; 60 unless told. */
  readonly transactionLifetimeSeconds?: number;
}

const REPLICA_SET = 'rs0';
/** A first start copies files, and one after a kill waits for the killed server to go: milliseconds. */
const LAUNCH_LIMIT_MS = 30_000;

/**
 * Takes MONGODB_URI where it is given, and starts nothing; else starts the first mongod that is found (findMongod says
 * in which order) through mongodb-memory-server, whose watchdog ends it within seconds when this process is killed.
 * A second start on the same dataDir finds the data of the first, also when the first was killed.
 * @throws {Error} in plain words: no mongod is to be had, the dataDir is in use, or its port is taken
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
  // whichever version the machine has is the right one: do not ask it, and do not warn
  setDefaultValue(ResolveConfigVariables.SYSTEM_BINARY_VERSION_CHECK, 'false');
  resetPortsCache(); // else a start soon after a stop would be given another port than it had
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
        // a group of its own, so that Ctrl-C at the terminal does not end the database before the program
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
