import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createHttpServer } from '../../src/platform/http-server.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import { onCommand } from '../../src/slack/app/listeners.ts';
import { registerViews } from '../../views/index.ts';
import { largeAccount } from './large-account.ts';
import type { Start } from './replies-client.ts';
import { appWithClient, benchContext, SECRET } from './slack-side.ts';

const GROUPS = 1_000;
const PROJECTS_EACH = 10;
const VISITORS = Array.from({ length: 25 }, (_, at) => `UV${at}`);
const CLIENT = fileURLToPath(new URL('./replies-client.ts', import.meta.url));
const clock = { now: () => new Date('2026-03-20T12:00:00Z') };

/**
 * Replies with a thousand groups and ten thousand projects, twenty at once, compared with the same framework returning
 * a constant.
 */
export async function benchReplies(): Promise<void> {
  const log = silentLogger();
  const ctx = benchContext(clock);
  const account = await largeAccount(ctx, { groups: GROUPS, projectsEach: PROJECTS_EACH, members: VISITORS });
  const { client, app, deps } = await appWithClient(clock, CLIENT, VISITORS);
  registerViews(app, deps);
  onCommand(app, '/bare', (context) => context.respond('A constant.'));
  await app.start();
  const server = createHttpServer({ log, ...(app.requestListener && { slack: app.requestListener }) });
  const port = await server.listen(0, '127.0.0.1');
  const start: Start = { target: { url: `http://127.0.0.1:${port}/slack/events`, secret: SECRET }, account };
  client.send(start);
  await once(client, 'exit');
  await server.close(1_000);
  await app.stop(1_000);
}
