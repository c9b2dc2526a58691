import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { Refusal } from '../../../src/billing/refusal.ts';
import { type ImportReport, importFocus } from '../../../src/services/costs/imports.ts';
import {
  cancelReplacement,
  confirmReplacement,
  undoReplacement,
} from '../../../src/services/costs/replacement-decide.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { refusalInFull } from '../../../src/slack/refusal-texts/index.ts';
import type { AccountDoc } from '../../../src/store/accounts/accounts.ts';
import { Costs, Loads } from '../../../src/store/costs/costs.ts';
import { Imports } from '../../../src/store/costs/imports.ts';
import { countingRecords } from '../../../src/store/costs/loads.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Lines } from '../../../src/store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../../src/store/kit/decimal.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';

const FILES = 'test/data/cost-files';
const HEAD =
  'BillingAccountId,BillingCurrency,BillingPeriodStart,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId';

useDatabase(migrate);

const clock = new TestClock('2026-11-10T12:00:00Z');
const ctx = contextAt(clock);

type Options = Partial<{ replace: boolean; confirmation: 'if_complete' | 'ask' | 'given' }>;

function ofFile(account: AccountDoc, name: string, options: Options = {}): Promise<ImportReport> {
  const open = () => createReadStream(`${FILES}/${name}`);
  return importFocus(ctx, { accountId: account._id, fileName: name, replace: false, open, ...options });
}

/** A cost of a day, in October's file unless the billing month is given. */
function row(cost: string, { day = '2026-10-10', project = 'p1', month = '2026-10', payer = 'b1' } = {}): string {
  return `${payer},EUR,${month}-01,${cost},Usage,${day} 00:00:00,${day} 01:00:00,Compute,${project}`;
}

function csv(rows: readonly string[]): () => Readable {
  return () => Readable.from([Buffer.from(`${[HEAD, ...rows].join('\n')}\n`)]);
}

function ofRows(account: AccountDoc, rows: readonly string[], options: Options = {}): Promise<ImportReport> {
  const common = { accountId: account._id, fileName: 'costs.csv', replace: false, open: csv(rows) };
  return importFocus(ctx, { ...common, ...options });
}

const euros = () => anAccount(ctx, { currency: 'EUR' });

/** The active costs' total and number of records. */
async function counting(account: AccountDoc): Promise<{ sum: string; records: number }> {
  const records = await Costs.find({ accountId: account._id, ...(await countingRecords(account._id)) }).lean();
  const sum = records.reduce((total, record) => total.plus(fromDecimal128(record.amount)), fromDecimal128(ZERO));
  return { sum: sum.toFixed(2), records: records.length };
}
const ZERO = Costs.schema.path('amount').cast('0') as Parameters<typeof fromDecimal128>[0];

/** Issues a month's invoice of the account's only group. Returns its lines as total, late from and project. */
async function close(account: AccountDoc, month: string): Promise<string[]> {
  const group = await Groups.findOne({ accountId: account._id }).orFail().lean();
  const result = await closeInvoice(ctx, group, toPeriod(month));
  if (result.outcome === 'held_back') throw new Error(result.reason);
  const lines = await Lines.find({ invoiceId: result.invoice._id }).lean();
  const told = lines.map((line) => `${fromDecimal128(line.total)} ${line.projectName} ${line.lateFrom ?? 'own'}`);
  return [...told.sort(), `net ${fromDecimal128(result.invoice.net).toFixed(2)}`];
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const outcome = await promise.then(
    () => 'done',
    (error: Error & { code?: string }) =>
      error instanceof Refusal ? `${error.code}: ${refusalInFull(error)}` : `${error.code}: ${error.message}`,
  );
  return outcome;
}

describe('a month restated by its provider', () => {
  it('is identified by the billing period: corrections of an invoiced month are late costs, once', async () => {
    const account = await euros();
    await ofFile(account, 'correction-1-september.csv');
    await close(account, '2026-09');
    await ofFile(account, 'correction-2-october.csv');
    for (const _ of [1, 2, 3]) await ofFile(account, 'correction-3-october-again.csv', { replace: true });
    expect(await close(account, '2026-10')).toEqual([
      '-300 sub-1 2026-09',
      '300 sub-2 2026-09',
      '98 sub-1 own',
      'net 98.00',
    ]);
  });

  it('keeps what an earlier month’s invoice has billed, even if it was in this month’s file', async () => {
    const account = await euros();
    await ofFile(account, 'correction-1-september.csv');
    await ofFile(account, 'correction-2-october.csv');
    expect(await close(account, '2026-09')).toEqual(['1200 sub-1 own', '300 sub-2 own', 'net 1500.00']);
    await ofFile(account, 'correction-3-october-again.csv', { replace: true });
    expect(await close(account, '2026-10')).toEqual(['98 sub-1 own', 'net 98.00']);
  });

  it('credits, once, what an earlier month’s invoice has billed and the new file no longer has', async () => {
    const account = await euros();
    const late = row('7', { day: '2026-09-20' });
    await ofRows(account, [row('100'), late]);
    expect(await close(account, '2026-09')).toEqual(['7 p1 own', 'net 7.00']);
    for (const _ of [1, 2]) await ofRows(account, [row('90')], { replace: true });
    expect(await counting(account)).toEqual({ sum: '90.00', records: 3 });
    // the provider reverses the correction: the charge was right
    await ofRows(account, [row('90'), late], { replace: true });
    expect(await counting(account)).toEqual({ sum: '97.00', records: 2 });
    await ofRows(account, [row('90')], { replace: true });
    expect(await close(account, '2026-10')).toEqual(['-7 p1 2026-09', '90 p1 own', 'net 83.00']);
  });

  it('is refused once the billing period itself has been invoiced, with an alternative that bills nothing twice', async () => {
    const account = await euros();
    await ofRows(account, [row('100')]);
    await close(account, '2026-10');
    const late = ofRows(account, [row('98')], { replace: true });
    await expect(late).rejects.toMatchObject({ code: 'costs_already_invoiced' });
    expect(await counting(account)).toEqual({ sum: '100.00', records: 1 });
  });

  it('is refused when an invoice is issued while the file is read', async () => {
    const account = await euros();
    await ofRows(account, [row('100')]);
    await close(account, '2026-09').catch(() => undefined);
    const open = async function* () {
      yield Buffer.from(`${HEAD}\n${row('98')}\n`);
      await close(account, '2026-10');
      yield Buffer.from(`${row('1', { day: '2026-10-11', project: 'p2' })}\n`);
    };
    const input = { accountId: account._id, fileName: 'x.csv', replace: true, batchSize: 1, open };
    expect(await refusal(importFocus(ctx, input))).toMatch(/^(costs_already_invoiced|invoiced_meanwhile)/);
    expect(await counting(account)).toEqual({ sum: '100.00', records: 1 });
  });
});

describe('a replacement that may be a mistake', () => {
  it('with a truncated file is refused, says why, and changes nothing', async () => {
    const account = await euros();
    await ofFile(account, 'cut-off-1.csv');
    expect(await refusal(ofFile(account, 'cut-off-2.csv', { replace: true }))).toMatch(
      /^replacement_doubtful: .*1 row was rejected.*cut off/,
    );
    expect(await counting(account)).toEqual({ sum: '100.00', records: 20 });
    expect(await Loads.countDocuments({ accountId: account._id, state: { $ne: 'active' } })).toBe(0);
  });

  it('with a rejected row is refused, whatever the row', async () => {
    const account = await euros();
    await ofRows(account, [row('10'), row('20')]);
    const broken = ofRows(account, [row('10'), row('20'), row('much')], { replace: true });
    await expect(broken).rejects.toMatchObject({ code: 'replacement_doubtful' });
    expect(await counting(account)).toEqual({ sum: '30.00', records: 2 });
  });

  it('proceeds once a person has confirmed it', async () => {
    const account = await euros();
    await ofFile(account, 'cut-off-1.csv');
    const asked = await ofFile(account, 'cut-off-2.csv', { replace: true, confirmation: 'ask' });
    expect(asked).toMatchObject({ state: 'unconfirmed', changeCount: 4 });
    expect(asked.doubts).toHaveLength(2);
    expect(await counting(account)).toEqual({ sum: '100.00', records: 20 });
    const name = { accountId: account._id, importId: asked.id };
    expect(await confirmReplacement(ctx, name)).toMatchObject({ state: 'finished' });
    expect(await confirmReplacement(ctx, name)).toMatchObject({ state: 'finished' });
    expect(await counting(account)).toEqual({ sum: '45.00', records: 9 });
    expect(await Events.countDocuments({ accountId: account._id, type: 'costs_replaced' })).toBe(1);
  });

  it('says when a month’s costs would fall by more than half', async () => {
    const account = await euros();
    await ofRows(account, [row('100')]);
    const large = await ofRows(account, [row('49.99')], { replace: true, confirmation: 'ask' });
    expect(large.doubts).toEqual(['The costs of focus:b1 for October 2026 would fall from EUR 100.00 to EUR 49.99.']);
    const half = await ofRows(account, [row('50')], { replace: true, confirmation: 'ask' });
    expect(half).toMatchObject({ state: 'unconfirmed', doubts: [] });
    expect(await counting(account)).toEqual({ sum: '100.00', records: 1 });
  });

  it('needs no confirmation when it changes nothing, or replaces nothing', async () => {
    const account = await euros();
    for (const _ of [1, 2]) {
      const report = await ofRows(account, [row('100')], { replace: true, confirmation: 'ask' });
      expect(report.state).toBe('finished');
    }
    expect(await counting(account)).toEqual({ sum: '100.00', records: 1 });
  });

  it('shows the largest decrease first', async () => {
    const account = await euros();
    await ofRows(account, [row('1', { project: 'a' }), row('90', { project: 'b' }), row('20', { project: 'c' })]);
    const rows = [row('2', { project: 'a' }), row('85', { project: 'b' }), row('10', { project: 'c' })];
    const { changes } = await ofRows(account, rows, { replace: true });
    expect(changes.map((change) => change.slice(0, 1))).toEqual(['c', 'b', 'a']);
  });

  it('can be canceled, and can’t be confirmed once the costs differ from those shown', async () => {
    const account = await euros();
    await ofRows(account, [row('100')]);
    const first = await ofRows(account, [row('80')], { replace: true, confirmation: 'ask' });
    await cancelReplacement(ctx, { accountId: account._id, importId: first.id });
    const again = confirmReplacement(ctx, { accountId: account._id, importId: first.id });
    await expect(again).rejects.toMatchObject({ code: 'replacement_over' });
    const second = await ofRows(account, [row('70')], { replace: true, confirmation: 'ask' });
    await ofRows(account, [row('5', { day: '2026-10-12' })]);
    const stale = confirmReplacement(ctx, { accountId: account._id, importId: second.id });
    await expect(stale).rejects.toMatchObject({ code: 'costs_changed_meanwhile' });
    expect(await Imports.findById(second.id).lean()).toMatchObject({ state: 'refused' });
    expect(await counting(account)).toEqual({ sum: '105.00', records: 2 });
  });

  it('waits while other files are imported, and expires after a week', async () => {
    const account = await euros();
    await ofRows(account, [row('100')]);
    const asked = await ofRows(account, [row('80')], { replace: true, confirmation: 'ask' });
    await ofRows(account, [row('1', { payer: 'b2' })]);
    await confirmReplacement(ctx, { accountId: account._id, importId: asked.id });
    expect(await counting(account)).toEqual({ sum: '81.00', records: 2 });
    const forgotten = await ofRows(account, [row('60')], { replace: true, confirmation: 'ask' });
    clock.set('2026-11-18T12:00:00Z');
    await ofRows(account, [row('1', { payer: 'b2' })]);
    clock.set('2026-11-10T12:00:00Z');
    expect(await Imports.findById(forgotten.id).lean()).toMatchObject({ state: 'refused' });
    expect(await Loads.countDocuments({ accountId: account._id, state: 'staged' })).toBe(0);
  });
});

describe('several files at once', () => {
  const together = (account: AccountDoc, files: readonly (readonly string[])[], replace: boolean) => {
    const [first, ...more] = files.map((rows, at) => ({ fileName: `part-${at + 1}.csv`, open: csv(rows) }));
    if (!first) throw new Error('no file');
    return importFocus(ctx, { accountId: account._id, ...first, more, replace });
  };

  it.each([false, true])('are one load: equal rows in two parts are two costs (replace: %p)', async (replace) => {
    const account = await euros();
    await ofRows(account, [row('5'), row('3')]);
    const parts = [[row('5'), row('3')], [row('5')], [row('2')]];
    for (const _ of [1, 2]) await together(account, parts, replace);
    expect(await counting(account)).toEqual({ sum: '15.00', records: 4 });
  });

  it.each([false, true])('are imported all or none (replace: %p)', async (replace) => {
    const account = await euros();
    await ofRows(account, [row('5')]);
    const [good, bad] = [
      { fileName: 'a.csv', open: csv([row('7')]) },
      { fileName: 'b.csv', open: csv([]) },
    ];
    const unreadable = { ...bad, open: () => Readable.from([Buffer.from('name,age\nann,3\n')]) };
    const input = { accountId: account._id, ...good, more: [unreadable], replace };
    await expect(importFocus(ctx, input)).rejects.toMatchObject({ code: 'focus_file' });
    expect(await counting(account)).toEqual({ sum: '5.00', records: 1 });
  });

  it('name the file of a rejected row', async () => {
    const account = await euros();
    const report = await together(account, [[row('5')], [row('much')]], false);
    expect(report).toMatchObject({ fileName: 'part-1.csv, part-2.csv', read: 2, added: 1, rejected: 1 });
    expect(report.rejections).toMatchObject([{ file: 'part-2.csv', line: 2 }]);
  });
});

describe('undoing a replacement', () => {
  const restated = async (before: readonly string[], after: readonly string[]) => {
    const account = await euros();
    await ofRows(account, before);
    const report = await ofRows(account, after, { replace: true, confirmation: 'given' });
    return { account, name: { accountId: account._id, importId: report.id } };
  };

  it('restores what was replaced, once, with its own event', async () => {
    const { account, name } = await restated([row('100'), row('20', { project: 'p2' })], [row('9')]);
    expect(await counting(account)).toEqual({ sum: '9.00', records: 1 });
    await undoReplacement(ctx, name);
    expect(await counting(account)).toEqual({ sum: '120.00', records: 2 });
    await expect(undoReplacement(ctx, name)).rejects.toMatchObject({ code: 'nothing_to_undo' });
    expect(await Events.countDocuments({ accountId: account._id, type: 'replacement_undone' })).toBe(1);
    expect(await close(account, '2026-10')).toEqual(['100 p1 own', '20 p2 own', 'net 120.00']);
  });

  it('is still possible after an import of another source, but not after the next one of its own', async () => {
    const { account, name } = await restated([row('100')], [row('90')]);
    await ofRows(account, [row('1', { payer: 'b2' })]);
    expect(await Loads.countDocuments({ accountId: account._id, state: 'replaced' })).toBe(1);
    await ofRows(account, [row('90')]);
    await expect(undoReplacement(ctx, name)).rejects.toMatchObject({ code: 'undo_too_late' });
    await ofRows(account, [row('1', { payer: 'b2' })]);
    expect(await counting(account)).toEqual({ sum: '91.00', records: 2 });
    expect(await Costs.countDocuments({ accountId: account._id })).toBe(2);
  });

  it('affects only the latest replacement', async () => {
    const { account, name } = await restated([row('100')], [row('90')]);
    const second = await ofRows(account, [row('80')], { replace: true });
    await expect(undoReplacement(ctx, name)).rejects.toMatchObject({ code: 'undo_too_late' });
    await undoReplacement(ctx, { accountId: account._id, importId: second.id });
    expect(await counting(account)).toEqual({ sum: '90.00', records: 1 });
  });

  it('is still possible after a refused replacement', async () => {
    const { account, name } = await restated([row('100')], [row('90')]);
    const broken = ofRows(account, [row('1'), row('much')], { replace: true });
    await expect(broken).rejects.toMatchObject({
      code: 'replacement_doubtful',
    });
    await undoReplacement(ctx, name);
    expect(await counting(account)).toEqual({ sum: '100.00', records: 1 });
  });

  it('is refused once the period has been invoiced', async () => {
    const { account, name } = await restated([row('100')], [row('90')]);
    await close(account, '2026-10');
    await expect(undoReplacement(ctx, name)).rejects.toMatchObject({ code: 'costs_already_invoiced' });
    expect(await counting(account)).toEqual({ sum: '90.00', records: 1 });
  });

  it('requires permission to import', async () => {
    const { name } = await restated([row('100')], [row('90')]);
    const stranger = contextAt(clock, person('U_NOBODY'));
    await expect(undoReplacement(stranger, name)).rejects.toMatchObject({ code: 'account_not_found' });
    await expect(confirmReplacement(stranger, name)).rejects.toMatchObject({ code: 'account_not_found' });
  });

  it('does nothing when nothing was replaced', async () => {
    const account = await euros();
    const { id } = await ofRows(account, [row('1')], { replace: true });
    const undo = undoReplacement(ctx, { accountId: account._id, importId: id });
    await expect(undo).rejects.toMatchObject({ code: 'nothing_to_undo' });
  });
});
