import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WebClient } from '@slack/web-api';
import { Refusal } from '../../src/billing/refusal.ts';
import { downloadSlackFile, fileInfo, isInSlack, type SlackFile } from '../../src/slack/web-api/files.ts';

const TOKEN = 'xoxb-secret';
const LIMITS = { maxBytes: 1024 * 1024 };

interface Host {
  readonly origin: string;
  readonly requests: IncomingMessage[];
  close(): void;
}

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

const hosts: Host[] = [];
let slack: Host;
let elsewhere: Host;
let serve: Serve;

async function host(listener: Serve): Promise<Host> {
  const requests: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  const made = { origin: `http://127.0.0.1:${port}`, requests, close };
  hosts.push(made);
  return made;
}

beforeEach(async () => {
  serve = (_request, response) => response.end('a,b\n1,2\n');
  slack = await host((request, response) => serve(request, response));
  elsewhere = await host((_request, response) => response.end('caught'));
});
afterEach(() => {
  for (const one of hosts.splice(0)) one.close();
});

const client = () => new WebClient(TOKEN, { slackApiUrl: `${slack.origin}/api/`, retryConfig: { retries: 0 } });
const here = (more: Partial<SlackFile> = {}): SlackFile => ({
  name: 'costs.csv',
  url_private_download: `${slack.origin}/files/T1-F1/download/costs.csv`,
  ...more,
});

async function read(file: SlackFile, limits: Parameters<typeof downloadSlackFile>[2] = LIMITS): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of await downloadSlackFile(client(), file, limits)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  return error instanceof Refusal ? error.code : `not a refusal: ${error}`;
}

describe('a file stored in Slack', () => {
  it('is read with the token', async () => {
    expect(await read(here())).toBe('a,b\n1,2\n');
    expect(slack.requests[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  it('is read up to the requested number of bytes, even if the whole file is sent', async () => {
    serve = (_request, response) => response.end('x'.repeat(200_000));
    expect(await read(here({ size: 200_000 }), { maxBytes: 1000, headBytes: 1000 })).toBe('x'.repeat(1000));
    expect(slack.requests[0]?.headers.range).toBe('bytes=0-999');
  });

  it.each([
    ['stated by Slack', 2000, 0],
    ['noticed while reading', 10, 1],
  ])('is refused above the size limit, as %s', async (_name, size, requests) => {
    serve = (_request, response) => response.end('x'.repeat(200_000));
    expect(await codeOf(read(here({ size }), { maxBytes: 1000 }))).toBe('file_too_large');
    expect(slack.requests).toHaveLength(requests);
  });

  it.each([
    ['a sign-in page', 200, { 'content-type': 'text/html; charset=utf-8' }],
    ['no permission', 403, {}],
    ['no such file', 404, {}],
  ])('is refused when Slack answers with %s', async (_name, status, headers) => {
    serve = (_request, response) => response.writeHead(status, headers).end('<html>');
    expect(await codeOf(read(here()))).toBe('file_gone');
  });

  it('can be retried when Slack answers with an error instead of the file', async () => {
    serve = (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
        .end('{"ok":false,"error":"fatal_error"}');
    expect(await codeOf(read(here()))).toContain('Slack returned JSON');
  });

  it.each([429, 500, 503])('can be retried after a %i', async (status) => {
    serve = (_request, response) => response.writeHead(status).end();
    expect(await codeOf(read(here()))).toContain(`Slack returned ${status}`);
  });

  it('is abandoned when Slack stalls before or during it', async () => {
    serve = () => undefined;
    expect(await codeOf(read(here(), { ...LIMITS, stallMs: 50 }))).toContain('Slack sent nothing');
    serve = (_request, response) => response.write('a,b\n');
    expect(await codeOf(read(here(), { ...LIMITS, stallMs: 50 }))).toContain('Slack sent nothing');
  });
});

describe('a slow trickle of data', () => {
  it('is abandoned, however short the pauses are', async () => {
    serve = (_request, response) => {
      const drip = setInterval(() => response.write('a'), 5);
      response.once('close', () => clearInterval(drip));
    };
    expect(await codeOf(read(here(), { ...LIMITS, totalMs: 100 }))).toContain('didn’t send the file within');
  });
});

describe('the bot’s token is sent only to Slack', () => {
  const at = (url: string) => here({ url_private_download: url });
  it.each<[string, () => SlackFile]>([
    ['a remote file', () => here({ is_external: true })],
    ['mode external', () => here({ mode: 'external' })],
    ['an external type', () => here({ external_type: 'gdrive' })],
    ['another host', () => at(`${elsewhere.origin}/costs.csv`)],
    ['another host as url_private', () => ({ name: 'costs.csv', url_private: `${elsewhere.origin}/costs.csv` })],
    ['a host that ends like Slack’s', () => at('https://evilslack.com/costs.csv')],
    ['a host that begins like Slack’s', () => at('https://files.slack.com.evil.example/costs.csv')],
    ['Slack’s host as the user', () => at('https://files.slack.com@evil.example/costs.csv')],
    ['a user before Slack’s host', () => at('https://evil@files.slack.com/costs.csv')],
    ['plain HTTP', () => at('http://files.slack.com/costs.csv')],
    ['another port', () => at('https://files.slack.com:8443/costs.csv')],
    ['another scheme', () => at('file:///etc/passwd')],
    ['a dot behind Slack’s host', () => at('https://files.slack.com./costs.csv')],
    ['a host behind a backslash', () => at('https://evil.example\\.slack.com/costs.csv')],
    ['a host before a fragment', () => at('https://evil.example#.slack.com/costs.csv')],
    ['a host before a query', () => at('https://evil.example?.slack.com')],
    ['a host with a letter that looks like another', () => at('https://files.sl\u0430ck.com/costs.csv')],
    ['a host with a zero byte', () => at('https://evil.example%00.slack.com/costs.csv')],
    ['Slack’s host with a password', () => at('https://:secret@files.slack.com/costs.csv')],
    ['an address of this machine', () => at('https://127.0.0.1/costs.csv')],
    ['the Web API’s host on another port', () => at(`${slack.origin}1/costs.csv`)],
    ['an email', () => here({ mode: 'email' })],
    ['no address', () => ({ name: 'costs.csv' })],
    ['something that is no address', () => at('//evil.example')],
  ])('%s is never fetched', async (_name, file) => {
    expect(isInSlack(client(), file())).toBe(false);
    expect(await codeOf(read(file()))).toBe('file_external');
    expect([...slack.requests, ...elsewhere.requests]).toEqual([]);
  });

  it.each([
    'https://files.slack.com/files-pri/T1-F1/costs.csv',
    'https://acme.slack.com/files/costs.csv',
    'https://slack-files.com/T1-F1',
  ])('%s belongs to Slack', (address) => {
    expect(isInSlack(client(), at(address))).toBe(true);
  });

  it.each([301, 302, 303, 307, 308])('a redirect (%i) isn’t followed', async (status) => {
    serve = (_request, response) => response.writeHead(status, { location: `${elsewhere.origin}/x` }).end();
    expect(await codeOf(read(here()))).toBe('file_gone');
    expect(elsewhere.requests).toEqual([]);
  });
});

it.each(['file_not_found', 'file_deleted', 'not_visible'])('a file that Slack reports as %s is gone', async (error) => {
  serve = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: false, error }));
  };
  expect(await codeOf(fileInfo(client(), 'F1'))).toBe('file_gone');
});
