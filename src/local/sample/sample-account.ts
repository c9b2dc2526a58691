import { chooseAccountById, createAccount, setMember } from '../../services/accounts/accounts.ts';
import { createGroup } from '../../services/groups/groups.ts';
import type { Ctx } from '../../services/kit/context.ts';
import { inTransaction } from '../../services/kit/transaction.ts';
import { setProjectLeads } from '../../services/projects/project-leads.ts';
import { makeProject } from '../../services/projects/projects.ts';
import { createMethod, setMethod } from '../../services/settlement/payment-methods.ts';
import { type AccountDoc, Accounts } from '../../store/accounts/accounts.ts';
import { PEOPLE, TEAM, USER_GROUPS } from '../seed.ts';
import { as } from './acting.ts';
import type { PlannedAccount, PlannedProject } from './plan.ts';

/** Creates an account with its members, groups, projects and leads. Everybody's commands use the first account. */
export async function makeAccount(ctx: Ctx, plan: PlannedAccount): Promise<AccountDoc> {
  const { name, timeZone, currency, members } = plan;
  const isFirst = !(await Accounts.exists({ teamId: TEAM.id }));
  const by = { teamId: TEAM.id, userId: PEOPLE.owner.id };
  const account = await createAccount(ctx, by, { name, timeZone, currency, financeChannelId: null });
  for (const [userId, role] of Object.entries(members)) {
    await setMember(ctx, account._id, userId, role);
    if (isFirst) await chooseAccountById(TEAM.id, userId, account._id);
  }
  const groupIds = await makeGroups(ctx, account, plan);
  for (const project of plan.projects) await addProject(ctx, account, project, groupIds.get(project.group) ?? '');
  return account;
}

async function makeGroups(ctx: Ctx, account: AccountDoc, plan: PlannedAccount): Promise<Map<string, string>> {
  const accountId = account._id;
  const groupIds = new Map<string, string>();
  for (const [place, { isInternal = false, ...group }] of plan.groups.entries()) {
    const made = await createGroup(as(ctx, 'owner'), { accountId, ...group, isPrimary: place === 0 });
    groupIds.set(group.name, made._id);
    if (!isInternal) continue;
    const { id } = await createMethod(as(ctx, 'owner'), accountId, { kind: 'no_payment_expected' });
    await setMethod(as(ctx, 'owner'), { accountId, billingGroupId: made._id, paymentMethodId: id });
  }
  return groupIds;
}

async function addProject(ctx: Ctx, account: AccountDoc, plan: PlannedProject, billingGroupId: string): Promise<void> {
  const { id: externalId, name, label, leads } = plan;
  const { project } = await inTransaction(ctx, (tx) =>
    makeProject(tx, account, { externalId, name, label, billingGroupId }),
  );
  const { users = [], userGroups = [] } = leads;
  if (users.length + userGroups.length === 0) return;
  await setProjectLeads(as(ctx, 'owner'), {
    ...{ accountId: account._id, projectId: project._id, users },
    userGroups: userGroups.map((id) => ({ id, users: usersOf(id) })),
  });
}

/** The people in a user group, as Slack knows them. */
function usersOf(userGroupId: string): readonly string[] {
  return Object.values(USER_GROUPS).find(({ id }) => id === userGroupId)?.users ?? [];
}
