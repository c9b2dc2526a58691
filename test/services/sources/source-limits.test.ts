import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { afterAll, expect, it } from '@jest/globals';
import { addSource, listSources } from '../../../src/services/sources/sources.ts';
import { Costs } from '../../../src/store/costs/costs.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { nextLine, startChild } from '../../support/children.ts';
import { anAccount, contextAt, TestClock } from '../../support/context.ts';
import { costFile, costRow, SourceFolder } from '../../support/costs/source-world.ts';
import { testDatabaseUri, useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const NOW = '2026-10-25T12:00:00Z';
const ctx = contextAt(new TestClock(NOW));
const KEY = createHash('sha256').update('a key').digest('hex');
const GB = 1024 ** 3;
const folder = new SourceFolder();
afterAll(() => folder.end());

/** A file of empty lines, which is a thousandth of their size when it is packed. */
async function zipBomb(file: string): Promise<void> {
  const line = Buffer.alloc(1024 * 1024, '\n');
  const bytes = function* () {
    yield costFile([costRow('1')]);
    for (let at = 0; at < 400; at += 1) yield line;
  };
  await pipeline(Readable.from(bytes()), createGzip(), createWriteStream(file));
}

it('a zip bomb, a file of 10 GB and one that is said to have 10 GB are refused with a reason, in memory that stays flat', async () => {
  const account = await anAccount(ctx, { currency: 'EUR' });
  const at = (...parts: string[]) => path.join(folder.root, ...parts);
  for (const name of ['bomb', 'sparse']) mkdirSync(at(name));
  await zipBomb(at('bomb', '2026-10.csv.gz'));
  writeFileSync(at('sparse', '2026-10.csv'), costFile([costRow('1')]));
  truncateSync(at('sparse', '2026-10.csv'), 10 * GB);
  const server = createServer((_request, response) =>
    response.writeHead(200, { etag: '"1"', 'content-length': 10 * GB }).write(costFile([costRow('1')])),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/2026-10.csv`;
  try {
    const of = { accountId: account._id };
    await addSource(ctx, folder.tools, { ...of, name: 'Bomb', kind: 'folder', typed: { path: 'bomb' } });
    await addSource(ctx, folder.tools, { ...of, name: 'Said', kind: 'https', typed: { url } });
    await addSource(ctx, folder.tools, { ...of, name: 'Sparse', kind: 'folder', typed: { path: 'sparse' } });
    // one import of an account at a time, and two of its sources
    const [leaseMs, rounds] = ['20000', '4'];
    const child = startChild('test/children/sources.ts', [testDatabaseUri(), NOW, KEY, folder.root, leaseMs, rounds]);
    const before = Number(await nextLine(child));
    const most = Number(await nextLine(child));
    expect(await child.ended).toBe(0);
    const sources = await listSources(ctx, account._id);
    expect(sources.map(({ name, deliveries }) => [name, deliveries[0]?.state, deliveries[0]?.reason])).toEqual([
      ['Bomb', 'refused', expect.stringContaining('unpacks to more than 250 times its size')],
      ['Said', 'refused', 'The file 2026-10.csv has more than 5 GB, which is the most for one file.'],
      ['Sparse', 'refused', 'The file 2026-10.csv has more than 5 GB, which is the most for one file.'],
    ]);
    expect(await Costs.countDocuments({ accountId: account._id })).toBe(0);
    if (process.env.SHOW_MEMORY) process.stderr.write(`memory ${before} MB, at most ${most} MB\n`);
    expect(most - before).toBeLessThan(200);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}, 120_000);
