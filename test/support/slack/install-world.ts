import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { createHttpServer, type HttpServer } from '../../../src/platform/http-server.ts';
import { createSlackApp, type SlackApp } from '../../../src/slack/app/app.ts';
import { onCommand, onEvent } from '../../../src/slack/app/listeners.ts';
import { registerUninstall } from '../../../src/slack/app/uninstall.ts';
import { type InstallationDoc, Installations } from '../../../src/store/workspaces/installations.ts';
import { install } from './oauth.ts';
import { SIGNING_SECRET, sendCommand } from './signed.ts';
import { type SlackApiStandIn, startSlackApi } from './slack-api.ts';
import { type LogLine, testLog } from './slack-app.ts';

/** An app that people can install, without any installation at the beginning of each test. */
export interface InstallWorld {
  readonly keys: readonly Buffer[];
  readonly api: SlackApiStandIn;
  readonly app: SlackApp;
  /** The address of its pages. */
  readonly base: string;
  /** What the latest app has logged. */
  readonly lines: readonly LogLine[];
  /** The workspace and token of each command, and the workspace of each event. */
  readonly answered: readonly string[];
  /** How far the app's clock is ahead of the real one, in milliseconds. */
  ahead: number;
  /** Another process of the app. */
  anApp(secretKeys: readonly Buffer[]): SlackApp;
  /** A browser that installs the app. */
  installs(of: Parameters<typeof install>[2]): Promise<Response>;
  /** What a command from a workspace is answered with. */
  command(team: string, fields?: Readonly<Record<string, string>>): Promise<string | undefined>;
  stored(): Promise<InstallationDoc[]>;
}

/** For the tests of a file, which also need a database. */
export function useInstallableApp(): InstallWorld {
  const keys = [Buffer.alloc(32, 1)];
  const answered: string[] = [];
  let ahead = 0;
  let sent = 0;
  let lines: readonly LogLine[] = [];
  let api: SlackApiStandIn;
  let app: SlackApp;
  let server: HttpServer;
  let base = '';

  function anApp(secretKeys: readonly Buffer[]): SlackApp {
    const test = testLog();
    lines = test.lines;
    return createSlackApp({
      install: { clientId: '1.2', clientSecret: 'a-client-secret', stateSecret: 'a-state-secret-x', secretKeys },
      way: { kind: 'http', signingSecret: SIGNING_SECRET },
      log: test.log,
      clock: { now: () => new Date(Date.now() + ahead) },
      slackApiUrl: api.url,
    });
  }

  beforeAll(async () => {
    api = await startSlackApi();
    app = anApp(keys);
    onCommand(app, '/billing', async ({ teamId, client }) => {
      answered.push(`${teamId} ${client.token}`);
      await client.users.list({});
    });
    registerUninstall(app);
    onEvent(app, 'team_join', async ({ teamId }) => void answered.push(`event ${teamId}`));
    await app.start();
    server = createHttpServer({ log: testLog().log, slack: app.requestListener });
    for (const [path, listener] of app.installRoutes) server.mount(path, listener);
    base = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
  });
  afterAll(async () => {
    await server.close(0);
    await app.stop(0);
    await api.close();
  });
  beforeEach(async () => {
    ahead = 0;
    answered.length = 0;
    await Installations.deleteMany({});
  });

  return {
    ...{ keys, answered, anApp },
    get api() {
      return api;
    },
    get app() {
      return app;
    },
    get base() {
      return base;
    },
    get lines() {
      return lines;
    },
    get ahead() {
      return ahead;
    },
    set ahead(ms) {
      ahead = ms;
    },
    installs: (of) => install(base, api, of),
    async command(team, fields = {}) {
      const before = answered.length;
      sent += 1;
      await sendCommand({ url: `${base}/slack/events` }, '/billing', `${sent}`, { team, ...fields });
      await Promise.all(app.running);
      return answered[before];
    },
    stored: () => Installations.find({}).sort({ _id: 1 }).lean(),
  };
}
