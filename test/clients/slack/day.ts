import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type RunningProduct, startProduct } from '../../../src/bin/product.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { SecretBox } from '../../../src/platform/secret-box.ts';
import { readSettings } from '../../../src/platform/settings.ts';
import { setMember } from '../../../src/services/accounts/accounts.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { askMove } from '../../../src/services/moves/move-ask.ts';
import { installationServing, openToken } from '../../../src/services/workspaces/installations.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Projects } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { Moves } from '../../../src/store/moves/moves.ts';
import { say } from '../../bench/measure.ts';
import { contextAt, person, TestClock } from '../../support/context.ts';
import { setParties } from '../../support/invoices/closed.ts';
import { FOCUS_HEAD } from '../../support/invoices/invoices.ts';
import { clickInMessage, SIGNING_SECRET, sendEvent, sendInteraction } from '../../support/slack/signed.ts';
import { CLIENT, type Emulate } from './emulate.ts';

const PATIENCE_MS = 40_000;
const START = '2026-10-20T12:00:00Z';
const AFTER_CLOSE = '2026-11-03T12:00:00Z';
type Json = Record<string, unknown>;

/**
 * A day with the product in real mode against the stand-in: installation, setup, import, close, notification, approval
 * and download. The stand-in has no commands or buttons, so these requests are signed and sent here.
 *
 * @throws {Error} at the first step that fails
 */
export async function spendDay(slack: Emulate, mongodbUri: string): Promise<void> {
  const clock = new TestClock(START);
  const key = randomBytes(32);
  const product = await startReal(slack, mongodbUri, { clock, key });
  try {
    await new Day(slack, product, clock, key).spend();
  } finally {
    await product.stop();
  }
}

function startReal(slack: Emulate, mongodbUri: string, { clock, key }: { clock: TestClock; key: Buffer }) {
  const settings = readSettings({
    ...{ SLACK_CLIENT_ID: CLIENT.id, SLACK_CLIENT_SECRET: CLIENT.secret, SLACK_STATE_SECRET: 'a-state-secret-x' },
    ...{ SLACK_SIGNING_SECRET: SIGNING_SECRET, SECRETS_KEY: key.toString('base64'), MONGODB_URI: mongodbUri },
    ...{ SLACK_API_URL: `${slack.url}api/`, PORT: '0', VIES_URL: 'off' },
  });
  if (!settings.slack) throw new Error('The settings are incomplete');
  const log = createLogger({ level: 'warn' });
  return startProduct({ settings, slack: settings.slack, mongodbUri, clock, log, slackApiUrl: `${slack.url}api/` });
}

class Day {
  private readonly slack: Emulate;
  private readonly clock: TestClock;
  private readonly key: Buffer;
  private readonly base: string;
  private team = '';
  private token = '';
  private readonly people = new Map<string, string>();
  private finance = '';

  constructor(slack: Emulate, product: RunningProduct, clock: TestClock, key: Buffer) {
    this.slack = slack;
    this.clock = clock;
    this.key = key;
    this.base = `http://127.0.0.1:${product.port}`;
  }

  async spend(): Promise<void> {
    for (const { name, id } of listOf(await this.slack.call('users.list', {}), 'members'))
      this.people.set(`${name}`, `${id}`);
    const channels = listOf(await this.slack.call('conversations.list', {}), 'channels');
    this.finance = String(channels.find(({ name }) => name === 'finance')?.id);
    await this.step('installation', () => this.install());
    const accountId = await this.step('setup', () => this.setUp());
    await this.step('import', () => this.importFile(accountId));
    await this.step('approval', () => this.approve(accountId));
    const invoiceId = await this.step('close and notification', () => this.close(accountId));
    await this.step('download', () => this.download(accountId, invoiceId));
  }

  private async step<T>(name: string, run: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const value = await run();
    say(`ok    ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
    return value;
  }

  /** OAuth, in a browser with a cookie. */
  private async install(): Promise<void> {
    const begun = await fetch(`${this.base}/slack/install`, { redirect: 'manual' });
    const asked = new URL(begun.headers.get('location') ?? '');
    const cookie = begun.headers.get('set-cookie')?.split(';')[0] ?? '';
    const form = new URLSearchParams(asked.searchParams);
    form.set('user_id', this.id('ann'));
    form.set('redirect_uri', `${this.base}/slack/oauth_redirect`);
    const allowed = await fetch(`${this.slack.url}oauth/v2/authorize/callback`, {
      ...{ method: 'POST', body: form, redirect: 'manual' },
    });
    const back = await fetch(allowed.headers.get('location') ?? '', { headers: { cookie } });
    if (!(await back.text()).includes('is installed')) throw new Error(`The installation ended with ${back.status}`);
    this.team = String(((await this.slack.call('team.info', {})).team as Json).id);
    const installation = await installationServing(this.team);
    if (!installation) throw new Error('No installation was stored');
    this.token = openToken(new SecretBox([this.key]), installation, 'botToken');
    const direct = await this.slack.call('conversations.open', { users: this.id('ann') }, this.token);
    const channel = String((direct.channel as Json).id);
    await this.until('a welcome', async () => (await this.messages(channel)).includes('set_up.open'));
  }

  private async setUp(): Promise<string> {
    const click = clickInMessage({ action_id: 'set_up.open' }, this.finance);
    await this.interact({ ...click, trigger_id: await this.trigger() });
    const id = await this.until('a form', () => this.viewSaying('An account owns your projects'));
    const option = (value: string) => ({ element: { type: 'external_select', selected_option: { value } } });
    const values = {
      name: { element: { type: 'plain_text_input', value: 'Acme' } },
      timeZone: option('Etc/UTC'),
      currency: option('EUR'),
      financeChannelId: { element: { type: 'conversations_select', selected_conversation: this.finance } },
    };
    const blocks = Object.keys(values).map((block) => ({ type: 'input', block_id: block }));
    const view = {
      id,
      type: 'modal',
      callback_id: 'set_up',
      hash: '1',
      private_metadata: '',
      state: { values },
      blocks,
    };
    await this.interact({ type: 'view_submission', trigger_id: 'unused', view });
    await this.until('the answer', () => this.viewSaying('you are its owner'));
    const account = await Accounts.findOne({}).orFail().lean();
    await setParties(account._id);
    return account._id;
  }

  private async importFile(accountId: string): Promise<void> {
    const row = (cost: string, project: string) =>
      `b1,EUR,${cost},Usage,2026-10-10T00:00:00Z,2026-10-10T10:00:00Z,Compute,${project},a charge`;
    const content = `${[FOCUS_HEAD, row('60.00', 'web'), row('40.00', 'api')].join('\n')}\n`;
    const length = String(Buffer.byteLength(content));
    const { upload_url: to, file_id: id } = await this.slack.call('files.getUploadURLExternal', {
      filename: 'costs.csv',
      length,
    });
    await fetch(String(to), { method: 'POST', body: content });
    const files = JSON.stringify([{ id, title: 'costs.csv' }]);
    await this.slack.call('files.completeUploadExternal', { files, channel_id: this.finance });
    const event = {
      type: 'file_shared',
      file_id: id,
      user_id: this.id('ann'),
      channel_id: this.finance,
      event_ts: '1.7',
    };
    await sendEvent(this.target, event, { team: this.team, eventId: 'EvFile' });
    const value = JSON.stringify({ account: accountId, channel: this.finance, file: id, name: 'costs.csv' });
    await this.interact(clickInMessage({ action_id: 'import.add', value }, this.finance));
    await this.until('the report', async () => (await this.messages(this.finance)).includes('Imported costs.csv'));
  }

  private async approve(accountId: string): Promise<void> {
    const ctx = contextAt(this.clock);
    await setMember(ctx, accountId, this.id('bob'), 'member');
    const { _id: toGroupId } = await createGroup(ctx, { accountId, name: 'Other' });
    const { _id: projectId } = await Projects.findOne({ accountId, name: 'web' }).orFail().lean();
    const asked = await askMove(contextAt(this.clock, person(this.id('bob'), this.team)), {
      ...{ accountId, projectIds: [projectId], toGroupId, effect: 'now' as const, reason: 'Ours' },
    });
    if (asked.kind !== 'requested') throw new Error('The move needed no approval');
    const { _id: move } = asked.request;
    const direct = await this.slack.call('conversations.open', { users: this.id('ann') }, this.token);
    const channel = String((direct.channel as Json).id);
    await this.until('a request', async () => (await this.messages(channel)).includes('move.approve'));
    await this.interact(
      clickInMessage({ action_id: 'move.approve', value: JSON.stringify({ account: accountId, move }) }, channel),
    );
    await this.until('the approval', async () => (await Moves.findById(move).orFail().lean()).state !== 'open');
  }

  private async close(accountId: string): Promise<string> {
    this.clock.set(AFTER_CLOSE);
    // the group without costs gets an invoice of 0, whose message has no file
    const invoice = await this.until('an invoice', () =>
      Invoices.findOne({ accountId, number: { $type: 'string' }, lineCount: { $gt: 0 } }).lean(),
    );
    await this.until('its message', async () => (await this.messages(this.finance)).includes(invoice.number ?? '—'));
    await this.until('its file', () => this.hasFile('.csv', String(invoice.number)));
    return invoice._id;
  }

  private async download(accountId: string, invoiceId: string): Promise<void> {
    const value = JSON.stringify({ account: accountId, invoice: invoiceId });
    await this.interact(clickInMessage({ action_id: 'invoice.pdf', value }, this.finance));
    await this.until('a PDF', () => this.hasFile('.pdf', ''));
  }

  private async hasFile(ending: string, part: string): Promise<boolean> {
    const files = listOf(await this.slack.call('files.list', {}, this.token), 'files');
    return files.some(({ name }) => String(name).endsWith(ending) && String(name).includes(part));
  }

  private get target() {
    return { url: `${this.base}/slack/events` };
  }

  private id(name: string): string {
    return this.people.get(name) ?? '';
  }

  private async interact(payload: Json): Promise<void> {
    const { status } = await sendInteraction(this.target, payload, { user: this.id('ann'), team: this.team });
    if (status !== 200) throw new Error(`An interaction was answered with ${status}`);
  }

  private async trigger(): Promise<string> {
    return String(
      (await this.slack.call('views.generateTriggerId', { user_id: this.id('ann') }, this.token)).trigger_id,
    );
  }

  private async messages(channel: string): Promise<string> {
    return JSON.stringify(await this.slack.call('conversations.history', { channel, limit: '100' }, this.token));
  }

  /** The ID of the view that has these words; the stand-in only shows views on its page. */
  private async viewSaying(words: string): Promise<string | undefined> {
    const page = await (await fetch(`${this.slack.url}?tab=views`)).text();
    return page.includes(words) ? /\bV[A-Z0-9]{6,}\b/.exec(page)?.[0] : undefined;
  }

  private async until<T>(what: string, look: () => Promise<T | false | null | undefined>): Promise<T> {
    for (const began = performance.now(); performance.now() - began < PATIENCE_MS; await wait(200)) {
      const found = await look();
      if (found) return found;
    }
    throw new Error(`${what} didn’t come`);
  }
}

function listOf(answer: Json, name: string): Json[] {
  return (answer[name] ?? []) as Json[];
}
