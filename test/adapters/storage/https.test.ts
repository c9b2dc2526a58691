import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { AddressRule } from '../../../src/adapters/storage/guarded-agents.ts';
import { httpsStorage } from '../../../src/adapters/storage/https.ts';
import type { StoredObject } from '../../../src/billing/source/deliveries.ts';
import type { SourceCredentials } from '../../../src/billing/source/source.ts';
import type { SourceStorage } from '../../../src/services/sources/source-storage.ts';

const servers: Server[] = [];
const storages: SourceStorage[] = [];
afterEach(async () => {
  for (const storage of storages.splice(0)) await storage.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function storageAt(
  url: string,
  credentials: SourceCredentials = {},
  rule: AddressRule = { allowsPrivate: true },
): SourceStorage {
  const storage = httpsStorage({ kind: 'https', url }, credentials, { signal: AbortSignal.timeout(20_000), rule });
  storages.push(storage);
  return storage;
}

async function listed(storage: SourceStorage): Promise<StoredObject> {
  const found: StoredObject[] = [];
  for await (const object of storage.list()) found.push(object);
  if (!found[0]) throw new Error('nothing listed');
  return found[0];
}

async function read(storage: SourceStorage, object: StoredObject): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await storage.open(object)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function fault(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no fault',
    (error: { kind?: string; message?: string }) => `${error.kind}: ${error.message}`,
  );
}

describe('a file at an address', () => {
  it('is read in the version that was listed', async () => {
    let version = '"1"';
    const url = await serve((request, response) => {
      if (request.headers['if-match'] && request.headers['if-match'] !== version) return response.writeHead(412).end();
      return response.writeHead(200, { etag: version, 'content-length': 9 }).end(`costs ${version}`);
    });
    const storage = storageAt(`${url}/a%20b.csv`);
    const first = await listed(storage);
    expect(first).toMatchObject({ key: 'a b.csv', etag: '"1"', size: 9 });
    expect(await read(storage, first)).toBe('costs "1"');
    version = '"2"';
    expect(await fault(read(storage, first))).toBe('changed: The file a b.csv was replaced while it was being read.');
    expect(await read(storage, await listed(storage))).toBe('costs "2"');
  });

  it('is recognized by its date if there is no ETag, and noticed to be another one', async () => {
    let day = 'Mon, 02 Nov 2026 00:00:00 GMT';
    const url = await serve((_request, response) => response.writeHead(200, { 'last-modified': day }).end('x'));
    const storage = storageAt(`${url}/a.csv`);
    const first = await listed(storage);
    day = 'Tue, 03 Nov 2026 00:00:00 GMT';
    expect(await fault(read(storage, first))).toContain('changed: ');
    const bare = storageAt(`${await serve((_request, response) => response.end('x'))}/a.csv`);
    expect(await fault(listed(bare))).toContain('invalid: The server says neither which version');
  });

  it('gets its secrets, and no other server does', async () => {
    const seen: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      seen.push(request.url, request.headers.authorization);
      response.writeHead(200, { etag: '"1"' }).end('x');
    });
    const url = await serve((request, response) => {
      seen.push(request.url, request.headers.authorization);
      response.writeHead(302, { location: `${other}/elsewhere.csv` }).end();
    });
    await listed(storageAt(`${url}/a.csv`, { query: 'sig=1%2F2', authorization: 'Bearer hush' }));
    expect(seen).toEqual(['/a.csv?sig=1%2F2', 'Bearer hush', '/elsewhere.csv', undefined]);
  });

  it('says why it can’t be read', async () => {
    const url = await serve((request, response) => response.writeHead(Number(request.url?.slice(1))).end());
    const server = new URL(url).host;
    const said = new Map([
      ['401', 'denied: Access to the file 401 was denied. Check the credentials.'],
      ['403', 'denied: Access to the file 403 was denied. Check the credentials.'],
      ['404', 'missing: The file 404 doesn’t exist.'],
      ['500', `unreachable: ${server} is too busy or down (HTTP 500).`],
      ['204', `invalid: ${server} answered with HTTP 204.`],
      ['400', `invalid: ${server} rejected the request for the file 400 (HTTP 400).`],
    ]);
    for (const [status, text] of said) expect(await fault(listed(storageAt(`${url}/${status}`)))).toBe(text);
    expect(await fault(listed(storageAt('http://127.0.0.1:1/a.csv')))).toContain('(ECONNREFUSED)');
    const loop = await serve((_request, response) => response.writeHead(302, { location: '/again' }).end());
    expect(await fault(listed(storageAt(`${loop}/a.csv`)))).toContain('redirects more than 5 times');
  });

  it('that breaks off isn’t taken for the whole', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { etag: '"1"', 'content-length': '1000' });
      response.write('only this');
      setTimeout(() => response.destroy(), 20);
    });
    const storage = storageAt(`${url}/a.csv`);
    expect(await fault(read(storage, await listed(storage)))).toContain('unreachable: ');
  });
});

describe('a private address', () => {
  const refusing: AddressRule = { allowsPrivate: false };
  /** A name whose first answer is public, and whose second one isn't. */
  const rebinding = (answers: string[][]): AddressRule['resolve'] =>
    ((_host: string, _options: unknown, done: (error: null, found: { address: string; family: number }[]) => void) => {
      const next = answers.length > 1 ? (answers.shift() ?? []) : (answers[0] ?? []);
      done(
        null,
        next.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    }) as unknown as AddressRule['resolve'];

  it('is refused, however it is written', async () => {
    for (const host of [
      '127.0.0.1',
      '10.0.0.1',
      '169.254.169.254',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '0x7f.1',
      '2130706433',
      '[fd00:ec2::254]',
    ]) {
      expect([host, await fault(listed(storageAt(`https://${host}/latest/meta-data`, {}, refusing)))]).toEqual([
        host,
        expect.stringMatching(/^address: .* is at a private address/),
      ]);
    }
  });

  it('is refused for a name that resolves to it, also to one of several', async () => {
    const named = async (addresses: string[]) =>
      fault(
        listed(
          storageAt('https://costs.example.com/a.csv', {}, { ...refusing, resolve: rebinding([addresses]) as never }),
        ),
      );
    for (const addresses of [['127.0.0.1'], ['8.8.8.8', '10.0.0.1'], ['::1'], ['::ffff:169.254.169.254'], []]) {
      expect(await named(addresses)).toBe(
        'address: costs.example.com is at a private address, which can’t be used unless the server’s setting ALLOW_PRIVATE_SOURCES is on.',
      );
    }
  });

  it('is what a name is connected to at most if it was checked', async () => {
    let hits = 0;
    const url = await serve((_request, response) => {
      hits += 1;
      response.writeHead(200, { etag: '"1"' }).end('secret');
    });
    const { port } = new URL(url);
    // with private addresses allowed for the connection's own sake, metadata never is
    const rule: AddressRule = {
      allowsPrivate: true,
      resolve: rebinding([['127.0.0.1'], ['169.254.169.254']]) as never,
    };
    const storage = storageAt(`http://costs.example.com:${port}/a.csv`, {}, rule);
    await listed(storage);
    expect(hits).toBe(1);
    // the connection was closed, so the name is resolved again, and checked again
    expect(await fault(listed(storage))).toContain('address: costs.example.com is at a private address');
    expect(hits).toBe(1);
  });

  it('is refused after a redirect', async () => {
    const url = await serve((_request, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
    );
    expect(await fault(listed(storageAt(`${url}/a.csv`)))).toContain('169.254.169.254 is at a private address');
    const file = await serve((_request, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end());
    expect(await fault(listed(storageAt(`${file}/a.csv`)))).toContain('isn’t a web address');
  });

  it('and a connection without encryption are refused', async () => {
    expect(await fault(listed(storageAt('http://example.com/a.csv', {}, refusing)))).toBe(
      'address: Only addresses that begin with https:// can be used.',
    );
  });
});
