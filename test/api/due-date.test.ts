import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { closeInvoice } from '../../src/services/invoicing/close.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { type RunningApi, startApi, tokenFor } from '../support/api/api.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { costRow, groupWithCosts, OCTOBER } from '../support/invoices/invoices.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-02T12:00:00Z');
const ctx = contextAt(clock);
let api: RunningApi;

beforeAll(async () => {
  api = await startApi(clock);
});
afterAll(() => api.stop());

it.each([
  ['-80', null],
  ['80', expect.stringMatching(/^2026-11-/)],
])('the due date of an invoice over EUR %s is the same in the list and in the invoice', async (amount, due) => {
  const { account, group } = await groupWithCosts(ctx, [costRow(amount)]);
  await closeInvoice(ctx, group, OCTOBER);
  const token = await tokenFor(clock, account._id);
  const path = `/billing-group/${group._id.slice(3)}/invoice`;
  const { invoices } = (await api.ask('GET', path, { token })).body as { invoices: Record<string, unknown>[] };
  const [october] = invoices.filter(({ issue_date }) => issue_date !== null);
  expect(october?.due_date).toEqual(due);
  const one = await api.ask('GET', `/invoices/${october?.invoice_number}`, { token });
  expect(JSON.stringify(one.body)).toContain(`"due_date":${due === null ? 'null' : '"2026-11-'}`);
});
