/** The mongod flags supported here. Others are accepted and ignored. */
import path from 'node:path';
import { parseArgs } from 'node:util';

export interface Flags {
  readonly version: boolean;
  readonly port: number;
  readonly dbpath: string;
  readonly address: string;
  readonly replicaSet: string | undefined;
  /** Transactions open for more seconds are rolled back; MongoDB's default is 60. */
  readonly transactionLifetimeSeconds: number;
}

const DEFAULT_PORT = '27017';
const DEFAULT_LIFETIME_SECONDS = 60;

/** @throws {Error} when a flag's value cannot be used */
export function readFlags(args: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    options: {
      version: { type: 'boolean', default: false },
      port: { type: 'string', default: DEFAULT_PORT },
      dbpath: { type: 'string', default: '/data/db' },
      bind_ip: { type: 'string', default: '127.0.0.1' },
      replSet: { type: 'string' },
      setParameter: { type: 'string', multiple: true },
    },
  });
  const parameters = new Map([values.setParameter ?? []].flat().map((parameter) => splitParameter(String(parameter))));
  return {
    version: values.version === true,
    port: Number(values.port),
    dbpath: path.resolve(String(values.dbpath)),
    address: String(values.bind_ip).split(',')[0] ?? '127.0.0.1',
    replicaSet: typeof values.replSet === 'string' ? values.replSet : undefined,
    transactionLifetimeSeconds: lifetimeSeconds(parameters.get('transactionLifetimeLimitSeconds')),
  };
}

function splitParameter(parameter: string): [name: string, value: string] {
  const equals = parameter.indexOf('=');
  return equals < 0 ? [parameter, ''] : [parameter.slice(0, equals), parameter.slice(equals + 1)];
}

function lifetimeSeconds(given: string | undefined): number {
  if (given === undefined) return DEFAULT_LIFETIME_SECONDS;
  const seconds = Number(given);
  if (seconds >= 1) return seconds;
  throw new Error(`transactionLifetimeLimitSeconds must be at least 1, and is ${given}`);
}
