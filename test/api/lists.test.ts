import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { Decimal } from '../../src/billing/money/money.ts';
import { nextPeriod, type Period, spanOf, toPeriod } from '../../src/billing/period/period.ts';
import { tokenCache } from '../../src/services/access/tokens.ts';
import { claimCredit } from '../../src/services/credits/credits.ts';
import { numberEvents } from '../../src/services/events/event-log.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { refreshEstimates, touchOpenEstimates } from '../../src/services/invoicing/estimates.ts';
import { inTransaction } from '../../src/services/kit/transaction.ts';
import { createProject } from '../../src/services/projects/projects.ts';
import { Accounts } from '../../src/store/accounts/accounts.ts';
import { Invoices } from '../../src/store/invoicing/invoices.ts';
import { toDecimal128 } from '../../src/store/kit/decimal.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { type Answer, type RunningApi, startApi } from '../support/api/api.ts';
import { type ApiWorld, apiWorld } from '../support/api/api-world.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { storedAnomaly } from '../support/costs/stored-anomaly.ts';
import { useDatabase } from '../support/database/database.ts';
import { QueryCounter } from '../support/database/queries.ts';

useDatabase(migrate, { monitorCommands: true });

const clock = new TestClock('2026-11-10T12:00:00Z');
const ctx = contextAt(clock);
let api: RunningApi;
let world: ApiWorld;

beforeAll(async () => {
  // tokens are looked up once, so that queries can be counted
  api = await startApi(clock, { tokens: tokenCache(() => 0) });
  world = await apiWorld(ctx);
  const { accountId } = world;
  for (let at = 0; at < 5; at += 1) await createGroup(ctx, { accountId, name: `Group ${at}` });
  for (let at = 0; at < 5; at += 1) {
    await createProject(ctx, { accountId, name: `x${at}`, billingGroupId: `bg_${world.group}` });
  }
  for (const code of world.codes) await claimCredit(ctx, { accountId, code, billingGroupId: `bg_${world.group}` });
  await invoices();
  await numberEvents(ctx);
});
afterAll(() => api.stop());

const get = (path: string, headers: Record<string, string> = {}) =>
  api.ask('GET', path, { token: world.read, headers });

/** Adds twelve invoices from the group's past, distinguished by every sort key. */
async function invoices(): Promise<void> {
  const amounts = [
    '5.00',
    '-3.10',
    '100.00',
    '20.00',
    '3.00',
    '0.00',
    '1000.00',
    '7.00',
    '7.00',
    '12.00',
    '9.99',
    '8.00',
  ];
  const states = ['paid', 'due', 'mailed', 'waived'] as const;
  let period: Period = toPeriod('2025-10');
  for (const [at, amount] of amounts.entries()) {
    const { begin, end } = spanOf(period, 'Etc/UTC');
    const net = toDecimal128(new Decimal(amount));
    const total = toDecimal128(new Decimal(amount).times(2));
    const zero = toDecimal128(new Decimal(0));
    await Invoices.create([
      {
        ...{ _id: `inv_${at}`, accountId: world.accountId, billingGroupId: `bg_${world.group}`, period },
        ...{
          periodBegin: begin,
          periodEnd: end,
          state: states[at % 4] ?? 'paid',
          currency: at % 3 === 0 ? 'USD' : 'EUR',
        },
        ...{ exact: net, net, total, tax: zero, amountDue: zero, lineCount: 0, recordCount: 0, touches: 0 },
        ...{ seq: at + 2, series: 'of old', number: `OLD-${at + 2}`, issuedAt: end, dueAt: end, computedAt: end },
      },
    ]);
    period = nextPeriod(period);
  }
}

/** A whole list, page by page. */
async function paged(path: string, key: string, limit: number): Promise<unknown[]> {
  const items: unknown[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < 100; pages += 1) {
    const query: string = `limit=${limit}${cursor === null ? '' : `&cursor=${cursor}`}`;
    const { status, body } = await get(`${path}${path.includes('?') ? '&' : '?'}${query}`);
    expect(status).toBe(200);
    const page = body[key] as unknown[];
    expect(page.length).toBeLessThanOrEqual(limit);
    items.push(...page);
    cursor = body.next_cursor as string | null;
    if (cursor === null) return items;
  }
  throw new Error('The list has no end');
}

describe('pages', () => {
  const lists = () => {
    const group = `/billing-group/${world.group}`;
    return [
      ['/billing-group', 'billing_groups'],
      [`/account/${world.account}/billing-group`, 'billing_groups'],
      [`${group}/projects`, 'projects'],
      [`${group}/credits`, 'credits'],
      [`${group}/events`, 'events'],
      [`${group}/invoice/estimate-2026-11/lines`, 'lines'],
      ...['', '?sort=state', '?sort=total_inc_vat', '?sort=currency&order=desc'].map((sort) => [
        `${group}/invoice${sort}`,
        'invoices',
      ]),
    ] as const;
  };

  it('together make up the whole list, which is what a client without paging gets', async () => {
    for (const [path = '', key = ''] of lists()) {
      const whole = await get(path);
      expect({ path, keys: Object.keys(whole.body) }).toEqual({ path, keys: [key] });
      expect((whole.body[key] as unknown[]).length).toBeGreaterThan(1);
      for (const limit of [1, 2, 100]) {
        expect({ path, items: await paged(path, key, limit) }).toEqual({ path, items: whole.body[key] });
      }
    }
  });

  it('of an estimate end when it is recalculated, since lines may have been added or removed', async () => {
    const path = `/billing-group/${world.group}/invoice/estimate-2026-11/lines`;
    const first = await get(`${path}?limit=1`);
    clock.set('2026-11-10T12:00:01Z');
    await inTransaction(ctx, (tx) => touchOpenEstimates(tx, { accountId: world.accountId }));
    await refreshEstimates(ctx);
    const second = await get(`${path}?limit=1&cursor=${first.body.next_cursor}`);
    clock.set('2026-11-10T12:00:00Z');
    expect({ status: second.status, errors: second.body.errors }).toMatchObject({
      status: 409,
      errors: [{ error_code: 'changed_meanwhile' }],
    });
  });

  it('don’t accept a cursor from another list', async () => {
    const { body } = await get('/billing-group?limit=1');
    const other = await get(`/billing-group/${world.group}/projects?cursor=${body.next_cursor}`);
    expect(other.status).toBe(400);
  });

  it('of events hold 100 items unless another number is requested', async () => {
    const { body } = await get(`/billing-group/${world.group}/events?limit=2`);
    expect(body.events).toHaveLength(2);
    const [a, b] = body.events as { log_entry_id: number }[];
    expect(a?.log_entry_id).toBeGreaterThan(b?.log_entry_id ?? 0);
  });
});

describe('invoices', () => {
  const KEYS = {
    invoice_number: 'invoice_number',
    period_begin: 'period_begin',
    period_end: 'period_end',
    state: 'state',
    currency: 'currency',
    total_inc_vat: 'total_inc_vat',
    total_vat_zero: 'total_vat_zero',
  } as const;

  it.each(Object.keys(KEYS))('are sorted by %s, ascending and descending', async (sort) => {
    const values = async (order: string) => {
      const { body } = await get(`/billing-group/${world.group}/invoice?sort=${sort}&order=${order}`);
      return (body.invoices as Record<string, string>[]).map((invoice) => invoice[sort] ?? '');
    };
    const [up, down] = [await values('asc'), await values('desc')];
    expect(up).toHaveLength(14);
    expect([...down].reverse()).toEqual(up);
    const compare = sort.startsWith('total')
      ? (a: string, b: string) => new Decimal(a).comparedTo(b)
      : (a: string, b: string) => (sort === 'invoice_number' ? place(a) - place(b) : Number(a > b) - Number(a < b));
    expect(up).toEqual([...up].sort(compare));
    expect(new Set(up).size).toBeGreaterThan(1);
  });

  /** OLD-10 comes after OLD-9, and an invoice without a number last. */
  function place(number: string): number {
    if (number.startsWith('estimate')) return 1e9;
    return (number.startsWith('OLD') ? 1e6 : 0) + Number(number.split('-').at(-1));
  }

  it('are listed newest first by default', async () => {
    const { body } = await get(`/billing-group/${world.group}/invoice`);
    const begins = (body.invoices as { period_begin: string }[]).map(({ period_begin }) => period_begin);
    expect(begins).toEqual([...begins].sort().reverse());
  });
});

describe('responses', () => {
  const notChanged = async (path: string) => {
    const first = await get(path);
    const etag = first.headers.get('etag') ?? '';
    const second = await get(path, { 'if-none-match': etag });
    return { first: first.status, etag: etag !== '', second: second.status, text: second.text };
  };
  const unchanged = { first: 200, etag: true, second: 304, text: '' };

  it('have an ETag, and aren’t sent again to clients that already have them', async () => {
    const group = `/billing-group/${world.group}`;
    for (const path of ['/billing-group', group, `${group}/projects`, `${group}/credits`, `${group}/events`]) {
      expect({ path, ...(await notChanged(path)) }).toEqual({ path, ...unchanged });
    }
    for (const path of [
      `${group}/invoice`,
      `${group}/invoice/OLD-2`,
      `${group}/invoice/OLD-2/lines`,
      '/invoices/OLD-2',
    ]) {
      expect({ path, ...(await notChanged(path)) }).toEqual({ path, ...unchanged });
    }
  });

  it('get another ETag once something has changed', async () => {
    const before = (await get('/billing-group')).headers.get('etag') ?? '';
    const put = { token: world.write, body: { city: 'Oulu' } };
    await api.ask('PUT', `/billing-group/${world.other}`, put);
    expect((await get('/billing-group', { 'if-none-match': before })).status).toBe(200);
  });

  it('are compressed for clients that accept it, name their request, and have security headers', async () => {
    const answer = await get('/billing-group', { 'accept-encoding': 'gzip', 'x-request-id': 'mine-1' });
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(answer.headers.get('x-request-id')).toBe('mine-1');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('x-powered-by')).toBeNull();
    expect(answer.headers.get('ratelimit')).toContain('limit=');
    const other = await get('/billing-group', { 'x-request-id': 'not decent' });
    expect(other.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('allow no other origin unless it is listed', async () => {
    const origin = { origin: 'https://bi.example.com' };
    expect((await get('/billing-group', origin)).headers.get('access-control-allow-origin')).toBeNull();
    const open = await startApi(clock, { corsOrigins: ['https://bi.example.com'] });
    const asked: Answer = await open.ask('GET', '/billing-group', { token: world.read, headers: origin });
    expect(asked.headers.get('access-control-allow-origin')).toBe('https://bi.example.com');
    const before = await fetch(`${open.url}/v1/billing-group`, { method: 'OPTIONS', headers: origin });
    expect(before.status).toBe(204);
    expect(before.headers.get('access-control-allow-headers')).toContain('authorization');
    const stranger = { token: world.read, headers: { origin: 'https://other.example.com' } };
    expect((await open.ask('GET', '/billing-group', stranger)).headers.get('access-control-allow-origin')).toBeNull();
    await open.stop();
  });

  it('describe the API: /openapi.json, and a page that shows it', async () => {
    const document = await (await fetch(`${api.url}/openapi.json`)).json();
    expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/v1' }] });
    const page = await fetch(`${api.url}/docs`);
    expect(page.headers.get('content-type')).toContain('text/html');
    for (const [, part] of (await page.text()).matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect({ part, status: (await fetch(`${api.url}${part}`)).status }).toEqual({ part, status: 200 });
    }
  });

  it('report whether the process is alive and whether it is ready', async () => {
    expect(await (await fetch(`${api.url}/healthz`)).text()).toBe('ok');
    expect(await (await fetch(`${api.url}/readyz`)).text()).toBe('ready');
  });
});

it('listing groups takes the same number of queries however many there are', async () => {
  const counter = new QueryCounter();
  await get('/billing-group');
  const few = counter.take();
  for (let at = 0; at < 120; at += 1) await createGroup(ctx, { accountId: world.accountId, name: `Many ${at}` });
  expect(mongoose.connection.readyState).toBe(1);
  counter.take();
  expect((await get('/billing-group')).body.billing_groups).toHaveLength(127);
  const many = counter.take();
  expect(many.filter((query) => !query.startsWith('getMore'))).toEqual(few);
  expect(few.length).toBeLessThanOrEqual(6);
});

describe('costs', () => {
  const get = (path: string, token = world.read) => api.ask('get', path, { token });

  it('are answered by day, service and project, and add up', async () => {
    const october = 'from=2026-10-01&until=2026-10-31';
    expect((await get(`/costs?${october}&by=service`)).body).toMatchObject({
      subject: null,
      currencies: [
        {
          ...{ currency: 'EUR', total: '150.01' },
          shares: [
            { name: 'Compute', amount: '100.01' },
            { name: 'Storage', amount: '50.00' },
          ],
        },
      ],
    });
    expect((await get(`/costs?${october}&by=project&project=p2`)).body).toMatchObject({
      ...{ subject: 'p2', currencies: [{ total: '50.00' }] },
    });
    const group = await get(`/costs?from=2026-11-04&until=2026-11-06&billing_group_id=${world.group}`);
    expect(group.body).toMatchObject({
      currencies: [{ total: '19.34', shares: [{ amount: '0.00' }, { amount: '19.34' }, { amount: '0.00' }] }],
    });
  });

  it('are compared and forecast', async () => {
    expect((await get('/comparison?month=2026-11&project=p2')).body).toMatchObject({
      ...{ subject: 'p2', month: '2026-11', month_before: '2026-10', is_open: true },
      currencies: [{ currency: 'EUR', amount: '7.00', amount_before: '50.00', change: '-43.00' }],
    });
    expect((await get(`/forecast?billing_group_id=${world.group}`)).body).toMatchObject({
      ...{ month: '2026-11', complete_until: '2026-11-04' },
      currencies: [{ currency: 'EUR', last_month: '150.01' }],
    });
  });

  it('that are unusual are listed, the latest first and in pages, without those of a group that isn’t seen', async () => {
    const { accountId } = world;
    const billingGroupId = `bg_${world.group}`;
    const [one, other, source] = ['anm_1', 'anm_2', 'anm_3'];
    const isEnded = { state: 'ended', since: '2026-03-05', foundAt: new Date('2026-03-06T12:00:00Z') } as const;
    await storedAnomaly({ _id: one, accountId, billingGroupId });
    await storedAnomaly({ _id: other, accountId, billingGroupId, ...isEnded, service: 'Queue' });
    await storedAnomaly({
      _id: source,
      accountId,
      billingGroupId: null,
      kind: 'missing_export',
      service: 'b1',
      currency: '',
    });
    const all = await get('/anomalies');
    expect(all.body).toMatchObject({
      anomalies: [
        { anomaly_id: '2', state: 'ended', service: 'Queue', since: '2026-03-05' },
        { anomaly_id: '3', kind: 'missing_export', service: null, source: 'b1', amount: null },
        {
          ...{ anomaly_id: '1', kind: 'costs', state: 'open', side: 'above', currency: 'EUR', amount: '90.00' },
          ...{ expected_low: '8.00', expected_high: '12.50', reason: null, assignee: null, parts: [] },
        },
      ],
      next_cursor: null,
    });
    const first = await get('/anomalies?limit=2');
    const next = await get(`/anomalies?limit=2&cursor=${first.body.next_cursor}`);
    expect(next.body).toMatchObject({ anomalies: [{ anomaly_id: '1' }], next_cursor: null });
    expect((await get('/anomalies?state=expected')).body).toMatchObject({ anomalies: [] });
    await Accounts.updateOne({ _id: accountId }, { $set: { privateGroupIds: [billingGroupId] } });
    expect((await get('/anomalies')).body).toMatchObject({ anomalies: [] });
    await Accounts.updateOne({ _id: accountId }, { $unset: { privateGroupIds: '' } });
  });

  it('of an unknown group or project, or of days in the wrong order, aren’t', async () => {
    expect((await get('/forecast?billing_group_id=none')).status).toBe(404);
    expect((await get('/comparison?project=none')).status).toBe(404);
    expect((await get('/costs?from=2026-10-02&until=2026-10-01')).status).toBe(400);
    expect((await get('/costs?from=2000-01-01&until=2026-10-01')).status).toBe(400);
  });
});
