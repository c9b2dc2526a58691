import { createReadStream, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { setImmediate as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { PipelineStage } from 'mongoose';
import { sum } from '../../../src/billing/money/money.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { type ImportInput, type ImportReport, importFocus } from '../../../src/services/costs/imports.ts';
import { numberEvents, verifyLog } from '../../../src/services/events/event-log.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { closeInvoice, issueInvoice } from '../../../src/services/invoicing/close.ts';
import type { AccountDoc } from '../../../src/store/accounts/accounts.ts';
import { Costs, Loads } from '../../../src/store/costs/costs.ts';
import { Imports } from '../../../src/store/costs/imports.ts';
import { countingRecords } from '../../../src/store/costs/loads.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups, Memberships, Projects } from '../../../src/store/groups/groups.ts';
import { Invoices, Lines } from '../../../src/store/invoicing/invoices.ts';
import { type Decimal128, fromDecimal128 } from '../../../src/store/kit/decimal.ts';
import { claimLease, Leases } from '../../../src/store/kit/leases.ts';
import { addExternalKeys } from '../../../src/store/migrations/0002-external-keys.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { readAll } from '../../imports/focus-file.ts';
import { exactSums } from '../../imports/formats/exact-sums.ts';
import { EXPORT_COLUMNS } from '../../imports/formats/export-columns.ts';
import { anAccount, contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';

const SAMPLE = 'test/data/focus_sample_1000.csv';
const TRUTH = JSON.parse(readFileSync('test/data/focus_sample_1000.truth.json', 'utf8'));
const HEAD =
  'BillingAccountId,BillingCurrency,BillingPeriodStart,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId,SubAccountName';

useDatabase(migrate);

const clock = new TestClock('2024-10-05T12:00:00Z');
const ctx = contextAt(clock);

function row(
  cost: string,
  over: Partial<{ day: string; project: string; currency: string; service: string }> = {},
): string {
  const { day = '2024-09-10', project = 'p1', currency = 'USD', service = 'Compute' } = over;
  return `b1,${currency},${day.slice(0, 7)}-01,${cost},Usage,${day} 00:00:00,${day} 01:00:00,${service},${project},${project}`;
}

function csv(...rows: string[]): ImportInput['open'] {
  return () => Readable.from([Buffer.from(`${[HEAD, ...rows].join('\n')}\n`)]);
}

function importRows(account: AccountDoc, rows: string[], replace = false): Promise<ImportReport> {
  return importFocus(ctx, { accountId: account._id, fileName: 'costs.csv', replace, open: csv(...rows) });
}

function importSample(account: AccountDoc): Promise<ImportReport> {
  return importFocus(ctx, {
    accountId: account._id,
    fileName: 'sample.csv',
    replace: false,
    open: () => createReadStream(SAMPLE),
  });
}

async function sumsBy(account: AccountDoc, key: PipelineStage.Group['$group']['_id']): Promise<Record<string, string>> {
  const rows = await Costs.aggregate<{ _id: string; amount: Decimal128 }>([
    { $match: { accountId: account._id, ...(await countingRecords(account._id)) } },
    { $lookup: { from: 'projects', localField: 'projectId', foreignField: '_id', as: 'project' } },
    { $group: { _id: key, amount: { $sum: '$amount' } } },
  ]);
  return Object.fromEntries(rows.map(({ _id, amount }) => [_id, fromDecimal128(amount).toString()]));
}

function truth(name: string): Record<string, string> {
  const entries = Object.entries(TRUTH.groups[name] as Record<string, { sum: string }>);
  return Object.fromEntries(entries.map(([key, value]) => [key, value.sum]));
}

describe('the sample file', () => {
  it('gives exactly the sums that were computed for it, and a second import changes nothing', async () => {
    const account = await anAccount(ctx);
    const first = await importSample(account);
    expect(first).toMatchObject({ read: 1000, added: 1000, repeated: 0, rejected: 0, sums: { USD: TRUTH.total } });
    const subAccount = { $first: '$project.externalId' };
    expect(await sumsBy(account, subAccount)).toEqual(truth('SubAccountId'));
    expect(await sumsBy(account, '$serviceName')).toEqual(truth('ServiceName'));

    const second = await importSample(account);
    expect(second).toMatchObject({ read: 1000, added: 0, repeated: 1000, rejected: 0, sums: { USD: TRUTH.total } });
    expect(await sumsBy(account, subAccount)).toEqual(truth('SubAccountId'));
    expect(await Costs.countDocuments({ accountId: account._id })).toBe(1000);
  });

  it('gives exactly the sums by month, sub-account and service', async () => {
    const account = await anAccount(ctx);
    await importSample(account);
    const loads = await Loads.find({ accountId: account._id }).lean();
    const sums: Record<string, string> = {};
    for (const load of loads) {
      const rows = await Costs.aggregate<{ _id: { project: string; service: string }; amount: Decimal128 }>([
        { $match: { loadId: load._id } },
        { $group: { _id: { project: '$projectId', service: '$serviceName' }, amount: { $sum: '$amount' } } },
      ]);
      for (const { _id, amount } of rows) {
        const project = await Projects.findById(_id.project).orFail().lean();
        const key = `${load.billingMonth}-01 00:00:00|${project.externalId}|${_id.service}`;
        sums[key] = fromDecimal128(amount)
          .plus(sums[key] ?? 0)
          .toString();
      }
    }
    expect(sums).toEqual(truth('BillingPeriodStart|SubAccountId|ServiceName'));
  });

  it('on one billing group: every invoice’s lines add up to its net, and the net is the exact sum rounded once', async () => {
    const account = await anAccount(ctx);
    await importSample(account);
    const group = await Groups.findOne({ accountId: account._id }).orFail().lean();
    expect(await Groups.countDocuments({ accountId: account._id })).toBe(1);
    const result = await closeInvoice(ctx, group, toPeriod('2024-09'));
    if (result.outcome !== 'issued') throw new Error(result.outcome);
    const lines = await Lines.find({ invoiceId: result.invoice._id }).lean();
    expect(lines).toHaveLength(result.invoice.lineCount);
    expect(sum(lines.map((line) => fromDecimal128(line.total))).toString()).toBe('20.52');
    expect(sum(lines.map((line) => fromDecimal128(line.exact))).toString()).toBe(TRUTH.total);
    expect(fromDecimal128(result.invoice.net).toString()).toBe('20.52');
    expect(result.invoice).toMatchObject({ recordCount: 1000, state: 'mailed' });
  });

  it('leaves one open membership per project, and an intact log', async () => {
    const account = await anAccount(ctx);
    await importSample(account);
    expect(await Projects.countDocuments({ accountId: account._id })).toBe(73);
    expect(await Memberships.countDocuments({ accountId: account._id, open: true })).toBe(73);
    await numberEvents(ctx);
    const events = await Events.countDocuments({ accountId: account._id });
    expect(await verifyLog(ctx, account._id)).toMatchObject({ entries: events, brokenAt: undefined });
  });
});

describe('other formats', () => {
  const later = contextAt(new TestClock('2026-11-02T12:00:00Z'));
  const EXPORTS = 'test/data/cost-files/exports';
  const whole = (account: AccountDoc, fileName: string) =>
    importFocus(later, { accountId: account._id, fileName, replace: false, open: () => createReadStream(fileName) });
  // the pipeline's project is an array
  const sumsOf = (account: AccountDoc) =>
    sumsBy(account, {
      $reduce: { input: '$project.externalId', initialValue: '', in: { $concat: ['$$this', ' ', '$serviceName'] } },
    });

  it.each(Object.entries(EXPORT_COLUMNS))(
    'of a provider (%s) give their exact sums, and a second import changes nothing',
    async (name, columns) => {
      const exact = exactSums(readFileSync(`${EXPORTS}/${name}`), columns);
      const account = await anAccount(later, { currency: 'USD' });
      const first = await whole(account, `${EXPORTS}/${name}`);
      expect(first).toMatchObject({
        rejected: 0,
        notes: { first: [{ reason: expect.stringContaining('The amounts are from') }] },
      });
      expect(await sumsOf(account)).toEqual(exact);
      expect(await whole(account, `${EXPORTS}/${name}`)).toMatchObject({ added: 0, repeated: first.read });
      // the same rows in another order and compressed aren’t the same file, so that each is looked up
      const [head = '', ...lines] = readFileSync(`${EXPORTS}/${name}`, 'utf8').trimEnd().split(/\r?\n/);
      const packed = gzipSync([head, ...lines.reverse(), ''].join('\n'));
      const again = { accountId: account._id, fileName: `${name}.gz`, replace: false };
      expect(await importFocus(later, { ...again, open: () => Readable.from([packed]) })).toMatchObject({
        added: 0,
        repeated: first.read,
      });
      expect(await sumsOf(account)).toEqual(exact);
    },
  );

  it('have the same rows as the CSV: Parquet and gzip add nothing to it', async () => {
    const account = await anAccount(ctx);
    const folder = 'test/data/cost-files/parquet';
    expect(await importOne(account, () => createReadStream(`${folder}/zstd.parquet`))).toMatchObject({ added: 1000 });
    expect(await importSample(account)).toMatchObject({ added: 0, repeated: 1000, sums: { USD: TRUTH.total } });
    const packed = gzipSync(readFileSync(SAMPLE));
    expect(await importOne(account, () => Readable.from([packed]))).toMatchObject({ added: 0, repeated: 1000 });
  });

  it('that are cut off add nothing at all', async () => {
    const account = await anAccount(ctx);
    const packed = gzipSync(readFileSync(SAMPLE));
    const cut = () => Readable.from([packed.subarray(0, packed.length - 10)]);
    await expect(importOne(account, cut)).rejects.toMatchObject({ code: 'focus_file' });
    expect(await Costs.countDocuments({ accountId: account._id })).toBe(0);
  });

  function importOne(account: AccountDoc, open: ImportInput['open']): Promise<ImportReport> {
    return importFocus(ctx, { accountId: account._id, fileName: 'costs', replace: false, batchSize: 300, open });
  }
});

describe('the identity of a cost', () => {
  it('counts equal rows as separate charges, once each however often the file is imported', async () => {
    const account = await anAccount(ctx);
    const rows = [row('1.5'), row('1.5'), row('1.5'), row('2')];
    expect(await importRows(account, rows)).toMatchObject({ added: 4 });
    expect(await importRows(account, rows)).toMatchObject({ added: 0, repeated: 4 });
    expect(await importRows(account, [...rows, row('1.5')])).toMatchObject({ added: 1, repeated: 4 });
    expect(await Costs.countDocuments({ accountId: account._id })).toBe(5);
  });

  it('lets the full file complete one that was truncated halfway', async () => {
    const account = await anAccount(ctx);
    const rows = Array.from({ length: 2500 }, (_, at) => row(String(at % 7)));
    await importRows(account, rows.slice(0, 1300));
    expect(await importRows(account, rows)).toMatchObject({ added: 1200, repeated: 1300 });
    expect(await importRows(account, rows)).toMatchObject({ added: 0, repeated: 2500 });
  });

  it('treats IDs that differ only in case as one project with the first spelling, also in another import', async () => {
    const account = await anAccount(ctx);
    await importRows(account, [row('1', { project: 'Abc' }), row('2', { project: 'ABC' })]);
    await importRows(account, [row('4', { project: 'abc' })]);
    expect(await sumsBy(account, { $first: '$project.externalId' })).toEqual({ Abc: '7' });
    const long = `Tenancy-${'x'.repeat(70)}`;
    await importRows(account, [row('1', { project: long })]);
    await importRows(account, [row('2', { project: long.toUpperCase() })]);
    expect(await sumsBy(account, { $first: '$project.externalId' })).toEqual({ Abc: '7', [long]: '3' });
  });

  it('imports a reexport once even if its billing account and sub-accounts are in another case', async () => {
    const account = await anAccount(ctx);
    const write = (text: (id: string) => string) =>
      ['7', '7', '9'].map((cost) =>
        `${text('Payer-A')},${row(cost).slice('b1,'.length)}`.replace('p1', text('Sub-One')),
      );
    expect(
      await importRows(
        account,
        write((id) => id),
      ),
    ).toMatchObject({ added: 3, repeated: 0 });
    expect(
      await importRows(
        account,
        write((id) => id.toLowerCase()),
      ),
    ).toMatchObject({ added: 0, repeated: 3 });
    expect(
      await importRows(
        account,
        write((id) => id.toUpperCase()),
      ),
    ).toMatchObject({ added: 0, repeated: 3 });
    expect(await Loads.distinct('source', { accountId: account._id })).toEqual(['focus:Payer-A']);
  });

  it.each([
    ['IDs were case-sensitive', HEAD, [row('3', { project: 'Abc' }), row('3', { project: 'Abc' })]],
    ['only NULL counted as null', HEAD, [row('6', { project: 'none' }), row('6', { project: 'p2' })]],
    ['split costs had no columns', `${HEAD},AllocatedResourceId`, [`${row('5')},a`, `${row('5')},b`]],
  ])('recognizes rows stored by an earlier version when %s', async (_when, head, rows) => {
    const account = await anAccount(ctx);
    const lines = [head, ...rows].join('\n');
    const load = () =>
      importFocus(ctx, {
        ...{ accountId: account._id, fileName: 'old.csv', replace: false },
        open: () => Readable.from([Buffer.from(`${lines}\n`)]),
      });
    await load();
    // as the earlier version left them: equal rows counted under its own hash
    const ordinals = new Map<string, number>();
    const read = (await readAll(lines)).filter((one) => one.kind === 'row');
    for (const { hash, formerHashes = [] } of read) {
      const former = formerHashes.at(-1) ?? hash;
      const ordinal = (ordinals.get(former) ?? 0) + 1;
      ordinals.set(former, ordinal);
      const stored = await Costs.findOne({ accountId: account._id, hash }).sort({ ordinal: 1 }).orFail().lean();
      await Costs.updateOne({ _id: stored._id }, { $set: { hash: former, ordinal } });
    }
    expect(read.some(({ formerHashes }) => formerHashes !== undefined)).toBe(true);
    expect(await load()).toMatchObject({ added: 0, repeated: rows.length });
    expect(await load()).toMatchObject({ added: 0, repeated: rows.length });
  });

  it('uses the older project if an earlier version created two', async () => {
    const account = await anAccount(ctx);
    await importRows(account, [row('1', { project: 'Team-A' }), row('2', { project: 'other' })]);
    const filter = { accountId: account._id };
    await Projects.updateOne({ ...filter, externalId: 'other' }, { $set: { externalId: 'TEAM-A' } });
    await Projects.updateOne({ ...filter, externalId: 'Team-A' }, { $set: { createdAt: new Date('2024-01-01') } });
    await Projects.updateMany(filter, { $unset: { externalKey: 1 } });
    await addExternalKeys.run();
    await addExternalKeys.run();
    await importRows(account, [row('4', { project: 'TEAM-A' }), row('8', { project: 'team-a' })]);
    expect(await sumsBy(account, { $first: '$project.externalId' })).toEqual({ 'Team-A': '13', 'TEAM-A': '2' });
    expect(await Projects.countDocuments(filter)).toBe(2);
  });
});

describe('import refusals', () => {
  it('reject bad rows with line, column and reason, and accept the good ones', async () => {
    const account = await anAccount(ctx);
    const report = await importRows(account, [row('1'), row('much'), row('3')]);
    expect(report).toMatchObject({ read: 3, added: 2, rejected: 1, sums: { USD: '4' } });
    expect(report.rejections).toEqual([{ line: 3, column: 'BilledCost', reason: expect.any(String) }]);
  });

  it('include a second import while one is running', async () => {
    const account = await anAccount(ctx);
    await claimLease(`import:${account._id}`, 60_000);
    await expect(importRows(account, [row('1')])).rejects.toMatchObject({ code: 'import_running' });
    expect(await Costs.countDocuments({ accountId: account._id })).toBe(0);
  });

  it('include a person without permission, and say who has it', async () => {
    const account = await anAccount(ctx);
    const stranger = contextAt(clock, person('U_NOBODY'));
    const input = { accountId: account._id, fileName: 'x.csv', replace: false, open: csv(row('1')) };
    await expect(importFocus(stranger, input)).rejects.toMatchObject({ code: 'account_not_found' });
  });
});

describe('an import that stalled while another took over', () => {
  it.each([false, true])('ends without changing the other’s work (replace: %p)', async (replace) => {
    const account = await anAccount(ctx);
    const ofAccount = { accountId: account._id };
    await importRows(account, [row('100')]);
    const stalled = async function* () {
      // more than what is read to recognize the kind of a file
      yield Buffer.from(`${HEAD},${'x'.repeat(5_000)}\n${row('1')},\n${row('1')},\n`);
      // read ahead, so this waits until the rows before are stored
      while ((await Imports.findOne({ fileName: 'late.csv', ...ofAccount }).lean())?.counts.read !== 2) await pause();
      // the lease expires, and another import of the same month does all its work
      await Leases.updateOne({ _id: `import:${account._id}` }, { $set: { until: new Date(0) } });
      await importRows(account, [row('1'), row('5')], replace);
      yield Buffer.from(`${row('1')},\n${row('7')},\n`);
    };
    const late = importFocus(ctx, {
      accountId: account._id,
      fileName: 'late.csv',
      replace,
      batchSize: 1,
      open: stalled,
    });
    await expect(late).rejects.toMatchObject({ code: 'import_running' });
    const group = await Groups.findOne({ accountId: account._id }).orFail().lean();
    const result = await closeInvoice(ctx, group, toPeriod('2024-09'));
    if (result.outcome !== 'issued') throw new Error(result.outcome);
    // without replacing, the rows that the first stored before stay, as costs of its file
    expect(fromDecimal128(result.invoice.net).toString()).toMatch(replace ? /^6$/ : /^107$/);
  });
});

describe('late costs', () => {
  it('are on the next invoice, on a separate line with their own dates', async () => {
    const account = await anAccount(ctx);
    await importRows(account, [row('10')]);
    const group = await Groups.findOne({ accountId: account._id }).orFail().lean();
    await closeInvoice(ctx, group, toPeriod('2024-09'));
    await importRows(account, [row('10'), row('4', { day: '2024-09-20' }), row('1', { day: '2024-10-02' })]);
    clock.set('2024-11-02T12:00:00Z');
    const result = await closeInvoice(ctx, group, toPeriod('2024-10'));
    clock.set('2024-10-05T12:00:00Z');
    if (result.outcome !== 'issued') throw new Error(result.outcome);
    const lines = await Lines.find({ invoiceId: result.invoice._id }).sort({ place: 1 }).lean();
    expect(
      lines.map((line) => [line.lateFrom, fromDecimal128(line.total).toString(), line.begin.toISOString()]),
    ).toEqual([
      [null, '1', '2024-10-02T00:00:00.000Z'],
      ['2024-09', '4', '2024-09-20T00:00:00.000Z'],
    ]);
    expect(lines[1]?.description).toBe('Late cost of September 2024: Compute');
  });
});

describe('replacing a source’s costs', () => {
  it('happens in one step and reports the changes', async () => {
    const account = await anAccount(ctx);
    await importRows(account, [row('10'), row('5', { project: 'p2' }), row('7', { day: '2024-10-01' })]);
    const report = await importRows(account, [row('11'), row('5', { project: 'p2' })], true);
    expect(report.changes).toEqual(['p1: USD 10.00 (1 record) became USD 11.00 (1 record)']);
    expect(await sumsBy(account, { $first: '$project.externalId' })).toEqual({ p1: '18', p2: '5' });
    // what was replaced is kept, so that the replacement can be undone
    expect(await Loads.countDocuments({ accountId: account._id, state: { $in: ['staged', 'dropped'] } })).toBe(0);
  });

  it('is refused once any of it has been invoiced, and changes nothing', async () => {
    const account = await anAccount(ctx);
    await importRows(account, [row('10')]);
    const group = await Groups.findOne({ accountId: account._id }).orFail().lean();
    await closeInvoice(ctx, group, toPeriod('2024-09'));
    await expect(importRows(account, [row('11')], true)).rejects.toMatchObject({ code: 'costs_already_invoiced' });
    expect(await sumsBy(account, { $first: '$project.externalId' })).toEqual({ p1: '10' });
  });
});

describe('a close', () => {
  it('holds back an invoice that needs a rate, notifies once, and issues nothing', async () => {
    const account = await anAccount(ctx);
    await importRows(account, [row('10'), row('5', { currency: 'EUR' })]);
    const group = await Groups.findOne({ accountId: account._id }).orFail().lean();
    for (const _ of [1, 2]) {
      const result = await closeInvoice(ctx, group, toPeriod('2024-09'));
      expect(result).toEqual({ outcome: 'held_back', reason: 'No exchange rate to convert EUR into USD.' });
    }
    expect(await Events.countDocuments({ accountId: account._id, type: 'invoice_held_back' })).toBe(1);
    expect(await Invoices.countDocuments({ accountId: account._id, state: { $ne: 'estimate' } })).toBe(0);
  });

  it('refuses a period that isn’t over, and one whose predecessor isn’t issued', async () => {
    const account = await anAccount(ctx);
    await importRows(account, [row('1', { day: '2024-08-10' })]);
    const group = await Groups.findOne({ accountId: account._id }).orFail().lean();
    const issue = (period: string) =>
      issueInvoice(ctx, { accountId: account._id, billingGroupId: group._id, period: toPeriod(period) });
    await expect(issue('2024-10')).rejects.toMatchObject({ code: 'period_not_over' });
    await expect(issue('2024-09')).rejects.toMatchObject({ code: 'period_out_of_order' });
    expect(await issue('2024-08')).toMatchObject({ outcome: 'issued' });
    expect(await issue('2024-08')).toMatchObject({ outcome: 'was_issued' });
    expect(await issue('2024-09')).toMatchObject({ outcome: 'issued' });
  });

  it('issues a zero invoice for a group without costs, with nothing to pay', async () => {
    const account = await anAccount(ctx);
    const group = await createGroup(ctx, { accountId: account._id, name: 'Quiet' });
    clock.set('2024-11-05T00:00:00Z');
    const result = await closeInvoice(ctx, group, toPeriod('2024-10'));
    clock.set('2024-10-05T12:00:00Z');
    expect(result).toMatchObject({ outcome: 'issued', invoice: { state: 'no_payment_expected', lineCount: 0 } });
  });
});
