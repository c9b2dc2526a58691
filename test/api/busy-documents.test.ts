import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createApi } from '../../src/api/app.ts';
import { invoiceFiles } from '../../src/api/downloads.ts';
import { DocumentPool, documentPool } from '../../src/documents/pool.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { type ApiWorld, apiWorld } from '../support/api/api-world.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-10T12:00:00Z');
const full = new DocumentPool({ mostPending: 0 });
let documents = full;
let server: Server;
let world: ApiWorld;
let url: string;

beforeAll(async () => {
  world = await apiWorld(contextAt(clock));
  const downloads = {
    ...invoiceFiles,
    pdf: (...[ctx, invoice]: Parameters<typeof invoiceFiles.pdf>) => invoiceFiles.pdf({ ...ctx, documents }, invoice),
  };
  const options = { clock, log: silentLogger(), perMinute: 1_000, nudge: () => undefined, downloads };
  server = createServer(createApi(options)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/billing-group/${world.group}/invoice`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

it('the API answers 503 with Retry-After when the document queue is full, and returns the file once there is room', async () => {
  const list = await fetch(url, { headers: { authorization: `Bearer ${world.read}` } });
  const { invoices } = (await list.json()) as { invoices: Record<string, string>[] };
  const issued = invoices.find(({ issue_date }) => issue_date !== null);
  const link = `${url}/${issued?.invoice_number}/${issued?.download_cookie}`;
  const busy = await fetch(link);
  expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '60']);
  expect(await busy.json()).toMatchObject({
    message: 'Many documents are being generated. Try again in a minute.',
    errors: [{ status: 503, error_code: 'documents_busy' }],
  });
  documents = documentPool;
  const file = await fetch(link);
  expect([file.status, file.headers.get('content-type')]).toEqual([200, 'application/pdf']);
  const bytes = Buffer.from(await file.arrayBuffer());
  documents = full;
  const stored = Buffer.from(await (await fetch(link)).arrayBuffer());
  expect(stored.equals(bytes)).toBe(true);
});
