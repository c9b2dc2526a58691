import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mountLinks } from '../../src/bin/mount-links.ts';
import { createHttpServer, type HttpServer } from '../../src/platform/http-server.ts';
import { testLog } from '../support/slack/slack-app.ts';

const TEAM = 'T0ACME';
const PATH = `/links/${TEAM}/acc_5f0c1d6e-0a1b-4c2d-8e3f-001122334455/inv_00000000-1111-4222-8333-444444444444`;
const APP = 'A0BILLING';
/** Enough for the other tests here, and few enough to be used up. */
const PER_MINUTE = 40;

let server: HttpServer;
let base = '';

// no database is connected: the page asks nobody
beforeAll(async () => {
  server = createHttpServer({ log: testLog().log });
  mountLinks(server, { baseUrl: 'https://billing.example.com', appId: APP, perMinute: PER_MINUTE, trustProxy: 1 });
  base = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
});
afterAll(() => server.close(0));

const get = (path: string, init: RequestInit = {}) => fetch(`${base}${path}`, { redirect: 'manual', ...init });

describe('the page that a link leads to', () => {
  it('opens the app’s Home tab in Slack, or Slack in the browser', async () => {
    const response = await get(PATH);
    expect(response.status).toBe(200);
    const home = `slack://app?team=${TEAM}&id=${APP}&tab=home`;
    expect(response.headers.get('refresh')).toBe(`0; url=${home}`);
    const text = await response.text();
    expect(text).toContain(`href="${home.replaceAll('&', '&amp;')}"`);
    expect(text).toContain(`href="https://slack.com/app_redirect?app=${APP}&amp;team=${TEAM}"`);
  });

  it('has the headers of the other pages, and nothing that loads or runs', async () => {
    const { headers } = await get(PATH);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-.*frame-ancestors 'none'$/,
      ),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    expect(headers.has('x-powered-by')).toBe(false);
    expect(headers.has('set-cookie')).toBe(false);
  });

  it('is the same for every link of a workspace, with nothing of the link in it', async () => {
    const ids = ['inv_00000000-1111-4222-8333-444444444444', 'bg_aaaaaaaa-1111-4222-8333-444444444444'];
    const pages = await Promise.all(
      [PATH, `${PATH}?x=<script>`, ...ids.map((id) => PATH.replace(/inv_.*/, id))].map(async (path) => {
        const response = await get(path);
        return `${response.status} ${response.headers.get('refresh')} ${await response.text()}`;
      }),
    );
    expect(new Set(pages).size).toBe(1);
    expect(pages[0]).not.toMatch(/inv_|bg_|acc_|script/);
  });

  it.each([
    '/links',
    '/links/',
    `${PATH}/`,
    `${PATH}/..%2f..%2fmetrics`,
    PATH.replace(TEAM, 'T0%22%3E%3Cscript%3E'),
    PATH.replace(TEAM, 'T0&id=A0EVIL'),
    PATH.replace('inv_', 'tok_'),
    PATH.replace('/links', '/links/..;'),
    `${PATH}${'a'.repeat(10_000)}`,
  ])('isn’t at %.60s', async (path) => {
    const response = await get(path);
    expect([response.status, await response.text(), response.headers.get('refresh')]).toEqual([404, '', null]);
  });

  it('is only read', async () => {
    expect((await get(PATH, { method: 'HEAD' })).status).toBe(200);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) expect((await get(PATH, { method })).status).toBe(404);
  });

  it('is limited by the address that reads it', async () => {
    const from = (address: string) => get(PATH, { headers: { 'x-forwarded-for': address } });
    const statuses: number[] = [];
    for (let at = 0; at <= PER_MINUTE; at++) statuses.push((await from('203.0.113.7')).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(PER_MINUTE);
    const refused = await from('203.0.113.7');
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect((await from('203.0.113.8')).status).toBe(200);
  });
});
