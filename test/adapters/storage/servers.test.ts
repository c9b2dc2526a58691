import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openStorage } from '../../../src/adapters/storage/open-storage.ts';
import type { StoredObject } from '../../../src/billing/source/deliveries.ts';
import { readSource, type TypedSource } from '../../../src/billing/source/read-location.ts';
import type { SourceStorage } from '../../../src/services/sources/source-storage.ts';
import { type StorageServer, startAzurite, startS3 } from '../../support/costs/storage-servers.ts';

const open = openStorage({ folder: undefined, allowsPrivate: true, now: () => new Date() });
const closed = openStorage({ folder: undefined, allowsPrivate: false, now: () => new Date() });

describe.each([
  ['S3 (s3rver)', startS3],
  ['Azure Blob Storage (Azurite)', startAzurite],
])('%s', (_name, start) => {
  let server: StorageServer;
  beforeAll(async () => {
    server = await start();
  }, 60_000);
  afterAll(() => server.stop());

  async function using<T>(
    work: (storage: SourceStorage) => Promise<T>,
    typed: TypedSource = server.typed,
    way = open,
  ): Promise<T> {
    const { location, credentials } = readSource(server.kind, typed);
    const storage = await way(location, credentials, AbortSignal.timeout(30_000));
    try {
      return await work(storage);
    } finally {
      await storage.close();
    }
  }

  const list = (typed?: TypedSource, way = open) =>
    using(
      async (storage) => {
        const found: StoredObject[] = [];
        for await (const object of storage.list()) found.push(object);
        return found;
      },
      typed,
      way,
    );
  const read = (object: StoredObject, during: (bytes: number) => Promise<void> = async () => undefined) =>
    using(async (storage) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of await storage.open(object)) {
        chunks.push(chunk);
        await during(chunk.length);
      }
      return Buffer.concat(chunks);
    });
  const fault = (work: Promise<unknown>) =>
    work.then(
      () => 'no fault',
      (error: { kind?: string; message?: string }) => `${error.kind}: ${error.message}`,
    );
  const objectOf = async (key: string) => {
    const found = (await list()).find((object) => object.key === key);
    if (!found) throw new Error(`no ${key}`);
    return found;
  };

  it('lists files by prefix with their versions, and reads them', async () => {
    await server.put('a/1.csv', Buffer.from('one'));
    await server.put('a/2 ü.csv', Buffer.from('two'));
    await server.put('b/3.csv', Buffer.from('three'));
    const found = await list({ ...server.typed, prefix: '/a/' });
    expect(found.map(({ key, size }) => [key, size])).toEqual([
      ['a/1.csv', 3],
      ['a/2 ü.csv', 3],
    ]);
    const [first, second] = found;
    expect(first?.etag).not.toBe(second?.etag);
    expect((await read(await objectOf('a/2 ü.csv'))).toString()).toBe('two');
  });

  it('notices a file that was replaced or deleted after it was listed', async () => {
    await server.put('c.csv', Buffer.from('before'));
    const before = await objectOf('c.csv');
    await server.put('c.csv', Buffer.from('after!'));
    expect(await fault(read(before))).toBe('changed: The file c.csv was replaced while it was being read.');
    expect((await read(await objectOf('c.csv'))).toString()).toBe('after!');
    const last = await objectOf('c.csv');
    await server.delete('c.csv');
    expect(await fault(read(last))).toMatch(/^(missing|changed): /);
  });

  it('gives either one version of a file that is replaced while it is being read, or a fault', async () => {
    const size = 24 * 1024 * 1024;
    await server.put('large.bin', Buffer.alloc(size, 'a'));
    const before = await objectOf('large.bin');
    let isReplaced = false;
    const outcome = await read(before, async () => {
      if (isReplaced) return;
      isReplaced = true;
      await server.put('large.bin', Buffer.alloc(size, 'b'));
    }).then(
      (bytes) => (bytes.equals(Buffer.alloc(size, 'a')) ? 'whole' : 'mixed'),
      (error: { kind?: string }) => String(error.kind),
    );
    expect(['whole', 'changed']).toContain(outcome);
  }, 60_000);

  it('denies access with revoked credentials, and says so without them', async () => {
    const said = await fault(list(server.revoked));
    expect(said).toMatch(/^denied: Access to the (bucket|container) exports was denied\. Check the credentials\.$/);
  });

  it('says that a bucket or container doesn’t exist', async () => {
    expect(await fault(list({ ...server.typed, bucket: 'other-bucket', container: 'other-container' }))).toMatch(
      /^(missing: The (bucket|container) .* doesn’t exist\.|denied: )/,
    );
  });

  it('isn’t asked at a private address unless that is allowed', async () => {
    expect(await fault(list(server.typed, closed))).toMatch(/^address: /);
    const secure = { ...server.typed, endpoint: String(server.typed.endpoint).replace('http:', 'https:') };
    expect(await fault(list(secure, closed))).toBe(
      'address: 127.0.0.1 is at a private address, which can’t be used unless the server’s setting ALLOW_PRIVATE_SOURCES is on.',
    );
  });
});
