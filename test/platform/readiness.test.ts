import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { mountReadiness } from '../../src/bin/readiness.ts';
import { createHttpServer } from '../../src/platform/http-server.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import { metricsListener } from '../../src/platform/metrics.ts';
import { connectStore, disconnectStore, isConnected } from '../../src/store/kit/connect.ts';
import { Leases } from '../../src/store/kit/leases.ts';
import { testDatabaseUri } from '../support/database/database.ts';
import { type StallingProxy, startStallingProxy } from '../support/database/stalling-proxy.ts';

const server = createHttpServer({ log: silentLogger() });
let proxy: StallingProxy;
let url = '';

/** The same database through the proxy only. */
function uriBy({ port }: StallingProxy): string {
  const uri = new URL(testDatabaseUri().replace('mongodb:', 'http:'));
  uri.host = `127.0.0.1:${port}`;
  uri.searchParams.delete('replicaSet');
  uri.searchParams.set('directConnection', 'true');
  return uri.toString().replace('http:', 'mongodb:');
}

beforeAll(async () => {
  const { hostname, port } = new URL(testDatabaseUri().replace('mongodb:', 'http:'));
  proxy = await startStallingProxy({ host: hostname, port: Number(port) });
  await connectStore(uriBy(proxy));
  mountReadiness(server);
  const measures = {
    jobCounts: () => new Map(),
    jobRuns: async () => {
      await Leases.findOne().lean();
      return [];
    },
    news: async () => [],
    failingItems: async () => [],
  };
  server.mount('/metrics', metricsListener({ measures, isReady: isConnected, log: silentLogger(), token: undefined }));
  url = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
});
afterAll(async () => {
  proxy.flow();
  await mongoose.connection.dropDatabase();
  await disconnectStore();
  await server.close(100);
  await proxy.close();
});

describe('while the database doesn’t respond', () => {
  it('/readyz and /metrics return 503 within 2 s, and 200 again once it responds', async () => {
    const statuses = () =>
      Promise.all(
        ['/readyz', '/metrics'].map(async (path) => {
          const { status } = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(2_000) });
          return status;
        }),
      );
    expect(await statuses()).toEqual([200, 200]);
    proxy.stall();
    expect(await statuses()).toEqual([503, 503]);
    proxy.flow();
    while (!(await isConnected())) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await statuses()).toEqual([200, 200]);
  });
});
