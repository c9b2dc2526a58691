import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { EFFECTS, type Effect } from '../../../src/billing/move/move.ts';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { missingToCommitments, netSoFar } from '../../../src/services/costs/costs-so-far.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { createAdjustment } from '../../../src/services/invoicing/adjustments.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import { approveMove } from '../../../src/services/moves/move-decide.ts';
import { previewMove } from '../../../src/services/moves/move-preview.ts';
import { getMove } from '../../../src/services/moves/move-read.ts';
import { tendMoves } from '../../../src/services/moves/move-tend.ts';
import { Credits } from '../../../src/store/credits/credits.ts';
import { Groups, Projects } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Moves } from '../../../src/store/moves/moves.ts';
import { moveLine, moveRequestMessage } from '../../../views/moves/move-request.ts';
import { useDatabase } from '../../support/database/database.ts';
import { creditFor } from '../../support/invoices/credits.ts';
import { FOCUS_HEAD } from '../../support/invoices/invoices.ts';
import { ask, clock, ctx, owner, requested, START, type World, world } from '../../support/moves/moves.ts';

useDatabase(migrate);

const MARCH = toPeriod('2026-03');

async function importCosts(of: World, fileName: string, costs: readonly (readonly [day: string, amount: string])[]) {
  const lines = costs.map(([day, amount]) => `b1,EUR,${amount},Usage,${day},${day},Compute,p1,${fileName} ${amount}`);
  const open = () => Readable.from([Buffer.from(`${[FOCUS_HEAD, ...lines].join('\n')}\n`)]);
  await importFocus(ctx, { accountId: of.account._id, fileName, replace: false, open });
  await refreshEstimates(ctx);
}

/** Group A has a discount and a credit; group B has a charge, a commitment and a credit. */
async function billed(policy: 'nobody' | 'receiving'): Promise<World> {
  const of = await world(policy);
  const accountId = of.account._id;
  await Projects.updateOne({ _id: of.projectId }, { $set: { externalId: 'p1' } });
  const [a, b] = [of.a, of.b].map((billingGroupId) => ({ accountId, billingGroupId }));
  if (!a || !b) throw new Error('no groups');
  await createAdjustment(ctx, { ...a, kind: 'discount', description: 'Partner', percentage: '10', from: MARCH });
  await createAdjustment(ctx, { ...b, kind: 'charge', description: 'Support', amount: '12.34', from: MARCH });
  await createAdjustment(ctx, { ...b, kind: 'commitment', description: 'Plan', amount: '500.00', from: MARCH });
  for (const [id, value] of [
    [of.a, '30.00'],
    [of.b, '20.00'],
  ] as const) {
    const { _id } = await creditFor({ _id: id, accountId }, value, { type: 'promotion' });
    await Credits.updateOne({ _id }, { $set: { startTime: new Date('2026-03-01T00:00:00Z') } });
  }
  await importCosts(of, 'first.csv', [
    ['2026-03-05', '100.005'],
    ['2026-03-25', '200.001'],
  ]);
  return of;
}

async function estimates(of: World) {
  const found: Record<string, string[]> = {};
  for (const id of [of.b, of.a]) {
    const { name } = await Groups.findById(id).orFail().lean();
    const estimate = await Invoices.findOne({ billingGroupId: id, period: MARCH }).lean();
    if (estimate) found[name] = [netSoFar(estimate).toFixed(2), missingToCommitments(estimate).toFixed(2)];
  }
  return found;
}

describe('the cost impact of a move', () => {
  it.each(EFFECTS)(
    'is what the invoices calculate, with discounts, charges, commitments and credits: %s',
    async (effect: Effect) => {
      const of = await billed('nobody');
      const input = { accountId: of.account._id, projectIds: [of.projectId], toGroupId: of.b };
      const preview = (await previewMove(ctx, input)).find((one) => one.effect === effect);
      const promised = (at: 'before' | 'after') =>
        Object.fromEntries(
          (preview?.estimates ?? []).map((change) => [
            change.name,
            [change[at].toFixed(2), change.commitments?.[at].toFixed(2) ?? '0.00'],
          ]),
        );
      const before = await estimates(of);
      expect(promised('before')).toEqual({ B: ['0.00', '500.00'], ...before });
      await ask(of, effect);
      await refreshEstimates(ctx);
      expect(promised('after')).toEqual({ B: ['0.00', '500.00'], ...(await estimates(of)) });
      if (effect !== 'next_period') expect(promised('after')).not.toEqual(promised('before'));
    },
  );

  it('uses the later date for a request approved for a later date', async () => {
    const of = await billed('receiving');
    const accountId = of.account._id;
    const id = await requested(of);
    clock.set('2026-04-03T00:00:00Z');
    await importCosts(of, 'april.csv', [['2026-04-02', '40.00']]);
    for (const _id of [of.a, of.b]) await closeInvoice(ctx, { _id, accountId }, MARCH);
    await approveMove(owner, { accountId, requestId: id, earliest: new Date('2026-04-01T00:00:00Z') });
    const move = await getMove(ctx, accountId, id);
    expect(move.facts?.along).toEqual([{ currency: 'EUR', amount: '40' }]);
    const said = JSON.stringify(moveRequestMessage(move).blocks);
    expect(said).toContain('Includes EUR 40.00 of costs so far');
    expect(said).toContain('1 April 2026 instead of 1 March 2026, because March 2026 has been invoiced');
    clock.set(START);
  });

  it('follows the costs while a request is open, and is what the approver sees', async () => {
    const of = await billed('receiving');
    const id = await requested(of);
    const shown = async () => JSON.stringify(moveRequestMessage(await getMove(ctx, of.account._id, id)).blocks);
    const first = await shown();
    await tendMoves(ctx);
    expect(await Moves.findById(id).lean()).toMatchObject({ version: 1 });
    await importCosts(of, 'second.csv', [['2026-03-06', '50.00']]);
    await tendMoves(ctx);
    expect(await Moves.findById(id).lean()).toMatchObject({ version: 2, unshown: true });
    const second = await shown();
    expect(second).not.toBe(first);
    const amounts = (text: string) => [...text.matchAll(/EUR -?[\d,.]+ → EUR -?[\d,.]+/g)].map(([amount]) => amount);
    expect(amounts(JSON.stringify(moveLine(await getMove(ctx, of.account._id, id))))).toEqual(amounts(second));
    await tendMoves(ctx);
    expect(await Moves.findById(id).lean()).toMatchObject({ version: 2 });

    // the estimates aren't refreshed yet
    const lines = `${FOCUS_HEAD}\nb1,EUR,7.00,Usage,2026-03-07,2026-03-07,Compute,p1,third\n`;
    const open = () => Readable.from([Buffer.from(lines)]);
    await importFocus(ctx, { accountId: of.account._id, fileName: 'third.csv', replace: false, open });
    await approveMove(owner, { accountId: of.account._id, requestId: id });
    await refreshEstimates(ctx);
    const { facts } = await Moves.findById(id).orFail().lean();
    const after = facts?.estimates.map(({ name, after: net, commitments }) => [
      name,
      Number(net).toFixed(2),
      Number(commitments?.after ?? 0).toFixed(2),
    ]);
    expect(after).toEqual(Object.entries(await estimates(of)).map(([name, figures]) => [name, ...figures]));
    expect(facts?.along).toEqual([{ currency: 'EUR', amount: '357.006' }]);
  });
});
