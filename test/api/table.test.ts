import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { numberEvents } from '../../src/services/events/event-log.ts';
import { addCard } from '../../src/services/settlement/payment-methods.ts';
import { Events } from '../../src/store/events/events.ts';
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

beforeAll(async () => {
  api = await startApi(clock);
  world = await apiWorld(ctx);
});
afterAll(() => api.stop());

const get = (path: string) => api.ask('GET', path, { token: world.read });
const post = (path: string, body?: unknown) => api.ask('POST', path, { token: world.write, body });

const put = (id: string, body: unknown) => api.ask('PUT', `/billing-group/${id}`, { token: world.write, body });

/** GROUP when only its name is known. */
const blank = () => ({
  billing_group_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  account_id: world.account,
  account_name: expect.stringContaining('Account'),
  company: '',
  address_lines: [],
  city: '',
  state: '',
  zip_code: '',
  country_code: '',
  country: '',
  vat_id: '',
  billing_emails: [],
  billing_contact_emails: [],
  billing_extra_text: '',
  billing_currency: 'EUR',
  billing_type: 'external',
  payment_method: 'email',
  card_info: null,
  create_time: '2026-11-10T12:00:00Z',
  billing_address_id: null,
  shipping_address_id: null,
  estimated_balance_local: '0.00',
  estimated_balance_usd: '0.00',
});

describe('billing groups', () => {
  it('GET /billing-group lists the groups of the token’s account by name', async () => {
    const { status, body } = await get('/billing-group');
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['billing_groups']);
    expect(body.billing_groups).toEqual([
      {
        ...blank(),
        billing_group_id: world.group,
        billing_group_name: 'Default billing group for project p1',
        estimated_balance_local: '19.34',
        estimated_balance_usd: '21.27',
      },
      { ...blank(), billing_group_name: 'Other' },
    ]);
  });

  it('GET /account/{account_id}/billing-group returns the same', async () => {
    const [own, all] = [await get(`/account/${world.account}/billing-group`), await get('/billing-group')];
    expect(own.status).toBe(200);
    expect(own.body).toEqual(all.body);
  });

  it('POST creates one with all fields, GET shows it, PUT changes it, DELETE deletes it', async () => {
    const said = {
      billing_group_name: 'Helsinki',
      company: 'Acme Oy',
      address_lines: ['Antinkatu 1', '4th floor'],
      city: 'Helsinki',
      state: 'Uusimaa',
      zip_code: '00100',
      country_code: 'FI',
      vat_id: 'FI01120389',
      billing_emails: [{ email: 'bills@acme.example' }],
      billing_contact_emails: [{ email: 'olga@acme.example' }, { email: 'ivan@acme.example' }],
      billing_extra_text: 'PO 4711',
      billing_currency: 'EUR',
    };
    const made = await post('/billing-group', said);
    expect(made.status).toBe(200);
    const group = { ...blank(), ...said, country: 'Finland' };
    expect(made.body).toEqual({ billing_group: group });
    const { billing_group_id: id } = made.body.billing_group as { billing_group_id: string };
    expect((await get(`/billing-group/${id}`)).body).toEqual(made.body);

    const changed = await api.ask('PUT', `/billing-group/${id}`, {
      token: world.write,
      body: { billing_group_name: 'Tampere', city: 'Tampere', state: null, billing_currency: 'USD' },
    });
    expect(changed.status).toBe(200);
    const after = { ...group, billing_group_name: 'Tampere', city: 'Tampere', state: '', billing_currency: 'USD' };
    expect(changed.body).toEqual({ billing_group: after });
    expect((await get(`/billing-group/${id}`)).body).toEqual(changed.body);

    const gone = await api.ask('DELETE', `/billing-group/${id}`, { token: world.write });
    expect({ status: gone.status, body: gone.body }).toEqual({ status: 200, body: { message: 'deleted' } });
    expect((await get(`/billing-group/${id}`)).status).toBe(404);
  });

  it('PUT accepts the whole object that GET returned', async () => {
    const { body } = await get(`/billing-group/${world.other}`);
    const same = await api.ask('PUT', `/billing-group/${world.other}`, {
      token: world.write,
      body: body.billing_group,
    });
    expect(same.status).toBe(200);
    expect(same.body).toEqual(body);
  });

  it('a copy has everything from the original except what the request overrides', async () => {
    const model = await post('/billing-group', { billing_group_name: 'Model', company: 'Acme', city: 'Turku' });
    const { billing_group_id } = model.body.billing_group as { billing_group_id: string };
    const copy = await post('/billing-group', {
      billing_group_name: 'Copy',
      city: 'Oulu',
      copy_from_billing_group: billing_group_id,
    });
    expect(copy.body.billing_group).toMatchObject({ billing_group_name: 'Copy', company: 'Acme', city: 'Oulu' });
  });

  it('a card is chosen by its ID, shown without its token, and removed with null', async () => {
    const card = {
      token: 'tok_provider_1',
      brand: 'Visa',
      last4: '4242',
      expMonth: 12,
      expYear: 2030,
      countryCode: 'FI',
    };
    const { id } = await addCard(ctx, world.accountId, { ...card, name: 'Olga' });
    const paid = await post('/billing-group', { billing_group_name: 'By card', card_id: id.slice(3) });
    expect(paid.body.billing_group).toMatchObject({
      payment_method: 'card',
      card_info: {
        brand: 'Visa',
        card_id: id.slice(3),
        country: 'Finland',
        country_code: 'FI',
        exp_month: 12,
        exp_year: 2030,
        last4: '4242',
        name: 'Olga',
        user_email: '',
      },
    });
    const { billing_group_id } = paid.body.billing_group as { billing_group_id: string };
    for (const none of [null, '']) {
      const chosen = await put(billing_group_id, { card_id: id.slice(3) });
      expect(chosen.body.billing_group).toMatchObject({ payment_method: 'card' });
      const { body } = await put(billing_group_id, { card_id: none });
      expect(body.billing_group).toMatchObject({ payment_method: 'email', card_info: null });
    }
  });

  it('takes country codes in either case', async () => {
    const { body } = await put(world.other, { country_code: 'fi' });
    expect(body.billing_group).toMatchObject({ country_code: 'FI', country: 'Finland' });
    await put(world.other, { country_code: '' });
  });
});

describe('projects', () => {
  it('GET lists them with their costs in the open month', async () => {
    const { status, body } = await get(`/billing-group/${world.group}/projects`);
    expect(status).toBe(200);
    expect(body).toEqual({
      projects: [
        { project_name: 'p1', estimated_balance: '12.34', available_credits: '0.00' },
        { project_name: 'p2', estimated_balance: '7.00', available_credits: '0.00' },
      ],
    });
  });

  it('projects-assign and project-assign move them to another group', async () => {
    const many = await post(`/billing-group/${world.other}/projects-assign`, { projects_names: ['p1', 'p2'] });
    expect({ status: many.status, body: many.body }).toEqual({ status: 200, body: { message: 'Projects assigned' } });
    const there = await get(`/billing-group/${world.other}/projects`);
    expect(there.body.projects).toMatchObject([{ project_name: 'p1' }, { project_name: 'p2' }]);
    for (const name of ['p1', 'p2']) {
      const one = await post(`/billing-group/${world.group}/project-assign/${name}`);
      expect({ status: one.status, body: one.body }).toEqual({ status: 200, body: { message: 'Project assigned' } });
    }
    expect((await get(`/billing-group/${world.other}/projects`)).body).toEqual({ projects: [] });
  });
});

describe('credits', () => {
  it('POST claims a code, GET lists claimed credits', async () => {
    const claimed = await post(`/billing-group/${world.group}/credits`, { code: world.codes[0] });
    const credit = {
      code: world.codes[0],
      type: 'promotion',
      value: '400.00',
      remaining_value: '400.00',
      start_time: '2026-11-10T12:00:00Z',
      expire_time: null,
    };
    expect({ status: claimed.status, body: claimed.body }).toEqual({ status: 200, body: { credit } });
    expect((await get(`/billing-group/${world.group}/credits`)).body).toEqual({ credits: [credit] });
  });
});

describe('events', () => {
  it('GET lists them newest first, with the token’s name as the actor of its changes', async () => {
    await post(`/billing-group/${world.other}/project-assign/p2`);
    await numberEvents(ctx);
    const { status, body } = await get(`/billing-group/${world.other}/events?limit=1`);
    expect(status).toBe(200);
    expect(body.events).toEqual([
      {
        log_entry_id: expect.any(Number),
        event_type: 'project_moved',
        event_desc: 'Moved project p2 from billing group "Default billing group for project p1" to "Other"',
        actor: 'Power BI',
        actor_id: null,
        create_time: '2026-11-10T12:00:00Z',
        billing_group_id: world.other,
        project_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        project_name: 'p2',
      },
    ]);
    expect(await Events.exists({ accountId: world.accountId, actor: 'Power BI', type: 'project_moved' })).toBeTruthy();
    expect(api.nudged).toContain('number-events');
    await post(`/billing-group/${world.group}/project-assign/p2`);
  });
});

describe('invoices', () => {
  const october = () => ({
    invoice_number: expect.stringMatching(/-1$/),
    billing_group_id: world.group,
    billing_group_name: 'Default billing group for project p1',
    billing_group_state: 'active',
    currency: 'EUR',
    state: 'mailed',
    period_begin: '2026-10-01T00:00:00Z',
    period_end: '2026-10-31T23:59:59Z',
    generated_at: '2026-11-10T12:00:00Z',
    issue_date: '2026-11-10T12:00:00Z',
    due_date: '2026-11-24T12:00:00Z',
    total_vat_zero: '150.01',
    total_inc_vat: '178.51',
    download_cookie: expect.any(String),
  });

  it('GET lists them, including the open estimate', async () => {
    const { status, body } = await get(`/billing-group/${world.group}/invoice`);
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['invoices']);
    expect(body.invoices).toMatchObject([
      { invoice_number: 'estimate-2026-11', state: 'estimate', issue_date: null, due_date: null },
      {},
    ]);
    expect((body.invoices as unknown[])[1]).toEqual(october());
  });

  it('GET of one returns its header', async () => {
    const number = await numberOf();
    const { body } = await get(`/billing-group/${world.group}/invoice/${number}`);
    expect(body).toEqual({
      invoice: {
        invoice_number: number,
        invoice_state: 'mailed',
        due_date: '2026-11-24T12:00:00Z',
        generated_at: '2026-11-10T12:00:00Z',
        local_vat_zero: '150.01',
        local_inc_vat: '178.51',
      },
    });
  });

  it('GET of its lines returns all of them, with dollars at that day’s rate', async () => {
    const { body } = await get(`/billing-group/${world.group}/invoice/${await numberOf()}/lines`);
    expect(Object.keys(body)).toEqual(['lines']);
    expect(body.lines).toEqual([
      {
        line_type: 'service_charge',
        description: 'Compute',
        line_total_local: '100.01',
        line_pre_discount_local: '100.01',
        line_total_usd: '110.01',
        local_currency: 'EUR',
        project_name: 'p1',
        service_name: 'Compute',
        service_type: null,
        service_plan: null,
        cloud_name: null,
        timestamp_begin: '2026-10-10T00:00:00Z',
        timestamp_end: '2026-10-10T00:00:00Z',
        tags: {},
        commitment_name: null,
      },
      expect.objectContaining({ project_name: 'p2', line_total_local: '50.00', line_total_usd: '55.00' }),
    ]);
  });

  it('the estimate’s lines are found by the name in the list', async () => {
    const { body } = await get(`/billing-group/${world.group}/invoice/estimate-2026-11/lines`);
    expect(body.lines).toMatchObject([{ line_total_local: '12.34' }, { line_total_local: '7.00' }]);
  });

  it('GET /invoices/{number} returns everything in one response', async () => {
    const number = await numberOf();
    const { status, body } = await get(`/invoices/${number}`);
    expect(status).toBe(200);
    expect(body.invoice).toMatchObject({
      ...october(),
      invoice_number: number,
      account_id: world.account,
      tax: '28.50',
      taxes: [{ category: 'S', rate: '19', base: '150.01', amount: '28.50', reason: null }],
      amount_due: '178.51',
      prepaid: [],
      conversions: [],
      seller: { country_code: 'DE' },
      lines: [{ line_total_local: '100.01' }, { line_total_local: '50.00' }],
    });
  });
});

async function numberOf(): Promise<string> {
  const { body } = await get(`/billing-group/${world.group}/invoice?sort=invoice_number`);
  const [first] = body.invoices as { invoice_number: string }[];
  return first?.invoice_number ?? '';
}
