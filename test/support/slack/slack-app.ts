import { createHttpServer, type HttpServer } from '../../../src/platform/http-server.ts';
import { createLogger, type Logger } from '../../../src/platform/logger.ts';
import { createSlackApp, type SlackApp, type SlackAppOptions } from '../../../src/slack/app/app.ts';
import { SIGNING_SECRET, type Target } from './signed.ts';
import { type SlackApiStandIn, startSlackApi } from './slack-api.ts';

export type LogLine = Readonly<Record<string, unknown>>;

export interface TestLog {
  readonly log: Logger;
  readonly lines: LogLine[];
}

export interface TestApp extends TestLog {
  readonly app: SlackApp;
  readonly api: SlackApiStandIn;
  readonly server: HttpServer;
  readonly target: Target;
  stop(): Promise<void>;
}

/** A logger that keeps its lines, parsed. */
export function testLog(level: 'info' | 'debug' | 'trace' = 'debug'): TestLog {
  const lines: LogLine[] = [];
  return { lines, log: createLogger({ level, destination: { write: (line) => void lines.push(JSON.parse(line)) } }) };
}

/** The real app over real HTTP, with a Slack API that always succeeds. Register listeners with `listen`. */
export async function startTestApp(
  listen: (app: SlackApp, api: SlackApiStandIn) => void,
  options: Partial<Pick<SlackAppOptions, 'slowMs' | 'findAccounts'>> = {},
): Promise<TestApp> {
  const { log, lines } = testLog();
  const api = await startSlackApi();
  const app = createSlackApp({
    botToken: 'xoxb-test',
    way: { kind: 'http', signingSecret: SIGNING_SECRET },
    log,
    clock: { now: () => new Date() },
    slackApiUrl: api.url,
    ...options,
  });
  listen(app, api);
  await app.start();
  const server = createHttpServer({ log, slack: app.requestListener });
  const port = await server.listen(0, '127.0.0.1');
  return {
    app,
    api,
    server,
    log,
    lines,
    target: { url: `http://127.0.0.1:${port}/slack/events` },
    async stop() {
      await server.close(1_000);
      await app.stop(1_000);
      await api.close();
    },
  };
}

/** A promise that the test settles. */
export function gate(): { readonly promise: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}
