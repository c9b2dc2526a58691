import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Decimal } from '../../../src/billing/money/money.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { closeDue, closeInvoice } from '../../../src/services/invoicing/close.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { ItemFailures } from '../../../src/store/background/item-failures.ts';
import { Credits } from '../../../src/store/credits/credits.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { Invoices, InvoiceTrails, Lines } from '../../../src/store/invoicing/invoices.ts';
import { toDecimal128 } from '../../../src/store/kit/decimal.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Mails } from '../../../src/store/notices/mails.ts';
import { anAccount, contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { QueryCounter } from '../../support/database/queries.ts';
import { costRow, GERMAN_BUYER, importCosts, setParties } from '../../support/invoices/closed.ts';

useDatabase(migrate, { monitorCommands: true });

const OCTOBER = toPeriod('2026-10');
const NOVEMBER = toPeriod('2026-11');
const clock = new TestClock('2026-10-02T12:00:00Z');
const ctx = contextAt(clock);
let queries: QueryCounter;

beforeAll(() => {
  queries = new QueryCounter();
});

afterEach(async () => {
  clock.set('2026-10-02T12:00:00Z');
  const left = [Groups, Invoices, Lines, Credits, Events, ItemFailures, Mails];
  await Promise.all(left.map((model) => model.collection.deleteMany({})));
});

/** An account with groups that have a project and costs each. The costs of the first one's credit are taken off. */
async function withGroups(count: number, { seller = true } = {}): Promise<{ accountId: string; ids: string[] }> {
  const { _id: accountId } = await anAccount(ctx, { currency: 'EUR' });
  const ids: string[] = [];
  const rows: string[] = [];
  for (let at = 0; at < count; at++) {
    const name = `p${String(at).padStart(3, '0')}`;
    const group = await createGroup(ctx, { accountId, name: `Group ${name}` });
    await createProject(ctx, { accountId, name, billingGroupId: group._id });
    rows.push(costRow(`${at + 1}.005`, { project: name }), costRow('1', { project: name, service: 'Storage' }));
    if (at % 3 === 1) rows.push(costRow('-50', { project: name, service: 'Refund' }));
    ids.push(group._id);
  }
  if (seller) await setParties(accountId);
  const value = toDecimal128(new Decimal(2));
  await Credits.create([
    {
      _id: `crd_${accountId}`,
      ...{ accountId, billingGroupId: ids[0] ?? '', campaignId: 'cam', codeId: `code ${accountId}`, code: 'C' },
      ...{ type: 'promotion' as const, currency: 'EUR', value, remaining: value, claimedBy: 'U1', projectId: null },
      ...{ state: 'claimed' as const, claimedAt: clock.now(), startTime: clock.now(), expireTime: null },
    },
  ]);
  await importCosts(ctx, accountId, rows);
  return { accountId, ids: (await Groups.find({ accountId }).sort({ _id: 1 }).lean()).map(({ _id }) => _id) };
}

/** All that a close has left, without IDs and numbers of other accounts. */
async function outcome(accountId: string): Promise<unknown> {
  const groups = await Groups.find({ accountId }).sort({ name: 1 }).lean();
  const of: unknown[] = [];
  for (const { _id, name, nextPeriod, lastClosed } of groups) {
    const invoices = await Invoices.find({ billingGroupId: _id }).sort({ period: 1 }).lean();
    const each = await Promise.all(
      invoices.map(
        async ({
          _id: id,
          accountId: _account,
          billingGroupId: _group,
          number,
          series,
          seq,
          changedAt: _changed,
          ...rest
        }) => ({
          ...{ ...rest, touches: 0, snapshot: rest.snapshot && { ...rest.snapshot, accountName: '' } },
          ...{ balance: rest.balance?.amount },
          hasNumber: number !== undefined && series !== undefined && seq !== undefined,
          lines: (
            await Lines.find({ invoiceId: id }, { _id: 0, accountId: 0, invoiceId: 0, projectId: 0 })
              .sort({ place: 1 })
              .lean()
          ).map((line) => line),
          trail: (await InvoiceTrails.findById(id).lean())?.entries,
          mails: await Mails.countDocuments({ invoiceId: id }),
        }),
      ),
    );
    const events = await Events.find({ accountId, billingGroupId: _id }).sort({ _id: 1 }).lean();
    const credits = await Credits.find({ billingGroupId: _id }).sort({ value: 1 }).lean();
    of.push({
      ...{ name, nextPeriod, lastClosed, each },
      events: events.map(({ type }) => type),
      credits: credits.map(({ remaining, value }) => `${remaining} of ${value}`),
    });
  }
  return JSON.parse(JSON.stringify(of));
}

describe('groups closed together', () => {
  it('have the same invoices, lines, credits, events and emails as groups closed one by one', async () => {
    const together = await withGroups(8);
    const single = await withGroups(8);
    for (const accountId of [together.accountId, single.accountId]) {
      const [group] = await Groups.find({ accountId }).sort({ name: 1 }).skip(2).limit(1).lean();
      // held back: there is no rate
      await importCosts(ctx, accountId, [costRow('3', { currency: 'GBP', project: 'p002' })]);
      expect(group?.name).toBe('Group p002');
    }
    await refreshEstimates(ctx);
    clock.set('2026-12-03T12:00:00Z');
    for (const period of [OCTOBER, NOVEMBER]) {
      for (const _id of single.ids) {
        const { nextPeriod } = await Groups.findById(_id).orFail().lean();
        if (nextPeriod === period) await closeInvoice(ctx, { _id, accountId: single.accountId }, period);
      }
    }
    expect(await closeDue(ctx)).toBe(14);
    const [a, b] = [await outcome(together.accountId), await outcome(single.accountId)];
    expect(a).toEqual(b);
    const numbered = await Invoices.find({ accountId: together.accountId, seq: { $exists: true } })
      .sort({ seq: 1 })
      .lean();
    expect(numbered.map(({ seq }) => seq)).toEqual(numbered.map((_, at) => at + 1));
    // October before November, and in each the groups in their order
    const order = together.ids.filter((id) => numbered.some(({ billingGroupId }) => billingGroupId === id));
    expect(numbered.map(({ billingGroupId, period }) => `${period} ${billingGroupId}`)).toEqual(
      [OCTOBER, NOVEMBER].flatMap((period) => order.map((id) => `${period} ${id}`)),
    );
    expect(await Events.countDocuments({ accountId: together.accountId, type: 'invoice_held_back' })).toBe(1);
  }, 120_000);

  it('don’t fail together with one that can’t be closed, which is noted and then tried alone', async () => {
    const { accountId, ids } = await withGroups(9);
    const [bad = ''] = ids.slice(5);
    await Groups.updateOne({ _id: bad }, { $set: { currency: 'QQQ' } });
    clock.set('2026-11-03T12:00:00Z');
    await expect(closeDue(ctx)).rejects.toThrow('1 item failed');
    const issued = await Invoices.find({ accountId, period: OCTOBER, number: { $exists: true } }).lean();
    expect(issued).toHaveLength(8);
    expect(issued.map(({ seq }) => seq).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await ItemFailures.findById(`close:${bad}`).lean()).toMatchObject({ failures: 1 });
    await Groups.updateOne({ _id: bad }, { $set: { currency: 'EUR' } });
    expect(await closeDue(ctx)).toBe(1);
    expect(await ItemFailures.findById(`close:${bad}`).lean()).toBeNull();
    expect(await Invoices.countDocuments({ accountId, seq: 9 })).toBe(1);
  }, 120_000);

  it('take fewer than two queries each, beside those for negative totals and used credits', async () => {
    const { accountId } = await withGroups(40, { seller: false });
    await Credits.deleteMany({});
    await refreshEstimates(ctx);
    await Groups.updateMany({ accountId }, { $set: { billing: GERMAN_BUYER } });
    // those with a negative total, whose balance is kept one by one
    const negative = await Groups.find({ accountId }).sort({ name: 1 }).lean();
    const without = negative.filter((_group, at) => at % 3 === 1).map(({ _id }) => _id);
    await Groups.updateMany({ _id: { $in: without } }, { $set: { nextPeriod: NOVEMBER } });
    clock.set('2026-11-03T12:00:00Z');
    queries.take();
    const closed = await closeDue(ctx);
    expect(closed).toBe(40 - without.length);
    expect(queries.take().length / closed).toBeLessThan(2);
  }, 120_000);
});

describe('lines', () => {
  it('are only written where they differ, and never read', async () => {
    const { accountId, ids } = await withGroups(1);
    const invoice = { billingGroupId: ids[0] ?? '', period: OCTOBER };
    const shown = async () => {
      const { _id } = await Invoices.findOne(invoice).orFail().lean();
      const lines = await Lines.find({ invoiceId: _id }).sort({ place: 1 }).lean();
      return lines.map((line) => `${line.serviceName} ${line.total} ${line.records}`);
    };
    /** Changes what is stored, so that what is written again differs. */
    const marked = async () => {
      const { _id } = await Invoices.findOne(invoice).orFail().lean();
      await Lines.updateMany({ invoiceId: _id }, { $set: { records: 99 } });
    };
    await refreshEstimates(ctx);
    expect(await shown()).toEqual(['Compute 1.01 1', 'Storage 1 1', ' -2 0']);
    await marked();
    await importCosts(ctx, accountId, [costRow('5', { project: 'p000', service: 'Storage' })]);
    queries.take();
    await refreshEstimates(ctx);
    // one read of all that counts, the sums, and a write each for lines, trail and figures, beside those of the loop
    const taken = queries.take().filter((one) => !/item_failures|find invoices|find accounts/.test(one));
    expect(taken).toEqual([
      'aggregate invoices',
      'find cost_sums',
      'update invoice_lines',
      'update invoice_trails',
      'update invoices',
    ]);
    expect(await shown()).toEqual(['Compute 1.01 99', 'Storage 6 2', ' -2 99']);
    // a line in front of the others moves them
    await importCosts(ctx, accountId, [costRow('1', { project: 'p000', service: 'Archive' })]);
    await refreshEstimates(ctx);
    expect(await shown()).toEqual(['Archive 1 1', 'Compute 1.01 1', 'Storage 6 2', ' -2 0']);
    // the close of an estimate that is up to date writes none
    await marked();
    clock.set('2026-11-03T12:00:00Z');
    expect(await closeDue(ctx)).toBe(1);
    expect(await shown()).toEqual(['Archive 1 99', 'Compute 1.01 99', 'Storage 6 99', ' -2 99']);
  }, 60_000);

  it('are all replaced if another version of the product has stored them, or if there are fewer', async () => {
    const { ids } = await withGroups(1);
    await refreshEstimates(ctx);
    const { _id } = await Invoices.findOne({ billingGroupId: ids[0] ?? '', period: OCTOBER })
      .orFail()
      .lean();
    const shown = async () => {
      await refreshEstimates(ctx);
      const lines = await Lines.find({ invoiceId: _id }).sort({ place: 1 }).lean();
      return lines.map(({ serviceName, records }) => `${serviceName} ${records}`);
    };
    await Lines.updateMany({ invoiceId: _id }, { $set: { records: 99 } });
    const earlier = { computedAt: new Date('2026-10-01T00:00:00Z'), touchedAt: new Date() };
    await Invoices.updateOne({ _id }, { $set: earlier });
    expect(await shown()).toEqual(['Compute 1', 'Storage 1', ' 0']);
    await Credits.deleteMany({});
    await Invoices.updateOne({ _id }, { $set: { touchedAt: new Date() } });
    expect(await shown()).toEqual(['Compute 1', 'Storage 1']);
  }, 60_000);
});
