import { describe, expect, it } from '@jest/globals';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { setMember } from '../../../src/services/accounts/accounts.ts';
import { createGroup, deleteGroup } from '../../../src/services/groups/groups.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { askMove } from '../../../src/services/moves/move-ask.ts';
import { approveMove, rejectMove, withdrawMove } from '../../../src/services/moves/move-decide.ts';
import { holdMove, movesOf } from '../../../src/services/moves/move-read.ts';
import { tendMoves } from '../../../src/services/moves/move-tend.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups, Memberships } from '../../../src/store/groups/groups.ts';
import { Leases } from '../../../src/store/kit/leases.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Moves, OpenMoves } from '../../../src/store/moves/moves.ts';
import { contextAt, person } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import { ask, clock, ctx, fault, holder, member, owner, requested, world } from '../../support/moves/moves.ts';

useDatabase(migrate);

describe('a move', () => {
  it('takes effect immediately if the policy asks nobody, with one open membership and its event', async () => {
    const of = await world('nobody');
    expect((await ask(of, 'now')).kind).toBe('moved');
    expect(await holder(of.projectId)).toBe(of.b);
    expect(await fault(of.projectId)).toBeUndefined();
    const [event] = await Events.find({ accountId: of.account._id, type: 'project_moved' }).lean();
    expect(event?.description).toBe('Moved project p1 from billing group "A" to "B"');
    expect((await ask(of, 'now')).kind).toBe('nothing');
  });

  it('waits for an approver of the receiving group other than the requester', async () => {
    const of = await world('receiving');
    const requestId = await requested(of);
    expect(await holder(of.projectId)).toBe(of.a);
    await expect(approveMove(member, { accountId: of.account._id, requestId })).rejects.toMatchObject({
      code: 'not_an_approver',
    });
    expect((await movesOf(owner, of.account._id)).waiting.map(({ _id }) => _id)).toEqual([requestId]);
    expect((await movesOf(member, of.account._id)).waiting).toEqual([]);
    const approved = await approveMove(owner, { accountId: of.account._id, requestId });
    expect(approved.outcome).toBe('moved');
    expect(await holder(of.projectId)).toBe(of.b);
    expect(await OpenMoves.countDocuments({ requestId })).toBe(0);
  });

  it('is locked for at most 20 s after the process that shows it was killed', async () => {
    const of = await world('receiving');
    const requestId = await requested(of);
    let heldMs = 0;
    await holdMove({ _id: requestId, accountId: of.account._id }, async (_move, hold) => {
      await hold();
      const { until } = await Leases.findById(`move:${requestId}`).orFail().lean();
      heldMs = until.getTime() - Date.now();
    });
    expect(heldMs).toBeGreaterThan(0);
    expect(heldMs).toBeLessThanOrEqual(20_000);
  });

  it('can be approved by anyone named on the group, whatever their role', async () => {
    const of = await world('receiving');
    await setMember(ctx, of.account._id, 'U_NAMED', 'viewer');
    await Groups.updateOne({ _id: of.b }, { $set: { approverIds: ['U_NAMED'] } });
    const requestId = await requested(of);
    const named = contextAt(clock, person('U_NAMED'));
    expect((await approveMove(named, { accountId: of.account._id, requestId })).outcome).toBe('moved');
  });

  it('waits for as many approvals as the policy requires', async () => {
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

  it('approved by the same person twice has one approval and one event', async () => {
    const of = await world('receiving');
    await Accounts.updateOne({ _id: of.account._id }, { $set: { approvalPolicy: { who: 'receiving', needed: 2 } } });
    await setMember(ctx, of.account._id, 'U_SECOND', 'approver');
    const requestId = await requested(of);
    const approve = () => approveMove(owner, { accountId: of.account._id, requestId });
    const all = await Promise.all([approve(), approve(), approve()]);
    expect(all.map(({ outcome }) => outcome)).toEqual(['waiting', 'waiting', 'waiting']);
    expect(await Events.countDocuments({ accountId: of.account._id, type: 'move_approval_given' })).toBe(1);
    expect((await movesOf(owner, of.account._id)).waiting).toEqual([]);
  });

  it('is shown to anyone named on its group, however many others are pending before it', async () => {
    const of = await world('receiving');
    await setMember(ctx, of.account._id, 'U_NAMED', 'viewer');
    const c = await createGroup(ctx, { accountId: of.account._id, name: 'C' });
    const named = contextAt(clock, person('U_NAMED'));
    for (let at = 0; at < 21; at++) {
      const { project } = await createProject(ctx, { accountId: of.account._id, name: `w${at}`, billingGroupId: of.a });
      await ask({ ...of, projectId: project._id });
    }
    expect((await movesOf(named, of.account._id)).waiting).toEqual([]);
    await Groups.updateOne({ _id: c._id }, { $set: { approverIds: ['U_NAMED'] } });
    await ask({ ...of, b: c._id });
    expect((await movesOf(named, of.account._id)).waiting.map(({ toGroupName }) => toGroupName)).toEqual(['C']);
  });

  it('with approval by both groups waits for each of them', async () => {
    const of = await world('both');
    for (const [group, user] of [
      [of.a, 'U_OF_A'],
      [of.b, 'U_OF_B'],
    ] as const) {
      await setMember(ctx, of.account._id, user, 'viewer');
      await Groups.updateOne({ _id: group }, { $set: { approverIds: [user] } });
    }
    const requestId = await requested(of);
    const approve = (user: string) =>
      approveMove(contextAt(clock, person(user)), { accountId: of.account._id, requestId });
    expect((await approve('U_OF_B')).outcome).toBe('waiting');
    expect((await approve('U_OF_A')).outcome).toBe('moved');
  });

  it('is refused when nobody could approve it, with whom to add', async () => {
    const of = await world('receiving');
    await expect(ask(of, 'now', owner)).rejects.toMatchObject({ code: 'no_approver', people: ['U_OWNER'] });
  });

  it('has at most one open request per project, even with ten simultaneous requests', async () => {
    const of = await world('receiving');
    const all = await Promise.allSettled(Array.from({ length: 10 }, () => ask(of)));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of all)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'move_open_already' });
    expect(await Moves.countDocuments({ accountId: of.account._id })).toBe(1);
  });

  it('is decided once by a hundred simultaneous approvals', async () => {
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
  it('is shown to anyone who comes later, with the outcome and the person', async () => {
    const of = await world('receiving');
    const requestId = await requested(of);
    await rejectMove(owner, { accountId: of.account._id, requestId, reason: 'Not this month.' });
    await expect(approveMove(owner, { accountId: of.account._id, requestId })).rejects.toMatchObject({
      code: 'move_settled',
      data: { state: 'rejected' },
      people: ['U_OWNER'],
    });
    // free for another request
    expect((await ask(of)).kind).toBe('requested');
  });

  it.each(['  ', '\u2060', '\u200B \u00AD\uFEFF', '\u3164\u2800'])(
    'needs a visible reason for a rejection: %j',
    async (reason) => {
      const of = await world('receiving');
      const requestId = await requested(of);
      await expect(rejectMove(owner, { accountId: of.account._id, requestId, reason })).rejects.toMatchObject({
        data: { fields: { reason: 'Enter a reason.' } },
      });
    },
  );

  it('can be a withdrawal only by the requester', async () => {
    const of = await world('receiving');
    const requestId = await requested(of);
    await expect(withdrawMove(owner, { accountId: of.account._id, requestId })).rejects.toMatchObject({
      code: 'not_yours',
    });
    expect((await withdrawMove(member, { accountId: of.account._id, requestId })).state).toBe('withdrawn');
  });

  it('follows the reminder and expiry times in the account’s settings', async () => {
    const of = await world('receiving');
    await Accounts.updateOne({ _id: of.account._id }, { $set: { moveReminderHours: 2, moveExpiryDays: 1 } });
    const { remindAt, expiresAt } = (await Moves.findById(await requested(of)).lean()) ?? {};
    expect([remindAt, expiresAt]).toEqual([new Date('2026-03-20T14:00:00Z'), new Date('2026-03-21T12:00:00Z')]);
  });

  it('is automatic after seven days, after a reminder, each once', async () => {
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

describe('a decision after other changes', () => {
  it('leaves out a project that was moved in another way, or moves none, as the approver chooses', async () => {
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
        data: { reasons: expect.stringContaining('p2 has been moved in the meantime'), others: 1 },
      });
      const done = await approveMove(owner, { ...decision, ifSomeCant });
      expect(done.outcome).toBe(ifSomeCant === 'others' ? 'moved' : 'none_moved');
      expect(await holder(of.projectId)).toBe(ifSomeCant === 'others' ? of.b : of.a);
      expect(done.request.outcome).toContain('p2 has been moved in the meantime');
    }
  });

  it('is refused for a deleted group', async () => {
    const of = await world('receiving');
    const requestId = await requested(of);
    await deleteGroup(ctx, { accountId: of.account._id, billingGroupId: of.b });
    const done = await approveMove(owner, { accountId: of.account._id, requestId });
    expect(done).toMatchObject({ outcome: 'none_moved', request: { state: 'refused' } });
    expect(await holder(of.projectId)).toBe(of.a);
  });

  it('asks the approver about the new earliest date when a period was closed', async () => {
    const of = await world('receiving');
    const requestId = await requested(of);
    clock.set('2026-04-03T00:00:00Z');
    for (const id of [of.a, of.b]) await closeInvoice(ctx, { _id: id, accountId: of.account._id }, toPeriod('2026-03'));
    const decision = { accountId: of.account._id, requestId };
    await expect(approveMove(owner, decision)).rejects.toMatchObject({
      code: 'move_new_date',
      data: { begin: new Date('2026-04-01T00:00:00.000Z') },
    });
    // a date other than the one shown doesn't count as a confirmation
    const other = { ...decision, earliest: new Date('2026-03-20T12:00:00Z') };
    await expect(approveMove(owner, other)).rejects.toMatchObject({ code: 'move_new_date' });
    await approveMove(owner, { ...decision, earliest: new Date('2026-04-01T00:00:00Z') });
    const [, second] = await Memberships.find({ projectId: of.projectId }).sort({ from: 1 }).lean();
    expect(second).toMatchObject({ billingGroupId: of.b, from: new Date('2026-04-01T00:00:00Z') });
    expect(await Moves.findById(requestId).lean()).toMatchObject({
      state: 'approved',
      effectAt: new Date('2026-04-01T00:00:00Z'),
      wantedAt: new Date('2026-03-01T00:00:00Z'),
    });
    const event = await Events.findOne({ accountId: of.account._id, type: 'move_approved' }).orFail().lean();
    expect(event.description).toBe(
      'Approved the move of project p1, effective 1 April 2026 instead of 1 March 2026, because March 2026 has been invoiced',
    );
    clock.set('2026-03-20T12:00:00Z');
  });
});
