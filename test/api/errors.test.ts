import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '../../src/platform/logger.ts';
import { revokeToken } from '../../src/services/access/tokens.ts';
import { setMember } from '../../src/services/accounts/accounts.ts';
import { addCard } from '../../src/services/settlement/payment-methods.ts';
import { Accounts } from '../../src/store/accounts/accounts.ts';
import { Tokens } from '../../src/store/accounts/tokens.ts';
import { Events } from '../../src/store/events/events.ts';
import { Groups } from '../../src/store/groups/groups.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { Moves } from '../../src/store/moves/moves.ts';
import { type Answer, type RunningApi, startApi, tokenFor } from '../support/api/api.ts';
import { type ApiWorld, apiWorld } from '../support/api/api-world.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';

useDatabase(migrate);

const NOON = '2026-11-10T12:00:00Z';
const clock = new TestClock(NOON);
const ctx = contextAt(clock);
let api: RunningApi;
let world: ApiWorld;
/** Another account, whose IDs must not be accessible here. */
let foreign: ApiWorld;

beforeAll(async () => {
  api = await startApi(clock);
  world = await apiWorld(ctx);
  foreign = await apiWorld(ctx);
});
afterAll(() => api.stop());

const get = (path: string, token: string | undefined = world.read) => api.ask('GET', path, { token });
const write = (method: string, path: string, body?: unknown) => api.ask(method, path, { token: world.write, body });

/** Expects a single error, in its envelope. */
function expectError(answer: Answer, status: number, error_code: string): void {
  expect(answer.status).toBe(status);
  expect(answer.body).toEqual({
    message: expect.any(String),
    errors: [{ message: answer.body.message, status, error_code }],
  });
}

/** The invalid fields: the part before each colon. */
function fieldsOf({ body }: Answer): string[] {
  return (body.errors as { message: string }[]).map(({ message }) => message.split(':')[0] ?? '');
}

const number = async () => {
  const { body } = await get(`/billing-group/${world.group}/invoice?sort=invoice_number`);
  return (body.invoices as { invoice_number: string }[])[0]?.invoice_number ?? '';
};

/** Every route that requires a token, with a body if it has one. */
async function rows(of: ApiWorld, token: string): Promise<[string, string, unknown?][]> {
  const { body } = await get(`/billing-group/${of.group}/invoice?sort=invoice_number`, token);
  const invoice = (body.invoices as { invoice_number: string }[] | undefined)?.[0]?.invoice_number ?? 'X-1';
  const group = `/billing-group/${of.group}`;
  return [
    ['GET', group],
    ['PUT', group, { city: 'Oulu' }],
    ['DELETE', group],
    ['GET', `${group}/projects`],
    ['POST', `${group}/projects-assign`, { projects_names: ['p1'] }],
    ['POST', `${group}/project-assign/p1`],
    ['GET', `${group}/credits`],
    ['POST', `${group}/credits`, { code: of.codes[2] }],
    ['GET', `${group}/events`],
    ['GET', `${group}/invoice`],
    ['GET', `${group}/invoice/${invoice}`],
    ['GET', `${group}/invoice/${invoice}/lines`],
    ['GET', `${group}/invoice/${invoice}/csv`],
    ['GET', `/account/${of.account}/billing-group`],
  ];
}

describe('401', () => {
  it('is returned without a token, with another scheme, and with an invalid token', async () => {
    for (const authorization of [undefined, 'Basic abcdefghijkl', 'Bearer', 'Bearer not-a-token-of-ours']) {
      const answer = await api.ask('GET', '/billing-group', { headers: authorization ? { authorization } : {} });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      expect(answer.body.errors).toEqual([
        { message: answer.body.message, status: 401, error_code: expect.stringMatching(/^token_(needed|invalid)$/) },
      ]);
    }
  });

  it('isn’t returned for Bearer and aivenv1, in upper or lower case', async () => {
    for (const scheme of ['Bearer', 'bearer', 'aivenv1', 'AIVENV1']) {
      const answer = await api.ask('GET', '/billing-group', { headers: { authorization: `${scheme} ${world.read}` } });
      expect(answer.status).toBe(200);
    }
  });

  it('is returned from the moment a token expires, and once it has been revoked', async () => {
    const token = await tokenFor(clock, world.accountId, { name: 'A day', days: 1 });
    clock.set('2026-11-11T11:59:59Z');
    expect((await get('/billing-group', token)).status).toBe(200);
    clock.set('2026-11-11T12:00:00Z');
    expectError(await get('/billing-group', token), 401, 'token_invalid');
    clock.set(NOON);
    await revokeToken(ctx, world.accountId, { name: 'a DAY' });
    expectError(await get('/billing-group', token), 401, 'token_invalid');
  });
});

describe('tokens', () => {
  it('are stored only as a hash, with their last use', async () => {
    const token = await tokenFor(clock, world.accountId, { name: 'Noted' });
    const stored = () => Tokens.findOne({ accountId: world.accountId, name: 'Noted' }).orFail().lean();
    expect(JSON.stringify(await stored())).not.toContain(token);
    expect((await stored()).lastUsedAt).toBeNull();
    await get('/billing-group', token);
    expect((await stored()).lastUsedAt).toEqual(clock.now());
    const event = await Events.findOne({ accountId: world.accountId, description: /"Noted"/ })
      .orFail()
      .lean();
    expect(JSON.stringify(event)).not.toContain(token);
  });

  it('have names that are unique in the account and in the log', async () => {
    await expect(tokenFor(clock, world.accountId, { name: 'power bi' })).rejects.toMatchObject({
      code: 'token_name_taken',
    });
    for (const name of ['U0OWNER', 'automation', 'operator', '', 'x'.repeat(65)]) {
      await expect(tokenFor(clock, world.accountId, { name })).rejects.toMatchObject({ code: 'invalid_input' });
    }
    await expect(tokenFor(clock, foreign.accountId, { name: 'superset' })).resolves.toMatch(/^bgt_[\w-]{43}$/);
  });
});

describe('scopes', () => {
  it('billing:read reads everything, and changes nothing', async () => {
    for (const [method, path, body] of await rows(world, world.read)) {
      const answer = await api.ask(method, path, { token: world.read, body });
      if (method === 'GET') expect({ path, status: answer.status }).toEqual({ path, status: 200 });
      else expectError(answer, 403, 'scope_needed');
    }
    const made = await api.ask('POST', '/billing-group', { token: world.read, body: { billing_group_name: 'No' } });
    expectError(made, 403, 'scope_needed');
    expect(await Groups.exists({ accountId: world.accountId, name: 'No' })).toBeNull();
  });
});

describe('404', () => {
  it('is returned for every ID of another account, never 403, with either scope', async () => {
    for (const [method, path, body] of await rows(foreign, foreign.read)) {
      const answer = await api.ask(method, path, { token: world.write, body });
      expect({ method, path, status: answer.status }).toEqual({ method, path, status: 404 });
      if (method !== 'GET') continue;
      expect((await api.ask(method, path, { token: world.read })).status).toBe(404);
    }
    const number = (await get(`/billing-group/${foreign.group}/invoice`, foreign.read)).body.invoices as {
      invoice_number: string;
    }[];
    // the same numbers exist here, and ours are found
    expect((await get(`/billing-group/${world.other}/invoice/${number[1]?.invoice_number}`)).status).toBe(404);
    const { primaryBillingGroupId } = await Accounts.findById(foreign.accountId).orFail().lean();
    expect(primaryBillingGroupId).not.toBeNull();
  });

  it('is returned for IDs of another account in request bodies', async () => {
    const copy = { billing_group_name: 'Copy', copy_from_billing_group: foreign.group };
    expectError(await write('POST', '/billing-group', copy), 404, 'billing_group_not_found');
    const there = { billing_group_name: 'There', account_id: foreign.account };
    expectError(await write('POST', '/billing-group', there), 404, 'account_not_found');
    const card = { token: 'tok_provider_2', brand: 'Visa', last4: '4242', expMonth: 12, expYear: 2030 };
    const { id } = await addCard(ctx, foreign.accountId, card);
    const paid = { billing_group_name: 'Paid', card_id: id };
    expectError(await write('POST', '/billing-group', paid), 404, 'payment_method_not_found');
    expect(await Groups.exists({ accountId: world.accountId, name: 'Paid' })).toBeNull();
  });

  it('names the kind of object that doesn’t exist', async () => {
    expectError(await get('/billing-group/nothing'), 404, 'billing_group_not_found');
    expectError(await get(`/billing-group/${world.group}/invoice/NO-1`), 404, 'invoice_not_found');
    expectError(await get('/invoices/NO-1'), 404, 'invoice_not_found');
    expectError(
      await write('POST', `/billing-group/${world.group}/credits`, { code: 'NOPE' }),
      404,
      'credit_code_not_found',
    );
    const names = { projects_names: ['p1', 'p99'] };
    expectError(await write('POST', `/billing-group/${world.group}/projects-assign`, names), 404, 'project_not_found');
    expectError(await get('/no-such-path'), 404, 'path_not_found');
    expectError(await write('DELETE', '/billing-group'), 404, 'path_not_found');
  });
});

describe('400', () => {
  it('names every invalid field, whether its form or a rule is at fault', async () => {
    const form = await write('POST', '/billing-group', {
      company: 'x'.repeat(84),
      country_code: 'XX',
      billing_emails: [{ email: 'a b' }],
      address_lines: ['1', '2', '3', '4'],
      billing_currency: 'EURO',
      colour: 'green',
    });
    expect(form.status).toBe(400);
    expect(fieldsOf(form).sort()).toEqual([
      'address_lines',
      'billing_currency',
      'billing_emails.0.email',
      'billing_group_name',
      'colour',
      'company',
      'country_code',
    ]);
    const rules = await write('PUT', `/billing-group/${world.group}`, {
      country_code: 'FI',
      vat_id: 'FI123',
      billing_emails: [{ email: 'nobody' }],
    });
    expect(rules.status).toBe(400);
    expect(fieldsOf(rules).sort()).toEqual(['billing_emails', 'vat_id']);
  });

  it('changes nothing in a group when one of several fields is invalid', async () => {
    const before = await get(`/billing-group/${world.other}`);
    const put = { billing_group_name: 'Changed', city: 'Oulu', vat_id: 'FI123', country_code: 'FI' };
    expect((await write('PUT', `/billing-group/${world.other}`, put)).status).toBe(400);
    expect((await get(`/billing-group/${world.other}`)).body).toEqual(before.body);
  });

  it('is returned for bodies that are missing, not JSON, or not an object', async () => {
    for (const body of ['{', '[]', '"x"', 'null', undefined]) {
      const answer = await write('POST', '/billing-group', body);
      expect({ body, status: answer.status }).toEqual({ body, status: 400 });
    }
    const text = { token: world.write, body: 'x', headers: { 'content-type': 'text/plain' } };
    expect((await api.ask('POST', '/billing-group', text)).status).toBe(400);
  });

  it('is returned for invalid query parameters', async () => {
    for (const query of [
      'limit=0',
      'limit=x',
      'limit=99999',
      'limit=1&limit=2',
      'cursor=nonsense',
      'cursor=Z3JvdXBz',
    ]) {
      const answer = await get(`/billing-group?${query}`);
      expect({ query, status: answer.status }).toEqual({ query, status: 400 });
    }
    expect(fieldsOf(await get('/focus?period=2026-13'))).toEqual(['period']);
    expect(fieldsOf(await get(`/billing-group/${world.group}/invoice?sort=colour`))).toEqual(['sort']);
    expect((await get('/billing-group/%E0%A4%A')).status).toBe(400);
  });

  it('is returned for an empty list of projects, and for more than 1,024', async () => {
    const path = `/billing-group/${world.group}/projects-assign`;
    expect(fieldsOf(await write('POST', path, { projects_names: [] }))).toEqual(['projects_names']);
    const many = { projects_names: Array.from({ length: 1025 }, (_, at) => `p${at}`) };
    expect(fieldsOf(await write('POST', path, many))).toEqual(['projects_names']);
  });
});

describe('409', () => {
  it('is returned when a name is taken', async () => {
    expectError(
      await write('POST', '/billing-group', { billing_group_name: 'other' }),
      409,
      'billing_group_name_taken',
    );
    const put = { billing_group_name: 'OTHER' };
    expectError(await write('PUT', `/billing-group/${world.group}`, put), 409, 'billing_group_name_taken');
  });

  it('is returned when deleting a group with projects, or the primary one of several', async () => {
    expectError(await write('DELETE', `/billing-group/${world.group}`), 409, 'billing_group_not_empty');
  });

  it('is returned for a second claim of a code, and for changing a currency in use', async () => {
    const path = `/billing-group/${world.group}/credits`;
    expect((await write('POST', path, { code: world.codes[1] })).status).toBe(200);
    expectError(await write('POST', path, { code: world.codes[1] }), 409, 'credit_claimed_already');
    const other = `/billing-group/${world.other}/credits`;
    expectError(await write('POST', other, { code: world.codes[1] }), 409, 'credit_code_used');
    const currency = { billing_currency: 'USD' };
    expectError(await write('PUT', `/billing-group/${world.group}`, currency), 409, 'currency_in_use');
  });

  it('is returned for the PDF of an estimate', async () => {
    const { body } = await get(`/billing-group/${world.group}/invoice`);
    const [estimate] = body.invoices as { invoice_number: string; download_cookie: string }[];
    const path = `/billing-group/${world.group}/invoice/${estimate?.invoice_number}/${estimate?.download_cookie}`;
    expectError(await api.ask('GET', path), 409, 'invoice_not_issued');
  });
});

describe('a policy that requires approval', () => {
  it('answers an assignment with 202 and the request’s ID and moves nothing yet, then with 409', async () => {
    await Accounts.updateOne({ _id: world.accountId }, { $set: { approvalPolicy: { who: 'receiving', needed: 1 } } });
    await setMember(ctx, world.accountId, 'U0APPROVER', 'approver');
    const path = `/billing-group/${world.other}/projects-assign`;
    const asked = await write('POST', path, { projects_names: ['p1'] });
    expect(asked.status).toBe(202);
    expect(asked.body).toEqual({ message: expect.any(String), request_id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    const move = await Moves.findById(`mov_${asked.body.request_id}`).orFail().lean();
    expect(move).toMatchObject({ state: 'open', askedBy: 'Power BI', toGroupId: `bg_${world.other}` });
    expect((await get(`/billing-group/${world.other}/projects`)).body).toEqual({ projects: [] });
    expectError(await write('POST', path, { projects_names: ['p1'] }), 409, 'move_open_already');
    // projects that are already there need no approval
    const there = await write('POST', `/billing-group/${world.group}/project-assign/p2`);
    expect(there.status).toBe(200);
    await Accounts.updateOne({ _id: world.accountId }, { $set: { approvalPolicy: { who: 'nobody', needed: 1 } } });
  });
});

describe('limits', () => {
  it('413: a body over 1 MB', async () => {
    const body = { billing_group_name: 'Large', company: 'x'.repeat(1_100_000) };
    expectError(await write('POST', '/billing-group', body), 413, 'body_too_large');
  });

  it('429: more requests per minute than a token is allowed, with Retry-After, without affecting other tokens', async () => {
    const small = await startApi(clock, { perMinute: 3 });
    for (let at = 0; at < 3; at += 1) {
      expect((await small.ask('GET', '/billing-group', { token: world.read })).status).toBe(200);
    }
    const answer = await small.ask('GET', '/billing-group', { token: world.read });
    expectError(answer, 429, 'too_many_requests');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await small.ask('GET', '/billing-group', { token: world.write })).status).toBe(200);
    await small.stop();
  });

  it.each([
    ['invalid tokens', (at: number) => ({ token: `bgt_guess_number_${at}` })],
    ['no token', () => ({})],
    ['another scheme', () => ({ headers: { authorization: 'Basic YTpi' } })],
  ])('429: many requests with %s are limited, without affecting anyone who has a token', async (_what, asked) => {
    const small = await startApi(clock, { perMinute: 3 });
    const ask = (at: number) => small.ask('GET', '/billing-group', asked(at));
    for (let at = 0; at < 3; at += 1) expect((await ask(at)).status).toBe(401);
    for (let at = 3; at < 20; at += 1) {
      const answer = await ask(at);
      expectError(answer, 429, 'too_many_requests');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    for (let at = 0; at < 3; at += 1) {
      expect((await small.ask('GET', '/billing-group', { token: world.read })).status).toBe(200);
    }
    await small.stop();
  });

  it('behind a named proxy each client has its own limit, and otherwise nobody can pose as another client', async () => {
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    const named = await startApi(clock, { perMinute: 1, trustProxy: ['loopback'] });
    const status = async (api: typeof named, address: string) =>
      (await api.ask('GET', '/billing-group', from(address))).status;
    expect(await status(named, '203.0.113.1')).toBe(401);
    expect(await status(named, '203.0.113.1')).toBe(429);
    expect(await status(named, '203.0.113.2')).toBe(401);
    await named.stop();
    const unnamed = await startApi(clock, { perMinute: 1 });
    expect(await status(unnamed, '203.0.113.1')).toBe(401);
    expect(await status(unnamed, '203.0.113.2')).toBe(429);
    await unnamed.stop();
  });
});

describe('500', () => {
  it('reveals no internals', async () => {
    const lines: string[] = [];
    const log = createLogger({ level: 'error', destination: { write: (line: string) => void lines.push(line) } });
    const faulty = await startApi({ now: () => new Date(Number.NaN) }, { log });
    const answer = await faulty.ask('GET', '/billing-group', { token: world.read });
    expectError(answer, 500, 'internal_error');
    expect(answer.text).not.toMatch(/at |NaN|Invalid|mongo/i);
    const id = answer.headers.get('x-request-id');
    expect(lines.some((line) => JSON.parse(line).requestId === id)).toBe(true);
    expect(lines.join()).not.toContain(world.read);
    await faulty.stop();
  });
});

it('numbers belong to the account: the same number in another account is another invoice', async () => {
  const mine = await get(`/invoices/${await number()}`);
  expect((mine.body.invoice as { account_id: string }).account_id).toBe(world.account);
});
