import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../../src/local/workspace/index.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Subscriptions } from '../../../src/store/notices/subscriptions.ts';
import { createAcme } from '../../support/acme.ts';
import { contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { FINANCE, type Product, startProduct } from '../../support/product.ts';

useDatabase(migrate);

const clock = new TestClock('2024-09-20T00:00:00Z');
const ctx = contextAt(clock);
let product: Product;
let accountId = '';

beforeAll(async () => {
  product = await startProduct(clock);
  accountId = await createAcme(ctx, { timeZone: 'Etc/UTC' });
  await createGroup(ctx, { accountId, name: 'Blue' });
});
afterAll(() => product.stop());

const told = () =>
  product.workspace
    .as('U0OWNER')
    .messages(FINANCE)
    .map((message) => message.text)
    .filter((text) => text.startsWith('Invoice'));

describe('a channel is notified once', () => {
  // every group has an invoice each month, so each month makes news
  const faults: [string, Fault['kind'], string][] = [
    ['when Slack fails', '500', '2024-10-03T00:00:00Z'],
    ['when Slack asks to wait', '429', '2024-11-03T00:00:00Z'],
    ['when the connection breaks before Slack has taken the message', 'drop-before', '2024-12-03T00:00:00Z'],
    ['when the connection breaks after Slack has taken the message', 'drop-after', '2025-01-03T00:00:00Z'],
  ];

  it.each(faults)('%s', async (_when, kind, instant) => {
    const before = told().length;
    product.workspace.faults.next({ method: 'chat.postMessage', kind, retryAfter: 30 });
    clock.set(instant);
    await product.settle();
    const subscription = await Subscriptions.findOne({ accountId }).orFail().lean();
    expect(subscription).toMatchObject({ failures: 1, lastError: expect.any(String) });
    expect(subscription.notBefore?.getTime()).toBeGreaterThan(clock.now().getTime());
    // not before its time
    await product.settle();
    expect(told().length).toBe(before + (kind === 'drop-after' ? 1 : 0));
    // where Slack didn’t answer, an early search that finds nothing puts it off once more
    for (const _ of kind === 'drop-before' ? [1, 2] : [1]) {
      const { notBefore } = await Subscriptions.findOne({ accountId }).orFail().lean();
      clock.set(new Date((notBefore?.getTime() ?? 0) + 1).toISOString());
      await product.settle();
    }
    expect(told().length).toBe(before + 1);
    expect(await Subscriptions.findOne({ accountId }).lean()).toMatchObject({ failures: 0, sending: null });
  });
});
