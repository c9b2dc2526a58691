import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { type ImportReport, importFocus } from '../../../src/services/costs/imports.ts';
import type { AccountDoc } from '../../../src/store/accounts/accounts.ts';
import { Costs, Loads } from '../../../src/store/costs/costs.ts';
import { Imports } from '../../../src/store/costs/imports.ts';
import { Projects } from '../../../src/store/groups/groups.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const ctx = contextAt(new TestClock('2026-11-10T12:00:00Z'));

/** The columns of FOCUS 1.0 that make up a row's identity, in order. */
const SAMPLE = readFileSync('test/data/focus_sample_1000.csv', 'utf8');
const IDENTITY = SAMPLE.slice(0, SAMPLE.indexOf('\n'))
  .replaceAll(/["\r]/g, '')
  .split(',')
  .filter((name) => !['Id', 'InvoiceIssuerName', 'ProviderName', 'PublisherName'].includes(name))
  .sort();

/** A cost as in a file. */
interface Cost {
  readonly payer: string;
  readonly project: string;
  readonly amount?: string;
}

const COLUMNS =
  'BillingAccountId,BillingCurrency,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId';

function line({ payer, project, amount = '5' }: Cost): string {
  return `${payer},EUR,${amount},Usage,2026-10-05,2026-10-06,Compute,${project}`;
}

/** The first version's hash of a cost: every cell as in the file. */
function firstHash({ payer, project, amount = '5' }: Cost): string {
  const seconds = (day: string) => String(Date.parse(day) / 1000);
  const cells: Record<string, string> = {
    ...{ BillingAccountId: payer, BillingCurrency: 'EUR', BilledCost: `${amount}e0`, ChargeCategory: 'Usage' },
    ...{ ChargePeriodStart: seconds('2026-10-05'), ChargePeriodEnd: seconds('2026-10-06') },
    ...{ ServiceName: 'Compute', SubAccountId: project },
  };
  const content = IDENTITY.map((name) => {
    const cell = cells[name];
    return cell === undefined ? '-' : `${cell.length}:${cell}`;
  });
  return createHash('sha256').update(content.join('')).digest('hex').slice(0, 32);
}

function importCosts(account: AccountDoc, costs: readonly Cost[], replace = false): Promise<ImportReport> {
  const text = `${[COLUMNS, ...costs.map(line)].join('\n')}\n`;
  const open = () => Readable.from([Buffer.from(text)]);
  return importFocus(ctx, { accountId: account._id, fileName: 'costs.csv', replace, open, confirmation: 'given' });
}

/** An account with costs as the first version stored them: by their cells and the source derived from them. */
async function withOldCosts(costs: readonly (Cost & { readonly source: string })[]): Promise<AccountDoc> {
  const account = await anAccount(ctx);
  for (const { source, ...cost } of costs) {
    await importCosts(account, [{ ...cost, payer: 'fresh', amount: '7' }]);
    // earlier versions didn't note what a file's digest was
    await Imports.updateMany({ accountId: account._id }, { $unset: { files: 1 } });
    const load = await Loads.findOne({ accountId: account._id, source: 'focus:fresh' }).orFail();
    const wanted = await Loads.findOne({ accountId: account._id, source });
    const hash = firstHash(cost);
    const ordinal = wanted ? (await Costs.countDocuments({ loadId: wanted._id, hash })) + 1 : 1;
    await Costs.updateOne({ loadId: load._id }, { $set: { hash, ordinal, loadId: (wanted ?? load)._id } });
    if (wanted) await Loads.deleteOne({ _id: load._id });
    else await Loads.updateOne({ _id: load._id }, { $set: { source } });
    await Projects.updateOne(
      { accountId: account._id, externalKey: cost.project.toLowerCase() },
      { $set: { externalId: cost.project } },
    );
  }
  return account;
}

describe('costs stored by an earlier version', () => {
  it.each([
    ['a byte order mark in the first cell', { payer: '\uFEFFpayer-1', project: 'sub-1', source: 'focus:payer-1' }],
    [
      'a byte order mark and quotation marks in the first cell',
      { payer: '\uFEFF"payer-1"', project: 'sub-1', source: 'focus:"payer-1"' },
    ],
  ])('with %s are recognized', async (_what, old) => {
    const account = await withOldCosts([old]);
    const costs = [
      { payer: 'payer-1', project: 'sub-1' },
      { payer: 'payer-1', project: 'sub-2' },
    ];
    expect(await importCosts(account, costs)).toMatchObject({ added: 1, repeated: 1 });
    expect(await importCosts(account, costs)).toMatchObject({ added: 0, repeated: 2 });
  });

  it('with a combining mark are replaced, whatever the file now says about them', async () => {
    const account = await withOldCosts([{ payer: '\uFEFF"payer-1"', project: 'sub-1', source: 'focus:"payer-1"' }]);
    await importCosts(account, [{ payer: 'payer-1', project: 'sub-2' }]);
    await importCosts(account, [{ payer: 'payer-1', project: 'sub-1', amount: '6' }], true);
    const active = await Loads.distinct('_id', { accountId: account._id, state: 'active' });
    const counting = await Costs.find({ loadId: { $in: active } }).lean();
    expect(counting.map(({ amount }) => String(amount))).toEqual(['6']);
  });

  it.each(['null', '(null)', '-', 'NaN', '(blank)'])(
    'with %s as their billing account are replaced when an amount changes',
    async (payer) => {
      const account = await withOldCosts([
        { payer, project: 'sub-1', source: `focus:${payer}` },
        { payer, project: 'sub-2', source: `focus:${payer}` },
      ]);
      const costs = [
        { payer, project: 'sub-1', amount: '6' },
        { payer, project: 'sub-2' },
      ];
      await importCosts(account, costs, true);
      const active = await Loads.distinct('_id', { accountId: account._id, state: 'active' });
      const counting = await Costs.find({ loadId: { $in: active } }).lean();
      expect(counting.map(({ amount }) => String(amount)).sort()).toEqual(['5', '6']);
    },
  );

  it('with a byte order mark are recognized below any header, and wherever a file of several parts has the mark', async () => {
    const old = ['sub-1', 'sub-2', 'sub-3'].map((project) => ({
      payer: '\uFEFFpayer-1',
      project,
      source: 'focus:payer-1',
    }));
    const account = await withOldCosts(old);
    const [one, two, three] = ['sub-1', 'sub-2', 'sub-3'].map((project) => line({ payer: 'payer-1', project }));
    const text = `\n\n${COLUMNS}\n\n${one}\n${COLUMNS}\n${two}\n\uFEFF${three}\n`;
    const open = () => Readable.from([Buffer.from(text)]);
    const report = await importFocus(ctx, { accountId: account._id, fileName: 'parts.csv', replace: false, open });
    expect(report).toMatchObject({ added: 0, repeated: 3 });
  });

  it.each(['null', '(null)', 'None', '\\N'])('with %s as their billing account are recognized', async (payer) => {
    const account = await withOldCosts([{ payer, project: 'sub-1', source: `focus:${payer}` }]);
    const costs = [
      { payer, project: 'sub-1' },
      { payer, project: 'sub-2' },
    ];
    expect(await importCosts(account, costs)).toMatchObject({ added: 1, repeated: 1 });
    expect(await importCosts(account, costs)).toMatchObject({ added: 0, repeated: 2 });
  });

  it.each([
    ['payer-a', 'sub-one'],
    ['PAYER-A', 'SUB-ONE'],
    ['Payer-A', 'sub-one'],
  ])('with IDs in another case are recognized: %s, %s', async (payer, project) => {
    const account = await withOldCosts([{ payer: 'Payer-A', project: 'Sub-One', source: 'focus:Payer-A' }]);
    const costs = [
      { payer, project },
      { payer, project: `${project}2` },
    ];
    expect(await importCosts(account, costs)).toMatchObject({ added: 1, repeated: 1 });
    expect(await importCosts(account, costs)).toMatchObject({ added: 0, repeated: 2 });
  });

  it('in both cases keep their number, and an additional one is added', async () => {
    const account = await withOldCosts([
      { payer: 'Payer-A', project: 'Sub-One', source: 'focus:Payer-A' },
      { payer: 'payer-a', project: 'Sub-One', source: 'focus:payer-a' },
    ]);
    const one = { payer: 'PAYER-A', project: 'SUB-ONE' };
    expect(await importCosts(account, [one, one])).toMatchObject({ added: 0, repeated: 2 });
    expect(await importCosts(account, [one, one, one])).toMatchObject({ added: 1, repeated: 2 });
    expect(await importCosts(account, [one, one, one])).toMatchObject({ added: 0, repeated: 3 });
  });

  it('are separate when anything but the notation differs', async () => {
    const account = await withOldCosts([{ payer: 'Payer-A', project: 'Sub-One', source: 'focus:Payer-A' }]);
    const costs = [
      { payer: 'payer-a', project: 'sub-one', amount: '6' },
      { payer: 'payer-b', project: 'sub-one' },
      { payer: 'payer-a', project: 'sub-on' },
    ];
    expect(await importCosts(account, costs)).toMatchObject({ added: 3, repeated: 0 });
  });
});
