import { describe, expect, it } from '@jest/globals';
import { removeMember, setMember } from '../../../src/services/access/members.ts';
import { createToken } from '../../../src/services/access/tokens.ts';
import { createGroup, deleteGroup, renameGroup, setPrimaryGroup } from '../../../src/services/groups/groups.ts';
import { subscribe } from '../../../src/services/notices/subscriptions.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Tokens } from '../../../src/store/accounts/tokens.ts';
import { Events } from '../../../src/store/events/events.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';
import { Subscriptions } from '../../../src/store/notices/subscriptions.ts';
import { anAccount, contextAt, person, TestClock } from '../../support/context.ts';
import { useDatabase } from '../../support/database/database.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-10T12:00:00Z');
const ctx = contextAt(clock);
const ROUNDS = 12;

/** Does things at once. @returns how each ended: `done`, or the refusal's code */
async function atOnce(...works: (() => Promise<unknown>)[]): Promise<string[]> {
  const settled = await Promise.allSettled(works.map((work) => work()));
  return settled.map((one) => (one.status === 'fulfilled' ? 'done' : String(Object(one.reason).code)));
}

describe('two changes at the same instant', () => {
  it('never delete the group that becomes the primary one', async () => {
    const { _id: accountId } = await anAccount(ctx);
    const first = await createGroup(ctx, { accountId, name: 'First', isPrimary: true });
    for (let round = 0; round < ROUNDS; round++) {
      await setPrimaryGroup(ctx, { accountId, billingGroupId: first._id });
      const group = await createGroup(ctx, { accountId, name: `Round ${round}` });
      const of = { accountId, billingGroupId: group._id };
      const outcomes = await atOnce(
        () => deleteGroup(ctx, of),
        () => setPrimaryGroup(ctx, of),
      );
      expect(outcomes.filter((one) => one === 'done')).toHaveLength(1);
      const { primaryBillingGroupId } = await Accounts.findById(accountId).orFail().lean();
      expect(await Groups.findById(primaryBillingGroupId).lean()).toMatchObject({ state: 'active' });
    }
  });

  it('never put a project into a deleted group', async () => {
    const { _id: accountId } = await anAccount(ctx);
    await createGroup(ctx, { accountId, name: 'First', isPrimary: true });
    for (let round = 0; round < ROUNDS; round++) {
      const { _id: billingGroupId } = await createGroup(ctx, { accountId, name: `Round ${round}` });
      const outcomes = await atOnce(
        () => deleteGroup(ctx, { accountId, billingGroupId }),
        () => createProject(ctx, { accountId, name: `project-${round}`, billingGroupId }),
      );
      expect(outcomes.filter((one) => one === 'done')).toHaveLength(1);
    }
  });

  it('never use a role that has been removed', async () => {
    const { _id: accountId } = await anAccount(ctx);
    const { _id: billingGroupId } = await createGroup(ctx, { accountId, name: 'Blue' });
    for (let round = 0; round < ROUNDS; round++) {
      await setMember(ctx, accountId, 'U_ADMIN', 'billing_admin');
      await atOnce(
        () => removeMember(ctx, { accountId, id: 'U_ADMIN' }),
        () => renameGroup(contextAt(clock, person('U_ADMIN')), { accountId, billingGroupId, name: `Name ${round}` }),
      );
    }
    // in commit order, they make no change after their removal and before their return
    const events = await Events.find({ accountId, type: { $in: ['member_added', 'member_removed'] } }).lean();
    expect(events.length).toBe(1 + 2 * ROUNDS);
  });

  it('never both pass a limit that one of them reaches', async () => {
    const { _id: accountId } = await anAccount(ctx);
    const wanted = { channelId: 'C_NEWS', isPersonal: false };
    for (let made = 0; made < 19; made++) await subscribe(ctx, accountId, wanted);
    const subscriptions = await atOnce(...Array.from({ length: 4 }, () => () => subscribe(ctx, accountId, wanted)));
    expect(subscriptions.sort()).toEqual([
      'done',
      'too_many_subscriptions',
      'too_many_subscriptions',
      'too_many_subscriptions',
    ]);
    expect(await Subscriptions.countDocuments({ accountId })).toBe(20);
    const token = (name: string) => () => createToken(ctx, accountId, { name, scope: 'billing:read', days: null });
    const first = await createToken(ctx, accountId, { name: 'first', scope: 'billing:read', days: null });
    const { _id: _, ...like } = await Tokens.findById(first.token.id).orFail().lean();
    const others = Array.from({ length: 98 }, (_each, n) => `other ${n}`);
    await Tokens.insertMany(others.map((name) => ({ ...like, _id: name, name, nameKey: name, hash: name })));
    expect((await atOnce(token('a'), token('b'), token('c'))).sort()).toEqual([
      'done',
      'too_many_tokens',
      'too_many_tokens',
    ]);
    expect(await Tokens.countDocuments({ accountId })).toBe(100);
  });
});
