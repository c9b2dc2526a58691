import { faultIn } from '../../../src/billing/move/membership.ts';
import type { Effect } from '../../../src/billing/move/move.ts';
import { setMember } from '../../../src/services/accounts/accounts.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { type AskResult, askMove } from '../../../src/services/moves/move-ask.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { type AccountDoc, Accounts } from '../../../src/store/accounts/accounts.ts';
import { Memberships, Projects } from '../../../src/store/groups/groups.ts';
import { anAccount, contextAt, person, TestClock } from '../context.ts';

export const START = '2026-03-20T12:00:00Z';
export const clock = new TestClock(START);
export const ctx = contextAt(clock);
export const owner = contextAt(clock, person('U_OWNER'));
export const member = contextAt(clock, person('U_MEMBER'));

export interface World {
  readonly account: AccountDoc;
  readonly a: string;
  readonly b: string;
  readonly projectId: string;
}

/** An account with groups A and B, and a project in A. Moves need an approval unless nobody is asked. */
export async function world(who: 'receiving' | 'both' | 'nobody', timeZone = 'Etc/UTC'): Promise<World> {
  const account = await anAccount(ctx, { timeZone, currency: 'EUR' });
  await Accounts.updateOne({ _id: account._id }, { $set: { approvalPolicy: { who, needed: 1 } } });
  await setMember(ctx, account._id, 'U_MEMBER', 'member');
  const a = await createGroup(ctx, { accountId: account._id, name: 'A' });
  const b = await createGroup(ctx, { accountId: account._id, name: 'B' });
  const { project } = await createProject(ctx, { accountId: account._id, name: 'p1', billingGroupId: a._id });
  return { account, a: a._id, b: b._id, projectId: project._id };
}

/** Requests a move of the project to B. */
export function ask(
  { account, b, projectId }: Pick<World, 'account' | 'b' | 'projectId'>,
  effect: Effect = 'period_start',
  by = member,
): Promise<AskResult> {
  return askMove(by, { accountId: account._id, projectIds: [projectId], toGroupId: b, effect, reason: 'Because.' });
}

export async function requested(of: World, effect: Effect = 'period_start'): Promise<string> {
  const asked = await ask(of, effect);
  if (asked.kind !== 'requested') throw new Error('not requested');
  return asked.request._id;
}

/** @returns what is wrong with a project's memberships, if anything */
export async function fault(projectId: string): Promise<string | undefined> {
  return faultIn(await Memberships.find({ projectId }).lean());
}

export async function holder(projectId: string): Promise<string> {
  return (await Memberships.findOne({ projectId, open: true }).orFail().lean()).billingGroupId;
}

/** Adds as many projects to the group as one request allows. */
export async function fill(of: World): Promise<string[]> {
  const names = Array.from({ length: 1024 }, (_, at) => `q${String(at).padStart(4, '0')}`);
  const { _id: accountId } = of.account;
  const idOf = (name: string) => `prj_${of.a}_${name}`;
  await Projects.insertMany(
    names.map((name) => ({
      ...{ _id: idOf(name), accountId, name, nameKey: name, label: null, externalId: null },
      createdAt: clock.now(),
    })),
  );
  await Memberships.insertMany(
    names.map((name) => ({
      ...{ accountId, projectId: idOf(name), projectKey: name, billingGroupId: of.a },
      ...{ from: null, to: null, open: true as const },
    })),
  );
  return names.map(idOf);
}
