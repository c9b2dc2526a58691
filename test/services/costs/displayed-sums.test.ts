import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Decimal, sum } from '../../../src/billing/money/money.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { checkBudgets } from '../../../src/services/budgets/budget-checks.ts';
import { setBudget } from '../../../src/services/budgets/budgets.ts';
import { costOverview } from '../../../src/services/costs/cost-overview.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { setRate } from '../../../src/services/costs/rates.ts';
import { groupDetails } from '../../../src/services/groups/group-details.ts';
import { groupSummary } from '../../../src/services/groups/group-lists.ts';
import { groupOverview } from '../../../src/services/groups/group-overview.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { createAdjustment } from '../../../src/services/invoicing/adjustments.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import { invoiceOf } from '../../../src/services/invoicing/invoice-reading.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups, Projects } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { costsReply } from '../../../views/costs/costs.ts';
import { groupLine } from '../../../views/group/group-list.ts';
import { invoiceView } from '../../../views/invoices/invoice.ts';
import { invoiceIssuedMessage } from '../../../views/invoices/invoice-issued.ts';
import { anAccount, contextAt, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { creditFor } from '../../support/invoices/credits.ts';
import { costRow, FOCUS_HEAD, groupWithCosts } from '../../support/invoices/invoices.ts';

useDatabase(migrate);

const OCTOBER = toPeriod('2026-10');
const clock = new TestClock('2026-10-20T12:00:00Z');
const ctx = contextAt(clock);

/** The same numbers for the same seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

/**
 * Two groups in EUR and one in USD with costs in three currencies, one possibly without a rate; with credits and
 * adjustments in all states.
 */
async function anyAccount(seed: number) {
  const next = numbers(seed);
  const account = await anAccount(ctx, { currency: 'EUR' });
  const accountId = account._id;
  await Accounts.updateOne({ _id: accountId }, { $set: { 'seller.countryCode': 'DE', 'seller.vatId': 'DE123456789' } });
  const groups = [];
  for (const name of ['A', 'B', 'C']) groups.push(await createGroup(ctx, { accountId, name }));
  await Groups.updateOne({ _id: groups[2]?._id ?? '' }, { $set: { currency: 'USD' } });
  for (let at = 0; at < 14; at++) {
    const billingGroupId = groups[at % 3]?._id ?? '';
    const { project } = await createProject(ctx, { accountId, name: `p${at}`, billingGroupId });
    await Projects.updateOne({ _id: project._id }, { $set: { externalId: `p${at}`, externalKey: `p${at}` } });
  }
  await setRate(ctx, { accountId, currency: 'USD', rate: '1.1234' });
  const rows = Array.from({ length: 60 }, () =>
    costRow(`${next(500)}.${next(100_000)}`, {
      currency: ['EUR', 'EUR', 'USD', 'CHF'][next(4)] ?? 'EUR',
      service: `Service ${next(13)}`,
      project: `p${next(14)}`,
    }),
  );
  const open = () => Readable.from([Buffer.from(`${[FOCUS_HEAD, ...rows].join('\n')}\n`)]);
  await importFocus(ctx, { accountId, fileName: 'x.csv', replace: false, open });
  for (const [at, group] of groups.entries()) {
    const of = { accountId, billingGroupId: group._id };
    if (next(2)) await createAdjustment(ctx, { ...of, kind: 'discount', description: 'Off', percentage: '7.3' });
    if (next(2)) await createAdjustment(ctx, { ...of, kind: 'charge', description: 'Setup', amount: '12.34' });
    if (next(2)) await createAdjustment(ctx, { ...of, kind: 'commitment', description: 'Plan', amount: '90000.00' });
    const currency = at === 2 ? 'USD' : 'EUR';
    if (next(2)) await creditFor(group, `${next(900) + 1}.55`, { type: 'promotion', currency });
    if (next(2)) await creditFor(group, `${next(900) + 1}.45`, { type: 'purchase', currency });
  }
  await refreshEstimates(ctx);
  return { accountId, groups };
}

/** The amounts in a section's lines, with the text after them. */
function linesOf(block: unknown): { currency: string; amount: Decimal; name: string }[] {
  const text = String((block as { text?: { text?: string } }).text?.text ?? '');
  return [...text.matchAll(/^([A-Z]{3}) (-?[\d,]+(?:\.\d+)?) · (.*)$/gm)].map(
    ([, currency = '', amount = '', name = '']) => ({
      currency,
      amount: new Decimal(amount.replaceAll(',', '')),
      name,
    }),
  );
}

/** What doesn't add up in the lines from the costs to the amount due. */
function faultsIn(rows: readonly { amount: Decimal; name: string }[]): string[] {
  const of = (beginning: string) =>
    sum(rows.filter(({ name }) => name.startsWith(beginning)).map(({ amount }) => amount));
  const has = (name: string) => rows.some((row) => row.name === name);
  const net = sum(['Costs', 'Adjustments', 'Commitments', 'Credits'].map(of));
  const total = net.plus(of('Tax'));
  const due = total.plus(of('Purchased credits')).plus(of('Credit balance'));
  return [
    ...(has('Total before tax') && !of('Total before tax').equals(net) ? ['net'] : []),
    ...(has('Total') && !sum(rows.filter(({ name }) => name === 'Total').map(({ amount }) => amount)).equals(total)
      ? ['total']
      : []),
    ...(of('Amount due').equals(due) ? [] : [`due ${due}`]),
  ];
}

describe('displayed amounts', () => {
  it.each([1, 2, 3, 4, 5, 6])('add up on every screen, and what is left out is named: account %i', async (seed) => {
    const { accountId, groups } = await anyAccount(seed);
    const overview = await costOverview(ctx, accountId, OCTOBER);
    const { blocks = [] } = await costsReply(ctx, accountId, OCTOBER);
    const sections = blocks.map((block) => ({ text: JSON.stringify(block), lines: linesOf(block) }));
    const heads = sections.filter(({ lines }) => lines.some(({ name }) => name === 'Amount due'));
    expect(heads).toHaveLength(overview.totals.length);
    expect(heads.map(({ lines }) => faultsIn(lines))).toEqual(heads.map(() => []));
    for (const title of ['Costs by billing group', 'Costs by project', 'Costs by service']) {
      const lines = sections.find(({ text }) => text.includes(title))?.lines ?? [];
      for (const { currency, costs } of overview.totals) {
        const own = lines.filter((line) => line.currency === currency).map(({ amount }) => amount);
        expect([title, currency, sum(own).toFixed(2)]).toEqual([title, currency, costs.toFixed(2)]);
      }
    }
    const chf = sum(overview.leftOut.filter(({ currency }) => currency === 'CHF').map(({ amount }) => amount));
    expect(
      sections.some(({ text }) => text.includes(`CHF ${chf.toFixed(2).replace(/\B(?=(\d{3})+\.)/, ',')} (costs)`)),
    ).toBe(!chf.isZero());
    for (const { _id: id } of groups) {
      const invoice = await invoiceOf(ctx, accountId, id, OCTOBER);
      if (!invoice) throw new Error('no estimate');
      const view = await invoiceView(ctx, accountId, { id: invoice.id });
      const figures = view.blocks.map(linesOf).find((lines) => lines.some(({ name }) => name === 'Amount due')) ?? [];
      expect(faultsIn(figures)).toEqual([]);
      const message = invoiceIssuedMessage(invoice, [], true);
      const told = message.blocks.map(linesOf).find((lines) => lines.some(({ name }) => name === 'Amount due')) ?? [];
      expect(faultsIn(told)).toEqual([]);
      expect(JSON.stringify(message)).not.toMatch(/\bNet\b/i);
      const shown = overview.byGroup.find(
        ({ name, currency }) => name === invoice.billingGroupName && currency === invoice.currency,
      );
      expect((shown?.amount ?? new Decimal(0)).toFixed(2)).toBe(invoice.breakdown.costs.toFixed(2));
    }
  });

  it('are the same for an invoice stored before it had the breakdown of its figures', async () => {
    const { accountId } = await anyAccount(7);
    const before = await costOverview(ctx, accountId, OCTOBER);
    await Invoices.updateMany({ accountId }, { $unset: { breakdown: 1 }, $set: { computedAt: new Date(0) } });
    const after = await costOverview(ctx, accountId, OCTOBER);
    expect(after.totals).toEqual(before.totals);
  });
});

describe('a commitment in the open month', () => {
  it('isn’t a cost before the month has ended: it is shown separately and not counted in budgets', async () => {
    const { account, group } = await groupWithCosts(ctx, [costRow('100')], { currency: 'USD' });
    const of = { accountId: account._id, billingGroupId: group._id };
    await Groups.updateOne({ _id: group._id }, { $set: { currency: 'EUR' } });
    await createAdjustment(ctx, { ...of, kind: 'commitment', description: 'Plan', amount: '8000.00' });
    await creditFor(group, '500', { type: 'promotion' });
    await refreshEstimates(ctx);
    // the costs before credits count, the commitment doesn't
    await setBudget(ctx, { ...of, amount: '1000' });
    await checkBudgets(ctx);
    expect(await Events.countDocuments({ accountId: account._id, type: 'budget_passed' })).toBe(0);

    const summary = await groupSummary(ctx, account._id, group._id);
    expect([summary.accumulated.toFixed(2), summary.missingToCommitments.toFixed(2)]).toEqual(['0.00', '7900.00']);
    expect(JSON.stringify(groupLine(account._id, summary))).toContain(
      'EUR 0.00 so far in October 2026 · EUR 7,900.00 short of the minimum commitment, charged only if costs stay below it',
    );
    expect((await groupDetails(ctx, account._id, group._id)).estimate.toFixed(2)).toBe('0.00');
    const overview = await groupOverview(ctx, account._id, summary);
    expect(overview.totals.map(({ total }) => total.toFixed(2))).toEqual(['0.00']);
    expect(overview.biggest.map(({ lineType }) => lineType)).toEqual(['service_charge']);
    // the invoice would have it
    expect(overview.estimate?.net.toFixed(2)).toBe('7500.00');
  });
});
