import { describe, expect, it } from '@jest/globals';
import { readFlags } from '../../../src/local/mongod/flags.ts';

describe("mongod's flags", () => {
  it('a transaction lives for 60 seconds unless transactionLifetimeLimitSeconds is set', () => {
    expect(readFlags([]).transactionLifetimeSeconds).toBe(60);
    const flags = ['--setParameter', 'other=1', '--setParameter', 'transactionLifetimeLimitSeconds=5'];
    expect(readFlags(flags).transactionLifetimeSeconds).toBe(5);
  });

  it.each(['0', '-1', 'soon'])('a transaction lifetime of %s is rejected', (value) => {
    expect(() => readFlags(['--setParameter', `transactionLifetimeLimitSeconds=${value}`])).toThrow('at least 1');
  });

  it('unknown flags are ignored, since mongodb-memory-server sends some', () => {
    const flags = readFlags(['--port', '1234', '--storageEngine', 'wiredTiger', '--noauth', '--replSet', 'rs']);
    expect(flags).toMatchObject({ port: 1234, replicaSet: 'rs', address: '127.0.0.1' });
  });
});
