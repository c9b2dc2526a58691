import { expect, it } from '@jest/globals';
import { setMember } from '../../src/services/accounts/accounts.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { askMove } from '../../src/services/moves/move-ask.ts';
import { createProject } from '../../src/services/projects/projects.ts';
import { Events } from '../../src/store/events/events.ts';
import { Memberships } from '../../src/store/groups/groups.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { nextLine, startChild } from '../support/children.ts';
import { anAccount, contextAt, person, TestClock } from '../support/context.ts';
import { testDatabaseUri, useDatabase } from '../support/database/database.ts';

useDatabase(migrate);

const NOW = '2026-03-20T12:00:00.000Z';
const TIMES = [34, 33, 33];
const ctx = contextAt(new TestClock(NOW));

it('a hundred simultaneous approvals of one request in three processes are one decision, one move, one set of events', async () => {
  const { _id: accountId } = await anAccount(ctx);
  await setMember(ctx, accountId, 'U_APPROVER', 'approver');
  await setMember(ctx, accountId, 'U_MEMBER', 'member');
  const a = await createGroup(ctx, { accountId, name: 'A' });
  const b = await createGroup(ctx, { accountId, name: 'B' });
  const { project } = await createProject(ctx, { accountId, name: 'p1', billingGroupId: a._id });
  const asked = await askMove(contextAt(new TestClock(NOW), person('U_MEMBER')), {
    accountId,
    projectIds: [project._id],
    toGroupId: b._id,
    effect: 'now',
    reason: '',
  });
  if (asked.kind !== 'requested') throw new Error('not requested');
  const children = TIMES.map((times) => {
    const people = ['U_OWNER', 'U_APPROVER'];
    const args = [testDatabaseUri(), accountId, asked.request._id, NOW, String(times), ...people];
    return startChild('test/children/approve.ts', args);
  });
  for (const child of children) expect(await nextLine(child)).toBe('ready');
  for (const child of children) child.process.stdin.write('go\n');
  const outcomes: string[] = [];
  for (const child of children) outcomes.push(...JSON.parse(await nextLine(child)));
  for (const child of children) expect(await child.ended).toBe(0);

  expect(outcomes).toHaveLength(100);
  expect(outcomes.filter((one) => one === 'moved')).toHaveLength(1);
  expect(outcomes.filter((one) => one === 'move_settled')).toHaveLength(99);
  const memberships = await Memberships.find({ projectId: project._id }).sort({ from: 1 }).lean();
  expect(memberships.map(({ billingGroupId, open }) => [billingGroupId, open ?? false])).toEqual([
    [a._id, false],
    [b._id, true],
  ]);
  for (const type of ['move_requested', 'move_approved', 'project_moved'] as const) {
    expect(await Events.countDocuments({ accountId, type })).toBe(1);
  }
}, 120_000);
