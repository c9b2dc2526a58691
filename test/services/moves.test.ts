import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { faultIn } from '../../src/billing/membership.ts';
import type { Effect } from '../../src/billing/move.ts';
import { toPeriod } from '../../src/billing/period.ts';
import { setMember } from '../../src/services/accounts.ts';
import { refreshEstimates } from '../../src/services/estimates.ts';
import { createGroup, deleteGroup } from '../../src/services/groups.ts';
import { importFocus } from '../../src/services/imports.ts';
import { closeInvoice } from '../../src/services/invoices.ts';
import { askMove } from '../../src/services/move-ask.ts';
import { approveMove, rejectMove, tendMoves, withdrawMove } from '../../src/services/move-decide.ts';
import { openMovesFor, previewMove } from '../../src/services/move-read.ts';
import { createProject } from '../../src/services/projects.ts';
import { type AccountDoc, Accounts } from '../../src/store/accounts.ts';
import { fromDecimal128 } from '../../src/store/decimal.ts';
import { Events } from '../../src/store/events.ts';
import { Groups, Memberships, Projects } from '../../src/store/groups.ts';
import { Invoices } from '../../src/store/invoices.ts';
import { migrate } from '../../src/store/migrate.ts';
import { Moves, OpenMoves } from '../../src/store/moves.ts';
import { anAccount, contextAt, person, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database.ts';

useDatabase(migrate);

const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
const owner = contextAt(clock, person('U_OWNER'));
const member = contextAt(clock, person('U_MEMBER'));
const HEAD =
  'BillingAccountId,BillingCurrency,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId';

interface World {
  readonly account: AccountDoc;
  readonly a: string;
  readonly b: string;
  readonly projectId: string;
}

/** An account with groups A and B, and a project in A; moves need an approval unless nobody is asked. */
async function world(who: 'receiving' | 'both' | 'nobody', timeZone = 'Etc/UTC'): Promise<World> {
  const account = await anAccount(ctx, { timeZone, currency: 'EUR' });
  await Accounts.updateOne({ _id: account._id }, { $set: { approvalPolicy: { who, needed: 1 } } });
  await setMember(ctx, account._id, 'U_MEMBER', 'member');
  const a = await createGroup(ctx, { accountId: account._id, name: 'A' });
  const b = await createGroup(ctx, { accountId: account._id, name: 'B' });
  const { project } = await createProject(ctx, { accountId: account._id, name: 'p1', billingGroupId: a._id });
  return { account, a: a._id, b: b._id, projectId: project._id };
}

const ask = ({ account, b, projectId }: World, effect: Effect = 'period_start', by = member) =>
  askMove(by, { accountId: account._id, projectIds: [projectId], toGroupId: b, effect, reason: 'Because.' });

async function requested(of: World, effect: Effect = 'period_start'): Promise<string> {
  const asked = await ask(of, effect);
  if (asked.kind !== 'requested') throw new Error('not requested');
  return asked.request._id;
}

async function assertSound(projectId: string): Promise<void> {
  expect(faultIn(await Memberships.find({ projectId }).lean())).toBeUndefined();
}

const holder = async (projectId: string) =>
  (await Memberships.findOne({ projectId, open: true }).orFail().lean()).billingGroupId;

describe('a move', () => {
  it('is made at once where the policy asks nobody, with one membership open and its event', async () => {
    const of = await world('nobody');
    expect((await ask(of, 'now')).kind).toBe('moved');
    expect(await holder(of.projectId)).toBe(of.b);
    await assertSound(of.projectId);
    const [event] = await Events.find({ accountId: of.account._id, type: 'project_moved' }).lean();
    expect(event?.description).toBe('Moved project p1 from billing group "A" to "B"');
    expect((await ask(of, 'now')).kind).toBe('nothing');
  });

  it('waits for an approver of the receiving group, and never for who asked', async () => {
    const of = await world('receiving');
    const requestId = await requested(of);
    expect(await holder(of.projectId)).toBe(of.a);
    await expect(approveMove(member, { accountId: of.account._id, requestId })).rejects.toMatchObject({
      code: 'not_an_approver',
    });
    expect((await openMovesFor(owner, of.account._id)).map(({ _id }) => _id)).toEqual([requestId]);
    expect(await openMovesFor(member, of.account._id)).toEqual([]);
    const approved = await approveMove(owner, { accountId: of.account._id, requestId });
    expect(approved.outcome).toBe('moved');
    expect(await holder(of.projectId)).toBe(of.b);
    expect(await OpenMoves.countDocuments({ requestId })).toBe(0);
  });

  it('may be approved by who is named on the group, whatever their role', async () => {
    const of = await world('receiving');
    await setMember(ctx, of.account._id, 'U_NAMED', 'viewer');
    await Groups.updateOne({ _id: of.b }, { $set: { approverIds: ['U_NAMED'] } });
    const requestId = await requested(of);
    const named = contextAt(clock, person('U_NAMED'));
    expect((await approveMove(named, { accountId: of.account._id, requestId })).outcome).toBe('moved');
  });

  it('waits for as many as the policy needs', async () => {
    const of = await world('both');
    await Accounts.updateOne({ _id: of.account._id }, { $set: { approvalPolicy: { who: 'both', needed: 2 } } });
    await expect(ask(of)).rejects.toMatchObject({ code: 'no_approver' });
    await setMember(ctx, of.account._id, 'U_SECOND', 'approver');
    const requestId = await requested(of);
    expect((await approveMove(owner, { accountId: of.account._id, requestId })).outcome).toBe('waiting');
    // the same person twice is one approval
    expect((await approveMove(owner, { accountId: of.account._id, requestId })).outcome).toBe('waiting');
    const second = contextAt(clock, person('U_SECOND'));
    expect((await approveMove(second, { accountId: of.account._id, requestId })).outcome).toBe('moved');
  });

  it('is refused when nobody could approve it, with whom to add', async () => {
    const of = await world('receiving');
    await expect(ask(of, 'now', owner)).rejects.toMatchObject({ code: 'no_approver', people: ['U_OWNER'] });
  });

  it('has at most one open request for a project, also of ten that are asked for at once', async () => {
    const of = await world('receiving');
    const all = await Promise.allSettled(Array.from({ length: 10 }, () => ask(of)));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of all)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'move_open_already' });
    expect(await Moves.countDocuments({ accountId: of.account._id })).toBe(1);
  });

  it('is decided once of a hundred approvals at the same time', async () => {
    const of = await world('receiving');
    const requestId = await requested(of);
    const approve = () => approveMove(owner, { accountId: of.account._id, requestId });
    const all = await Promise.allSettled(Array.from({ length: 100 }, approve));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of all) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'move_settled' });
    expect(await Memberships.countDocuments({ projectId: of.projectId })).toBe(2);
    for (const type of ['move_approved', 'project_moved'] as const) {
      expect(await Events.countDocuments({ accountId: of.account._id, type })).toBe(1);
    }
  });
});

describe('the end of a request', () => {
  it('is told to whoever comes later: what happened, and by whom', async () => {
    const of = await world('receiving');
    const requestId = await requested(of);
    await rejectMove(owner, { accountId: of.account._id, requestId, reason: 'Not this month.' });
    await expect(approveMove(owner, { accountId: of.account._id, requestId })).rejects.toMatchObject({
      code: 'move_settled',
      message: expect.stringContaining('rejected already'),
      people: ['U_OWNER'],
    });
    // free for another request
    expect((await ask(of)).kind).toBe('requested');
  });

  it('needs a reason when it is a rejection', async () => {
    const of = await world('receiving');
    const requestId = await requested(of);
    await expect(rejectMove(owner, { accountId: of.account._id, requestId, reason: '  ' })).rejects.toMatchObject({
      fields: { reason: 'Say why.' },
    });
  });

  it('can be brought about by who asked, and by nobody else', async () => {
    const of = await world('receiving');
    const requestId = await requested(of);
    await expect(withdrawMove(owner, { accountId: of.account._id, requestId })).rejects.toMatchObject({
      code: 'not_yours',
    });
    expect((await withdrawMove(member, { accountId: of.account._id, requestId })).state).toBe('withdrawn');
  });

  it('comes by itself after seven days, after a reminder, each once', async () => {
    const of = await world('receiving');
    const requestId = await requested(of);
    clock.set('2026-03-21T12:00:01Z');
    await Promise.all([1, 2, 3].map(() => tendMoves(ctx)));
    await tendMoves(ctx);
    expect(await Events.countDocuments({ accountId: of.account._id, type: 'move_reminded' })).toBe(1);
    clock.set('2026-03-27T12:00:01Z');
    await Promise.all([1, 2, 3].map(() => tendMoves(ctx)));
    expect(await Moves.findById(requestId).lean()).toMatchObject({ state: 'expired' });
    expect(await Events.countDocuments({ accountId: of.account._id, type: 'move_expired' })).toBe(1);
    clock.set('2026-03-20T12:00:00Z');
  });
});

describe('when the world has changed', () => {
  it('a project that was moved otherwise is left out, or none is moved, as the approver chooses', async () => {
    for (const ifSomeCant of ['others', 'none'] as const) {
      const of = await world('receiving');
      const c = await createGroup(ctx, { accountId: of.account._id, name: 'C' });
      const { project } = await createProject(ctx, { accountId: of.account._id, name: 'p2', billingGroupId: of.a });
      const asked = await askMove(member, {
        accountId: of.account._id,
        projectIds: [of.projectId, project._id],
        toGroupId: of.b,
        effect: 'now',
        reason: '',
      });
      if (asked.kind !== 'requested') throw new Error('not requested');
      await Memberships.updateOne({ projectId: project._id, open: true }, { $set: { billingGroupId: c._id } });
      const decision = { accountId: of.account._id, requestId: asked.request._id };
      await expect(approveMove(owner, decision)).rejects.toMatchObject({
        code: 'move_some_cant',
        message: expect.stringContaining('p2 was moved otherwise'),
      });
      const done = await approveMove(owner, { ...decision, ifSomeCant });
      expect(done.outcome).toBe(ifSomeCant === 'others' ? 'moved' : 'none_moved');
      expect(await holder(of.projectId)).toBe(ifSomeCant === 'others' ? of.b : of.a);
      expect(done.request.outcome).toContain('p2 was moved otherwise');
    }
  });

  it('a group that was deleted refuses the decision', async () => {
    const of = await world('receiving');
    const requestId = await requested(of);
    await deleteGroup(ctx, { accountId: of.account._id, billingGroupId: of.b });
    const done = await approveMove(owner, { accountId: of.account._id, requestId });
    expect(done).toMatchObject({ outcome: 'none_moved', request: { state: 'refused' } });
    expect(await holder(of.projectId)).toBe(of.a);
  });

  it('a period that was closed puts the new earliest date to the approver', async () => {
    const of = await world('receiving');
    const requestId = await requested(of);
    clock.set('2026-04-03T00:00:00Z');
    for (const id of [of.a, of.b]) await closeInvoice(ctx, id, toPeriod('2026-03'));
    const decision = { accountId: of.account._id, requestId };
    await expect(approveMove(owner, decision)).rejects.toMatchObject({
      code: 'move_new_date',
      fields: { earliest: '2026-04-01T00:00:00.000Z' },
    });
    await approveMove(owner, { ...decision, earliest: new Date('2026-04-01T00:00:00Z') });
    const [, second] = await Memberships.find({ projectId: of.projectId }).sort({ from: 1 }).lean();
    expect(second).toMatchObject({ billingGroupId: of.b, from: new Date('2026-04-01T00:00:00Z') });
    clock.set('2026-03-20T12:00:00Z');
  });
});

describe('money', () => {
  // the clocks go forward on 29 March 2026: the month has 743 hours in Berlin
  const costs = [
    ['2026-02-28 23:30:00', '1.00'],
    ['2026-03-10 00:00:00', '10.01'],
    ['2026-03-29 00:59:59', '100.10'],
    ['2026-03-29 01:00:00', '1000.003'],
    ['2026-03-31 21:59:59', '10000.004'],
  ] as const;

  it.each([
    // the whole month goes along, from midnight in Berlin on
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
    await assertSound(of.projectId);
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
    // what was promised is what came
    const promised = preview.find((one) => one.effect === effect)?.estimates.map(({ after }) => after.toFixed(2));
    expect(promised).toEqual([inB, inA]);
    clock.set('2026-04-05T00:00:00Z');
    for (const id of [of.a, of.b]) await closeInvoice(ctx, id, toPeriod('2026-03'));
    expect([await net(of.a), await net(of.b)]).toEqual([inA, inB]);
    clock.set('2026-03-20T12:00:00Z');
  });

  it('is promised exactly for a project that changed its group before in the same month', async () => {
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
});

describe('many projects', () => {
  it('1,024 are moved by one request, with an event for each', async () => {
    const of = await world('nobody');
    const keys = Array.from({ length: 1024 }, (_, at) => `q${String(at).padStart(4, '0')}`);
    const now = clock.now();
    await Projects.insertMany(
      keys.map((name) => ({
        _id: `prj_${of.a}_${name}`,
        accountId: of.account._id,
        name,
        nameKey: name,
        label: null,
        externalId: null,
        createdAt: now,
      })),
    );
    await Memberships.insertMany(
      keys.map((key) => ({
        accountId: of.account._id,
        projectId: `prj_${of.a}_${key}`,
        projectKey: key,
        billingGroupId: of.a,
        from: null,
        to: null,
        open: true as const,
      })),
    );
    const input = { accountId: of.account._id, toGroupId: of.b, effect: 'now', reason: '' } as const;
    const done = await askMove(member, { ...input, projectIds: keys.map((key) => `prj_${of.a}_${key}`) });
    expect(done).toMatchObject({ kind: 'moved', projects: { length: 1024 } });
    expect(await Memberships.countDocuments({ billingGroupId: of.b, open: true })).toBe(1024);
    expect(await Events.countDocuments({ accountId: of.account._id, type: 'project_moved' })).toBe(1024);
    const tooMany = Array.from({ length: 1025 }, (_, at) => `x${at}`);
    await expect(askMove(member, { ...input, projectIds: tooMany })).rejects.toMatchObject({ code: 'invalid_input' });
  });
});
