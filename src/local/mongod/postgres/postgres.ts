/** The PostgreSQL process behind one server, and the connections to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { MAX_WRITE_BATCH } from '../replica-set.ts';
import { type Cluster, DataFolderError } from './cluster.ts';

export interface Postgres {
  readonly pool: pg.Pool;
  /** Stops as MongoDB does: running transactions are rolled back, acknowledged writes are kept. */
  stop(): Promise<void>;
}

const SCRIPT = fileURLToPath(new URL('./postgres.sh', import.meta.url));
/** The exit code of flock when another process holds the lock. */
const LOCKED = 75;
/** How long a server whose parent was killed may take to exit, in seconds. */
const LOCK_WAIT_SECONDS = 5;
const START_LIMIT_MS = 30_000;
const POLL_MS = 25;
const KEPT_LOG_CHARACTERS = 4000;
const SETTINGS = {
  deadlock_timeout: '20ms',
  // shared memory in the cluster's own folder, not in a common one that nobody cleans up
  dynamic_shared_memory_type: 'mmap',
  // any connection can continue a cursor, so that an open cursor holds none
  'documentdb.useFileBasedPersistedCursors': 'on',
  'documentdb.defaultCursorExpiryTimeLimitSeconds': '600',
  'documentdb.maxWriteBatchSize': String(MAX_WRITE_BATCH),
  'documentdb_core.enableCollation': 'on',
};

/**
 * Starts PostgreSQL on the cluster and waits until it answers. The process ends with ours, however ours ends, and the
 * cluster stays locked while any of its processes is running.
 * @param onDeath called with the last output when it exits unexpectedly
 * @throws {DataFolderError} DBPathInUse when another server has the cluster
 */
export async function startPostgres(
  root: string,
  cluster: Cluster,
  onDeath: (reason: string) => void,
): Promise<Postgres> {
  const child = launch(root, cluster);
  const log = keepTail(child);
  let phase: 'starting' | 'running' | 'stopping' = 'starting';
  child.on('exit', (code, signal) => {
    if (phase === 'running') onDeath(`postgres ended (${code ?? signal})\n${log()}`);
  });
  await untilReady(child, cluster, log);
  phase = 'running';
  const pool = new pg.Pool({
    host: path.join(cluster.folder, 'run'),
    user: 'documentdb',
    database: 'postgres',
    max: 150,
    idleTimeoutMillis: 30_000,
  });
  pool.on('error', () => {}); // an idle connection that dies is replaced; a busy one fails its own query
  return {
    pool,
    async stop() {
      phase = 'stopping';
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGINT'); // PostgreSQL's fast shutdown: rolls back what runs, and writes everything out
      await once(child, 'exit');
    },
  };
}

/** Runs postgres.sh under the cluster's lock. It ends with our process from the start. */
function launch(root: string, cluster: Cluster): ChildProcess {
  const lock = ['flock', '--no-fork', '--wait', String(LOCK_WAIT_SECONDS), '--conflict-exit-code', String(LOCKED)];
  const settings = { ...SETTINGS, fsync: cluster.isTemporary ? 'off' : 'on' };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const script = ['sh', SCRIPT, root, cluster.id, ...options];
  return spawn('setpriv', ['--pdeathsig=KILL', ...lock, path.join(cluster.folder, 'lock'), ...script], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
}

async function untilReady(child: ChildProcess, cluster: Cluster, log: () => string): Promise<void> {
  const start = performance.now();
  while (!isReady(child, cluster)) {
    if (child.exitCode === LOCKED) {
      throw new DataFolderError('DBPathInUse', `another mongod runs on the data of ${cluster.folder}`);
    }
    const isOver = child.exitCode !== null || child.signalCode !== null;
    if (isOver || performance.now() - start > START_LIMIT_MS) {
      child.kill('SIGKILL');
      throw new Error(`postgres did not start\n${log()}`);
    }
    await sleep(POLL_MS);
  }
}

/**
 * Whether PostgreSQL is ready: it writes its process ID and state into a file. The process is still ours, since each
 * program on the way to PostgreSQL replaces the previous one. While we wait for the lock, the file is another server's.
 */
function isReady(child: ChildProcess, cluster: Cluster): boolean {
  try {
    const lines = readFileSync(path.join(cluster.folder, 'pg', 'postmaster.pid'), 'utf8').split('\n');
    return Number(lines[0]) === child.pid && lines.some((line) => line.trim() === 'ready');
  } catch {
    return false; // not there yet
  }
}

/** Keeps the last part of the process's standard error. */
function keepTail(child: ChildProcess): () => string {
  let tail = '';
  child.stderr?.on('data', (chunk) => {
    tail = (tail + chunk).slice(-KEPT_LOG_CHARACTERS);
  });
  return () => tail;
}
