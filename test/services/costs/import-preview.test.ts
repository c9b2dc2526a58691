import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '../../../src/billing/money/money.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { type ImportReport, importFocus } from '../../../src/services/costs/imports.ts';
import { type ImportPreview, previewImport } from '../../../src/services/costs/preview/import-preview.ts';
import { createGroup, deleteGroup } from '../../../src/services/groups/groups.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Memberships } from '../../../src/store/groups/groups.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { previewBlocks } from '../../../views/costs/import-preview.ts';
import { anAccount, contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const ctx = contextAt(new TestClock('2026-11-10T00:00:00Z'));
const HEAD =
  'BillingAccountId,BillingCurrency,BillingPeriodStart,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId';

function row(cost: string, project: string, of: { month?: string; begin?: string; source?: string } = {}): string {
  const { month = '2026-10', source = 'b1' } = of;
  const { begin = month } = of;
  return `${source},EUR,${month}-01,${cost},Usage,${begin}-05,${begin}-06,Compute,${project}`;
}
const open = (rows: readonly string[]) => () => Readable.from([Buffer.from(`${[HEAD, ...rows].join('\n')}\n`)]);
const previewed = (accountId: string, rows: readonly string[]) =>
  previewImport(ctx, { accountId, parts: [{ fileName: 'x.csv', open: open(rows) }] });
const imported = (accountId: string, rows: readonly string[], replace = false) =>
  importFocus(ctx, { accountId, fileName: 'x.csv', replace, confirmation: 'given', open: open(rows) });

/** What an import adds, as both say it. */
const said = ({ months, payers, ...of }: Pick<ImportPreview, 'read' | 'added' | 'rejected'> & Said) => ({
  counts: [of.read, of.added, of.rejected],
  months: months
    .map((one) => `${one.billingMonth} ${amountOf(one)}`)
    .filter((one) => !one.endsWith(' 0'))
    .sort(),
  payers: payers.map((one) => `${one.group} ${amountOf(one)}`).sort(),
});
interface Said {
  readonly months: readonly { readonly billingMonth: string; readonly added?: Decimal; readonly amount?: string }[];
  readonly payers: readonly { readonly group: string | null; readonly amount: Decimal | string }[];
}
const amountOf = ({ added, amount }: { readonly added?: Decimal; readonly amount?: Decimal | string }) =>
  new Decimal(added ?? amount ?? 0).toFixed();
const done = (report: ImportReport) => said({ ...report, ...(report.summary as unknown as Said) });

/** October is invoiced for two groups. Then the first one loses its project and is deleted. */
async function afterClose() {
  const { _id: accountId } = await anAccount(ctx, { currency: 'EUR' });
  const [old, blue] = [
    await createGroup(ctx, { accountId, name: 'Old' }),
    await createGroup(ctx, { accountId, name: 'Blue' }),
  ];
  const { project } = await createProject(ctx, { accountId, name: 'p1', billingGroupId: old._id });
  await createProject(ctx, { accountId, name: 'p2', billingGroupId: blue._id });
  await imported(accountId, [row('10', 'p1'), row('20', 'p2')]);
  for (const group of [old, blue]) await closeInvoice(ctx, group, toPeriod('2026-10'));
  const from = new Date('2026-11-01T00:00:00Z');
  await Memberships.updateOne({ projectId: project._id, open: true }, { $set: { to: from }, $unset: { open: 1 } });
  const { _id: _old, ...first } = await Memberships.findOne({ projectId: project._id }).orFail().lean();
  await Memberships.create([{ ...first, billingGroupId: blue._id, from, to: null, open: true }]);
  await deleteGroup(ctx, { accountId, billingGroupId: old._id });
  return accountId;
}

describe('the preview of an import', () => {
  it('says what the import then does: late costs, a deleted group, new projects, repeated and rejected rows', async () => {
    const accountId = await afterClose();
    const rows = [
      ...[row('10', 'p1'), row('5', 'p1'), row('7', 'p2', { month: '2026-11' }), row('1', 'fresh')],
      ...[row('2', 'p2', { month: '2026-11', begin: '2026-10' }), row('free', 'p2')],
    ];
    const preview = await previewed(accountId, rows);
    expect(preview.months.map(({ late, isInvoiced }) => [late.toFixed(), isInvoiced])).toEqual([
      ['5', true],
      ['2', false],
    ]);
    const blocks = JSON.stringify(previewBlocks(preview));
    expect(blocks).toContain(
      'October 2026: EUR 16.00 in this file, EUR 30.00 already imported from this source. *Import* brings it to EUR 36.00. New rows of EUR 5.00 will be late costs on a later invoice. The month has been invoiced, so its earlier costs can’t be replaced.',
    );
    expect(said(preview).payers).toContain('Blue 14');
    await expect(imported(accountId, rows, true)).rejects.toMatchObject({ code: 'costs_already_invoiced' });
    const report = await imported(accountId, rows);
    expect(done(report)).toEqual({
      ...said(preview),
      payers: said(preview).payers.map((one) => one.replace('null', 'Default billing group for project fresh')),
    });
  });

  it('counts as earlier costs only those that a replacement would replace', async () => {
    const { _id: accountId } = await anAccount(ctx, { currency: 'EUR' });
    await imported(accountId, [row('10', 'p1', { source: 'a' }), row('20', 'p1', { source: 'b' })]);
    const rows = [row('1', 'p1', { source: 'a' }), row('2', 'p1', { source: 'b', month: '2026-11' })];
    const { months } = await previewed(accountId, rows);
    expect(months.map(({ stored }) => stored.toFixed())).toEqual(['10', '0']);
  });
});
