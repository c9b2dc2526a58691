import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Refusal } from '../../src/billing/refusal.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { Invoices } from '../../src/store/invoicing/invoices.ts';
import { type ChaosAccount, TEAM } from '../chaos/product/accounts.ts';
import { contextAt, person } from '../support/context.ts';
import { costRow, importCosts } from '../support/invoices/closed.ts';
import { seeded } from '../support/slack/rough-slack.ts';
import { sendCommand, sendEvent, type Target } from '../support/slack/signed.ts';

/** Commands that only read. */
const COMMANDS = [
  'groups',
  'costs',
  'invoices',
  'events',
  'projects',
  'help',
  'budget',
  'aging',
  'requests',
  'members',
];
const KINDS = ['command', 'command', 'Home', 'API read', 'API read', 'document', 'import'] as const;
type Kind = (typeof KINDS)[number];
const ROWS = 20;
const DAY_MS = 86_400_000;

/** People in Slack and programs that use the product, with how long each request took. */
export class SoakLoad {
  /** Milliseconds until the acknowledgement, or until the whole answer of the API. */
  readonly took = new Map<Kind, number[]>();
  readonly faults: string[] = [];
  private readonly random = seeded(1);
  private readonly accounts: readonly ChaosAccount[];
  private readonly base: string;
  private readonly slack: Target;
  private readonly answers: Server;
  private made = 0;
  private underWay = 0;
  private isPaused = false;
  private hasEnded = false;

  constructor(accounts: readonly ChaosAccount[], base: string, secret: string) {
    this.accounts = accounts;
    this.base = base;
    this.slack = { url: `${base}/slack/events`, secret };
    // takes the answers of commands
    this.answers = createServer((request, response) => request.resume().on('end', () => response.end('ok')));
  }

  /** Works until it is ended, some actions at once and with a pause after each. */
  async run(atOnce: number, everyMs: number): Promise<void> {
    await new Promise<void>((resolve) => this.answers.listen(0, '127.0.0.1', resolve));
    await Promise.all(Array.from({ length: atOnce }, () => this.worker(everyMs)));
    await new Promise((resolve) => {
      this.answers.close(resolve);
      this.answers.closeAllConnections();
    });
  }

  end(): void {
    this.hasEnded = true;
  }

  /** Does something while no request is under way, such as moving the clock that requests are signed with. */
  async inCalm(act: () => Promise<void>): Promise<void> {
    this.isPaused = true;
    while (this.underWay > 0) await wait(10);
    await act();
    this.isPaused = false;
  }

  private async worker(everyMs: number): Promise<void> {
    for (; !this.hasEnded; await wait(everyMs)) {
      if (this.isPaused) continue;
      this.underWay += 1;
      await this.once();
      this.underWay -= 1;
    }
  }

  private async once(): Promise<void> {
    const kind = this.pick(KINDS);
    const began = performance.now();
    try {
      await this.act(kind, this.pick(this.accounts));
      const times = this.took.get(kind) ?? [];
      times.push(performance.now() - began);
      this.took.set(kind, times);
    } catch (error) {
      // as people are told, an account imports one file at a time
      if (error instanceof Refusal) return;
      this.faults.push(`${kind}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private async act(kind: Kind, account: ChaosAccount): Promise<void> {
    this.made += 1;
    const group = this.pick(account.groups).slice('bg_'.length);
    switch (kind) {
      case 'command':
        return this.type(account);
      case 'Home':
        return this.openHome(account);
      case 'API read':
        return this.read(account, this.pick(['', `/${group}`, `/${group}/invoice`, `/${group}/events`]));
      case 'document':
        return this.download(account);
      default:
        return this.import(account);
    }
  }

  private async type(account: ChaosAccount): Promise<void> {
    const { port } = this.answers.address() as AddressInfo;
    const by = { user: account.person('ADMIN'), channel: account.channel, team: TEAM, trigger: `trigger ${this.made}` };
    const responseUrl = `http://127.0.0.1:${port}/`;
    await acknowledged(await sendCommand(this.slack, '/billing', this.pick(COMMANDS), { ...by, responseUrl }));
  }

  private async openHome(account: ChaosAccount): Promise<void> {
    const user = account.person('MEMBER');
    const event = { type: 'app_home_opened', user, channel: 'D1', tab: 'home', event_ts: `${this.made}.1` };
    await acknowledged(await sendEvent(this.slack, event, { eventId: `Ev${this.made}`, team: TEAM }));
  }

  private async read({ token }: ChaosAccount, path: string): Promise<void> {
    const headers = { authorization: `aivenv1 ${token}` };
    await acknowledged(await fetch(`${this.base}/v1/billing-group${path}`, { headers }));
  }

  /** The file of an issued invoice, if there is one already. */
  private async download(account: ChaosAccount): Promise<void> {
    const issued = { accountId: account.id, issuedAt: { $exists: true } };
    const invoice = await Invoices.findOne(issued, { billingGroupId: 1, number: 1 }).sort({ issuedAt: -1 }).lean();
    if (!invoice) return;
    const group = invoice.billingGroupId.slice('bg_'.length);
    await this.read(account, `/${group}/invoice/${invoice.number}/csv`);
  }

  /** Costs of the last days, some of which may already be invoiced. */
  private async import(account: ChaosAccount): Promise<void> {
    const rows = Array.from({ length: ROWS }, (_, at) => {
      const day = new Date(systemClock.now().getTime() - this.random() * 5 * DAY_MS).toISOString().slice(0, 10);
      const cost = `${Math.ceil(this.random() * 2000) / 100}${this.made}`;
      return costRow(cost, { project: this.pick(account.projects).name, day, service: `Service ${at % 5}` });
    });
    await importCosts(contextAt(systemClock, person(account.person('ADMIN'), TEAM)), account.id, rows);
  }

  private pick<T>(all: readonly T[]): T {
    const one = all[Math.floor(this.random() * all.length)];
    if (one === undefined) throw new RangeError('There is nothing to choose from');
    return one;
  }
}

/** @throws {Error} with the status, if it isn't 200 */
async function acknowledged(response: Response): Promise<void> {
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`answered ${response.status}`);
}
