/**
 * A `mongod` for machines that can install Debian's packages but not MongoDB's own download. It takes mongod's usual
 * flags, keeps the data in PostgreSQL with DocumentDB, and speaks the MongoDB wire protocol.
 */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Commands } from './commands.ts';
import { engineRoot } from './engine.ts';
import { type Flags, readFlags } from './flags.ts';
import { type Cluster, clusterOf, DataFolderError, discardAbandoned } from './postgres/cluster.ts';
import { ensureEngine } from './postgres/install.ts';
import { startPostgres } from './postgres/postgres.ts';
import { SERVER_VERSION, type ServerState } from './replica-set.ts';
import { prepareRetries } from './retries.ts';
import { createMongoServer } from './server.ts';
import { startUpkeep } from './upkeep.ts';

/** mongod's exit codes. */
const PORT_TAKEN = 48;
const DATA_FOLDER_UNUSABLE = 100;
const FAULT = 14;
/** The line that tells mongodb-memory-server that writes are accepted. */
const IS_PRIMARY = '{"msg":"transition to primary complete; database writes are now permitted"}';

// the reader of our output may exit before us
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});
main(process.argv.slice(2)).catch(fail);

async function main(args: readonly string[]): Promise<void> {
  const flags = readFlags(args);
  if (flags.version) say(`db version v${SERVER_VERSION}\nBuild Info: {"engine": "PostgreSQL 18 + DocumentDB"}`);
  else await serve(flags);
}

async function serve({ address, dbpath, port, replicaSet, transactionLifetimeSeconds }: Flags): Promise<void> {
  const root = engineRoot(process.env);
  await ensureEngine(root, (line) => console.error(line));
  const cluster = clusterOf(root, dbpath);
  const postgres = await startPostgres(root, cluster, (reason) => fail(new Error(reason)));
  await prepareRetries(postgres.pool);
  startUpkeep(postgres.pool);
  const stop = onlyOnce(async (exitCode: number) => {
    server.close();
    await postgres.stop();
    process.exit(exitCode);
  });
  const state = replicaSetState(cluster, port, replicaSet, () => stop(0));
  const commands = new Commands(postgres.pool, state, transactionLifetimeSeconds * 1000);
  const server = createMongoServer((command) => commands.run(command));
  process.on('SIGTERM', () => stop(0));
  process.on('SIGINT', () => stop(0));
  server.on('error', (error) => {
    const isTaken = 'code' in error && error.code === 'EADDRINUSE';
    console.error(isTaken ? `address already in use: ${port}` : error);
    stop(isTaken ? PORT_TAKEN : FAULT);
  });
  server.listen(port, address, () => {
    say(`{"msg":"Waiting for connections","attr":{"port":${port}}}`);
    if (replicaSet !== undefined && state.initiated) say(IS_PRIMARY);
    discardAbandoned(root).catch(() => {}); // the next server tries again
  });
}

/** Once initiated, a replica set stays initiated: a file beside the cluster records it. */
function replicaSetState(
  cluster: Cluster,
  port: number,
  setName: string | undefined,
  onShutdown: () => void,
): ServerState {
  const mark = path.join(cluster.folder, 'initiated');
  return {
    host: `127.0.0.1:${port}`,
    setName,
    initiated: setName === undefined || existsSync(mark),
    onInitiate() {
      writeFileSync(mark, '');
      say(IS_PRIMARY);
    },
    onShutdown: () => setImmediate(onShutdown), // after the answer is sent
  };
}

function fail(error: unknown): void {
  if (error instanceof DataFolderError) {
    console.error(`exception in initAndListen: ${error.name}: ${error.message}`);
    process.exit(DATA_FOLDER_UNUSABLE);
  }
  console.error(error instanceof Error ? error.message : error);
  process.exit(FAULT);
}

/** Runs the action on the first call only. */
function onlyOnce(action: (exitCode: number) => Promise<void>): (exitCode: number) => void {
  let isCalled = false;
  return (exitCode) => {
    if (isCalled) return;
    isCalled = true;
    action(exitCode).catch(fail);
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
