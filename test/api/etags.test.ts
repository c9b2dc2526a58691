import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Decimal } from '../../src/billing/money/money.ts';
import { updateSettings } from '../../src/services/accounts/settings.ts';
import { setRate } from '../../src/services/costs/rates.ts';
import { createGroup, deleteGroup, renameGroup } from '../../src/services/groups/groups.ts';
import { createMethod, setMethod } from '../../src/services/settlement/payment-methods.ts';
import { Invoices } from '../../src/store/invoicing/invoices.ts';
import { toDecimal128 } from '../../src/store/kit/decimal.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { PaymentMethods } from '../../src/store/settlement/payment-methods.ts';
import { type Answer, type RunningApi, startApi } from '../support/api/api.ts';
import { type ApiWorld, apiWorld } from '../support/api/api-world.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { QueryCounter } from '../support/database/queries.ts';

useDatabase(migrate, { monitorCommands: true });

const clock = new TestClock('2026-11-10T12:00:00Z');
const ctx = contextAt(clock);
let world: ApiWorld;
let neighbor: ApiWorld;
let api: RunningApi;

beforeAll(async () => {
  [world, neighbor] = [await apiWorld(ctx), await apiWorld(ctx)];
  // as in production
  api = await startApi(clock, { checks: 'sample' });
});
afterAll(() => api.stop());

const list = (token: string, headers: Record<string, string> = {}): Promise<Answer> =>
  api.ask('GET', '/billing-group', { token, headers });
const etagOf = ({ headers }: Answer) => headers.get('etag') ?? '';
interface Shown {
  readonly billing_group_id: string;
  readonly billing_group_name: string;
  readonly account_name: string;
  readonly payment_method: string;
  readonly estimated_balance_local: string;
  readonly estimated_balance_usd: string | null;
}
const shownIn = ({ body }: Answer) => body.billing_groups as Shown[];

describe('the list of billing groups is sent again after every change that it shows:', () => {
  const own = () => ({ accountId: world.accountId, billingGroupId: `bg_${world.group}` });
  const groupIn = (answer: Answer) => shownIn(answer).find((one) => one.billing_group_id === world.group);
  let passing: string;

  it.each<[string, () => Promise<unknown>, (answer: Answer) => unknown, unknown]>([
    [
      'a group’s name',
      () => renameGroup(ctx, { ...own(), name: 'Renamed' }),
      (answer) => groupIn(answer)?.billing_group_name,
      'Renamed',
    ],
    [
      'a new group',
      async () => (passing = (await createGroup(ctx, { accountId: world.accountId, name: 'Passing' }))._id),
      (answer) => shownIn(answer).length,
      3,
    ],
    [
      'a deleted group',
      () => deleteGroup(ctx, { accountId: world.accountId, billingGroupId: passing }),
      (answer) => shownIn(answer).length,
      2,
    ],
    [
      'an estimate',
      () => {
        const net = toDecimal128(new Decimal('77.10'));
        return Invoices.updateOne({ ...own(), state: 'estimate' }, { $set: { net }, $unset: { beforeCommitments: 1 } });
      },
      (answer) => groupIn(answer)?.estimated_balance_local,
      '77.10',
    ],
    [
      'an exchange rate',
      () =>
        setRate(ctx, {
          ...{ accountId: world.accountId, base: 'EUR', currency: 'USD' },
          ...{ rate: '2', date: '2026-11-10' },
        }),
      (answer) => groupIn(answer)?.estimated_balance_usd,
      '154.20',
    ],
    [
      'a group’s payment method',
      async () => {
        const { accountId } = world;
        const { id } = await createMethod(ctx, accountId, { kind: 'no_payment_expected' });
        await setMethod(ctx, { ...own(), paymentMethodId: id });
      },
      (answer) => groupIn(answer)?.payment_method,
      'no_payment_expected',
    ],
    [
      'the payment method itself',
      () => PaymentMethods.updateMany({ accountId: world.accountId }, { $set: { 'method.kind': 'disabled' } }),
      (answer) => groupIn(answer)?.payment_method,
      'disabled',
    ],
    [
      'the account’s name',
      () => updateSettings(ctx, world.accountId, { settings: { name: 'Another name' } }),
      (answer) => groupIn(answer)?.account_name,
      'Another name',
    ],
    [
      'the month',
      async () => clock.set('2026-12-01T12:00:00Z'),
      (answer) => groupIn(answer)?.estimated_balance_local,
      '0.00',
    ],
  ])('%s', async (_what, change, shown, expected) => {
    const before = await list(world.read);
    expect(shown(before)).not.toBe(expected);
    const known = { 'if-none-match': etagOf(before) };
    expect((await list(world.read, known)).status).toBe(304);
    await change();
    const after = await list(world.read, known);
    expect(after.status).toBe(200);
    expect(shown(after)).toBe(expected);
    expect(etagOf(after)).not.toBe(etagOf(before));
  });
});

describe('accounts', () => {
  it('asking at the same instant each get their own groups, kept or not', async () => {
    const ids = (answer: Answer) => shownIn(answer).map((one) => one.billing_group_id);
    const [mine, theirs] = [ids(await list(world.read)), ids(await list(neighbor.read))];
    expect(mine.filter((id) => theirs.includes(id))).toEqual([]);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, at) => list(at % 2 === 0 ? world.read : neighbor.read)),
    );
    for (const [at, answer] of answers.entries()) expect(ids(answer)).toEqual(at % 2 === 0 ? mine : theirs);
  });

  it('aren’t told “not modified” by another’s ETag', async () => {
    const theirs = await list(neighbor.read);
    const mine = await list(world.read, { 'if-none-match': etagOf(theirs) });
    expect(mine.status).toBe(200);
    expect(shownIn(mine).map((one) => one.billing_group_id)).toContain(world.group);
  });
});

describe('a kept list', () => {
  it('is the same by the account’s path, compressed or not, and with either scope', async () => {
    const plain = await list(world.read, { 'accept-encoding': 'identity' });
    expect(plain.headers.get('content-encoding')).toBeNull();
    const zipped = await list(world.read, { 'accept-encoding': 'gzip' });
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(zipped.headers.get('vary')?.toLowerCase()).toContain('accept-encoding');
    const other = await list(world.read, { 'accept-encoding': 'br' });
    expect(other.headers.get('content-encoding')).toBe('br');
    const named = await api.ask('GET', `/account/${world.account}/billing-group`, { token: world.write });
    for (const answer of [zipped, other, named]) {
      expect(answer.text).toBe(plain.text);
      expect(etagOf(answer)).toBe(etagOf(plain));
    }
  });

  it('is read with the queries of one request by all who ask at the same instant', async () => {
    const queries = new QueryCounter();
    await list(world.read);
    const alone = queries.take().filter((query) => query.endsWith(' billing_groups')).length;
    await Promise.all(Array.from({ length: 30 }, () => list(world.read)));
    expect(alone).toBe(1);
    expect(queries.take().filter((query) => query.endsWith(' billing_groups')).length).toBeLessThan(30);
  });

  it('isn’t sent to who may no longer see it', async () => {
    const known = { 'if-none-match': etagOf(await list(world.read)) };
    const unknown = await api.ask('GET', '/billing-group', { token: 'bgt_never_issued', headers: known });
    expect(unknown.status).toBe(401);
    const foreign = await api.ask('GET', `/account/${world.account}/billing-group`, {
      token: neighbor.read,
      headers: known,
    });
    expect(foreign.status).toBe(404);
  });
});

describe('a file', () => {
  it('isn’t sent again to who has it, until the invoice changes', async () => {
    const group = `/billing-group/${neighbor.group}`;
    const { body } = await api.ask('GET', `${group}/invoice`, { token: neighbor.read });
    const invoices = body.invoices as { invoice_number: string; download_cookie: string }[];
    const issued = invoices.find(({ invoice_number }) => !invoice_number.startsWith('estimate'));
    const one = `${group}/invoice/${issued?.invoice_number}`;
    for (const path of [`${one}/csv`, `${one}/csv?project=p1`, `${one}/${issued?.download_cookie}`]) {
      const asked = { token: path.includes('csv') ? neighbor.read : undefined };
      const first = await api.ask('GET', path, asked);
      const headers = { 'if-none-match': etagOf(first) };
      const again = await api.ask('GET', path, { ...asked, headers });
      expect({ path, first: first.status, again: again.status, text: again.text }).toEqual({
        ...{ path, first: 200, again: 304, text: '' },
      });
      const other = await api.ask('GET', `${one}/csv?project=p2`, { token: neighbor.read, headers });
      expect(other.status).toBe(200);
    }
  });
});
