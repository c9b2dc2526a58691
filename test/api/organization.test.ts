import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createMemo } from '../../src/services/invoicing/credit-memos.ts';
import { addCard, createMethod } from '../../src/services/settlement/payment-methods.ts';
import { Invoices } from '../../src/store/invoicing/invoices.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { type RunningApi, startApi } from '../support/api/api.ts';
import { type ApiWorld, apiWorld } from '../support/api/api-world.ts';
import { document } from '../support/api/openapi.ts';
import { differences, PUBLISHED } from '../support/api/published-fields.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-10T12:00:00Z');
const ctx = contextAt(clock);
const CARD = { token: 'tok_provider_1', brand: 'Visa', last4: '4242', expMonth: 12, expYear: 2030, name: 'Olga' };
let api: RunningApi;
let world: ApiWorld;
let foreign: ApiWorld;
/** What the published paths name. */
let named: Record<string, string>;

beforeAll(async () => {
  api = await startApi(clock);
  world = await apiWorld(ctx);
  foreign = await apiWorld(ctx);
  const { accountId } = world;
  const [card, transfer, custom] = [
    await addCard(ctx, accountId, CARD),
    await createMethod(ctx, accountId, { kind: 'bank_transfer', currency: 'EUR' }),
    await createMethod(ctx, accountId, { kind: 'no_payment_expected' }),
  ];
  const invoice = await Invoices.findOne({ accountId, number: { $exists: true } })
    .orFail()
    .lean();
  const memo = await createMemo(ctx, { accountId, invoiceId: invoice._id, reason: 'Too much' });
  named = {
    ...{ org: world.account, group: world.group, invoice: invoice.number ?? '' },
    ...{ card: card.id.slice(3), transfer: transfer.id.slice(3), custom: custom.id.slice(3) },
    memo: memo.id.replace(/^[a-z]+_/, ''),
    address: await addressOf(world.group),
  };
});
afterAll(() => api.stop());

const get = (path: string) => api.ask('GET', path, { token: world.read });
const write = (method: string, path: string, body?: unknown) => api.ask(method, path, { token: world.write, body });
const org = (rest: string) => `/organization/${world.account}${rest}`;

async function addressOf(group: string): Promise<string> {
  const { body } = await get(org(`/billing-group/${group}`));
  return String(body.billing_address_id);
}

describe('each published answer', () => {
  it.each(PUBLISHED)('GET $path has the published fields', async (published) => {
    const path = published.path.replace(/\{(\w+)\}/g, (_, name: string) => named[name] ?? 'missing');
    const { status, body } = await get(path);
    expect({ path, status, differences: differences(published, body) }).toEqual({ path, status: 200, differences: [] });
  });

  it('is in the table: every GET of an organization that answers with JSON, apart from emissions, which are never known', () => {
    const served = Object.entries(document.paths ?? {}).flatMap(([path, { get: read }]) => {
      const answer = JSON.stringify(read?.responses?.[200] ?? '');
      return path.startsWith('/organization') && answer.includes('application/json') ? [path] : [];
    });
    const bare = (path: string) => path.replace(/\{\w+\}|(?<=\/project\/)p1/g, '{}');
    const known = new Set(PUBLISHED.map(({ path }) => bare(path)));
    expect(served.length).toBeGreaterThan(20);
    expect(served.filter((path) => !known.has(bare(path)))).toEqual(['/organization/{organization_id}/emissions']);
  });

  it('belongs to the token’s account', async () => {
    for (const { path } of PUBLISHED.filter((one) => one.path.includes('{org}'))) {
      const of = { ...named, org: foreign.account };
      const other = path.replace(/\{(\w+)\}/g, (_, name: string) => of[name as keyof typeof of] ?? 'missing');
      expect({ other, status: (await get(other)).status }).toEqual({ other, status: 404 });
    }
  });
});

describe('billing groups of an organization', () => {
  it('are created with another group’s address, changed, and deleted with 204', async () => {
    await write('PUT', `/billing-group/${world.group}`, { company: 'Acme', city: 'Helsinki', country_code: 'FI' });
    const address = await addressOf(world.group);
    const method = { payment_method_id: named.transfer, payment_method_type: 'bank_transfer' };
    const made = await write('POST', org('/billing-groups'), {
      ...{ billing_group_name: 'Terraform', billing_address_id: address, shipping_address_id: address },
      ...{ billing_emails: [{ email: 'a@acme.example' }], billing_contact_emails: [], payment_method: method },
      ...{ custom_invoice_text: 'PO 1', vat_id: '' },
    });
    expect(made.status).toBe(200);
    expect(made.body).toMatchObject({
      ...{ billing_group_name: 'Terraform', billing_address_id: address, shipping_address_id: address },
      ...{ custom_invoice_text: 'PO 1', payment_method: method },
    });
    const path = org(`/billing-group/${made.body.billing_group_id}`);
    expect((await get(path)).body).toEqual(made.body);
    // what was read is what a change accepts
    const { payment_method: _, ...same } = made.body;
    expect((await write('PUT', path, { ...same, payment_method: method })).body).toEqual(made.body);
    const changed = await write('PUT', path, { billing_group_name: 'Pulumi' });
    expect(changed.body).toMatchObject({ billing_group_name: 'Pulumi', billing_address_id: address });
    const gone = await write('DELETE', path);
    expect([gone.status, gone.text]).toEqual([204, '']);
    expect((await get(path)).status).toBe(404);
  });

  it('reject addresses and payment methods that don’t exist', async () => {
    const address = await addressOf(world.group);
    const path = org(`/billing-group/${world.other}`);
    for (const body of [
      { billing_address_id: world.group },
      { billing_address_id: address, shipping_address_id: world.group },
      { shipping_address_id: address },
      { payment_method: { payment_method_id: named.card, payment_method_type: 'custom' } },
      { payment_method: { payment_method_id: world.group, payment_method_type: 'credit_card' } },
    ]) {
      expect({ body, status: (await write('PUT', path, body)).status }).toEqual({ body, status: 400 });
    }
  });
});

describe('invoices of an organization', () => {
  const numbers = async (query: string) => {
    const { body } = await get(org(`/invoices${query}`));
    return (body.invoices as { invoice_number: string }[]).map((one) => one.invoice_number).sort();
  };

  it('are found by billing group, state and dates', async () => {
    const estimates = [world.group, world.other].map((id) => `estimate-2026-11-${id}`).sort();
    const groups = `billing_group_ids=${world.group},${world.other}`;
    expect(await numbers('')).toEqual(expect.arrayContaining([named.invoice, ...estimates]));
    expect(await numbers(`?${groups}`)).toEqual([named.invoice, ...estimates].sort());
    expect(await numbers(`?billing_group_ids=${world.other}`)).toEqual([`estimate-2026-11-${world.other}`]);
    expect(await numbers(`?${groups}&state=estimate`)).toEqual(estimates);
    expect(await numbers('?ending_date=2026-10-31')).toEqual([named.invoice]);
    expect(await numbers(`?${groups}&starting_date=2026-11-01&ending_date=2026-11-30`)).toEqual(estimates);
    for (const query of ['?state=nothing', '?starting_date=2026-02-30', '?period=2026-10']) {
      expect({ query, status: (await get(org(`/invoices${query}`))).status }).toEqual({ query, status: 400 });
    }
  });

  it('and their lines are what a cost exporter reads for the last months', async () => {
    let total = 0;
    for (const number of await numbers(`?billing_group_ids=${world.group}&starting_date=2026-09-01`)) {
      const { status, body } = await get(org(`/invoice/${number}/lines`));
      expect(status).toBe(200);
      total += (body.lines as { total: string }[]).length;
    }
    expect(total).toBe(4);
  });

  it('and credit memos are PDF and CSV with a token', async () => {
    for (const [path, type] of [
      [`/invoice/${named.invoice}/pdf`, 'application/pdf'],
      [`/invoice/${named.invoice}/csv`, 'text/csv; charset=utf-8'],
      [`/credit-memos/${named.memo}/pdf`, 'application/pdf'],
    ] as const) {
      const answer = await get(org(path));
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([path, 200, type]);
    }
    expect((await get(org(`/invoice/estimate-2026-11-${world.group}/pdf`))).status).toBe(409);
  });

  it('have no emissions, and the answer says why', async () => {
    const { status, body } = await get(org('/emissions'));
    expect([status, body.message]).toEqual([404, 'Emissions aren’t part of the costs that are imported here.']);
  });
});

describe('projects', () => {
  it('are created as avn and Terraform ask for it', async () => {
    const avn = await write('POST', '/project', { cloud: null, project: 'by-avn', account_id: world.account });
    expect(avn.body.project).toMatchObject({ project_name: 'by-avn', billing_group_id: world.group });
    const copy = { project: 'copied', copy_from_project: 'by-avn', use_source_project_billing_group: true };
    expect((await write('POST', '/project', copy)).body.project).toMatchObject({ billing_group_id: world.group });
    const terraform = { project_id: 'by-terraform', billing_group_id: world.other, tags: {} };
    const made = await write('POST', org('/projects'), terraform);
    expect(made.body).toMatchObject({ project_id: 'by-terraform', billing_group_id: world.other });
    expect((await get(org('/project/by-terraform'))).body).toEqual(made.body);
    const { body } = await get('/me');
    expect(body.user).toMatchObject({ projects: ['by-avn', 'by-terraform', 'copied', 'p1', 'p2'] });
  });

  it('reject what would have no effect', async () => {
    for (const body of [
      { project: 'x', cloud: 'aws-eu-west-1' },
      { project: 'x', tech_emails: [{ email: 'a@b.example' }] },
      { project: 'x', copy_from_project: 'p1' },
      { project: 'x', billing_currency: 'EUR' },
    ]) {
      expect({ body, status: (await write('POST', '/project', body)).status }).toEqual({ body, status: 400 });
    }
    expect((await write('POST', '/project', { project: 'p1' })).status).toBe(409);
  });

  it('have credits and events', async () => {
    expect((await get('/project/p1/credits')).body).toEqual({ credits: [] });
    const { body } = await get('/project/p1/events?limit=5');
    expect((body.events as unknown[]).length).toBeGreaterThan(0);
    expect((await get('/project/nobody/events')).status).toBe(404);
  });
});
