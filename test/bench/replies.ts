import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { createHttpServer } from '../../src/platform/http-server.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import { onCommand } from '../../src/slack/app/listeners.ts';
import { registerViews } from '../../views/index.ts';
import { QueryCounter } from '../support/database/queries.ts';
import { largeAccount } from './large-account.ts';
import { judge, say } from './measure.ts';
import type { Start } from './replies-client.ts';
import { appWithClient, benchContext, SECRET } from './slack-side.ts';

const GROUPS = 1_000;
const PROJECTS_EACH = 10;
const VISITORS = Array.from({ length: 300 }, (_, at) => `UV${at}`);
const CLIENT = fileURLToPath(new URL('./replies-client.ts', import.meta.url));
/** Targets of each reply alone. */
const MOST_QUERIES = 10;
const MOST_MS = 250;
/** What goes on behind a reply, such as a chart, is over after so long without a query. */
const QUIET_MS = 400;
const STEP_MS = 50;
const progress = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('about to ask') }),
  z.object({ kind: z.literal('answered'), name: z.string(), ms: z.number() }),
]);
const clock = { now: () => new Date('2026-03-20T12:00:00Z') };

/**
 * Replies with a thousand groups and ten thousand projects, twenty at once, compared with the same framework returning
 * a constant.
 *
 * @param only requests whose names contain it; all by default
 */
export async function benchReplies(only?: string): Promise<void> {
  await withClient({ only, how: 'at once' });
}

/**
 * The database queries and the milliseconds of each reply in the same account, one after the other. Queries are counted
 * until the reply is there, and a moment longer for what goes on behind it.
 *
 * @param only as for `benchReplies`
 */
export async function benchQueries(only?: string): Promise<void> {
  const queries = new QueryCounter();
  await withClient({ only, how: 'one by one' }, (client) => {
    client.on('message', async (message) => {
      const told = progress.safeParse(message);
      if (!told.success) return;
      const taken = await allOf(queries);
      if (told.data.kind === 'answered') {
        judge(
          told.data.name,
          { value: taken.length, most: MOST_QUERIES, unit: ' queries' },
          { value: told.data.ms, most: MOST_MS, unit: ' ms' },
        );
        if (taken.length > MOST_QUERIES) say(`  ${taken.join(', ')}`);
      }
      client.send('go on');
    });
  });
}

/** The queries so far, once there are no more. */
async function allOf(queries: QueryCounter): Promise<string[]> {
  const all: string[] = [];
  for (let quiet = 0; quiet < QUIET_MS; quiet += STEP_MS) {
    await wait(STEP_MS);
    const more = queries.take();
    all.push(...more);
    if (more.length > 0) quiet = 0;
  }
  return all;
}

async function withClient(
  of: Pick<Start, 'only' | 'how'>,
  listen: (client: ChildProcess) => void = () => undefined,
): Promise<void> {
  const log = silentLogger();
  const ctx = benchContext(clock);
  const account = await largeAccount(ctx, { groups: GROUPS, projectsEach: PROJECTS_EACH, members: VISITORS });
  const { client, app, deps } = await appWithClient(clock, CLIENT, VISITORS);
  registerViews(app, deps);
  onCommand(app, '/bare', (context) => context.respond('A constant.'));
  await app.start();
  const server = createHttpServer({ log, ...(app.requestListener && { slack: app.requestListener }) });
  const port = await server.listen(0, '127.0.0.1');
  listen(client);
  const start: Start = { target: { url: `http://127.0.0.1:${port}/slack/events`, secret: SECRET }, account, ...of };
  client.send(start);
  await once(client, 'exit');
  await server.close(1_000);
  await app.stop(1_000);
}
