import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { openAmount } from '../../../src/billing/invoice/invoice-life.ts';
import { EFFECTS } from '../../../src/billing/move/move.ts';
import { Refusal } from '../../../src/billing/refusal.ts';
import type { Message } from '../../../src/local/workspace/index.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { claimCredit } from '../../../src/services/credits/credits.ts';
import { askMove } from '../../../src/services/moves/move-ask.ts';
import { approveMove } from '../../../src/services/moves/move-decide.ts';
import { balanceOf, issuedInvoice } from '../../../src/services/settlement/invoice-balance.ts';
import { recordPayment } from '../../../src/services/settlement/payments.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { Moves } from '../../../src/store/moves/moves.ts';
import { contextAt, person } from '../../support/context.ts';
import { FOCUS_HEAD } from '../../support/invoices/invoices.ts';
import { type ChaosAccount, poisonImport, TEAM } from './accounts.ts';
import type { SlackProcess } from './parts.ts';

const ROWS = 20;
const DAY_MS = 86_400_000;
const OFFER_MS = 8_000;
const DROPS = 3;
const AGAIN = 0.2;
const API_MS = 20_000;
const COMMANDS = [
  'groups',
  'costs',
  'invoices',
  'events',
  'verify',
  'projects',
  'help',
  'create',
  'settings',
  'budget',
];

export interface DroppedFile {
  readonly accountId: string;
  readonly rows: readonly string[];
  readonly bytes: string;
}

type Act = (account: ChaosAccount) => Promise<void>;

/** People and programs working in all accounts, one action after the other with a few in parallel. */
export class Load {
  /** How often each action had each result. */
  readonly outcomes = new Map<string, number>();
  /** Files that people shared, with the rows in each. */
  readonly files = new Map<string, DroppedFile>();
  /** Responses that programs must not get. */
  readonly faults: string[] = [];
  /** The hash of each downloaded document, by its address. */
  private readonly documents = new Map<string, string>();
  private readonly accounts: readonly ChaosAccount[];
  private readonly slack: SlackProcess;
  private readonly apiUrl: string;
  private readonly random: () => number;
  private hasEnded = false;
  private made = 0;

  constructor(of: {
    accounts: readonly ChaosAccount[];
    slack: SlackProcess;
    apiUrl: string;
    random: () => number;
  }) {
    this.accounts = of.accounts;
    this.slack = of.slack;
    this.apiUrl = of.apiUrl;
    this.random = of.random;
  }

  /** Performs actions until it is stopped. Failures are counted: a person or a program would retry. */
  async run(everyMs: number): Promise<void> {
    const acts: [string, Act][] = [
      ['import', (account) => this.drop(account)],
      ['move', (account) => this.askMove(account)],
      ['approval', (account) => this.approve(account)],
      ['payment', (account) => this.pay(account)],
      ['credit', (account) => this.claim(account)],
      ['command', (account) => this.type(account)],
      ['Home', async (account) => void (await this.slack.act('home', account.person('OWNER')))],
      ['API read', (account) => this.read(account)],
      ['document', (account) => this.download(account)],
    ];
    while (!this.hasEnded) {
      const account = this.pick(this.accounts);
      const [name, act] = this.pick(acts);
      await Promise.all([wait(everyMs), this.count(name, () => act(account))]);
    }
  }

  end(): void {
    this.hasEnded = true;
  }

  private async count(name: string, act: () => Promise<void>): Promise<void> {
    const outcome = await act().then(
      () => 'done',
      (error: unknown) =>
        error instanceof Refusal ? `refused (${error.code})` : `failed (${String(error).slice(0, 60)})`,
    );
    const key = `${name}: ${outcome}`;
    this.outcomes.set(key, (this.outcomes.get(key) ?? 0) + 1);
  }

  /** Shares a file, sometimes one shared before, and clicks the offer to import it; without an offer, once more. */
  private async drop(account: ChaosAccount): Promise<void> {
    if (account.isPoisoned) await poisonImport(account.id, account.person('OWNER'));
    const [name, { bytes }] = this.fileFor(account);
    const who = account.person('ADMIN');
    for (let tries = 0; tries < DROPS; tries++) {
      await this.slack.upload(who, account.channel, name, bytes);
      for (let waited = 0; waited < OFFER_MS; waited += 1_000) {
        const { ephemerals } = await this.slack.look(name);
        const offer = ephemerals.find(({ ephemeral_to, blocks }) => ephemeral_to === who && hasButton(blocks));
        if (offer) return this.slack.click(who, offer, 'import.add');
        await wait(1_000);
      }
    }
    throw new Error('The file was not offered');
  }

  private fileFor(account: ChaosAccount): [string, DroppedFile] {
    const own = [...this.files].filter(([, { accountId }]) => accountId === account.id);
    if (own.length > 0 && this.random() < AGAIN) return this.pick(own);
    this.made += 1;
    const name = `costs-${this.made}.csv`;
    const rows = Array.from({ length: ROWS }, (_, at) => `${name} row ${at}`);
    const lines = rows.map((row) => this.rowOf(account, row));
    const file = { accountId: account.id, rows, bytes: `${[FOCUS_HEAD, ...lines].join('\n')}\n` };
    this.files.set(name, file);
    return [name, file];
  }

  /** A cost from the last days, some of which may already be invoiced. */
  private rowOf({ projects }: ChaosAccount, description: string): string {
    const day = new Date(systemClock.now().getTime() - this.random() * 5 * DAY_MS).toISOString().slice(0, 10);
    const cost = (this.random() * 20).toFixed(4);
    return `b1,EUR,${cost},Usage,${day},${day},Compute,${this.pick(projects).name},${description}`;
  }

  private async askMove({ id: accountId, projects, groups, person: idOf }: ChaosAccount): Promise<void> {
    const ctx = contextAt(systemClock, person(idOf('MEMBER'), TEAM));
    const projectIds = [this.pick(projects).id];
    await askMove(ctx, { accountId, projectIds, toGroupId: this.pick(groups), effect: this.pick(EFFECTS), reason: '' });
  }

  private async approve({ id: accountId, person: idOf }: ChaosAccount): Promise<void> {
    const open = await Moves.find({ accountId, state: 'open' }, { _id: 1 }).lean();
    if (open.length === 0) return;
    const ctx = contextAt(systemClock, person(idOf('APPROVER'), TEAM));
    await approveMove(ctx, { accountId, requestId: this.pick(open)._id });
  }

  private async pay({ id: accountId, person: idOf }: ChaosAccount): Promise<void> {
    const mailed = await Invoices.findOne({ accountId, state: 'mailed' }, { _id: 1 }).lean();
    if (!mailed) return;
    const open = openAmount(balanceOf(await issuedInvoice(accountId, mailed._id)));
    const date = systemClock.now().toISOString().slice(0, 10);
    const ctx = contextAt(systemClock, person(idOf('ADMIN'), TEAM));
    await recordPayment(ctx, {
      accountId,
      invoiceId: mailed._id,
      amount: open.toFixed(2),
      date,
      reference: mailed._id,
    });
  }

  private async claim({ id: accountId, codes, groups, person: idOf }: ChaosAccount): Promise<void> {
    const code = codes.pop();
    if (code === undefined) return;
    const ctx = contextAt(systemClock, person(idOf('ADMIN'), TEAM));
    await claimCredit(ctx, { accountId, code, billingGroupId: this.pick(groups) });
  }

  private async type(account: ChaosAccount): Promise<void> {
    await this.slack.command(account.person('MEMBER'), account.channel, `/billing ${this.pick(COMMANDS)}`);
  }

  private async read(account: ChaosAccount): Promise<void> {
    const group = this.pick(account.groups).slice(3);
    const path = this.pick(['', `/${group}`, `/${group}/invoice`, `/${group}/events`, `/${group}/projects`]);
    const text = await this.ask(account, path);
    const own = account.name.toLowerCase();
    const others = this.accounts.map(({ name }) => name.toLowerCase()).filter((name) => name !== own);
    if (others.some((name) => text.toLowerCase().includes(`"${name} `)))
      this.faults.push(`the API showed ${account.name} another account: ${path}`);
  }

  /** The lines of an issued invoice: the same bytes each time, from any process. */
  private async download(account: ChaosAccount): Promise<void> {
    const issued = await Invoices.find(
      { accountId: account.id, issuedAt: { $exists: true } },
      { billingGroupId: 1, number: 1 },
    ).lean();
    if (issued.length === 0) return;
    const { billingGroupId, number } = this.pick(issued);
    const path = `/${billingGroupId.slice(3)}/invoice/${number}/csv`;
    const hash = createHash('sha256')
      .update(await this.ask(account, path))
      .digest('hex');
    const before = this.documents.get(path);
    if (before !== undefined && before !== hash) this.faults.push(`${path} has other bytes than before`);
    this.documents.set(path, hash);
  }

  private async ask({ token }: ChaosAccount, path: string): Promise<string> {
    const response = await fetch(`${this.apiUrl}/v1/billing-group${path}`, {
      headers: { authorization: `aivenv1 ${token}` },
      signal: AbortSignal.timeout(API_MS),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`The API answered ${response.status}`);
    return text;
  }

  private pick<T>(all: readonly T[]): T {
    const one = all[Math.floor(this.random() * all.length)];
    if (one === undefined) throw new RangeError('There is nothing to choose from');
    return one;
  }
}

function hasButton(blocks: Message['blocks'] = []): boolean {
  return JSON.stringify(blocks).includes('"import.add');
}
