import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { revokeToken, TRUSTED_MS, tokenCache } from '../../src/services/access/tokens.ts';
import { Groups } from '../../src/store/groups/groups.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { type RunningApi, startApi, tokenFor } from '../support/api/api.ts';
import { type ApiWorld, apiWorld } from '../support/api/api-world.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { QueryCounter } from '../support/database/queries.ts';

useDatabase(migrate, { monitorCommands: true });

const NOON = '2026-11-10T12:00:00Z';
const clock = new TestClock(NOON);
const ctx = contextAt(clock);
const LOOKUP = 'find api_tokens';
let elapsed = 0;
let world: ApiWorld;
/** The process in which tokens are revoked. */
let api: RunningApi;
/** An API with a cache of its own, as another process has, and a clock for it. */
let other: RunningApi;

beforeAll(async () => {
  world = await apiWorld(ctx);
  api = await startApi(clock);
  other = await startApi(clock, { tokens: tokenCache(() => elapsed) });
});
afterAll(() => Promise.all([api.stop(), other.stop()]));
beforeEach(() => {
  elapsed = 0;
  clock.set(NOON);
});

const status = async (at: RunningApi, token: string) => (await at.ask('GET', '/billing-group', { token })).status;

it('a token is looked up once in a few seconds, while each request counts towards its limit', async () => {
  const limited = await startApi(clock, { perMinute: 10, tokens: tokenCache(() => elapsed) });
  const token = await tokenFor(clock, world.accountId, { name: 'Often' });
  const queries = new QueryCounter();
  for (let at = 0; at < 10; at += 1) expect(await status(limited, token)).toBe(200);
  for (let at = 0; at < 3; at += 1) expect(await status(limited, token)).toBe(429);
  expect(queries.take().filter((query) => query === LOOKUP)).toEqual([LOOKUP]);
  await limited.stop();
});

it('a token is looked up again when it is no longer trusted, and its use is noted each minute', async () => {
  const token = await tokenFor(clock, world.accountId, { name: 'Again' });
  expect(await status(other, token)).toBe(200);
  const queries = new QueryCounter();
  elapsed = TRUSTED_MS - 1;
  clock.set('2026-11-10T12:00:59Z');
  expect(await status(other, token)).toBe(200);
  const once = queries.take();
  expect(once.filter((query) => query.endsWith('api_tokens'))).toEqual([]);
  clock.set('2026-11-10T12:01:00Z');
  expect(await status(other, token)).toBe(200);
  expect(await status(other, token)).toBe(200);
  expect(queries.take().filter((query) => query.endsWith('api_tokens'))).toEqual(['update api_tokens']);
  elapsed = TRUSTED_MS;
  expect(await status(other, token)).toBe(200);
  expect(queries.take().filter((query) => query.endsWith('api_tokens'))).toEqual([LOOKUP]);
});

describe('a revoked token', () => {
  it('is rejected from the next request on in this process, whatever is being answered', async () => {
    const token = await tokenFor(clock, world.accountId, { name: 'Here' });
    expect(await status(api, token)).toBe(200);
    const meanwhile = Array.from({ length: 20 }, () => status(api, token));
    await revokeToken(ctx, world.accountId, { name: 'Here' });
    const afterwards = Array.from({ length: 20 }, () => status(api, token));
    expect(new Set(await Promise.all(afterwards))).toEqual(new Set([401]));
    await Promise.all(meanwhile);
    expect(await status(api, token)).toBe(401);
  });

  it('is rejected within five seconds in another process, and changes nothing from the start', async () => {
    const token = await tokenFor(clock, world.accountId, { name: 'There' });
    expect(await status(other, token)).toBe(200);
    await revokeToken(ctx, world.accountId, { name: 'There' });
    const body = { billing_group_name: 'Too late' };
    expect((await other.ask('POST', '/billing-group', { token, body })).status).toBe(401);
    expect(await Groups.exists({ accountId: world.accountId, name: 'Too late' })).toBeNull();
    elapsed = TRUSTED_MS;
    expect(TRUSTED_MS).toBeLessThan(5_000);
    expect(await status(other, token)).toBe(401);
  });

  it('gets no answer that it already has either', async () => {
    const token = await tokenFor(clock, world.accountId, { name: 'Had it' });
    const { headers } = await api.ask('GET', '/billing-group', { token });
    const known = { 'if-none-match': headers.get('etag') ?? '' };
    expect((await api.ask('GET', '/billing-group', { token, headers: known })).status).toBe(304);
    await revokeToken(ctx, world.accountId, { name: 'Had it' });
    const after = await api.ask('GET', '/billing-group', { token, headers: known });
    expect(after.status).toBe(401);
    expect(after.headers.get('etag')).toBeNull();
  });
});

it('a trusted token expires at its instant', async () => {
  const token = await tokenFor(clock, world.accountId, { name: 'A day', days: 1 });
  clock.set('2026-11-11T11:59:59Z');
  expect(await status(other, token)).toBe(200);
  clock.set('2026-11-11T12:00:00Z');
  expect(await status(other, token)).toBe(401);
});
