import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiMoves } from '../../src/billing/move/approval.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { cookieMaker } from '../../src/services/access/download-cookies.ts';
import { bearerOf, revokeToken } from '../../src/services/access/tokens.ts';
import { setMember } from '../../src/services/accounts/accounts.ts';
import { approveMove } from '../../src/services/moves/move-decide.ts';
import { addCard } from '../../src/services/settlement/payment-methods.ts';
import { Accounts } from '../../src/store/accounts/accounts.ts';
import { Tokens } from '../../src/store/accounts/tokens.ts';
import { Events } from '../../src/store/events/events.ts';
import { Groups } from '../../src/store/groups/groups.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { Moves } from '../../src/store/moves/moves.ts';
import { type Answer, type RunningApi, startApi, tokenFor } from '../support/api/api.ts';
import { type ApiWorld, apiWorld } from '../support/api/api-world.ts';
import { contextAt, person, TestClock } from '../support/context.ts';
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
    const answer = await write('POST', '/billing-group', paid);
    expectError(answer, 400, 'payment_method_not_found');
    expect(fieldsOf(answer)).toEqual(['card_id']);
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

  it('is returned for query parameters that don’t exist', async () => {
    const answer = await get('/billing-group?limit=1&page=2&Cursor=x');
    expect({ status: answer.status, message: answer.body.message }).toEqual({
      status: 400,
      message: 'page: Unknown query parameter. Cursor: Unknown query parameter.',
    });
    const assign = `/billing-group/${world.group}/project-assign/p1?effect=now`;
    expect(fieldsOf(await write('POST', assign))).toEqual(['effect']);
  });

  it('is returned for what would have no effect: IDs of addresses, and cards that don’t exist', async () => {
    const path = `/billing-group/${world.group}`;
    for (const field of ['billing_address_id', 'shipping_address_id', 'card_id']) {
      const answer = await write('PUT', path, { [field]: world.other });
      expect({ status: answer.status, fields: fieldsOf(answer) }).toEqual({ status: 400, fields: [field] });
    }
    const created = await write('POST', '/billing-group', { billing_group_name: 'No card', card_id: world.group });
    expect(fieldsOf(created)).toEqual(['card_id']);
    expect((await write('PUT', path, { billing_address_id: null, card_id: '' })).status).toBe(200);
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

  it('is returned for the PDF of an estimate, which has no link', async () => {
    const { body } = await get(`/billing-group/${world.group}/invoice`);
    expect(body.invoices).toMatchObject([
      { invoice_number: 'estimate-2026-11', download_cookie: '' },
      { download_cookie: expect.stringMatching(/./) },
    ]);
    const actor = await bearerOf(ctx, world.read);
    if (!actor) throw new Error('The token is valid');
    const cookie = await cookieMaker({ ...ctx, actor });
    const file = { accountId: world.accountId, billingGroupId: `bg_${world.group}`, invoice: 'estimate-2026-11' };
    const path = `/billing-group/${world.group}/invoice/estimate-2026-11/${cookie(file)}`;
    expectError(await api.ask('GET', path), 409, 'invoice_not_issued');
  });
});

describe('a policy that requires approval', () => {
  const assign = () => write('POST', `/billing-group/${world.other}/projects-assign`, { projects_names: ['p1'] });
  const choose = (apiMoves?: ApiMoves) =>
    Accounts.updateOne(
      { _id: world.accountId },
      {
        $set: { approvalPolicy: { who: 'receiving', needed: 1 }, ...(apiMoves && { apiMoves }) },
        ...(!apiMoves && { $unset: { apiMoves: 1 } }),
      },
    );
  beforeAll(() => setMember(ctx, world.accountId, 'U0APPROVER', 'approver'));
  afterAll(() =>
    Accounts.updateOne({ _id: world.accountId }, { $set: { approvalPolicy: { who: 'nobody', needed: 1 } } }),
  );

  it('answers an assignment with 409 by default, and moves nothing', async () => {
    await choose();
    expectError(await assign(), 409, 'move_needs_approval');
    expect((await get(`/billing-group/${world.other}/projects`)).body).toEqual({ projects: [] });
    expect(await Moves.exists({ accountId: world.accountId })).toBeNull();
    // projects that are already there need no approval
    const there = await write('POST', `/billing-group/${world.group}/project-assign/p2`);
    expect(there.status).toBe(200);
  });

  it('if the API asks, answers with 202 and where the request is, moves nothing yet, then answers with 409', async () => {
    await choose('ask');
    const asked = await assign();
    expect(asked.status).toBe(202);
    expect(asked.body).toEqual({ message: expect.any(String), request_id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    const { request_id: id } = asked.body as { request_id: string };
    expect(asked.headers.get('location')).toBe(`/v1/move-requests/${id}`);
    const move = await get(`/move-requests/${id}`);
    expect(move.body.move_request).toMatchObject({
      ...{ request_id: id, state: 'open', requested_by: 'Power BI', decided_by: null },
      projects: [{ project_name: 'p1', from_billing_group_id: world.group }],
      billing_group_id: world.other,
    });
    expect((await get(`/billing-group/${world.other}/projects`)).body).toEqual({ projects: [] });
    expectError(await assign(), 409, 'move_open_already');
    const approver = contextAt(clock, person('U0APPROVER'));
    await approveMove(approver, { accountId: world.accountId, requestId: `mov_${id}` });
    expect((await get(`/move-requests/${id}`)).body.move_request).toMatchObject({ state: 'approved' });
    expect((await get(`/billing-group/${world.other}/projects`)).body.projects).toMatchObject([{ project_name: 'p1' }]);
    expectError(await get(`/move-requests/${world.group}`), 404, 'move_not_found');
    await choose('at_once');
  });

  it('if the API moves at once, moves only while the creator of the token can approve moves', async () => {
    await choose('at_once');
    const path = `/billing-group/${world.group}/project-assign/p1`;
    expectError(await write('POST', path), 409, 'move_needs_approval');
    await Tokens.updateOne({ accountId: world.accountId, name: 'Power BI' }, { $set: { createdBy: 'U0APPROVER' } });
    const moved = await write('POST', path);
    expect({ status: moved.status, body: moved.body }).toEqual({ status: 200, body: { message: 'Project assigned' } });
    expect((await get(`/billing-group/${world.other}/projects`)).body).toEqual({ projects: [] });
  });
});

describe('limits', () => {
  it('413: a body over 1 MB', async () => {
    const body = { billing_group_name: 'Large', company: 'x'.repeat(1_100_000) };
    expectError(await write('POST', '/billing-group', body), 413, 'body_too_large');
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
