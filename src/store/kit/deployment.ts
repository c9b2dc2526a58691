import mongoose from 'mongoose';
import { connectFault, notInitiated, notReplicaSet, withoutPrimary, wrongSetName } from './connect-faults.ts';

const { MongoClient } = mongoose.mongo;

/**
 * The fields of the `hello` response that are used here: https://www.mongodb.com/docs/manual/reference/command/hello
 */
interface Hello {
  readonly setName?: string;
  readonly isWritablePrimary?: boolean;
  readonly isreplicaset?: boolean;
  /** `isdbgrid` for the router of a sharded cluster. */
  readonly msg?: string;
}

/** How long a server may take to respond at startup, in milliseconds. */
const LIMIT_MS = 5_000;

/**
 * Checks a database before it is used: the address can be read, a server responds, the user is accepted, and
 * transactions are supported. The driver alone would accept a standalone server and then fail at every write.
 * @throws {StartupError} with the check that failed
 */
export async function checkDeployment(uri: string): Promise<void> {
  try {
    assertUsable(await askHello(uri));
  } catch (error) {
    await explainMissing(uri, error);
    throw connectFault(error) ?? error;
  }
}

/** Whether the server accepts writes: transactions need the primary of a replica set, or a router. */
export function isWritable({ setName, isWritablePrimary, msg }: Hello): boolean {
  return msg === 'isdbgrid' || (setName !== undefined && isWritablePrimary === true);
}

function assertUsable(hello: Hello): void {
  if (isWritable(hello)) return;
  if (hello.isreplicaset) throw notInitiated();
  if (hello.setName === undefined) throw notReplicaSet();
  throw withoutPrimary();
}

/** The driver drops a server that isn't in the named set without reporting it, so each server is asked individually. */
async function explainMissing(uri: string, error: unknown): Promise<void> {
  const wanted = /[?&]replicaSet=([^&]+)/i.exec(uri)?.[1];
  if (wanted === undefined || uri.startsWith('mongodb+srv:') || !isSelection(error)) return;
  const name = decodeURIComponent(wanted);
  for (const host of hostsOf(uri)) {
    const hello = await askHello(directUri(uri, host)).catch(() => undefined);
    if (!hello) continue;
    if (hello.setName !== undefined && hello.setName !== name) throw wrongSetName(name, hello.setName);
    if (hello.setName === undefined) assertUsable(hello);
  }
}

function isSelection(error: unknown): boolean {
  return error instanceof mongoose.mongo.MongoServerSelectionError;
}

async function askHello(uri: string): Promise<Hello> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: LIMIT_MS, connectTimeoutMS: LIMIT_MS });
  try {
    await client.connect();
    return await client.db('admin').command({ hello: 1 });
  } finally {
    await client.close();
  }
}

function hostsOf(uri: string): string[] {
  const authority = /^mongodb:\/\/([^/?]*)/.exec(uri)?.[1] ?? '';
  return authority.slice(authority.lastIndexOf('@') + 1).split(',');
}

/** The same user at a single host, whatever set it belongs to. */
function directUri(uri: string, host: string): string {
  const [, user = ''] = /^mongodb:\/\/([^/?]*@)?/.exec(uri) ?? [];
  const [rest = ''] = /(?:\/[^?]*)?(?:\?.*)?$/.exec(uri.slice('mongodb://'.length)) ?? [];
  const [path = '', query = ''] = rest.split('?');
  const options = query
    .split('&')
    .filter((option) => option !== '' && !/^(replicaSet|directConnection)=/i.test(option));
  return `mongodb://${user}${host}${path || '/'}?${[...options, 'directConnection=true'].join('&')}`;
}
