import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setBudget } from '../../src/services/budgets/budgets.ts';
import { numberEvents } from '../../src/services/events/event-log.ts';
import { createGroup, renameGroup } from '../../src/services/groups/groups.ts';
import { createMemo } from '../../src/services/invoicing/credit-memos.ts';
import { refreshEstimates } from '../../src/services/invoicing/estimates.ts';
import { reversePayment } from '../../src/services/settlement/payment-reversal.ts';
import { recordPayment } from '../../src/services/settlement/payments.ts';
import { Accounts, Members } from '../../src/store/accounts/accounts.ts';
import { CreditMemos } from '../../src/store/invoicing/credit-memos.ts';
import { Invoices } from '../../src/store/invoicing/invoices.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { Payments } from '../../src/store/settlement/payments.ts';
import { setPersonName } from '../../src/store/workspaces/people.ts';
import { type RunningApi, startApi, tokenFor } from '../support/api/api.ts';
import { type ApiWorld, apiWorld } from '../support/api/api-world.ts';
import { Reader } from '../support/api/reader.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-10T12:00:00Z');
const ctx = contextAt(clock);
const HOUR_MS = 3_600_000;
let api: RunningApi;
let world: ApiWorld;

type Row = Readonly<Record<string, unknown>>;

beforeAll(async () => {
  api = await startApi(clock);
  world = await apiWorld(ctx);
});
afterAll(() => api.stop());

const get = (path: string) => api.ask('GET', path, { token: world.read });

/** Makes everything look as if it hadn't changed for an hour, so that a reader only gets what changes from now on. */
async function age(): Promise<void> {
  await Invoices.collection.updateMany({}, { $set: { changedAt: new Date(Date.now() - HOUR_MS) } });
  clock.set(new Date(clock.now().getTime() + HOUR_MS).toISOString());
}

describe('reading what has changed', () => {
  it('ends with exactly what a full read gives, whatever is changed meanwhile', async () => {
    const { accountId } = world;
    const reader = new Reader(get);
    const invoice = await Invoices.findOne({ accountId, number: { $exists: true } })
      .orFail()
      .lean();
    const { _id: invoiceId } = invoice;
    const put = (name: string) =>
      api.ask('PUT', `/billing-group/${world.group}`, { token: world.write, body: { billing_group_name: name } });
    const move = (group: string) =>
      api.ask('POST', `/billing-group/${group}/project-assign/p2`, { token: world.write });
    const everything = async () => {
      const full = new Reader(get);
      await full.read(10_000);
      return full;
    };
    const claim = { code: world.codes[0] };
    const gone = await createGroup(ctx, { accountId, name: 'Gone' });
    await refreshEstimates(ctx);
    await reader.read(1);
    const changes = [
      () => api.ask('DELETE', `/billing-group/${gone._id.slice(3)}`, { token: world.write }),
      () => move(world.other),
      () => recordPayment(ctx, { accountId, invoiceId, amount: '10.00', date: '2026-11-09', reference: 'A' }),
      () => put('New'),
      () => move(world.group),
      () => api.ask('POST', `/billing-group/${world.group}/credits`, { token: world.write, body: claim }),
      async () => {
        const payment = await Payments.findOne({ accountId }).orFail().lean();
        await reversePayment(ctx, accountId, payment._id);
      },
      () => createMemo(ctx, { accountId, invoiceId, reason: 'Too much' }),
      () => CreditMemos.updateOne({ accountId }, { $set: { state: 'sent', sentAt: clock.now() } }),
    ];
    for (const change of changes) {
      await age();
      await Promise.all([change().then(() => refreshEstimates(ctx)), reader.read(2)]);
      await numberEvents(ctx);
      await reader.read(3);
      expect(reader.has()).toEqual((await everything()).has());
    }
    const full = await everything();
    expect(full.count('invoices')).toBe(4);
    expect(full.count('lines')).toBeGreaterThan(3);
    expect(full.has()).toMatchObject({ payments: [{ state: 'reversed' }], 'credit-memos': [{ state: 'sent' }] });
    expect(await Invoices.countDocuments({ billingGroupId: invoice.billingGroupId })).toBe(2);
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
    expect((await get('/invoices?period_from=2026-11&state=estimate')).body.invoices).toHaveLength(3);
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
      payments: [{ amount: '10.00', currency: 'EUR', state: 'reversed', reference: 'A' }],
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

  it('name the people in events, with their Slack IDs, as soon as Slack has told their names', async () => {
    const { accountId } = world;
    const { teamId } = await Accounts.findById(accountId).orFail().lean();
    await Members.updateOne({ accountId, role: 'owner' }, { $set: { userId: 'U0OWNER' } });
    const owner = contextAt(clock, { kind: 'person', teamId, userId: 'U0OWNER' });
    await renameGroup(owner, { accountId, billingGroupId: `bg_${world.other}`, name: 'Renamed' });
    await numberEvents(ctx);
    const latest = async () => {
      const { body } = await get(`/billing-group/${world.other}/events?limit=1`);
      return (body.events as Row[])[0];
    };
    expect(await latest()).toMatchObject({ actor: 'U0OWNER', actor_id: 'U0OWNER' });
    await setPersonName({ teamId, userId: 'U0OWNER' }, 'Olivia Owner', clock.now());
    expect(await latest()).toMatchObject({ actor: 'Olivia Owner', actor_id: 'U0OWNER' });
    const { body } = await get('/events?limit=1');
    expect(body.events).toMatchObject([{ actor: 'operator', actor_id: null }]);
  });

  it('have full pages of what a reader sees, and nothing of private groups', async () => {
    const { accountId } = world;
    const { _id: invoiceId } = await Invoices.findOne({ accountId, number: { $exists: true } })
      .orFail()
      .lean();
    const payment = await Payments.findOne({ accountId }).orFail().lean();
    const others = ['pay_0', 'pay_1', 'pay_2', 'pay_3'].map((_id) => ({ ...payment, _id, identity: _id, invoiceId }));
    await Payments.create(others);
    const { _id: seen } = await Invoices.findOne({ accountId, billingGroupId: `bg_${world.other}` })
      .orFail()
      .lean();
    await Payments.updateOne({ _id: 'pay_2' }, { $set: { invoiceId: seen } });
    await Accounts.updateOne({ _id: accountId }, { $set: { privateGroupIds: [`bg_${world.group}`] } });
    const reader = await tokenFor(clock, accountId, { scope: 'billing:read', name: 'Outsider' });
    const list = async (path: string) => (await api.ask('GET', path, { token: reader })).body;
    expect(await list('/payments?limit=1')).toMatchObject({
      payments: [{ invoice_id: seen.slice(4) }],
      next_cursor: null,
    });
    expect(await list('/credit-memos')).toMatchObject({ credit_memos: [] });
    expect(await list('/budgets')).toMatchObject({ budgets: [] });
    expect(await list('/projects')).toMatchObject({ projects: [] });
    await Accounts.updateOne({ _id: accountId }, { $set: { privateGroupIds: [] } });
  });

  it('are read with the token as a password', async () => {
    const basic = (password: string) => `Basic ${Buffer.from(`anyone:${password}`).toString('base64')}`;
    const ask = (authorization: string) => api.ask('GET', '/projects', { headers: { authorization } });
    expect((await ask(basic(world.read))).status).toBe(200);
    expect((await ask(basic('bgt_nothing-that-exists'))).status).toBe(401);
    expect((await ask('Basic !')).status).toBe(401);
  });
});
