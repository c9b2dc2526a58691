import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sum } from '../../../src/billing/money/money.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { closeDue } from '../../../src/services/invoicing/close.ts';
import { refreshEstimate, refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import { dropLeftovers } from '../../../src/services/invoicing/lines/leftovers.ts';
import { inPreparedChange } from '../../../src/services/invoicing/lines/prepared.ts';
import { MOST_IN_TRANSACTION } from '../../../src/services/invoicing/lines/stored-lines.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { MOST_NAMED } from '../../../src/store/costs/cost-sums.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { linesIn } from '../../../src/store/invoicing/current-lines.ts';
import { linesOf } from '../../../src/store/invoicing/invoice-lines.ts';
import { type InvoiceDoc, Invoices, InvoiceTrails, Lines } from '../../../src/store/invoicing/invoices.ts';
import { LineLeftovers } from '../../../src/store/invoicing/line-leftovers.ts';
import { costsOfProjects, totalsByProject } from '../../../src/store/invoicing/line-sums.ts';
import { fromDecimal128 } from '../../../src/store/kit/decimal.ts';
import { claimLease, Leases } from '../../../src/store/kit/leases.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { startChild } from '../../support/children.ts';
import { anAccount, contextAt, TestClock } from '../../support/context.ts';
import { testDatabaseUri, useDatabase } from '../../support/database/database.ts';
import { costRow, importCosts, setParties } from '../../support/invoices/closed.ts';

useDatabase(migrate);

const OCTOBER = toPeriod('2026-10');
const PROJECTS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const clock = new TestClock('2026-10-02T12:00:00Z');
const ctx = contextAt(clock);
const usual = { ...MOST_IN_TRANSACTION, ...MOST_NAMED, projectsOfNew: MOST_IN_TRANSACTION.projects };

/** Makes every invoice a large one. */
beforeEach(() => {
  MOST_IN_TRANSACTION.sums = 0;
  MOST_NAMED.projects = 0;
});

afterEach(async () => {
  clock.set('2026-10-02T12:00:00Z');
  MOST_IN_TRANSACTION.sums = usual.sums;
  MOST_IN_TRANSACTION.lines = usual.lines;
  MOST_IN_TRANSACTION.projects = usual.projectsOfNew;
  MOST_NAMED.projects = usual.projects;
  const left = [Groups, Invoices, InvoiceTrails, LineLeftovers, Lines];
  await Promise.all(left.map((model) => model.collection.deleteMany({})));
});

/** An account with one group, whose estimate has a line of each project. */
async function anEstimate(): Promise<InvoiceDoc> {
  const { _id: accountId } = await anAccount(ctx, { currency: 'EUR' });
  await importCosts(
    ctx,
    accountId,
    PROJECTS.map((project, at) => costRow(`${at + 1}.25`, { project })),
  );
  await setParties(accountId);
  await refreshEstimates(ctx);
  return invoice(accountId);
}

const invoice = (accountId: string) =>
  Invoices.findOne({ accountId, period: OCTOBER }).sort({ lineCount: -1 }).orFail().lean();

/** The lines that an invoice has, and those that are stored. */
async function lines(of: InvoiceDoc) {
  const own = await linesOf(linesIn(of));
  return {
    own: own.map(({ place, projectName, total }) => `${place} ${projectName} ${total}`),
    stored: await Lines.countDocuments({ accountId: of.accountId, invoiceId: of._id }),
  };
}

/** Whether everything that adds up lines finds those that the invoice has. */
async function expectSums(of: InvoiceDoc): Promise<void> {
  const own = await linesOf(linesIn(of));
  const total = sum(own.map((line) => fromDecimal128(line.total)));
  expect(total.toFixed()).toBe(fromDecimal128(of.net).toFixed());
  expect(own.map(({ place }) => place)).toEqual(own.map((_, at) => at + 1));
  expect(own).toHaveLength(of.lineCount);
  const ids = [...new Set(own.map(({ projectId }) => projectId))];
  const byProject = await totalsByProject(of.accountId, of._id);
  expect(sum([...byProject.values()]).toFixed()).toBe(total.toFixed());
  const costs = await costsOfProjects(of.accountId, ids, OCTOBER, { hiddenInvoiceIds: [] });
  expect(costs.map(({ projectId, amount }) => `${projectId} ${amount}`).sort()).toEqual(
    [...byProject].map(([id, amount]) => `${id} ${amount}`).sort(),
  );
}

describe('an estimate with very many lines', () => {
  it('has the same lines as others, and only those that differ are written', async () => {
    const large = await anEstimate();
    MOST_IN_TRANSACTION.sums = usual.sums;
    const small = await anEstimate();
    expect((await lines(large)).own).toEqual((await lines(small)).own);
    expect([large.linesVersion, small.linesVersion]).toEqual([1, undefined]);
    MOST_IN_TRANSACTION.sums = 0;
    // another group of the account has its own
    const other = await createGroup(ctx, { accountId: large.accountId, name: 'Other' });
    await createProject(ctx, { accountId: large.accountId, name: 'other', billingGroupId: other._id });
    const rows = [
      costRow('10', { project: 'c' }),
      costRow('20', { project: 'h' }),
      costRow('30', { project: 'other' }),
    ];
    await importCosts(ctx, large.accountId, rows);
    await refreshEstimates(ctx);
    const after = await invoice(large.accountId);
    expect((await lines(after)).own).toEqual([
      ...['1 a 1.25', '2 b 2.25', '3 c 13.25', '4 d 4.25', '5 e 5.25', '6 f 6.25', '7 g 7.25', '8 h 20'],
    ]);
    // the replaced line stays for its readers
    expect(await lines(large)).toEqual({ own: (await lines(small)).own, stored: 9 });
    expect(after.linesVersion).toBe(2);
    await expectSums(after);
    // nothing differs
    await refreshEstimate(ctx, after);
    expect((await invoice(large.accountId)).linesVersion).toBe(2);
  }, 60_000);

  it('is known as such by its projects before its lines are', async () => {
    MOST_IN_TRANSACTION.sums = usual.sums;
    MOST_IN_TRANSACTION.projects = PROJECTS.length;
    expect((await anEstimate()).linesVersion).toBeUndefined();
    MOST_IN_TRANSACTION.projects = PROJECTS.length - 1;
    const large = await anEstimate();
    expect(large.linesVersion).toBe(1);
    await expectSums(large);
  }, 60_000);

  it('changes lines in place once it is a small one, whatever versions they are of', async () => {
    const of = await anEstimate();
    MOST_IN_TRANSACTION.sums = usual.sums;
    const add = async (...costs: [amount: string, project: string][]) => {
      const rows = costs.map(([amount, project]) => costRow(amount, { project }));
      await importCosts(ctx, of.accountId, rows);
      await refreshEstimates(ctx);
      const after = await invoice(of.accountId);
      await expectSums(after);
      const trail = await InvoiceTrails.findOne({ _id: of._id }).orFail().lean();
      return { since: trail.lines?.since, ...(await lines(after)) };
    };
    const rest = ['3 c 3.25', '4 d 4.25', '5 e 5.25', '6 f 6.25', '7 g 7.25'];
    // all of the first version, found by their IDs
    expect(await add(['10', 'a'])).toEqual({ since: 1, own: ['1 a 11.25', '2 b 2.25', ...rest], stored: 7 });
    expect(await add(['10', 'b'])).toEqual({ since: 1, own: ['1 a 11.25', '2 b 12.25', ...rest], stored: 7 });
    expect(await add(['1', 'h'], ['2', 'i'])).toMatchObject({ since: 1, stored: 9 });
    // as an earlier version of the product left them, which made other IDs: found by their positions
    const renamed = await Lines.find({ invoiceId: of._id }, { _id: 0 }).lean();
    await Lines.deleteMany({ invoiceId: of._id });
    await Lines.collection.insertMany(renamed.map((line) => ({ ...line })));
    await InvoiceTrails.updateOne({ _id: of._id }, { $unset: { 'lines.since': '' } });
    expect(await add(['0.5', 'a'])).toMatchObject({
      own: ['1 a 11.75', '2 b 12.25', ...rest, '8 h 1', '9 i 2'],
      stored: 9,
    });
    // some of another version
    MOST_IN_TRANSACTION.sums = 0;
    expect(await add(['0.5', 'b'])).toMatchObject({ stored: 10 });
    MOST_IN_TRANSACTION.sums = usual.sums;
    const { since, own } = await add(['1', 'a'], ['1', 'b'], ['1', 'i'], ['1', 'j']);
    expect(since).toBeUndefined();
    expect(own).toEqual(['1 a 12.75', '2 b 13.75', ...rest, '8 h 1', '9 i 3', '10 j 1']);
  }, 60_000);

  it('may become a small one, and lose lines', async () => {
    const { accountId } = await anEstimate();
    await importCosts(ctx, accountId, [costRow('10', { project: 'a' })]);
    MOST_IN_TRANSACTION.sums = usual.sums;
    MOST_IN_TRANSACTION.lines = 1;
    await importCosts(ctx, accountId, [costRow('10', { project: 'b' })]);
    // two lines differ, which are too many for one transaction
    await refreshEstimates(ctx);
    expect(await invoice(accountId)).toMatchObject({ linesVersion: 2, lineCount: 7 });
    MOST_IN_TRANSACTION.lines = usual.lines;
    await importCosts(ctx, accountId, [costRow('10', { project: 'b' }), costRow('1', { project: 'aa' })]);
    await refreshEstimates(ctx);
    const small = await invoice(accountId);
    expect(small).toMatchObject({ linesVersion: 2, lineCount: 8 });
    await expectSums(small);
    // as if another version of the product had calculated it in between: all lines are replaced
    await Invoices.updateOne({ _id: small._id }, { $set: { computedAt: new Date(0) } });
    MOST_IN_TRANSACTION.sums = 0;
    await refreshEstimate(ctx, small);
    const large = await invoice(accountId);
    expect(large.linesVersion).toBe(3);
    await expectSums(large);
  }, 60_000);

  it('loses replaced lines after a while', async () => {
    const { accountId } = await anEstimate();
    await importCosts(ctx, accountId, [costRow('10', { project: 'a' })]);
    await refreshEstimates(ctx);
    clock.set('2026-10-02T12:05:00Z');
    await importCosts(ctx, accountId, [costRow('11', { project: 'a' })]);
    await refreshEstimates(ctx);
    expect((await lines(await invoice(accountId))).stored).toBe(9);
    expect(await dropLeftovers(ctx)).toBe(0);
    clock.set('2026-10-02T12:11:00Z');
    // nothing was left of the first version, and the second one's line was replaced only now
    expect(await dropLeftovers(ctx)).toBe(1);
    clock.set('2026-10-02T12:22:00Z');
    expect(await dropLeftovers(ctx)).toBe(1);
    const after = await invoice(accountId);
    expect((await lines(after)).stored).toBe(7);
    await expectSums(after);
    clock.set('2026-10-02T14:00:00Z');
    expect(await dropLeftovers(ctx)).toBe(0);
    expect(await LineLeftovers.countDocuments()).toBe(0);
  }, 60_000);
});

describe('replaced lines', () => {
  it('stay for a while, even if a process that was killed before had begun to replace them', async () => {
    const { _id, accountId, linesVersion = 0 } = await anEstimate();
    const begun = linesVersion + 1;
    await LineLeftovers.deleteMany({});
    await LineLeftovers.create([{ _id, accountId, version: begun, begun, since: clock.now() }]);
    clock.set('2026-10-02T12:09:59Z');
    await importCosts(ctx, accountId, [costRow('10', { project: 'a' })]);
    await refreshEstimates(ctx);
    clock.set('2026-10-02T12:10:01Z');
    await dropLeftovers(ctx);
    expect((await lines(await invoice(accountId))).stored).toBe(8);
    clock.set('2026-10-02T12:21:00Z');
    await dropLeftovers(ctx);
    expect((await lines(await invoice(accountId))).stored).toBe(7);
  });

  it('are deleted even if those of many other invoices can’t be', async () => {
    const { _id: invoiceId } = await anEstimate();
    const others = Array.from({ length: 25 }, (_, at) => `${invoiceId}-${at}`);
    const since = new Date('2026-10-01T00:00:00Z');
    await LineLeftovers.insertMany(others.map((_id) => ({ _id, accountId: `of-${_id}`, version: 1, since })));
    for (const id of others) await claimLease(`lines:${id}`, 60_000);
    clock.set('2026-10-02T12:30:00Z');
    expect(await dropLeftovers(ctx)).toBe(1);
    expect(await LineLeftovers.exists({ _id: invoiceId })).toBeNull();
  });
});

describe('the close of an invoice with very many lines', () => {
  it('that fails before the switch leaves the present lines, and what it wrote is deleted after a while', async () => {
    const estimate = await anEstimate();
    const before = await lines(estimate);
    await importCosts(ctx, estimate.accountId, [costRow('10', { project: 'a' }), costRow('20', { project: 'aa' })]);
    const failing = inPreparedChange(ctx, estimate, {
      patienceMs: 0,
      use: async () => Promise.reject(new Error('No')),
    });
    await expect(failing).rejects.toThrow('No');
    expect(await lines(await invoice(estimate.accountId))).toEqual({ own: before.own, stored: 7 + 8 });
    expect(await dropLeftovers(ctx)).toBe(0);
    clock.set('2026-10-02T12:20:00Z');
    expect(await dropLeftovers(ctx)).toBe(1);
    expect(await lines(estimate)).toEqual({ own: before.own, stored: 7 });
    expect(await Lines.countDocuments({ until: { $exists: true } })).toBe(0);
    expect(await LineLeftovers.countDocuments()).toBe(0);
    await refreshEstimates(ctx);
    await expectSums(await invoice(estimate.accountId));
  }, 60_000);

  it('freezes the lines that were written ahead, with all costs that came while they were', async () => {
    const estimate = await anEstimate();
    const { accountId } = estimate;
    await importCosts(ctx, accountId, [costRow('10', { project: 'a' })]);
    clock.set('2026-11-03T12:00:00Z');
    const late = async () => {
      for (let at = 0; at < 5; at++)
        await importCosts(ctx, accountId, [costRow(`0.0${at}1`, { project: 'b' })], `${at}.csv`);
    };
    const [closed] = await Promise.all([closeDue(ctx), late()]);
    expect(closed).toBe(1);
    const issued = await invoice(accountId);
    expect(issued).toMatchObject({ state: 'mailed', seq: 1 });
    await expectSums(issued);
    clock.set('2026-12-03T12:00:00Z');
    expect(await closeDue(ctx)).toBe(1);
    const all = await Invoices.find({ accountId }).sort({ period: 1 }).lean();
    // 1.25 + … + 7.25, and the six that came later, on one of the two
    expect(sum(all.map(({ exact }) => fromDecimal128(exact))).toFixed()).toBe('39.855');
  }, 60_000);

  it('that is killed before the switch leaves the present lines, and is done again by the next process', async () => {
    const estimate = await anEstimate();
    const { accountId, billingGroupId } = estimate;
    const before = await lines(estimate);
    await importCosts(ctx, accountId, [costRow('10', { project: 'a' }), costRow('20', { project: 'aa' })]);
    const now = '2026-11-03T12:00:00.000Z';
    const child = startChild('test/children/killed-before-use.ts', [
      ...[testDatabaseUri(), accountId, billingGroupId, OCTOBER, now],
    ]);
    expect([await child.ended, child.errors()]).toEqual(['SIGKILL', '']);
    const killed = await invoice(accountId);
    expect(killed).toMatchObject({ state: 'estimate', linesVersion: 1, lineCount: 7 });
    // the replaced line, and all that come after the new one
    expect(await lines(killed)).toEqual({ own: before.own, stored: 7 + 8 });
    await expectSums(killed);
    await importCosts(ctx, accountId, [costRow('10', { project: 'b' })]);
    // the lease of the killed process ends
    await Leases.updateOne({ _id: `lines:${killed._id}` }, { $set: { until: new Date(0) } });
    clock.set(now);
    expect(await closeDue(ctx)).toBe(1);
    const issued = await invoice(accountId);
    expect(issued).toMatchObject({ state: 'mailed', linesVersion: 2, lineCount: 8 });
    await expectSums(issued);
    expect((await lines(issued)).own.slice(0, 3)).toEqual(['1 a 11.25', '2 aa 20', '3 b 12.25']);
    clock.set('2026-11-03T13:20:00Z');
    expect(await dropLeftovers(ctx)).toBe(1);
    clock.set('2026-11-03T13:40:00Z');
    expect(await dropLeftovers(ctx)).toBe(1);
    expect((await lines(issued)).stored).toBe(8);
    await expectSums(issued);
  }, 120_000);
});
