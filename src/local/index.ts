import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '../clock.ts';
import { ADDRESS_FILE } from '../imports/database-uri.ts';
import type { Logger } from '../log.ts';
import type { Running, Start } from '../main.ts';
import type { Settings } from '../settings.ts';
import { startDatabase } from './database.ts';
import { firstRun } from './first-run.ts';
import { CHANNELS, PEOPLE, TEAM, USER_GROUPS } from './seed.ts';
import { slashCommands } from './slash-commands.ts';
import { BOT_USER_ID, startWorkspace } from './workspace/index.ts';

const THREE_COMMANDS = ['/billing groups', '/billing costs', '/billing invoices'];

/**
 * Local mode: the product as it is, with a database and a Slack workspace on this machine. Data stay in the data folder
 * between runs. Never with NODE_ENV=production: the settings see to that, and the workspace itself refuses.
 */
export async function startLocal(options: {
  settings: Settings;
  start: (options: Start) => Promise<Running>;
  log: Logger;
}): Promise<{ stop(): Promise<void> }> {
  const { settings, log } = options;
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  mkdirSync(settings.dataDir, { recursive: true });
  const database = await startDatabase({
    env: process.env,
    dataDir: path.join(settings.dataDir, 'mongodb'),
    databaseName: 'billing',
    onProgress: say,
  });
  const addressFile = path.join(settings.dataDir, ADDRESS_FILE);
  writeFileSync(addressFile, `${database.uri}\n`);
  // good for this run alone: nobody has to know them
  const signingSecret = randomBytes(16).toString('hex');
  const botToken = `xoxb-local-${randomBytes(8).toString('hex')}`;
  const everyone = [...Object.values(PEOPLE).map((person) => person.id), BOT_USER_ID];
  const workspace = await startWorkspace({
    port: settings.localPort,
    signingSecret,
    botToken,
    botName: 'billing',
    seed: {
      team: TEAM,
      users: Object.values(PEOPLE).map(({ role: _role, ...user }) => user),
      channels: Object.values(CHANNELS).map((channel) => ({ ...channel, members: everyone })),
      userGroups: Object.values(USER_GROUPS),
    },
    slashCommands: slashCommands(),
    stateFile: path.join(settings.dataDir, 'workspace.json'),
    log: (words, cause) => log.error({ err: cause }, words),
  });
  const running = await options.start({
    settings: { ...settings, host: '127.0.0.1', port: 0 },
    slack: { kind: 'http', botToken, signingSecret },
    mongodbUri: database.uri,
    clock: systemClock,
    log,
    slackApiUrl: workspace.apiUrl,
  });
  workspace.connectApp(`http://127.0.0.1:${running.port}/slack/events`);
  const actor = { kind: 'operator' } as const;
  await firstRun({ clock: systemClock, log, actor, nudge: (tick) => running.ticks.nudge(tick) }, say);
  say(`\nBilling groups, in a Slack workspace on this machine: ${workspace.url}`);
  say(`Pick a person there, and try:\n${THREE_COMMANDS.map((command) => `  ${command}`).join('\n')}`);
  return {
    async stop() {
      await running.stop();
      await workspace.stop();
      rmSync(addressFile, { force: true });
      await database.stop();
    },
  };
}
