import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { Decimal } from '../../src/billing/money/money.ts';
import { revokeToken } from '../../src/services/access/tokens.ts';
import { Tokens } from '../../src/store/accounts/tokens.ts';
import { Lines } from '../../src/store/invoicing/invoices.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { type RunningApi, startApi, tokenFor } from '../support/api/api.ts';
import { type ApiWorld, apiWorld } from '../support/api/api-world.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';

useDatabase(migrate);

const NOON = '2026-11-10T12:00:00Z';
const clock = new TestClock(NOON);
const ctx = contextAt(clock);
let api: RunningApi;
let world: ApiWorld;
let foreign: ApiWorld;
let october: { invoice_number: string; download_cookie: string };
let estimate: { invoice_number: string; download_cookie: string };

beforeAll(async () => {
  api = await startApi(clock);
  world = await apiWorld(ctx);
  foreign = await apiWorld(ctx);
  const { body } = await api.ask('GET', `/billing-group/${world.group}/invoice?sort=invoice_number`, {
    token: world.read,
  });
  [october, estimate] = body.invoices as [typeof october, typeof october];
});
afterAll(() => api.stop());

const pathOf = (invoice: string, rest: string, group = world.group) =>
  `/billing-group/${group}/invoice/${invoice}/${rest}`;
const rowsOf = (text: string): Record<string, string>[] => parse(text, { columns: true, bom: true });

describe('a download link from the list', () => {
  it('returns the PDF without a token', async () => {
    const answer = await fetch(`${api.url}/v1${pathOf(october.invoice_number, october.download_cookie)}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/pdf');
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename=${october.invoice_number}.pdf`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
    expect(bytes.subarray(-6).toString().trim()).toBe('%%EOF');
  });

  it('returns the CSV without a token, or with a token and no link', async () => {
    const linked = await api.ask('GET', pathOf(october.invoice_number, `csv?cookie=${october.download_cookie}`));
    expect(linked.status).toBe(200);
    expect(linked.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(linked.headers.get('content-disposition')).toBe(`attachment; filename=${october.invoice_number}.csv`);
    expect(rowsOf(linked.text).map((row) => [row.project_name, row.line_total_local])).toEqual([
      ['p1', '100.01'],
      ['p2', '50.00'],
    ]);
    const asked = await api.ask('GET', pathOf(october.invoice_number, 'csv'), { token: world.read });
    expect(asked.text).toBe(linked.text);
    expect((await api.ask('GET', pathOf(october.invoice_number, 'csv'))).status).toBe(401);
  });

  it('returns one project’s lines, also from an estimate', async () => {
    const one = await api.ask('GET', pathOf(october.invoice_number, 'csv?project=p2'), { token: world.read });
    expect(rowsOf(one.text).map((row) => row.project_name)).toEqual(['p2']);
    const open = await api.ask('GET', pathOf(estimate.invoice_number, 'csv?project=p1'), { token: world.read });
    expect(rowsOf(open.text)).toMatchObject([{ line_total_local: '12.34' }]);
    const none = await api.ask('GET', pathOf(october.invoice_number, 'csv?project=nobody'), { token: world.read });
    expect(none.text.trim().split('\r\n')).toHaveLength(1);
  });

  it('works only for its own file', async () => {
    const { download_cookie: cookie } = october;
    for (const path of [
      pathOf(estimate.invoice_number, `csv?cookie=${cookie}`),
      pathOf(october.invoice_number, `csv?cookie=${cookie}`, world.other),
      pathOf(october.invoice_number, cookie, foreign.group),
      pathOf(october.invoice_number, `csv?cookie=${cookie.slice(0, -2)}`),
      pathOf(october.invoice_number, `x${cookie}`),
      pathOf(october.invoice_number, 'lines2'),
    ]) {
      const answer = await api.ask('GET', path);
      expect({ path, status: answer.status }).toEqual({ path, status: 403 });
    }
    // it isn't a token
    const path = `/billing-group/${world.group}/invoice/${october.invoice_number}/lines?cookie=${cookie}`;
    expect((await api.ask('GET', path)).status).toBe(401);
  });

  it('is valid for 24 hours', async () => {
    const path = pathOf(october.invoice_number, `csv?cookie=${october.download_cookie}`);
    clock.set('2026-11-11T11:59:59Z');
    expect((await api.ask('GET', path)).status).toBe(200);
    clock.set('2026-11-11T12:00:00Z');
    expect((await api.ask('GET', path)).body.errors).toMatchObject([{ error_code: 'cookie_invalid', status: 403 }]);
    clock.set(NOON);
  });

  it('stops working when the token that requested it is revoked or expires', async () => {
    const lists = `/billing-group/${world.group}/invoice?sort=invoice_number`;
    const linkOf = async (token: string) => {
      const { body } = await api.ask('GET', lists, { token });
      const [{ download_cookie: cookie = '' } = {}] = body.invoices as { download_cookie?: string }[];
      return pathOf(october.invoice_number, `csv?cookie=${cookie}`);
    };
    const revoked = await linkOf(await tokenFor(clock, world.accountId, { name: 'To be revoked' }));
    const expiring = await linkOf(await tokenFor(clock, world.accountId, { name: 'To expire', days: 1 }));
    expect((await api.ask('GET', revoked)).status).toBe(200);
    await revokeToken(ctx, world.accountId, { name: 'To be revoked' });
    const answer = await api.ask('GET', revoked);
    expect(answer.body.errors).toMatchObject([{ error_code: 'cookie_invalid', status: 403 }]);
    expect((await api.ask('GET', expiring)).status).toBe(200);
    await Tokens.updateOne({ name: 'To expire' }, { $set: { expiresAt: clock.now() } });
    expect((await api.ask('GET', expiring)).status).toBe(403);
  });

  it('is never cached, nor are errors; lists may be cached only by the client', async () => {
    const path = pathOf(october.invoice_number, `csv?cookie=${october.download_cookie}`);
    expect((await api.ask('GET', path)).headers.get('cache-control')).toBe('no-store');
    expect((await api.ask('GET', `${path}x`)).headers.get('cache-control')).toBe('no-store');
    const list = await api.ask('GET', '/billing-group', { token: world.read });
    expect(list.headers.get('cache-control')).toBe('private, no-cache');
  });

  it('can’t be given a later expiry', async () => {
    const [, ...rest] = october.download_cookie.split('.');
    const later = (clock.now().getTime() + 1e10).toString(36);
    const answer = await api.ask('GET', pathOf(october.invoice_number, `csv?cookie=${[later, ...rest].join('.')}`));
    expect(answer.status).toBe(403);
  });
});

describe('CSV', () => {
  it('has the published columns in their published order', async () => {
    const { text } = await api.ask('GET', pathOf(october.invoice_number, 'csv'), { token: world.read });
    const [head = [], row = []] = parse(text) as string[][];
    expect(head.length).toBeGreaterThanOrEqual(15);
    const places = { 0: 'project_name', 1: 'service_name', 2: 'service_type', 6: 'timestamp_begin' };
    const others = { 8: 'line_total_local', 10: 'local_currency', 14: 'tags' };
    expect({ ...head }).toMatchObject({ ...places, ...others });
    expect([row[0], row[1], row[6], row[8], row[9], row[10]]).toEqual([
      ...['p1', 'Compute', '2026-10-10T00:00:00.000Z', '100.01', '110.01', 'EUR'],
    ]);
  });

  it('has everything else that is known about the lines under its own path', async () => {
    for (const query of ['', `?cookie=${october.download_cookie}`]) {
      const token = query === '' ? world.read : undefined;
      const { text } = await api.ask('GET', pathOf(october.invoice_number, `lines.csv${query}`), { token });
      expect(rowsOf(text)[0]).toMatchObject({ invoice_number: october.invoice_number, line_exact_local: '100.005' });
    }
  });

  it('never lets a spreadsheet run text that people entered', async () => {
    await Lines.updateMany({ invoiceId: /./, projectName: 'p2' }, { $set: { description: '=1+1' } });
    const { text } = await api.ask('GET', pathOf(october.invoice_number, 'csv'), { token: world.read });
    expect(rowsOf(text)[1]?.description).toBe("'=1+1");
    expect(new Decimal(rowsOf(text)[1]?.line_total_local ?? '').toFixed(2)).toBe('50.00');
  });
});
