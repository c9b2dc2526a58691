import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { CREDIT_TYPES } from '../../src/billing/credit/credit.ts';
import { shiftPeriod, toPeriod } from '../../src/billing/period/period.ts';
import { LocalClock } from '../../src/local/clock.ts';
import { isEmpty, makeSample } from '../../src/local/first-run.ts';
import { CHANNELS, PEOPLE, TEAM } from '../../src/local/seed.ts';
import { accountsOf, currentAccount } from '../../src/services/accounts/accounts.ts';
import { checkAnomalies } from '../../src/services/anomalies/anomaly-check.ts';
import { listAnomalies } from '../../src/services/anomalies/anomaly-lists.ts';
import { checkBudgets } from '../../src/services/budgets/budget-checks.ts';
import { usedUpBudgets } from '../../src/services/budgets/budgets.ts';
import { numberEvents } from '../../src/services/events/event-log.ts';
import { forecastMonth } from '../../src/services/insight/month-forecast.ts';
import { refreshEstimates } from '../../src/services/invoicing/estimates.ts';
import { movesOf } from '../../src/services/moves/move-read.ts';
import { announceDigests } from '../../src/services/notices/cost-digests.ts';
import { myProjectIds } from '../../src/services/projects/project-leads.ts';
import { agingReport } from '../../src/services/settlement/aging.ts';
import { listOpenBankLines } from '../../src/services/settlement/bank-matching.ts';
import { type AccountDoc, Accounts } from '../../src/store/accounts/accounts.ts';
import { Credits } from '../../src/store/credits/credits.ts';
import { Events } from '../../src/store/events/events.ts';
import { Groups, Memberships, Projects } from '../../src/store/groups/groups.ts';
import { Adjustments } from '../../src/store/invoicing/adjustments.ts';
import { CreditMemos } from '../../src/store/invoicing/credit-memos.ts';
import { type InvoiceDoc, Invoices, Lines } from '../../src/store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../src/store/kit/decimal.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { Subscriptions } from '../../src/store/notices/subscriptions.ts';
import { contextAt } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';

const UNTIL = new Date('2026-10-20T12:00:00Z');
const PRESENT = toPeriod('2026-10');
const clock = new LocalClock(path.join(mkdtempSync(path.join(tmpdir(), 'sample-')), 'clock.json'), () =>
  UNTIL.getTime(),
);
const ctx = contextAt(clock);
const steps: string[] = [];
let acme: AccountDoc;
/** Of Acme, by name. */
const groups = new Map<string, string>();

const by = (who: keyof typeof PEOPLE) =>
  ({ ...ctx, actor: { kind: 'person', teamId: TEAM.id, userId: PEOPLE[who].id } }) as const;
const ago = (months: number) => shiftPeriod(PRESENT, -months);
const invoiceOf = (group: string, months: number): Promise<InvoiceDoc> =>
  Invoices.findOne({ accountId: acme._id, billingGroupId: groups.get(group) ?? '', period: ago(months) })
    .orFail()
    .lean();

useDatabase(migrate);
beforeAll(async () => {
  expect(await isEmpty()).toBe(true);
  const directMessages = (userId: string) => `D${userId}`;
  await makeSample(ctx, clock, { until: UNTIL, directMessages, onProgress: (line) => steps.push(line) });
  await numberEvents(ctx);
  acme = await Accounts.findOne({ name: 'Acme' }).orFail().lean();
  for (const { _id, name } of await Groups.find({ accountId: acme._id }).lean()) groups.set(name, _id);
}, 240_000);

describe('the first run of local mode', () => {
  it('creates three accounts in three currencies and time zones, and everybody starts in the first', async () => {
    expect(await isEmpty()).toBe(false);
    const accounts = await Accounts.find().lean();
    expect(accounts.map(({ name, timeZone, currency }) => `${name} ${timeZone} ${currency}`).sort()).toEqual([
      'Acme Europe/Berlin EUR',
      'Brightwater America/New_York USD',
      'Hoshino Asia/Tokyo JPY',
    ]);
    for (const { id, role } of Object.values(PEOPLE)) {
      expect(await currentAccount(TEAM.id, id)).toMatchObject({ role, account: { name: 'Acme' } });
    }
    expect(await accountsOf(TEAM.id, PEOPLE.owner.id)).toHaveLength(3);
  });

  it('has an invoice for each group and past month, issued on time, and no two months alike', async () => {
    const issued = await Invoices.find({ accountId: acme._id, number: { $type: 'string' } }).lean();
    expect(issued).toHaveLength(5 * 12);
    for (const invoice of issued) {
      const days = ((invoice.issuedAt?.getTime() ?? 0) - invoice.periodEnd.getTime()) / 86_400_000;
      expect(days).toBeGreaterThanOrEqual(1);
      expect(days).toBeLessThan(2.5);
      expect(invoice.heldBack).toBeNull();
    }
    for (const id of groups.values()) {
      const nets = issued.filter(({ billingGroupId }) => billingGroupId === id).map(({ net }) => net.toString());
      expect(new Set(nets).size).toBe(12);
    }
  });

  it('has a German seller who charges VAT at home, and a Swedish customer with reverse charge', async () => {
    expect(acme.seller).toMatchObject({ legalName: 'Acme Cloud Services GmbH', countryCode: 'DE' });
    const [home] = (await invoiceOf('Production', 3)).taxes ?? [];
    expect(home && `${home.category} ${home.rate}`).toBe('S 19');
    const [abroad] = (await invoiceOf('Fjord Logistics', 3)).taxes ?? [];
    expect(abroad && `${abroad.category} ${abroad.amount}`).toMatch(/^AE 0/);
  });

  it('has a group in another currency, with the rate on each invoice', async () => {
    for (const months of [1, 6, 12]) {
      const invoice = await invoiceOf('Lakeside Outfitters', months);
      expect(invoice.currency).toBe('USD');
      expect(invoice.conversions).toEqual([expect.objectContaining({ from: 'EUR' })]);
    }
    expect((await invoiceOf('Lakeside Outfitters', 0)).leftOut ?? []).toEqual([]);
  });

  it('has a discount, a monthly charge, and a commitment that was not always reached', async () => {
    const kinds = (await Adjustments.find({ accountId: acme._id }).lean()).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(['charge', 'commitment', 'discount']);
    const feesOf = async (months: number) =>
      Lines.countDocuments({
        invoiceId: (await invoiceOf('Data and Analytics', months))._id,
        lineType: 'commitment_fee',
      });
    expect(await feesOf(6)).toBe(1);
    expect(await feesOf(1)).toBe(0);
  });

  it('has a credit of each type, and most of them have been used', async () => {
    const credits = await Credits.find({ accountId: acme._id }).lean();
    expect(credits.map(({ type }) => type).sort()).toEqual([...CREDIT_TYPES]);
    const used = credits.filter(({ value, remaining }) => value.toString() !== remaining.toString());
    expect(used.length).toBeGreaterThan(8);
  });

  it('has a credit memo for a part of an invoice', async () => {
    const memos = await CreditMemos.find({ accountId: acme._id }).lean();
    const corrected = await invoiceOf('Data and Analytics', 4);
    expect(memos.map(({ invoiceId, net }) => [invoiceId, fromDecimal128(net).toFixed(2)])).toEqual([
      [corrected._id, '72.50'],
    ]);
  });

  it('has paid invoices, one paid in part, an overdue one, and open ones from the last month', async () => {
    const report = await agingReport(by('finance'), acme._id);
    const [part, forgotten, ...open] = report.invoices;
    expect(part).toMatchObject({ billingGroupName: 'Lakeside Outfitters', period: ago(3) });
    expect(part?.open.lt(part.total)).toBe(true);
    expect(forgotten).toMatchObject({ billingGroupName: 'Fjord Logistics', period: ago(2) });
    expect(forgotten?.daysOverdue).toBeGreaterThan(0);
    expect(new Set(open.map(({ period }) => period))).toEqual(new Set([ago(1)]));
    expect(await Invoices.countDocuments({ accountId: acme._id, state: 'paid' })).toBeGreaterThan(40);
    expect((await invoiceOf('Development', 1)).state).toBe('no_payment_expected');
  });

  it('has a bank statement to match: sure, likely and unknown payments', async () => {
    const { items } = await listOpenBankLines(by('finance'), acme._id, { page: 1, size: 10 });
    const basis = Object.fromEntries(items.map(({ name, proposal }) => [name, proposal?.basis ?? 'none']));
    expect(basis).toEqual({
      'Acme Handel GmbH': 'number_and_amount',
      'Acme Data GmbH': 'amount_and_name',
      'Fjord Logistics AB': 'number',
      'J. Petersen': 'none',
    });
  });

  it('has project leads: people and a user group', async () => {
    const names = async (who: keyof typeof PEOPLE) => {
      const ids = await myProjectIds(by(who), acme._id);
      return (await Projects.find({ _id: { $in: ids } }).lean()).map(({ name }) => name).sort();
    };
    expect(await names('shopLead')).toEqual(['checkout', 'recommendations', 'web-shop']);
    expect(await names('member')).toEqual([
      'build-farm',
      'data-warehouse',
      'load-lab',
      'mobile-gateway',
      'observability',
      'search',
      'staging',
    ]);
    expect(await names('finance')).toEqual([]);
  });

  it('has a project that moved with an approval, and a pending move that approvers see', async () => {
    const moved = await Projects.findOne({ accountId: acme._id, name: 'event-stream' }).orFail().lean();
    const memberships = await Memberships.find({ projectId: moved._id }).sort({ from: 1 }).lean();
    expect(memberships.map(({ billingGroupId }) => billingGroupId)).toEqual([
      groups.get('Production'),
      groups.get('Data and Analytics'),
    ]);
    const { waiting } = await movesOf(by('approver'), acme._id);
    expect(waiting).toHaveLength(1);
    expect(waiting[0]).toMatchObject({ reason: 'We now test the live shop with it.' });
    expect(acme.approvalsChannelId).toBe(CHANNELS.approvals.id);
  });

  it('has cost digests for two channels and a lead, the last ones due', async () => {
    const digests = await Subscriptions.find({ accountId: acme._id, digest: { $exists: true } }).lean();
    expect(digests.map(({ channelId, digest }) => `${channelId} ${digest}`).sort()).toEqual([
      'C0FINANCE monthly',
      'C0PLATFORM weekly',
      'DU0MAX weekly',
    ]);
    expect(await announceDigests(ctx)).toBe(2);
  });

  it('has unusual costs that the product finds, and nothing else that is unusual', async () => {
    await checkAnomalies(ctx);
    const { items } = await listAnomalies(by('finance'), acme._id, { page: 1, size: 10 });
    expect(items.map(({ project, service, since, state }) => [project?.title, service, since, state])).toEqual([
      ['Checkout (checkout)', 'Amazon Elastic Container Service', '2026-10-15', 'open'],
    ]);
    expect(items[0]?.parts.map(({ name }) => name)).toEqual(['Fargate tasks of checkout-canary', 'Europe (Ireland)']);
  });

  it('has enough days for a forecast with a range, in which weekdays and monthly charges count', async () => {
    const forecast = await forecastMonth(by('finance'), acme._id, { kind: 'account' });
    expect(forecast.currencies.map(({ method, band }) => [method, band !== null])).toEqual([['model', true]]);
    const project = await Projects.findOne({ accountId: acme._id, name: 'observability' }).orFail().lean();
    const own = await forecastMonth(by('finance'), acme._id, { kind: 'project', project });
    expect(own.currencies[0]?.charges.map(({ day }) => day)).toEqual(['2026-10-31']);
  });

  it('has a budget that is used up', async () => {
    await refreshEstimates(ctx);
    await checkBudgets(ctx);
    const names = (await usedUpBudgets(by('finance'), acme._id)).map(({ name }) => name);
    expect(names).toContain('billing group "Development"');
  });

  it('has a log in chronological order, and a clock at the machine’s time', async () => {
    expect(clock.aheadMs).toBe(0);
    await numberEvents(ctx);
    for (const { _id, name } of await Accounts.find().lean()) {
      const times = (await Events.find({ accountId: _id }).sort({ logEntryId: 1 }).lean()).map((it) => it.createTime);
      expect(times.length).toBeGreaterThan(15);
      expect(times.toSorted((a, b) => a.getTime() - b.getTime())).toEqual(times);
      if (name === 'Acme') expect(times[0]?.toISOString().slice(0, 10)).toBe('2025-10-01');
    }
    expect(steps).toContain('Creating sample costs: September 2026 …');
  });
});
