import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RunningProduct, StartOptions } from '../bin/product.ts';
import { ADDRESS_FILE } from '../imports/command-line/database-uri.ts';
import type { Logger } from '../platform/logger.ts';
import type { LinkSettings, Settings } from '../platform/settings.ts';
import { inTheWay, wrongSetting } from '../platform/startup-error.ts';
import { database as connected, connectStore, disconnectStore } from '../store/kit/connect.ts';
import { LocalClock } from './clock.ts';
import { type EmbeddedDatabase, startDatabase } from './database.ts';
import { isEmpty, makeSample } from './first-run.ts';
import { lockFolder } from './folder-lock.ts';
import { freeOrAny } from './free-port.ts';
import { readManifest } from './manifest.ts';
import { CHANNELS, PEOPLE, TEAM, USER_GROUPS } from './seed.ts';
import { sendNotifications, travel, whenIdle } from './time-travel.ts';
import { WELCOME } from './welcome.ts';
import { APP_ID, BOT_USER_ID, type LocalWorkspace, startWorkspace } from './workspace/index.ts';

/** More than fits beside a file's name, so that a full disk is detected. */
const PROBE_BYTES = 65_536;
const THREE_COMMANDS = ['/billing groups', '/billing costs', '/billing invoices'];
const LINKS_PER_MINUTE = 600;
const BUSY = 'The sample data is being created. Try again when it’s ready.';

/** Only this machine can connect. */
const HOST = '127.0.0.1';

type StartProduct = (options: StartOptions) => Promise<RunningProduct>;

/**
 * Local mode: the real product, with a database and a Slack workspace on this machine. Data is kept in the data folder
 * between runs. Never runs with NODE_ENV=production: the settings prevent it, and the workspace itself refuses.
 *
 * The page is available immediately and shows what is still starting. Resolves when the bot answers; sample data may
 * still be in progress then.
 */
export async function startLocal(options: {
  settings: Settings;
  start: StartProduct;
  log: Logger;
}): Promise<{ stop(): Promise<void> }> {
  const { settings, start, log } = options;
  makeDataFolder(settings.dataDir);
  const local = new LocalMode(settings, start, log);
  await local.start();
  return local;
}

class LocalMode {
  private readonly settings: Settings;
  private readonly startProduct: StartProduct;
  private readonly log: Logger;
  private readonly clock: LocalClock;
  /** Tells the command line where the database is. */
  private readonly addressFile: string;
  /** Exists while sample data is being created, so that a run after a kill starts over. */
  private readonly makingFile: string;
  // valid for this run only; nobody needs to know it
  private readonly signingSecret = randomBytes(16).toString('hex');
  private readonly botToken = `xoxb-local-${randomBytes(8).toString('hex')}`;
  private database: EmbeddedDatabase | undefined;
  private workspace: LocalWorkspace | undefined;
  private running: RunningProduct | undefined;
  private making: Promise<void> = Promise.resolve();
  private ending = new AbortController();
  private unlock: () => void = () => undefined;
  private isResetting = false;

  constructor(settings: Settings, startProduct: StartProduct, log: Logger) {
    this.settings = settings;
    this.startProduct = startProduct;
    this.log = log;
    this.clock = new LocalClock(path.join(settings.dataDir, 'clock.json'));
    this.addressFile = path.join(settings.dataDir, ADDRESS_FILE);
    this.makingFile = path.join(settings.dataDir, 'sample-in-the-making');
  }

  async start(): Promise<void> {
    this.unlock = lockFolder(this.settings.dataDir);
    try {
      await this.startAll();
    } catch (error) {
      this.unlock();
      throw error;
    }
  }

  private async startAll(): Promise<void> {
    const workspace = await this.startWorkspace();
    this.workspace = workspace;
    workspace.bench.setBusy('The database is starting …');
    const database = await this.startDatabase();
    if (existsSync(this.makingFile) && database.source !== 'uri') await this.clear(workspace, database);
    await this.connect(workspace, database);
    workspace.bench.setBusy(null);
    say(`\nBilling groups, in a Slack workspace on this machine: ${workspace.url}`);
    say(`The Invoice API: http://${HOST}:${this.running?.port}/v1, shown at http://${HOST}:${this.running?.port}/docs`);
    say(`Pick a person there, and try:\n${THREE_COMMANDS.map((command) => `  ${command}`).join('\n')}`);
    this.making = this.makeSample(workspace);
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.making;
    await this.running?.stop();
    await this.workspace?.stop();
    rmSync(this.addressFile, { force: true });
    await this.database?.stop();
    this.unlock();
  }

  private async startDatabase(): Promise<EmbeddedDatabase> {
    const database = await startDatabase({
      env: process.env,
      dataDir: path.join(this.settings.dataDir, 'mongodb'),
      databaseName: 'billing',
      onProgress: say,
    });
    this.database = database;
    writeFileSync(this.addressFile, `${database.uri}\n`);
    return database;
  }

  private async startWorkspace(): Promise<LocalWorkspace> {
    const everyone = [...Object.values(PEOPLE).map((person) => person.id), BOT_USER_ID];
    return startWorkspace({
      port: this.settings.localPort,
      signingSecret: this.signingSecret,
      botToken: this.botToken,
      botName: 'billing',
      seed: {
        team: TEAM,
        users: Object.values(PEOPLE).map(({ role: _role, ...user }) => user),
        channels: Object.values(CHANNELS).map((channel) => ({ ...channel, members: everyone })),
        userGroups: Object.values(USER_GROUPS),
        welcome: WELCOME,
      },
      ...readManifest(),
      stateFile: path.join(this.settings.dataDir, 'workspace.json'),
      calendar: this.clock,
      controls: {
        now: () => this.clock.now(),
        moveClock: (to) => this.moveClock(to),
        reset: () => this.reset(),
      },
      log: (words, cause) => this.log.error({ err: cause }, words),
    }).catch((error: unknown) => {
      const isTaken = typeof error === 'object' && error !== null && 'code' in error && error.code === 'EADDRINUSE';
      if (!isTaken) throw error;
      throw inTheWay(
        `LOCAL_PORT ${this.settings.localPort} is already in use. Stop the other program (perhaps another npm start), or set LOCAL_PORT to another port.`,
        error,
      );
    });
  }

  /** Starts the product and tells the workspace where it listens. */
  private async connect(workspace: LocalWorkspace, database: EmbeddedDatabase): Promise<void> {
    const running = await this.startProduct({
      settings: {
        ...this.settings,
        links: linksTo(workspace),
        host: HOST,
        port: await freeOrAny(this.settings.port, HOST),
      },
      slack: { kind: 'http', botToken: this.botToken, signingSecret: this.signingSecret },
      mongodbUri: database.uri,
      clock: this.clock,
      log: this.log,
      slackApiUrl: workspace.apiUrl,
    });
    this.running = running;
    workspace.connectApp(`http://127.0.0.1:${running.port}/slack/events`);
  }

  /** Creates the sample data in an empty workspace. Never throws: partial data is still usable. */
  private async makeSample(workspace: LocalWorkspace): Promise<void> {
    const { running, clock, log } = this;
    if (!running || !(await isEmpty())) return;
    const began = performance.now();
    const progress = (line: string): void => {
      say(line);
      workspace.bench.setBusy(line);
    };
    const stopBeingBusy = (): void => {
      clock.catchUp();
      workspace.bench.setBusy(null);
    };
    writeFileSync(this.makingFile, '');
    try {
      const ctx = { clock, log, actor: { kind: 'operator' }, nudge: running.ticks.nudge.bind(running.ticks) } as const;
      await makeSample(ctx, clock, {
        until: new Date(),
        onProgress: progress,
        directMessages: (userId) => workspace.state.directMessage(userId).id,
        settle: () => whenIdle(running.ticks),
        tell: () => sendNotifications(running.ticks),
        signal: this.ending.signal,
      });
      rmSync(this.makingFile, { force: true });
      stopBeingBusy();
      const seconds = Math.round((performance.now() - began) / 1000);
      say(`The sample data is ready, after ${seconds} s.`);
      await this.announce(workspace);
    } catch (error) {
      if (!this.ending.signal.aborted) log.error({ err: error }, 'the sample data could not be created');
    } finally {
      stopBeingBusy();
    }
  }

  private async announce(workspace: LocalWorkspace): Promise<void> {
    const text =
      'The sample data is ready: an account with a year of costs and invoices, and two smaller ones. “Welcome” at the top left says what to try.';
    await fetch(`${workspace.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ channel: CHANNELS.general.id, text }),
    });
  }

  private async moveClock(to: Date): Promise<void> {
    const { workspace, running } = this;
    if (!workspace || !running || workspace.bench.status().busy !== null) throw new Error(BUSY);
    workspace.bench.setBusy('Setting the clock forward …');
    try {
      await travel(this.clock, running.ticks, to);
    } finally {
      workspace.bench.setBusy(null);
    }
  }

  /** Restores everything to the first start. The page can be used while the sample data is created again. */
  private async reset(): Promise<void> {
    const { workspace, database } = this;
    if (database?.source === 'uri') {
      // it may hold more than we may delete
      throw new Error('MONGODB_URI is set, and local mode only deletes its own database.');
    }
    if (!workspace || !database || this.isResetting) throw new Error(BUSY);
    this.isResetting = true;
    try {
      this.ending.abort();
      await this.making;
      this.ending = new AbortController();
      workspace.bench.setBusy('Resetting everything …');
      await this.running?.stop();
      await this.clear(workspace, database);
      await this.connect(workspace, database);
      this.making = this.makeSample(workspace);
    } finally {
      this.isResetting = false;
    }
  }

  /** Deletes everything. The product must not be running. */
  private async clear(workspace: LocalWorkspace, { uri }: EmbeddedDatabase): Promise<void> {
    this.clock.forget();
    await connectStore(uri);
    await connected().dropDatabase();
    await disconnectStore();
    rmSync(this.makingFile, { force: true });
    await workspace.reset();
  }
}

/** Links lead to the workspace's own page, whatever the settings say. */
function linksTo({ url }: LocalWorkspace): LinkSettings {
  return { baseUrl: url, appId: APP_ID, perMinute: LINKS_PER_MINUTE, trustProxy: undefined };
}

/** @throws {StartupError} when nothing can be written there */
function makeDataFolder(folder: string): void {
  const probe = path.join(folder, `.write-test-${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true });
    try {
      writeFileSync(probe, 'x'.repeat(PROBE_BYTES));
    } finally {
      rmSync(probe, { force: true });
    }
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw inTheWay(
        `The disk of DATA_DIR ${folder} is full. Free some disk space, or set DATA_DIR to another folder.`,
        error,
      );
    }
    throw wrongSetting(
      `DATA_DIR ${folder} isn't a writable folder (${code}). Change its permissions, or set DATA_DIR to another folder.`,
      error,
    );
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
