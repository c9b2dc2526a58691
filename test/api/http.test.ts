import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setMember } from '../../src/services/accounts/accounts.ts';
import { Accounts } from '../../src/store/accounts/accounts.ts';
import { Credits } from '../../src/store/credits/credits.ts';
import { Groups, Projects } from '../../src/store/groups/groups.ts';
import { KeyedRequests } from '../../src/store/kit/keyed-requests.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { Moves } from '../../src/store/moves/moves.ts';
import { type Answer, type RunningApi, startApi } from '../support/api/api.ts';
import { type ApiWorld, apiWorld } from '../support/api/api-world.ts';
import { document } from '../support/api/openapi.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';

useDatabase(migrate);

const NOON = '2026-11-10T12:00:00Z';
const clock = new TestClock(NOON);
const ctx = contextAt(clock);
let api: RunningApi;
let world: ApiWorld;

beforeAll(async () => {
  api = await startApi(clock);
  world = await apiWorld(ctx);
  await setMember(ctx, world.accountId, 'U0APPROVER', 'approver');
});
afterAll(() => api.stop());

const get = (path: string) => api.ask('GET', path, { token: world.read });
const write = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  api.ask(method, path, { token: world.write, body, headers });
const keyed = (path: string, key: string, body?: unknown) => write('POST', path, body, { 'idempotency-key': key });
const created = (answer: Answer) => (answer.body.billing_group as { billing_group_id: string }).billing_group_id;
const shown = ({ status, text, headers }: Answer) => ({ status, text, location: headers.get('location') });
const codeOf = ({ body }: Answer) => (body.errors as { error_code: string }[])[0]?.error_code;

describe('an Idempotency-Key', () => {
  interface Post {
    readonly values?: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly effects: () => Promise<number>;
  }

  /** Every POST by its path, with what counts its effects. */
  const posts = async (): Promise<Record<string, Post>> => {
    const { accountId, account, group, other, codes } = world;
    const inGroup = { id: other };
    const organization = { organization_id: account };
    const [plain, published, project, orgProject] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const billing_address_id = (await get(`/organization/${account}/billing-group/${group}`)).body.billing_address_id;
    const groups = (name: string) => () => Groups.countDocuments({ accountId, name });
    const projects = (name: string) => () => Projects.countDocuments({ accountId, name });
    const moves = () => Moves.countDocuments({ accountId });
    const credits = () => Credits.countDocuments({ accountId });
    return {
      '/billing-group': { body: { billing_group_name: plain }, effects: groups(plain) },
      '/billing-group/{id}/credits': { values: { id: group }, body: { code: codes[0] }, effects: credits },
      '/billing-group/{id}/projects-assign': { values: inGroup, body: { projects_names: ['p1'] }, effects: moves },
      '/billing-group/{id}/project-assign/{project}': { values: { ...inGroup, project: 'p2' }, effects: moves },
      '/project': { body: { project }, effects: projects(project) },
      '/organization/{organization_id}/billing-groups': {
        values: organization,
        body: { billing_group_name: published, billing_address_id, shipping_address_id: billing_address_id },
        effects: groups(published),
      },
      '/organization/{organization_id}/projects': {
        values: organization,
        body: { project_id: orgProject, billing_group_id: other },
        effects: projects(orgProject),
      },
    };
  };

  it('gives each POST of the API one effect and one answer, sent twice or ten times at once', async () => {
    const approvalPolicy = { who: 'receiving', needed: 1 };
    await Accounts.updateOne({ _id: world.accountId }, { $set: { approvalPolicy, apiMoves: 'ask' } });
    const table = await posts();
    const documented = Object.entries(document.paths ?? {}).filter(([, item]) => 'post' in item);
    expect(Object.keys(table).sort()).toEqual(documented.map(([path]) => path).sort());
    for (const [template, { values = {}, body, effects }] of Object.entries(table)) {
      const path = template.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? 'missing');
      const key = randomUUID();
      const before = await effects();
      const answers = await Promise.all(Array.from({ length: 10 }, () => keyed(path, key, body)));
      answers.push(await keyed(path, key, body));
      const [first] = answers;
      const status = path.includes('assign') ? 202 : 200;
      expect({ path, status: first?.status, text: first?.text }).toMatchObject({ path, status });
      expect(new Set(answers.map((one) => JSON.stringify(shown(one)))).size).toBe(1);
      expect({ path, effects: (await effects()) - before }).toEqual({ path, effects: 1 });
    }
  });

  it('is stored with the effect, so that a process killed before it answered leaves nothing to do twice', async () => {
    const [body, key] = [{ billing_group_name: 'Killed' }, randomUUID()];
    const first = await keyed('/billing-group', key, body);
    // what such a process leaves behind
    await KeyedRequests.updateMany({ answer: first.text }, { $unset: { answer: 1 } });
    await KeyedRequests.updateMany({}, { $unset: { answer: 1 } });
    const again = await keyed('/billing-group', key, body);
    expect(shown(again)).toEqual(shown(first));
    expect(await Groups.countDocuments({ accountId: world.accountId, name: 'Killed' })).toBe(1);
  });

  it('belongs to one request and one token, for 24 hours', async () => {
    const key = randomUUID();
    const id = created(await keyed('/billing-group', key, { billing_group_name: 'Once' }));
    const other = await keyed('/billing-group', key, { billing_group_name: 'Twice' });
    expect([other.status, codeOf(other)]).toEqual([409, 'idempotency_key_reused']);
    expect((await keyed(`/billing-group/${id}/project-assign/p1`, key)).status).toBe(409);
    clock.set('2026-11-11T11:59:59Z');
    expect(created(await keyed('/billing-group', key, { billing_group_name: 'Once' }))).toBe(id);
    clock.set('2026-11-11T12:00:01Z');
    const late = await keyed('/billing-group', key, { billing_group_name: 'Once' });
    expect([late.status, codeOf(late)]).toEqual([409, 'billing_group_name_taken']);
    clock.set(NOON);
  });

  it('can be used again after an error, which has no effect', async () => {
    const key = randomUUID();
    expect((await keyed('/billing-group', key, { billing_group_name: 'Other' })).status).toBe(409);
    expect((await keyed('/billing-group', key, { billing_group_name: 'Not other' })).status).toBe(200);
    for (const unusable of ['', 'x'.repeat(256), 'a b']) {
      expect((await keyed('/billing-group', unusable, { billing_group_name: 'None' })).status).toBe(400);
    }
  });
});

describe('If-Match', () => {
  it('lets a change through only if nothing has changed since', async () => {
    const id = created(await write('POST', '/billing-group', { billing_group_name: 'Matched' }));
    const path = `/billing-group/${id}`;
    const old = { 'if-match': (await get(path)).headers.get('etag') ?? '' };
    expect((await write('PUT', path, { city: 'Oulu' }, old)).status).toBe(200);
    const late = await write('PUT', path, { city: 'Turku' }, old);
    expect([late.status, codeOf(late)]).toEqual([412, 'changed_meanwhile']);
    expect((await write('DELETE', path, undefined, old)).status).toBe(412);
    const now = await get(path);
    expect(now.body.billing_group).toMatchObject({ city: 'Oulu' });
    expect((await write('PUT', path, { city: 'Pori' }, { 'if-match': '*' })).status).toBe(200);
    const current = { 'if-match': `"x", ${(await get(path)).headers.get('etag')}` };
    expect((await write('DELETE', path, undefined, current)).status).toBe(200);
  });

  it('lets one of several changes at once through', async () => {
    const path = `/billing-group/${world.other}`;
    const headers = { 'if-match': (await get(path)).headers.get('etag') ?? '' };
    const cities = ['Oulu', 'Pori', 'Turku', 'Espoo', 'Vaasa'];
    const answers = await Promise.all(cities.map((city) => write('PUT', path, { city }, headers)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412]);
  });
});

it('another method is answered with 405 and those that are allowed', async () => {
  for (const [method, path, allow] of [
    ['PATCH', '/billing-group', 'GET, HEAD, POST'],
    ['POST', `/billing-group/${world.group}`, 'GET, HEAD, PUT, DELETE'],
    ['GET', `/billing-group/${world.group}/projects-assign`, 'POST'],
    ['DELETE', '/focus', 'GET, HEAD'],
  ] as const) {
    const answer = await write(method, path);
    expect({ path, status: answer.status, allow: answer.headers.get('allow') }).toEqual({ path, status: 405, allow });
  }
  expect((await write('PATCH', '/nowhere')).status).toBe(404);
});

it('a body that isn’t JSON is answered with 415, and nothing is created', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml']) {
    const answer = await write('POST', '/billing-group', 'billing_group_name=Form', { 'content-type': type });
    expect([answer.status, codeOf(answer)]).toEqual([415, 'unsupported_media_type']);
  }
  expect((await write('POST', '/billing-group')).status).toBe(400);
});

it('each page names the next in Link, until the last', async () => {
  for (const list of ['/billing-group', `/billing-group/${world.group}/projects`]) {
    const [first] = [await get(`${list}?limit=1`)];
    const next = /^<\/v1([^>]+)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    expect(new URLSearchParams(next.split('?')[1]).get('cursor')).toBe(first.body.next_cursor);
    expect((await get(next)).status).toBe(200);
    expect((await get(list)).headers.get('link')).toBeNull();
  }
});
