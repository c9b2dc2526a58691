import { Readable } from 'node:stream';
import { expect, it } from '@jest/globals';
import { type ImportInput, importFocus } from '../../../src/services/costs/imports.ts';
import { confirmReplacement, undoReplacement } from '../../../src/services/costs/replacement-decide.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Costs, type LoadDoc, Loads } from '../../../src/store/costs/costs.ts';
import { Imports } from '../../../src/store/costs/imports.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, TestClock } from '../../support/context.ts';
import { expectSumsOfRecords } from '../../support/costs/sums.ts';
import { useDatabase } from '../../support/database/database.ts';
import { costRow, FOCUS_HEAD, OCTOBER } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const clock = new TestClock('2026-10-20T12:00:00Z');
const ctx = contextAt(clock);
const ONE = [costRow('1.00'), costRow('2.00'), costRow('1.00')];
const OTHER = [costRow('7.00')];

const textOf = (rows: readonly string[]) => Buffer.from(`${[FOCUS_HEAD, ...rows].join('\n')}\n`);
const opening = (rows: readonly string[]) => () => Readable.from([textOf(rows)]);

async function anEmptyAccount() {
  const { _id: accountId } = await anAccount(ctx, { currency: 'EUR' });
  const load = (rows: readonly string[], more: Partial<ImportInput> = {}) =>
    importFocus(ctx, { accountId, fileName: 'x.csv', replace: false, open: opening(rows), ...more });
  const isSeen = async () => {
    const { writer } = await Loads.findOne({ accountId, state: 'active' }).orFail().lean<LoadDoc>();
    return (await Costs.countDocuments({ accountId, seenBy: writer ?? -1 })) > 0;
  };
  /** The same import, with every row looked up. */
  const lookUp = async (rows: readonly string[], more: Partial<ImportInput> = {}) => {
    await Imports.updateMany({ accountId }, { $unset: { files: 1 } });
    return load(rows, more);
  };
  return { accountId, load, lookUp, isSeen };
}

it('the same bytes are recognized without looking at a row, and reported like rows that are looked up', async () => {
  const { accountId, load, isSeen } = await anEmptyAccount();
  await load(ONE);
  expect(await isSeen()).toBe(true);
  const again = await load(ONE);
  expect(again).toMatchObject({ state: 'finished', read: 3, added: 0, repeated: 3, rejected: 0, sums: { EUR: '4' } });
  expect(await isSeen()).toBe(false);
  expect(await load(ONE, { source: 'another' })).toMatchObject({ added: 3 });
  expect(await load([...ONE, ...OTHER])).toMatchObject({ added: 1, repeated: 3 });
  expect(await load(ONE)).toMatchObject({ added: 0, repeated: 3 });
  expect(await Costs.countDocuments({ accountId })).toBe(7);
  expect(await expectSumsOfRecords(accountId)).toEqual({ summed: 2, unsummed: 0 });
});

it('files that were imported together are the same only together', async () => {
  const { accountId, load } = await anEmptyAccount();
  const more = [{ fileName: 'y.csv', open: opening(ONE) }];
  expect(await load(ONE, { more })).toMatchObject({ added: 6 });
  expect(await load(ONE, { more })).toMatchObject({ added: 0, repeated: 6 });
  expect(await load(ONE)).toMatchObject({ added: 0, repeated: 3 });
  expect(await Costs.countDocuments({ accountId })).toBe(6);
});

it('rows that no longer count, because they were replaced, are imported again', async () => {
  const { accountId, load } = await anEmptyAccount();
  await load(ONE);
  const replaced = await load(OTHER, { replace: true, confirmation: 'given' });
  await undoReplacement(ctx, { accountId, importId: replaced.id });
  expect(await load(ONE)).toMatchObject({ added: 0, repeated: 3 });
  await load(OTHER, { replace: true, confirmation: 'given' });
  expect(await load(ONE)).toMatchObject({ added: 3, repeated: 0 });
});

it('rows that were rejected are read again, because they may be accepted now', async () => {
  const { load } = await anEmptyAccount();
  const rows = [...ONE, costRow('3.00', { day: '2027-01-10' })];
  expect(await load(rows)).toMatchObject({ added: 3, rejected: 1 });
  clock.set('2026-12-20T12:00:00Z');
  expect(await load(rows)).toMatchObject({ added: 1, repeated: 3, rejected: 0 });
});

it('the report is the same as if every row had been looked up, also after an invoice and in another time zone', async () => {
  clock.set('2026-11-20T12:00:00Z');
  const { accountId, load, lookUp } = await anEmptyAccount();
  const rows = [...ONE, costRow('5.00', { project: 'p2', service: '' })];
  await load(rows);
  const { _id: groupId } = await Groups.findOne({ accountId }).orFail().lean();
  const same = async () => {
    const recognized = await load(rows);
    expect({ ...(await lookUp(rows)), id: recognized.id }).toEqual(recognized);
    expect(recognized).toMatchObject({ added: 0, repeated: 4, notes: { count: 1 } });
  };
  await same();
  expect(await closeInvoice(ctx, { _id: groupId, accountId }, OCTOBER)).toMatchObject({ outcome: 'issued' });
  await same();
  await Accounts.updateOne({ _id: accountId }, { $set: { timeZone: 'Pacific/Auckland' } });
  await same();
  expect(await Costs.countDocuments({ accountId })).toBe(4);
});

it('a file of two months, one of which was replaced, is imported again in full', async () => {
  clock.set('2026-11-20T12:00:00Z');
  const { accountId, load } = await anEmptyAccount();
  const rows = [costRow('1.00'), costRow('2.00', { day: '2026-11-03' })];
  await load(rows);
  await load(OTHER, { replace: true, confirmation: 'given' });
  expect(await load(rows)).toMatchObject({ added: 1, repeated: 1 });
  expect(await load(rows)).toMatchObject({ added: 0, repeated: 2 });
  const active = await Loads.find({ accountId, state: 'active' }).lean();
  expect(await Costs.countDocuments({ loadId: { $in: active.map(({ _id }) => _id) } })).toBe(3);
});

it('the rest of a file whose import broke off is imported, and so is a longer file with the same beginning', async () => {
  const { accountId, load } = await anEmptyAccount();
  const rows = [...ONE, ...OTHER];
  async function* broken() {
    yield textOf(ONE);
    // more than what is read to recognize the kind of a file
    yield Buffer.from('\n'.repeat(5_000));
    throw new Error('The connection was lost');
  }
  await expect(load([], { open: broken, batchSize: 2 })).rejects.toThrow('The connection was lost');
  expect(await load(ONE)).toMatchObject({ repeated: 2, added: 1 });
  await expect(load([], { open: broken })).rejects.toThrow('The connection was lost');
  expect(await load(rows)).toMatchObject({ repeated: 3, added: 1 });
  expect(await Costs.countDocuments({ accountId })).toBe(4);
});

it('costs that were imported again aren’t replaced by an import that was waiting for its confirmation', async () => {
  clock.set('2026-11-20T12:00:00Z');
  const { accountId, load } = await anEmptyAccount();
  await load(ONE);
  const asked = await load(OTHER, { replace: true, confirmation: 'ask' });
  expect(asked.state).toBe('unconfirmed');
  expect(await load(ONE)).toMatchObject({ added: 0, repeated: 3 });
  // the costs to be replaced were written since
  const refusal = await confirmReplacement(ctx, { accountId, importId: asked.id }).catch((error) => error);
  expect(refusal).toMatchObject({ code: 'costs_changed_meanwhile' });
});
