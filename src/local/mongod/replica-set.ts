/** What a mongod reports about itself without the database: a replica set with one member, always the primary. */
import { Long, ObjectId, Timestamp } from 'bson';
import { MongoError } from './errors.ts';
import type { Fields } from './wire.ts';

export interface ServerState {
  /** host:port for drivers to connect to. */
  readonly host: string;
  /** The replica set's name; undefined for a standalone server. */
  readonly setName: string | undefined;
  /** Whether the replica set has been initiated; always true for a standalone server. */
  initiated: boolean;
  onInitiate(): void;
  onShutdown(): void;
}

export const SERVER_VERSION = '7.0.0';
/** The protocol version of MongoDB 7.0. */
const MAX_WIRE_VERSION = 21;
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
const MAX_MESSAGE_BYTES = 48_000_000;
export const MAX_WRITE_BATCH = 100_000;
const ELECTION = new ObjectId('7fffffff0000000000000001');

/** The commands that are answered without the database, by lowercase name. */
export const OWN_ANSWERS: Readonly<Record<string, (server: ServerState) => Fields>> = {
  hello,
  ismaster: hello,
  ping: done,
  refreshsessions: done,
  setparameter: done,
  replsetreconfig: done,
  buildinfo: buildInfo,
  getparameter: () => ({ featureCompatibilityVersion: { version: '7.0' }, ok: 1 }),
  getcmdlineopts: () => ({ argv: [], parsed: {}, ok: 1 }),
  serverstatus: serverStatus,
  replsetinitiate: initiate,
  replsetgetconfig: ({ host, setName }) => ({
    config: { _id: setName, version: 1, members: [{ _id: 0, host }] },
    ok: 1,
  }),
  replsetgetstatus: ({ host, setName }) => ({
    set: setName,
    myState: 1,
    members: [{ _id: 0, name: host, health: 1, state: 1, stateStr: 'PRIMARY', self: true }],
    ok: 1,
  }),
  shutdown(server) {
    server.onShutdown();
    return { ok: 1 };
  },
};

function done(): Fields {
  return { ok: 1 };
}

/** A writable primary once the replica set is initiated; before that, not a member of any. */
function hello({ host, setName, initiated }: ServerState): Fields {
  return {
    helloOk: true,
    ismaster: initiated,
    isWritablePrimary: initiated,
    secondary: false,
    ...(setName === undefined ? {} : membership(setName, host, initiated)),
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    maxMessageSizeBytes: MAX_MESSAGE_BYTES,
    maxWriteBatchSize: MAX_WRITE_BATCH,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: 1,
    minWireVersion: 0,
    maxWireVersion: MAX_WIRE_VERSION,
    readOnly: false,
    ok: 1,
  };
}

function membership(setName: string, host: string, initiated: boolean): Fields {
  if (!initiated) return { isreplicaset: true, info: 'Does not have a valid replica set config' };
  const now = new Date();
  const written = new Timestamp({ t: Math.floor(now.getTime() / 1000), i: 1 });
  return {
    setName,
    setVersion: 1,
    hosts: [host],
    primary: host,
    me: host,
    electionId: ELECTION,
    lastWrite: { opTime: { ts: written, t: Long.ONE }, lastWriteDate: now },
  };
}

/** @throws {MongoError} AlreadyInitialized when called again */
function initiate(server: ServerState): Fields {
  if (server.initiated) throw new MongoError(23, 'AlreadyInitialized', 'already initialized');
  server.initiated = true;
  server.onInitiate();
  return { ok: 1 };
}

function buildInfo(): Fields {
  return {
    version: SERVER_VERSION,
    versionArray: [7, 0, 0, 0],
    gitVersion: 'documentdb',
    modules: [],
    bits: 64,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    ok: 1,
  };
}

function serverStatus({ host }: ServerState): Fields {
  return {
    host,
    version: SERVER_VERSION,
    process: 'mongod',
    storageEngine: { name: 'documentdb' },
    connections: { current: 1 },
    ok: 1,
  };
}
