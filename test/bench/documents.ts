import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { mountApi } from '../../src/bin/mount-api.ts';
import { documentPool } from '../../src/documents/pool.ts';
import { createHttpServer } from '../../src/platform/http-server.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { apiWorld } from '../support/api/api-world.ts';
import type { DocumentsStart } from './documents-client.ts';
import { appWithClient, benchContext, SECRET } from './slack-side.ts';

const CLIENT = fileURLToPath(new URL('./documents-client.ts', import.meta.url));
const clock = { now: () => new Date('2026-11-10T12:00:00Z') };

/** How soon commands are acknowledged while twenty readers fetch one invoice's PDF, compared with no readers. */
export async function benchDocuments(): Promise<void> {
  const log = silentLogger();
  const ctx = benchContext(clock);
  await migrate();
  const world = await apiWorld(ctx);
  const { client, app } = await appWithClient(clock, CLIENT);
  await app.start();
  const server = createHttpServer({ log, ...(app.requestListener && { slack: app.requestListener }) });
  mountApi(server, {
    clock,
    log,
    perMinute: 1_000_000,
    corsOrigins: [],
    trustProxy: undefined,
    nudge: () => undefined,
  });
  const port = await server.listen(0, '127.0.0.1');
  const origin = `http://127.0.0.1:${port}`;
  const start: DocumentsStart = {
    target: { url: `${origin}/slack/events`, secret: SECRET },
    invoices: `${origin}/v1/billing-group/${world.group}/invoice`,
    token: world.read,
  };
  client.send(start);
  await once(client, 'exit');
  await server.close(1_000);
  await app.stop(1_000);
  await documentPool.stop();
}
