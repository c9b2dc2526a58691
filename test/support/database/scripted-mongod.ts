import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Long } from 'bson';
import { createMongoServer } from '../../../src/local/mongod/server.ts';
import type { Fields, Reply } from '../../../src/local/mongod/wire.ts';

/** A server's role in its answer to `hello`. */
export type Role = 'standalone' | 'primary' | 'secondary' | 'uninitiated';

/** A server that speaks MongoDB's wire protocol and stores nothing, for deployments that can't be created in a test. */
export interface ScriptedMongod {
  readonly port: number;
  readonly host: string;
  /** From now on. */
  becomes(role: Role): void;
  /** A command's answer from now on, such as an error. */
  answer(command: string, reply: Reply | ((command: Fields) => Reply)): void;
  close(): Promise<void>;
}

export const SET_NAME = 'rs0';

export async function startScriptedMongod(role: Role): Promise<ScriptedMongod> {
  let current = role;
  const answers = new Map<string, Reply | ((command: Fields) => Reply)>();
  const server = createMongoServer(async (command) => {
    const [name = ''] = Object.keys(command);
    const answer = answers.get(name);
    if (answer) return typeof answer === 'function' ? answer(command) : answer;
    return ordinary(name.toLowerCase(), command, () => hello(current, host()));
  });
  const host = () => `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    host: host(),
    becomes(next) {
      current = next;
    },
    answer: (command, reply) => void answers.set(command, reply),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** The whole result of a query. */
export function found(command: Fields, documents: Fields[]): Reply {
  return { cursor: { id: Long.ZERO, ns: `${command.$db}.none`, firstBatch: documents }, ok: 1 };
}

function ordinary(name: string, command: Fields, sayHello: () => Fields): Reply {
  if (name === 'hello' || name === 'ismaster') return sayHello();
  if (name === 'find' || name === 'aggregate' || name === 'listindexes' || name === 'listcollections') {
    return found(command, []);
  }
  return { ok: 1, n: 0, nModified: 0 };
}

function hello(role: Role, host: string): Fields {
  const isPrimary = role === 'primary' || role === 'standalone';
  const member = { setName: SET_NAME, setVersion: 1, hosts: [host], me: host, ...(isPrimary && { primary: host }) };
  return {
    helloOk: true,
    ismaster: isPrimary,
    isWritablePrimary: isPrimary,
    secondary: role === 'secondary',
    ...(role === 'uninitiated' && { isreplicaset: true }),
    ...((role === 'primary' || role === 'secondary') && member),
    maxBsonObjectSize: 16 * 1024 * 1024,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: 1,
    minWireVersion: 0,
    maxWireVersion: 21,
    readOnly: false,
    ok: 1,
  };
}
