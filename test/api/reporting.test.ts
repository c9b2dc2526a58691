import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setBudget } from '../../src/services/budgets/budgets.ts';
import { numberEvents } from '../../src/services/events/event-log.ts';
import { createMemo } from '../../src/services/invoicing/credit-memos.ts';
import { refreshEstimates } from '../../src/services/invoicing/estimates.ts';
import { recordPayment } from '../../src/services/settlement/payments.ts';
import { Invoices } from '../../src/store/invoicing/invoices.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { type RunningApi, startApi } from '../support/api/api.ts';
import { type ApiWorld, apiWorld } from '../support/api/api-world.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-10T12:00:00Z');
const ctx = contextAt(clock);
let api: RunningApi;
let world: ApiWorld;

type Row = Readonly<Record<string, unknown>>;

beforeAll(async () => {
  api = await startApi(clock);
  world = await apiWorld(ctx);
});
afterAll(() => api.stop());

const get = (path: string) => api.ask('GET', path, { token: world.read });

/** A reader as docs/bi.md describes it: what it has, and when it read last. */
class Reader {
  readonly invoices = new Map<unknown, Row>();
  readonly lines = new Map<unknown, Row>();
  private readAt: string | undefined;

  async read(size: number): Promise<void> {
    const since = this.readAt === undefined ? '' : `&updated_since=${encodeURIComponent(this.readAt)}`;
    const first = await this.pages(`/invoices?limit=${size}${since}`, (body) => {
      for (const one of body.invoices as Row[]) this.invoices.set(one.invoice_id, one);
    });
    await this.pages(`/invoice-lines?limit=${size}${since}`, (body) => {
      for (const id of body.invoice_ids as string[]) {
        for (const line of [...this.lines.values()]) if (line.invoice_id === id) this.lines.delete(line.line_id);
      }
      for (const line of body.lines as Row[]) this.lines.set(line.line_id, line);
    });
    this.readAt = first;
  }

  private async pages(path: string, take: (body: Record<string, unknown>) => void): Promise<string> {
    let [next, readAt]: [string | null, string] = ['', ''];
    while (next !== null) {
      const { status, body } = await get(next === '' ? path : `${path}&cursor=${next}`);
      expect(status).toBe(200);
      take(body);
      readAt = String(body.read_at);
      next = body.next_cursor as string | null;
    }
    return readAt;
  }

  has() {
    const sorted = (rows: ReadonlyMap<unknown, Row>) => [...rows].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
    return { invoices: sorted(this.invoices), lines: sorted(this.lines) };
  }
}

describe('reading what has changed', () => {
  it('ends with exactly what a full read gives, whatever is changed meanwhile', async () => {
    const reader = new Reader();
    await reader.read(1);
    const { accountId } = world;
    const group = `bg_${world.group}`;
    const invoice = await Invoices.findOne({ accountId, number: { $exists: true } })
      .orFail()
      .lean();
    const changes = [
      () => api.ask('POST', `/billing-group/${world.other}/project-assign/p2`, { token: world.write }),
      () =>
        recordPayment(ctx, { accountId, invoiceId: invoice._id, amount: '10.00', date: '2026-11-09', reference: 'A' }),
      () =>
        api.ask('PUT', `/billing-group/${world.other}`, { token: world.write, body: { billing_group_name: 'New' } }),
      () => api.ask('POST', `/billing-group/${world.group}/project-assign/p2`, { token: world.write }),
      () => createMemo(ctx, { accountId, invoiceId: invoice._id, reason: 'Too much' }),
      () =>
        api.ask('POST', `/billing-group/${world.group}/credits`, {
          token: world.write,
          body: { code: world.codes[0] },
        }),
    ];
    for (const change of changes) {
      await Promise.all([change().then(() => refreshEstimates(ctx)), reader.read(2)]);
    }
    await reader.read(3);
    const full = new Reader();
    await full.read(10_000);
    expect(reader.has()).toEqual(full.has());
    expect(full.invoices.size).toBe(3);
    expect(full.lines.size).toBeGreaterThan(3);
    expect(await Invoices.countDocuments({ billingGroupId: group })).toBe(2);
  });

  it('gives a line the same ID when its invoice is calculated again', async () => {
    const idsOf = async () => {
      const { body } = await get('/invoice-lines?state=estimate');
      return (body.lines as Row[]).map((line) => [line.line_id, line.description, line.project_name]);
    };
    const before = await idsOf();
    await Invoices.updateMany({ accountId: world.accountId, state: 'estimate' }, { $set: { touchedAt: new Date() } });
    await refreshEstimates(ctx);
    expect(await idsOf()).toEqual(before);
    expect(new Set(before.map(([id]) => id)).size).toBe(before.length);
  });

  it('is limited to states and months', async () => {
    const { body } = await get('/invoices?period_to=2026-10');
    expect(body.invoices).toMatchObject([{ period: '2026-10', update_time: expect.any(String) }]);
    expect((await get('/invoices?period_from=2026-11&state=estimate')).body.invoices).toHaveLength(2);
    for (const query of ['state=nothing', 'period_from=2026-13', 'updated_since=yesterday', 'cursor=x', 'since=1']) {
      expect({ query, status: (await get(`/invoices?${query}`)).status }).toEqual({ query, status: 400 });
    }
  });
});

describe('the other lists', () => {
  it('have what is in the account, page by page', async () => {
    const { accountId } = world;
    await setBudget(ctx, { accountId, billingGroupId: `bg_${world.group}`, amount: '500.00' });
    const expected = {
      projects: [{ project_name: 'p1' }, { project_name: 'p2' }],
      payments: [{ amount: '10.00', currency: 'EUR', state: 'received', reference: 'A' }],
      'credit-memos': [{ reason: 'Too much' }],
      budgets: [{ amount: '500.00', currency: 'EUR', billing_group_id: world.group }],
      moves: [],
    };
    for (const [list, rows] of Object.entries(expected)) {
      const key = list.replace('-', '_');
      const found: unknown[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const { body } = await get(`/${list}?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`);
        found.push(...(body[key] as unknown[]));
        cursor = body.next_cursor as string | null;
      }
      expect({ list, count: found.length }).toEqual({ list, count: rows.length });
      expect(found).toEqual(expect.arrayContaining(rows.map((row) => expect.objectContaining(row))));
    }
  });

  it('have events in their order, each once', async () => {
    await numberEvents(ctx);
    const numbers: number[] = [];
    for (;;) {
      const { body } = await get(`/events?limit=7&after=${numbers.at(-1) ?? 0}`);
      const found = (body.events as { log_entry_id: number }[]).map((one) => one.log_entry_id);
      if (found.length === 0) break;
      numbers.push(...found);
    }
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, at) => at + 1));
    expect(numbers.length).toBeGreaterThan(7);
  });

  it('are read with the token as a password', async () => {
    const basic = (password: string) => `Basic ${Buffer.from(`anyone:${password}`).toString('base64')}`;
    const ask = (authorization: string) => api.ask('GET', '/projects', { headers: { authorization } });
    expect((await ask(basic(world.read))).status).toBe(200);
    expect((await ask(basic('bgt_nothing-that-exists'))).status).toBe(401);
    expect((await ask('Basic !')).status).toBe(401);
  });
});
