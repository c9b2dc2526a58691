import { describe, expect, it } from '@jest/globals';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { setMember } from '../../../src/services/accounts/accounts.ts';
import { createGroup, deleteGroup } from '../../../src/services/groups/groups.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import { approveMove, rejectMove } from '../../../src/services/moves/move-decide.ts';
import { decideMoves } from '../../../src/services/moves/move-decide-several.ts';
import { movesOf } from '../../../src/services/moves/move-read.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Events } from '../../../src/store/events/events.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Moves } from '../../../src/store/moves/moves.ts';
import { contextAt, person } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';
import {
  ask,
  clock,
  ctx,
  holder,
  member,
  owner,
  requested,
  START,
  type World,
  world,
} from '../../support/moves/moves.ts';

useDatabase(migrate);

const APPROVE = { kind: 'approve' } as const;

/** A request to move another project, to another group if one is named. */
async function another(of: World, name: string, to = of.b) {
  const { project } = await createProject(ctx, { accountId: of.account._id, name, billingGroupId: of.a });
  const asked = await ask({ ...of, projectId: project._id, b: to });
  if (asked.kind !== 'requested') throw new Error('not requested');
  return { projectId: project._id, requestId: asked.request._id };
}

describe('several requests', () => {
  it('are approved in separate transactions, whatever happens to the others', async () => {
    const of = await world('receiving');
    const accountId = of.account._id;
    const c = await createGroup(ctx, { accountId, name: 'C' });
    const [settled, deleted, broken, fine] = [
      await another(of, 'p2'),
      await another(of, 'p3', c._id),
      await another(of, 'p4'),
      await another(of, 'p5'),
    ];
    await rejectMove(owner, { accountId, requestId: settled.requestId, reason: 'No.' });
    await deleteGroup(ctx, { accountId, billingGroupId: c._id });
    await Moves.collection.updateOne({ _id: broken.requestId as never }, { $set: { asked: null } });
    const requestIds = [settled, deleted, broken, fine].map(({ requestId }) => requestId);
    const results = await decideMoves(owner, { accountId, requestIds, decision: APPROVE });
    expect(results).toMatchObject([
      { kind: 'refused', refusal: { code: 'move_settled' }, move: { toGroupName: 'B' } },
      { kind: 'approved', approved: { outcome: 'none_moved' } },
      { kind: 'failed' },
      { kind: 'approved', approved: { outcome: 'moved' } },
    ]);
    expect(await holder(fine.projectId)).toBe(of.b);
    expect(await holder(broken.projectId)).toBe(of.a);
  });

  it('are decided once, however often they are decided at the same time', async () => {
    const of = await world('receiving');
    const accountId = of.account._id;
    const requestIds = [await requested(of), (await another(of, 'p2')).requestId];
    const decide = () => decideMoves(owner, { accountId, requestIds, decision: APPROVE });
    const all = (await Promise.all([decide(), decide(), decide()])).flat();
    expect(all.filter(({ kind }) => kind === 'approved')).toHaveLength(2);
    for (const type of ['move_approved', 'project_moved'] as const) {
      expect(await Events.countDocuments({ accountId, type })).toBe(2);
    }
  });

  it('stay open if the approver must agree to a later date', async () => {
    const of = await world('receiving');
    const accountId = of.account._id;
    const requestId = await requested(of);
    clock.set('2026-04-03T00:00:00Z');
    for (const _id of [of.a, of.b]) await closeInvoice(ctx, { _id, accountId }, toPeriod('2026-03'));
    const fine = await another(of, 'p2');
    const requestIds = [requestId, fine.requestId];
    expect(await decideMoves(owner, { accountId, requestIds, decision: APPROVE })).toMatchObject([
      { kind: 'refused', refusal: { code: 'move_new_date' } },
      { kind: 'approved' },
    ]);
    expect(await Moves.findById(requestId).lean()).toMatchObject({ state: 'open' });
    clock.set(START);
  });

  it('are rejected with one reason, which must be visible', async () => {
    const of = await world('receiving');
    const accountId = of.account._id;
    const requestIds = [await requested(of), (await another(of, 'p2')).requestId];
    const reject = (reason: string) =>
      decideMoves(owner, { accountId, requestIds, decision: { kind: 'reject', reason } });
    await expect(reject('\u2060')).rejects.toMatchObject({ code: 'invalid_input' });
    expect(await reject('Not this month.')).toMatchObject([{ kind: 'rejected' }, { kind: 'rejected' }]);
    const outcomes = (await Moves.find({ accountId }).lean()).map(({ state, outcome }) => [state, outcome]);
    expect(outcomes).toEqual([
      ['rejected', 'Not this month.'],
      ['rejected', 'Not this month.'],
    ]);
  });

  it('are all refused to a person who can’t decide any of them', async () => {
    const of = await world('receiving');
    const accountId = of.account._id;
    await setMember(ctx, accountId, 'U_VIEWER', 'viewer');
    const requestIds = [await requested(of), (await another(of, 'p2')).requestId];
    for (const who of [member, contextAt(clock, person('U_VIEWER'))]) {
      await expect(decideMoves(who, { accountId, requestIds, decision: APPROVE })).rejects.toMatchObject({
        code: 'not_an_approver',
      });
    }
    const stranger = contextAt(clock, person('U_STRANGER'));
    await expect(decideMoves(stranger, { accountId, requestIds, decision: APPROVE })).rejects.toMatchObject({
      code: 'account_not_found',
    });
    expect(await Moves.countDocuments({ accountId, state: 'open' })).toBe(2);
  });
});

describe('a person’s own requests', () => {
  it('are listed with open ones first, then the last five decided ones', async () => {
    const of = await world('receiving');
    const accountId = of.account._id;
    const open = await requested(of);
    const decided: string[] = [];
    for (let at = 1; at <= 6; at++) {
      clock.set(`2026-03-20T12:0${at}:00Z`);
      const { requestId } = await another(of, `d${at}`);
      await approveMove(owner, { accountId, requestId });
      decided.unshift(requestId);
    }
    const { own, waiting } = await movesOf(member, accountId);
    expect(own.map(({ _id }) => _id)).toEqual([open, ...decided.slice(0, 5)]);
    expect(waiting).toEqual([]);
    expect(own[0]).toMatchObject({ fromGroupNames: ['A'], toGroupName: 'B', state: 'open' });
    expect(await movesOf(owner, accountId)).toMatchObject({ own: [], waiting: [{ _id: open }] });
    clock.set(START);
  });
});
