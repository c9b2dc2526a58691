import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { refreshEstimates } from '../../../src/services/invoicing/estimates.ts';
import { askMove } from '../../../src/services/moves/move-ask.ts';
import { approveMove } from '../../../src/services/moves/move-decide.ts';
import { previewMove } from '../../../src/services/moves/move-preview.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Memberships, Projects } from '../../../src/store/groups/groups.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { fromDecimal128 } from '../../../src/store/kit/decimal.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Moves, OpenMoves } from '../../../src/store/moves/moves.ts';
import { useDatabase } from '../../support/database/database.ts';
import { QueryCounter } from '../../support/database/queries.ts';
import {
  ask,
  clock,
  ctx,
  fault,
  fill,
  member,
  owner,
  requested,
  type World,
  world,
} from '../../support/moves/moves.ts';

useDatabase(migrate, { monitorCommands: true });

const HEAD =
  'BillingAccountId,BillingCurrency,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId';

describe('the money in a move', () => {
  // the clocks go forward on 29 March 2026: the month has 743 hours in Berlin
  const costs = [
    ['2026-02-28 23:30:00', '1.00'],
    ['2026-03-10 00:00:00', '10.01'],
    ['2026-03-29 00:59:59', '100.10'],
    ['2026-03-29 01:00:00', '1000.003'],
    ['2026-03-31 21:59:59', '10000.004'],
  ] as const;

  it.each([
    // the whole month is included, from midnight in Berlin
    ['period_start', '0.00', '11111.12'],
    ['now', '111.11', '11000.01'],
    ['next_period', '11111.12', '0.00'],
  ] as const)('is exact on both invoices in a month with a clock change: %s', async (effect, inA, inB) => {
    const of = await world('nobody', 'Europe/Berlin');
    const lines = costs.map(([begin, amount]) => `b1,EUR,${amount},Usage,${begin},${begin},Compute,p1`);
    await Projects.updateOne({ _id: of.projectId }, { $set: { externalId: 'p1' } });
    clock.set('2026-03-29T01:00:00Z');
    const file = () => Readable.from([Buffer.from(`${[HEAD, ...lines].join('\n')}\n`)]);
    await importFocus(ctx, { accountId: of.account._id, fileName: 'x.csv', replace: false, open: file });
    await refreshEstimates(ctx);
    const preview = await previewMove(ctx, { accountId: of.account._id, projectIds: [of.projectId], toGroupId: of.b });
    await ask(of, effect);
    expect(await fault(of.projectId)).toBeUndefined();
    await refreshEstimates(ctx);
    const net = async (billingGroupId: string) =>
      fromDecimal128(
        (
          await Invoices.findOne({ billingGroupId, period: toPeriod('2026-03') })
            .orFail()
            .lean()
        ).net,
      ).toFixed(2);
    expect([await net(of.a), await net(of.b)]).toEqual([inA, inB]);
    // the result equals the prediction
    const promised = preview.find((one) => one.effect === effect)?.estimates.map(({ after }) => after.toFixed(2));
    expect(promised).toEqual([inB, inA]);
    clock.set('2026-04-05T00:00:00Z');
    for (const id of [of.a, of.b]) await closeInvoice(ctx, { _id: id, accountId: of.account._id }, toPeriod('2026-03'));
    expect([await net(of.a), await net(of.b)]).toEqual([inA, inB]);
    clock.set('2026-03-20T12:00:00Z');
  });

  it('is predicted exactly for a project that already changed its group in the same month', async () => {
    const of = await world('nobody');
    const c = await createGroup(ctx, { accountId: of.account._id, name: 'C' });
    await Projects.updateOne({ _id: of.projectId }, { $set: { externalId: 'p1' } });
    const lines = ['2026-03-05', '2026-03-19'].map((day, at) => `b1,EUR,${at + 1}.00,Usage,${day},${day},Compute,p1`);
    const file = () => Readable.from([Buffer.from(`${[HEAD, ...lines].join('\n')}\n`)]);
    await importFocus(ctx, { accountId: of.account._id, fileName: 'x.csv', replace: false, open: file });
    clock.set('2026-03-10T00:00:00Z');
    await ask(of, 'now');
    clock.set('2026-03-20T12:00:00Z');
    await refreshEstimates(ctx);
    const input = { accountId: of.account._id, projectIds: [of.projectId], toGroupId: c._id };
    const [start] = await previewMove(ctx, input);
    expect(start?.along.map(({ amount }) => amount.toFixed(2))).toEqual(['3.00']);
    const byName = Object.fromEntries(
      (start?.estimates ?? []).map(({ name, before, after }) => [name, [before.toFixed(2), after.toFixed(2)]]),
    );
    expect(byName).toEqual({ C: ['0.00', '3.00'], B: ['2.00', '0.00'], A: ['1.00', '0.00'] });
  });

  it('is stored as it was predicted at the time of the request', async () => {
    const of = await world('receiving');
    await Projects.updateOne({ _id: of.projectId }, { $set: { externalId: 'p1' } });
    const file = () => Readable.from([Buffer.from(`${HEAD}\nb1,EUR,7.001,Usage,2026-03-05,2026-03-06,Compute,p1\n`)]);
    await importFocus(ctx, { accountId: of.account._id, fileName: 'x.csv', replace: false, open: file });
    await refreshEstimates(ctx);
    const request = await Moves.findById(await requested(of)).lean();
    expect(request?.facts).toEqual({
      along: [{ currency: 'EUR', amount: '7.001' }],
      estimates: [
        { billingGroupId: of.b, name: 'B', currency: 'EUR', before: '0', after: '7' },
        { billingGroupId: of.a, name: 'A', currency: 'EUR', before: '7', after: '0' },
      ],
    });
  });
});

describe('a scheduled move', () => {
  const later = async (of: World) => {
    await ask(of, 'next_period');
    return Memberships.find({ projectId: of.projectId }).sort({ from: 1 }).lean();
  };

  it('is replaced by another one, from the group that it went to', async () => {
    const of = await world('nobody');
    expect((await later(of)).map(({ billingGroupId }) => billingGroupId)).toEqual([of.a, of.b]);
    const back = { accountId: of.account._id, projectIds: [of.projectId], toGroupId: of.a, reason: '' };
    expect(await askMove(member, { ...back, effect: 'now' })).toMatchObject({ kind: 'moved' });
    expect(await Memberships.find({ projectId: of.projectId }).lean()).toMatchObject([
      { billingGroupId: of.a, from: null, to: null, open: true },
    ]);
    const events = await Events.find({ accountId: of.account._id, type: 'project_moved' }).sort({ _id: 1 }).lean();
    expect(events.map(({ description }) => description)).toEqual([
      'Moved project p1 from billing group "A" to "B"',
      'Moved project p1 from billing group "B" to "A"',
    ]);
  });

  it('asks its receiving group too, as one of the groups giving up the project', async () => {
    const of = await world('nobody');
    await later(of);
    await Accounts.updateOne({ _id: of.account._id }, { $set: { approvalPolicy: { who: 'both', needed: 1 } } });
    const c = await createGroup(ctx, { accountId: of.account._id, name: 'C' });
    const asked = await askMove(member, {
      ...{ accountId: of.account._id, projectIds: [of.projectId], toGroupId: c._id },
      ...{ effect: 'now', reason: '' },
    });
    expect(asked.kind === 'requested' && [...asked.request.asked].sort()).toEqual([of.a, of.b, c._id].sort());
  });

  it('includes costs with future dates', async () => {
    const of = await world('nobody');
    await Projects.updateOne({ _id: of.projectId }, { $set: { externalId: 'p1' } });
    const rows = ['b1,EUR,5.00,Usage,2026-04-10,2026-04-11,Compute,p1'];
    const file = () => Readable.from([Buffer.from(`${[HEAD, ...rows].join('\n')}\n`)]);
    await importFocus(ctx, { accountId: of.account._id, fileName: 'x.csv', replace: false, open: file });
    await refreshEstimates(ctx);
    await ask(of, 'now');
    await refreshEstimates(ctx);
    const april = await Invoices.find({ accountId: of.account._id, period: toPeriod('2026-04') }).lean();
    const nets = Object.fromEntries(
      april.map(({ billingGroupId, net }) => [billingGroupId, fromDecimal128(net).toFixed(2)]),
    );
    expect(nets).toEqual({ [of.a]: '0.00', [of.b]: '5.00' });
  });
});

describe('1,024 projects', () => {
  it('are moved at once, with an event for each', async () => {
    const of = await world('nobody');
    const input = { accountId: of.account._id, toGroupId: of.b, effect: 'now', reason: '' } as const;
    const done = await askMove(member, { ...input, projectIds: await fill(of) });
    expect(done).toMatchObject({ kind: 'moved', projects: { length: 1024 } });
    expect(await Memberships.countDocuments({ billingGroupId: of.b, open: true })).toBe(1024);
    expect(await Events.countDocuments({ accountId: of.account._id, type: 'project_moved' })).toBe(1024);
    const tooMany = Array.from({ length: 1025 }, (_, at) => `x${at}`);
    await expect(askMove(member, { ...input, projectIds: tooMany })).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('are one request and one decision, and those already in the group are named and skipped', async () => {
    const of = await world('receiving');
    const projectIds = await fill(of);
    const { project } = await createProject(ctx, { accountId: of.account._id, name: 'in-b', billingGroupId: of.b });
    const asked = await askMove(member, {
      ...{ accountId: of.account._id, toGroupId: of.b, effect: 'now', reason: '' },
      projectIds: [...projectIds.slice(1), project._id],
    });
    if (asked.kind !== 'requested') throw new Error('not requested');
    expect(asked.there.map(({ name }) => name)).toEqual(['in-b']);
    expect(await OpenMoves.countDocuments({ requestId: asked.request._id })).toBe(1023);
    await approveMove(owner, { accountId: of.account._id, requestId: asked.request._id });
    expect(await Memberships.countDocuments({ billingGroupId: of.b, open: true })).toBe(1024);
    expect(await Events.countDocuments({ accountId: of.account._id, type: 'move_approved' })).toBe(1);
    expect(await Events.countDocuments({ accountId: of.account._id, type: 'project_moved' })).toBe(1023);
  });

  it('with different histories in the month are previewed with a constant number of queries', async () => {
    const of = await world('nobody');
    const projectIds = await fill(of);
    for (const [at, projectId] of projectIds.entries()) {
      if (at % 100 !== 0) continue;
      clock.set(new Date(Date.UTC(2026, 2, 5, at / 100)).toISOString());
      await askMove(member, {
        accountId: of.account._id,
        projectIds: [projectId],
        toGroupId: of.b,
        effect: 'now',
        reason: '',
      });
    }
    clock.set('2026-03-20T12:00:00Z');
    const queries = new QueryCounter();
    const previews = await previewMove(member, { accountId: of.account._id, projectIds, toGroupId: of.b });
    const taken = queries.take();
    expect(previews).toHaveLength(3);
    expect({ taken, few: taken.filter((one) => !one.startsWith('getMore')).length <= 28 }).toEqual({
      taken,
      few: true,
    });
  });
});
