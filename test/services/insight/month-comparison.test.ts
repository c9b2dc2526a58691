import { Readable } from 'node:stream';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Decimal, sum } from '../../../src/billing/money/money.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { setMember } from '../../../src/services/accounts/accounts.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { setRate } from '../../../src/services/costs/rates.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { setPrivacy } from '../../../src/services/groups/privacy.ts';
import { costReport } from '../../../src/services/insight/cost-report.ts';
import { compareWithMonthBefore } from '../../../src/services/insight/month-comparison.ts';
import { createAdjustment } from '../../../src/services/invoicing/adjustments.ts';
import { closeDue } from '../../../src/services/invoicing/close.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import { askMove } from '../../../src/services/moves/move-ask.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Groups, Memberships, Projects } from '../../../src/store/groups/groups.ts';
import { Invoices, InvoiceTrails } from '../../../src/store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../../src/store/kit/decimal.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { anAccount, contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { creditFor } from '../../support/invoices/credits.ts';
import { costRow, FOCUS_HEAD } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const OCTOBER = toPeriod('2026-10');
const clock = new TestClock('2026-09-20T12:00:00Z');
const ctx = contextAt(clock);
const ids: Record<string, string> = {};
let accountId = '';

async function importRows(rows: readonly string[]): Promise<void> {
  const open = () => Readable.from([Buffer.from(`${[FOCUS_HEAD, ...rows].join('\n')}\n`)]);
  await importFocus(ctx, { accountId, fileName: 'x.csv', replace: false, open });
}

/** Group A with p1 and p2, and B with p3; between September and October p2 moves to B. */
beforeAll(async () => {
  accountId = (await anAccount(ctx, { currency: 'EUR', timeZone: 'Etc/UTC' }))._id;
  await Accounts.updateOne({ _id: accountId }, { $set: { approvalPolicy: { who: 'nobody', needed: 1 } } });
  for (const name of ['A', 'B']) ids[name] = (await createGroup(ctx, { accountId, name }))._id;
  for (const [name, group] of [
    ['p1', 'A'],
    ['p2', 'A'],
    ['p3', 'B'],
    ['p4', 'B'],
  ] as const) {
    const { project } = await createProject(ctx, { accountId, name, billingGroupId: ids[group] ?? '' });
    ids[name] = project._id;
    await Projects.updateOne({ _id: project._id }, { $set: { externalId: name, externalKey: name } });
  }
  const september = { day: '2026-09-10' };
  await importRows([
    costRow('100.00', { ...september, project: 'p1' }),
    costRow('50.00', { ...september, project: 'p1', service: 'Storage', currency: 'USD' }),
    costRow('7.77', { ...september, project: 'p1', service: 'Network' }),
    costRow('30.00', { ...september, project: 'p2' }),
    costRow('20.00', { ...september, project: 'p3' }),
  ]);
  const group = await Groups.findById(ids.A).orFail().lean();
  await createAdjustment(ctx, {
    accountId,
    billingGroupId: group._id,
    kind: 'discount',
    description: 'Off',
    percentage: '10',
  });
  await creditFor(group, '15.00', { type: 'promotion' });
  await askMove(ctx, {
    ...{ accountId, projectIds: [ids.p2 ?? ''], toGroupId: ids.B ?? '', effect: 'next_period', reason: '' },
  });
  await refreshEstimates(ctx);
  clock.set('2026-10-20T12:00:00Z');
  await setRate(ctx, { accountId, currency: 'USD', rate: '1.25' });
  await closeDue(ctx);
  clock.set('2026-10-21T12:00:00Z');
  await setRate(ctx, { accountId, currency: 'USD', rate: '1' });
  await importRows([
    costRow('120.00', { project: 'p1' }),
    costRow('60.00', { project: 'p1', service: 'Storage', currency: 'USD' }),
    costRow('3.33', { project: 'p1', service: 'Backup' }),
    costRow('44.00', { project: 'p2' }),
    costRow('9.99', { project: 'p4' }),
    costRow('1.00', { project: 'p1', day: '2026-09-30' }),
  ]);
  await refreshEstimates(ctx);
});

const namesOf = (parts: readonly { kind: string; amount: Decimal }[]) =>
  parts.map(({ kind, amount }) => `${kind} ${amount.toFixed(2)}`);

async function nets(month: string, billingGroupId?: string): Promise<string> {
  const own = billingGroupId === undefined ? {} : { billingGroupId };
  const invoices = await Invoices.find({ accountId, period: toPeriod(month), ...own }).lean();
  return sum(invoices.map(({ net }) => fromDecimal128(net))).toFixed(2);
}

describe('a month compared with the one before', () => {
  it('explains a group’s change by moves, services, rates and what isn’t usage', async () => {
    const group = { _id: ids.A ?? '', name: 'A' };
    const compared = await compareWithMonthBefore(ctx, accountId, { kind: 'group', group }, OCTOBER);
    const [eur] = compared.currencies;
    expect(compared).toMatchObject({ subject: 'A', period: '2026-10', before: '2026-09', isOpen: true });
    expect(eur?.now.toFixed(2)).toBe(await nets('2026-10', ids.A));
    expect(eur?.before.toFixed(2)).toBe(await nets('2026-09', ids.A));
    // Storage: USD 50 at 0.8 and USD 60 at 1; a tenth less for all, and a promotion in October
    expect(namesOf(eur?.byKind ?? [])).toEqual([
      'usage 28.00',
      'moved_out -30.00',
      'new_services 3.33',
      'removed_services -7.77',
      'exchange_rates 12.00',
      'late_costs 1.00',
      expect.stringMatching(/^discounts -?\d/),
      'credits -15.00',
    ]);
    expect(sum(eur?.byKind.map(({ amount }) => amount) ?? []).toFixed()).toBe(eur?.change.toFixed());
    const named = sum([...(eur?.largest.map(({ amount }) => amount) ?? []), eur?.others ?? new Decimal(0)]);
    expect(named.toFixed()).toBe(eur?.change.toFixed());
    expect(eur?.largest).toHaveLength(5);
    expect(eur?.largest[0]).toMatchObject({ kind: 'moved_out', project: { title: 'p2' }, service: null });
  });

  it('names what moved in, what is new and what has no costs any more', async () => {
    const group = { _id: ids.B ?? '', name: 'B' };
    const { currencies } = await compareWithMonthBefore(ctx, accountId, { kind: 'group', group }, OCTOBER);
    expect(namesOf(currencies[0]?.byKind ?? [])).toEqual([
      'new_projects 9.99',
      'removed_projects -20.00',
      'moved_in 44.00',
    ]);
    expect(currencies[0]?.others).toBeNull();
  });

  it('knows no moves in the account, and adds up to its invoices', async () => {
    const { currencies } = await compareWithMonthBefore(ctx, accountId, { kind: 'account' }, OCTOBER);
    expect(currencies.map(({ now, before }) => [now.toFixed(2), before.toFixed(2)])).toEqual([
      [await nets('2026-10'), await nets('2026-09')],
    ]);
    const kinds = currencies[0]?.byKind.map(({ kind }) => kind) ?? [];
    expect(kinds).not.toContain('moved_in');
    expect(kinds).not.toContain('moved_out');
    // p2 has costs in both months
    expect(currencies[0]?.largest.find(({ project }) => project?.title === 'p2')).toMatchObject({ kind: 'usage' });
  });

  it('is about one project, in whichever group it was', async () => {
    const project = { _id: ids.p2 ?? '', name: 'p2', label: null };
    const { currencies } = await compareWithMonthBefore(ctx, accountId, { kind: 'project', project }, OCTOBER);
    expect(currencies[0]).toMatchObject({ currency: 'EUR' });
    expect(currencies[0]?.largest[0]).toMatchObject({ kind: 'usage', service: 'Compute' });
    expect(currencies[0]?.largest[0]?.amount.toFixed(2)).toBe('14.00');
  });

  it('is the last month that has ended by default', async () => {
    const compared = await compareWithMonthBefore(ctx, accountId, { kind: 'account' });
    expect(compared).toMatchObject({ period: '2026-09', before: '2026-08', isOpen: false });
    expect(compared.currencies[0]?.before.toFixed()).toBe('0');
  });

  it('is shown to nobody outside the account', async () => {
    const stranger = contextAt(clock, person('U0STRANGER'));
    await expect(compareWithMonthBefore(stranger, accountId, { kind: 'account' })).rejects.toMatchObject({
      code: 'account_not_found',
    });
  });
});

describe('costs by project', () => {
  it('name as many projects as are shown, with the same amounts in the same order', async () => {
    const of = { subject: { kind: 'account' }, from: '2026-10-01', until: '2026-10-31', split: 'project' } as const;
    const sharesOf = async (mostNamed?: number) => {
      const { currencies } = await costReport(ctx, accountId, { ...of, ...(mostNamed && { mostNamed }) });
      return currencies.find(({ currency }) => currency === 'EUR')?.shares ?? [];
    };
    const [all, some] = [await sharesOf(), await sharesOf(2)];
    expect(all.map(({ name, amount }) => `${name} ${amount}`)).toEqual(['p1 123.33', 'p2 44', 'p4 9.99']);
    expect(some.map(({ name }) => name)).toEqual(['p1', 'p2', ids.p4]);
    expect(some.map(({ amount }) => `${amount}`)).toEqual(all.map(({ amount }) => `${amount}`));
  });
});

describe('a comparison of imported quantities', () => {
  const HEAD = `${FOCUS_HEAD},SkuId,PricingQuantity,PricingUnit,ConsumedQuantity,ConsumedUnit`;
  const NONE = ',,,,';
  let account = '';
  let group = { _id: '', name: 'Priced' };
  let other = { _id: '', name: 'Second' };

  beforeAll(async () => {
    clock.set('2026-09-20T12:00:00Z');
    account = (await anAccount(ctx, { currency: 'EUR', timeZone: 'Etc/UTC' }))._id;
    await Accounts.updateOne({ _id: account }, { $set: { approvalPolicy: { who: 'nobody', needed: 1 } } });
    group = await createGroup(ctx, { accountId: account, name: 'Priced', isPrimary: true });
    other = await createGroup(ctx, { accountId: account, name: 'Second' });
    const rows = [
      // 100 hours at 0.10, then 150 at 0.12; and 60 in seconds, then 3,600
      ['2026-09-10', '10.00', ',sku1,100,h,360000,s'],
      ['2026-10-10', '18.00', ',sku1,150,h,540000,s'],
      ['2026-09-11', '6.00', ',sku2,,,60,s'],
      ['2026-10-11', '3.60', ',sku2,,,36,s'],
      // nothing says how much
      ['2026-09-12', '1.00', `,sku3${NONE}`],
      ['2026-10-12', '4.00', `,sku3${NONE}`],
    ].map(([day, cost, rest]) => `${costRow(cost ?? '', { day: day ?? '', project: 'priced' })}${rest}`);
    const moving = [
      ['2026-09-10', '40.00'],
      ['2026-10-05', '30.00'],
      ['2026-10-25', '20.00'],
      ['2026-11-05', '60.00'],
    ].map(([day, cost]) => `${costRow(cost ?? '', { day: day ?? '', project: 'moving' })},${NONE}`);
    const open = () => Readable.from([Buffer.from(`${[HEAD, ...rows, ...moving].join('\n')}\n`)]);
    await importFocus(ctx, { accountId: account, fileName: 'x.csv', replace: false, open });
    const moved = await Projects.findOne({ accountId: account, name: 'moving' }).orFail().lean();
    // within October, as an approval at that time would have done
    const at = new Date('2026-10-15T00:00:00Z');
    await Memberships.updateOne({ accountId: account, projectId: moved._id }, { $set: { to: at, open: false } });
    await Memberships.create([
      {
        ...{ accountId: account, projectId: moved._id, projectKey: 'moving', billingGroupId: other._id },
        ...{ from: at, to: null, open: true },
      },
    ]);
    clock.set('2026-11-20T12:00:00Z');
    await closeDue(ctx);
    await refreshEstimates(ctx);
  });

  const partsOf = async (of: { _id: string; name: string }, month: string) => {
    const compared = await compareWithMonthBefore(ctx, account, { kind: 'group', group: of }, toPeriod(month));
    const [eur] = compared.currencies;
    expect(sum(eur?.byKind.map(({ amount }) => amount) ?? []).toFixed()).toBe(eur?.change.toFixed());
    return namesOf(eur?.byKind ?? []);
  };

  it('tells prices from quantities, and what has no quantity stays usage', async () => {
    const project = await Projects.findOne({ accountId: account, name: 'priced' }).orFail().lean();
    const { currencies } = await compareWithMonthBefore(ctx, account, { kind: 'project', project }, OCTOBER);
    // sku1: 150 h at 0.02 more, and 50 h at 0.10; sku2: 24 s less at 0.10
    expect(namesOf(currencies[0]?.byKind ?? [])).toEqual(['price 3.00', 'volume 2.60', 'usage 3.00']);
    expect(currencies[0]?.largest).toMatchObject([
      { kind: 'price', service: 'Compute', project: { title: 'priced' } },
      { kind: 'usage' },
      { kind: 'volume' },
    ]);
  });

  it('shows a project that changed its group within a month as moved in that month and the next', async () => {
    expect(await partsOf(other, '2026-10')).toEqual(['moved_in 20.00']);
    // October: 20 of 50 were here. November: 60, of which 24 with the same share
    expect(await partsOf(other, '2026-11')).toEqual(['usage 4.00', 'moved_in 36.00']);
    // October: 30 of 50 were still here, instead of all
    expect(await partsOf(group, '2026-10')).toEqual([
      ...['price 3.00', 'volume 2.60', 'usage 9.00'],
      'moved_out -16.00',
    ]);
    expect(await partsOf(group, '2026-11')).toEqual(['removed_projects -25.60', 'moved_out -30.00']);
  });

  it('tells nobody what a project used in a private group that they don’t see', async () => {
    const rows = [
      ['2026-10-05', '30.00', 3],
      ['2026-10-25', '20.00', 2],
      ['2026-11-05', '60.00', 6],
    ].map(([day, cost, hours]) => {
      const row = costRow(`${cost}`, { day: `${day}`, project: 'quiet' });
      return `${row},sku1,${hours},h,,`;
    });
    clock.set('2026-09-20T12:00:00Z');
    const { _id: accountId } = await anAccount(ctx, { currency: 'EUR', timeZone: 'Etc/UTC' });
    const secret = await createGroup(ctx, { accountId, name: 'Secret', isPrimary: true });
    const seen = await createGroup(ctx, { accountId, name: 'Seen' });
    const open = () => Readable.from([Buffer.from(`${[HEAD, ...rows].join('\n')}\n`)]);
    await importFocus(ctx, { accountId, fileName: 'x.csv', replace: false, open });
    const { _id: projectId } = await Projects.findOne({ accountId, name: 'quiet' }).orFail().lean();
    const at = new Date('2026-10-15T00:00:00Z');
    await Memberships.updateOne({ accountId, projectId }, { $set: { to: at, open: false } });
    await Memberships.create([
      { accountId, projectId, projectKey: 'quiet', billingGroupId: seen._id, from: at, to: null, open: true },
    ]);
    await Accounts.updateOne({ _id: accountId }, { $set: { primaryBillingGroupId: seen._id } });
    await setPrivacy(ctx, { accountId, billingGroupId: secret._id, isPrivate: true });
    await setMember(ctx, accountId, 'U0MEMBER', 'member');
    clock.set('2026-11-20T12:00:00Z');
    await closeDue(ctx);
    await refreshEstimates(ctx);
    const by = contextAt(clock, person('U0MEMBER'));
    const { currencies } = await compareWithMonthBefore(by, accountId, { kind: 'account' }, toPeriod('2026-11'));
    expect(namesOf(currencies[0]?.byKind ?? [])).toEqual(['usage 40.00']);
  });
});

describe('the sums of lines that are stored with invoices', () => {
  const all = () =>
    Promise.all(
      ['2026-09', '2026-10', '2026-11'].map((month) =>
        compareWithMonthBefore(ctx, accountId, { kind: 'account' }, toPeriod(month)),
      ),
    );

  it('lead to the same comparisons as the lines, which are added up where a calculation stored none', async () => {
    const stored = await all();
    expect(await InvoiceTrails.countDocuments({ accountId, cells: { $exists: true } })).toBeGreaterThan(3);
    await InvoiceTrails.updateMany({ accountId }, { $set: { 'cells.computedAt': new Date(0) } });
    expect(JSON.stringify(await all())).toBe(JSON.stringify(stored));
    await InvoiceTrails.updateMany({ accountId }, { $unset: { cells: '' } });
    expect(JSON.stringify(await all())).toBe(JSON.stringify(stored));
  });
});
