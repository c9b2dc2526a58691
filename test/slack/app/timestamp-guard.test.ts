import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { timestampGuard } from '../../../src/slack/app/timestamp-guard.ts';
import { testLog } from '../../support/slack/slack-app.ts';

const NOW = Date.parse('2025-03-30T01:30:00.900Z');
const seconds = Math.floor(NOW / 1000);

const { log, lines } = testLog();
const server = createServer(
  timestampGuard((_request, response) => void response.writeHead(204).end(), { now: () => new Date(NOW) }, log),
);
let url = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

describe('the timestamp guard, with the given clock', () => {
  it.each([
    [-301, 401],
    [-300, 204],
    [0, 204],
    [300, 204],
    [301, 401],
  ])('answers a request dated %d seconds from now with %d', async (offset, status) => {
    const response = await fetch(url, { headers: { 'x-slack-request-timestamp': String(seconds + offset) } });
    expect(response.status).toBe(status);
  });

  it('logs what it has rejected, and how far away it was', async () => {
    lines.length = 0;
    await fetch(url, { headers: { 'x-slack-request-timestamp': String(seconds - 7200) } });
    await fetch(url);
    await fetch(url, { headers: { 'x-slack-request-timestamp': String(seconds) } });
    expect(lines.map(({ secondsAgo }) => secondsAgo)).toEqual([7200, null]);
  });

  it('rejects two timestamps in one request', async () => {
    const headers = new Headers({ 'x-slack-request-timestamp': String(seconds) });
    headers.append('x-slack-request-timestamp', String(seconds));
    expect((await fetch(url, { headers })).status).toBe(401);
  });
});
