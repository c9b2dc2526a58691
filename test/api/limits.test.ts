import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mountApi } from '../../src/bin/mount-api.ts';
import { createHttpServer } from '../../src/platform/http-server.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import { revokeToken } from '../../src/services/access/tokens.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { type Answer, type RunningApi, startApi, tokenFor } from '../support/api/api.ts';
import { type ApiWorld, apiWorld } from '../support/api/api-world.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { QueryCounter } from '../support/database/queries.ts';

useDatabase(migrate, { monitorCommands: true });

const clock = new TestClock('2026-11-10T12:00:00Z');
const ctx = contextAt(clock);
const TOKENS = 'find api_tokens';
let world: ApiWorld;

beforeAll(async () => {
  world = await apiWorld(ctx);
});

/** Starts an API that allows few requests per minute, for one test. */
async function limited<T>(
  options: { perMinute?: number; trustProxy?: number | string[] },
  use: (api: RunningApi) => Promise<T>,
): Promise<T> {
  const api = await startApi(clock, { perMinute: 3, ...options });
  try {
    return await use(api);
  } finally {
    await api.stop();
  }
}

const groups = (api: RunningApi, token?: string) => api.ask('GET', '/billing-group', { token });
/** A token in the right form that was never issued. */
const guess = (at: number) => `bgt_${String(at).padStart(43, 'x')}`;

function expectTooMany(answer: Answer): void {
  expect(answer.status).toBe(429);
  expect(answer.body.errors).toEqual([{ message: answer.body.message, status: 429, error_code: 'too_many_requests' }]);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
}

describe('tokens', () => {
  it('429: more requests per minute than a token is allowed, with Retry-After, without affecting other tokens', () =>
    limited({}, async (api) => {
      for (let at = 0; at < 3; at += 1) expect((await groups(api, world.read)).status).toBe(200);
      expectTooMany(await groups(api, world.read));
      expect((await groups(api, world.write)).status).toBe(200);
    }));

  it.each([
    ['invalid tokens', (at: number) => ({ token: `bgt_guess_number_${at}` })],
    ['no token', () => ({})],
    ['another scheme', () => ({ headers: { authorization: 'Basic YTpi' } })],
  ])('429: many requests with %s are limited, without affecting anyone who has a token', (_what, asked) =>
    limited({}, async (api) => {
      const ask = (at: number) => api.ask('GET', '/billing-group', asked(at));
      for (let at = 0; at < 3; at += 1) expect((await ask(at)).status).toBe(401);
      for (let at = 3; at < 20; at += 1) expectTooMany(await ask(at));
      for (let at = 0; at < 3; at += 1) {
        const answer = await groups(api, world.read);
        expect(answer.status).toBe(200);
        expect(answer.headers.get('retry-after')).toBeNull();
        expect(answer.headers.get('ratelimit')).toMatch(`remaining=${2 - at}`);
      }
      expectTooMany(await groups(api, world.read));
    }),
  );

  it('300 unknown tokens from one address cost a few queries, while new valid tokens are still found', () =>
    limited({ perMinute: 5 }, async (api) => {
      const fresh = await Promise.all([1, 2, 3].map((at) => tokenFor(clock, world.accountId, { name: `New ${at}` })));
      for (let at = 0; at < 5; at += 1) expect((await groups(api, guess(at))).status).toBe(401);
      const queries = new QueryCounter();
      const floods = Array.from({ length: 300 }, (_, at) => groups(api, guess(100 + at)));
      const answers = await Promise.all(fresh.map((token) => groups(api, token)));
      for (const answer of await Promise.all(floods)) expectTooMany(answer);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      // one shared query per tenth of a second, of which a slow machine needs more, and one per valid token
      expect(queries.take().filter((query) => query === TOKENS).length).toBeLessThan(100);
    }));

  it('a valid token over its limit costs no query', () =>
    limited({}, async (api) => {
      for (let at = 0; at < 3; at += 1) expect((await groups(api, world.read)).status).toBe(200);
      const queries = new QueryCounter();
      for (let at = 0; at < 10; at += 1) expectTooMany(await groups(api, world.read));
      expect(queries.take()).toEqual([]);
    }));

  it('valid tokens don’t use up their address’s limit, and a revoked one does', () =>
    limited({}, async (api) => {
      const leaving = await tokenFor(clock, world.accountId, { name: 'Leaving' });
      expect((await groups(api, leaving)).status).toBe(200);
      for (let at = 0; at < 3; at += 1) expect((await groups(api, world.write)).status).toBe(200);
      await revokeToken(ctx, world.accountId, { name: 'Leaving' });
      for (let at = 0; at < 3; at += 1) expect((await groups(api, leaving)).status).toBe(401);
      expectTooMany(await groups(api, leaving));
      expectTooMany(await groups(api));
    }));

  it('requests of one valid token at the same instant, more than the limit, are counted for it alone', () =>
    limited({ perMinute: 20 }, async (api) => {
      const fresh = await tokenFor(clock, world.accountId, { name: 'Busy' });
      const answers = await Promise.all(Array.from({ length: 50 }, () => groups(api, fresh)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(30);
      expect((await groups(api)).status).toBe(401);
    }));
});

describe('addresses', () => {
  /** Sends X-Forwarded-For headers as a proxy on this machine does, several of them one after another. */
  async function status(api: RunningApi, ...forwarded: string[]): Promise<number> {
    const sent = httpRequest(`${api.url}/v1/billing-group`, { headers: { 'x-forwarded-for': forwarded } });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode ?? 0;
  }

  it('behind a named proxy each client has its own limit, and otherwise nobody can pose as another client', async () => {
    await limited({ perMinute: 1, trustProxy: ['loopback'] }, async (named) => {
      expect(await status(named, '203.0.113.1')).toBe(401);
      expect(await status(named, '203.0.113.1')).toBe(429);
      expect(await status(named, '203.0.113.2')).toBe(401);
    });
    await limited({ perMinute: 1 }, async (unnamed) => {
      expect(await status(unnamed, '203.0.113.1')).toBe(401);
      expect(await status(unnamed, '203.0.113.2')).toBe(429);
    });
  });

  it.each([
    ['a port', ['203.0.113.1:5678'], ['203.0.113.1:5679']],
    ['a port, and without', ['203.0.113.1:5678'], ['203.0.113.1']],
    ['an IPv6 address with a port', ['[2001:db8::1]:443'], ['[2001:db8::1]:444']],
    ['brackets, and without', ['[2001:db8::1]'], ['2001:DB8:0:0::1']],
    ['an IPv4 address written as IPv6', ['::ffff:203.0.113.1'], ['203.0.113.1']],
    ['an IPv4 address written as IPv6 with a port', ['[::ffff:203.0.113.1]:80'], ['::ffff:cb00:7101']],
    ['two addresses of one IPv6 network', ['2001:db8:0:1::1'], ['2001:db8:0:1:ffff::2']],
    ['a zone', ['fe80::1%eth0'], ['fe80::1%eth1']],
    ['quotation marks', ['"203.0.113.1"'], ['203.0.113.1']],
    ['several headers', ['198.51.100.7', '203.0.113.1'], ['198.51.100.8, 203.0.113.1']],
    ['spaces and empty entries', [' , 203.0.113.1 '], ['203.0.113.1']],
    ['words instead of addresses', ['unknown'], ['_hidden']],
    ['impossible addresses', ['203.0.113.999'], ['1.2.3']],
    ['impossible addresses with ports', ['203.0.113.999:1'], ['203.0.113.999:2']],
    ['a long text', ['['.repeat(5_000)], [':'.repeat(5_000)]],
    ['no header, and an empty one', [], ['']],
  ])('are the same client: %s', (_what, first, second) =>
    limited({ perMinute: 1, trustProxy: 1 }, async (api) => {
      expect(await status(api, ...first)).toBe(401);
      expect(await status(api, ...second)).toBe(429);
    }),
  );

  it.each([
    ['two IPv4 addresses with one port', ['203.0.113.1:5678'], ['203.0.113.2:5678']],
    ['two IPv6 networks', ['[2001:db8:1::1]:443'], ['[2001:db8:2::1]:443']],
    ['an address, and something unreadable', ['203.0.113.1'], ['unknown']],
  ])('are different clients: %s', (_what, first, second) =>
    limited({ perMinute: 1, trustProxy: 1 }, async (api) => {
      expect(await status(api, ...first)).toBe(401);
      expect(await status(api, ...second)).toBe(401);
    }),
  );

  it('proxies named by address are recognized with ports too', () =>
    limited({ perMinute: 1, trustProxy: ['loopback', '10.0.0.0/8'] }, async (api) => {
      expect(await status(api, '203.0.113.1:1111, 10.0.0.1:2222')).toBe(401);
      expect(await status(api, '203.0.113.1:3333, 10.0.0.2:4444')).toBe(429);
      expect(await status(api, '203.0.113.2:1111, 10.0.0.1:2222')).toBe(401);
    }));
});

describe('a streamed and compressed answer', () => {
  let url = '';
  let stop = async () => {};
  let most = 0;

  beforeAll(async () => {
    const log = silentLogger();
    const server = createHttpServer({ log });
    const watched: typeof server.mount = (prefix, listener) =>
      server.mount(prefix, (request, response: ServerResponse) => {
        // one more than before the new one
        response.on('newListener', (event) => {
          if (event === 'close') most = Math.max(most, response.listenerCount('close') + 1);
        });
        listener(request, response);
      });
    mountApi({ ...server, mount: watched }, { clock, log, perMinute: 100, nudge: () => {} });
    url = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
    stop = () => server.close(1_000);
  });
  afterAll(() => stop());

  it('stays below the ten listeners from which Node warns of a leak', async () => {
    const response = await fetch(`${url}/v1/focus?period=2026-10`, {
      headers: { authorization: `Bearer ${world.read}`, 'accept-encoding': 'gzip' },
    });
    expect(response.status).toBe(200);
    await response.text();
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(10);
  });
});
