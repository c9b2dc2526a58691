import { BOT_USER_ID, type Seed } from '../../../src/local/workspace/index.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { inviteMember } from '../../../src/services/access/members.ts';
import { chooseAccountById, createAccount, setMember } from '../../../src/services/accounts/accounts.ts';
import { setBudget } from '../../../src/services/budgets/budgets.ts';
import { queueImport } from '../../../src/services/costs/import-queue.ts';
import { createCampaign } from '../../../src/services/credits/credit-campaigns.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { subscribe } from '../../../src/services/notices/subscriptions.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Projects } from '../../../src/store/groups/groups.ts';
import { tokenFor } from '../../support/api/api.ts';
import { contextAt, person } from '../../support/context.ts';
import { costRow, importCosts, setParties } from '../../support/invoices/closed.ts';
import { payByCard } from '../../support/invoices/invoices.ts';

export const TEAM = 'T0CHAOS';
/** What is broken on purpose: a group whose sum is too long, a channel, and a file. */
export const HUGE_GROUP = 'Poisoned Huge';
export const ARCHIVED = 'C0ARCHIVED';
export const DELETED_FILE = 'F0DELETED';
const ROLES = { OWNER: 'owner', ADMIN: 'billing_admin', APPROVER: 'approver', MEMBER: 'member' } as const;
const NAMES = ['Poisoned', 'Alder', 'Birch', 'Cedar', 'Dogwood'] as const;
const CODES = 60;
/** The longest amount that fits 34 digits, so that adding something small exceeds them. */
const HUGE = ['9'.repeat(34), `0.${'0'.repeat(29)}1`];

/** An account in the run, with its people, groups and channels. */
export interface ChaosAccount {
  readonly id: string;
  readonly name: string;
  readonly isPoisoned: boolean;
  readonly channel: string;
  readonly groups: readonly string[];
  readonly projects: readonly { readonly id: string; readonly name: string }[];
  readonly codes: string[];
  readonly token: string;
  person(role: keyof typeof ROLES): string;
}

/** The people and channels of all accounts. Nobody belongs to two. */
export function seedOfAccounts(): Seed {
  const all = NAMES.map((name) => name.toUpperCase());
  const users = all.flatMap((name) => Object.keys(ROLES).map((role) => `U0${name}${role}`));
  const channels = all.map((name) => ({ id: `C0${name}`, name: name.toLowerCase(), members: [...users, BOT_USER_ID] }));
  return {
    team: { id: TEAM, name: 'Chaos', domain: 'chaos' },
    users: users.map((id) => ({ id, name: id.toLowerCase(), real_name: id, tz: 'Etc/UTC', is_owner: true })),
    channels: [...channels, { id: ARCHIVED, name: 'archived', members: [...users, BOT_USER_ID] }],
    userGroups: [],
  };
}

/** Creates the broken account and the healthy ones, in the database. */
export async function makeAccounts(): Promise<ChaosAccount[]> {
  const accounts: ChaosAccount[] = [];
  for (const name of NAMES) accounts.push(await makeAccount(name));
  return accounts;
}

async function makeAccount(name: (typeof NAMES)[number]): Promise<ChaosAccount> {
  const ctx = contextAt(systemClock);
  const isPoisoned = name === 'Poisoned';
  const [channel, idOf] = [`C0${name.toUpperCase()}`, (role: string) => `U0${name.toUpperCase()}${role}`];
  const input = { name, timeZone: 'Europe/Berlin', currency: 'EUR', financeChannelId: channel };
  const { _id: accountId } = await createAccount(ctx, { teamId: TEAM, userId: idOf('OWNER') }, input);
  for (const [role, of] of Object.entries(ROLES)) {
    await setMember(ctx, accountId, idOf(role), of);
    await chooseAccountById(TEAM, idOf(role), accountId);
  }
  const groups = [];
  for (const color of ['Blue', 'Green', 'Red'])
    groups.push(await createGroup(ctx, { accountId, name: `${name} ${color}` }));
  const projects = [];
  for (const [at, group] of [...groups, ...groups].entries()) {
    const projectName = `${name.toLowerCase()}-${at}`;
    const { project } = await createProject(ctx, { accountId, name: projectName, billingGroupId: group._id });
    await Projects.updateOne({ _id: project._id }, { $set: { externalId: projectName } });
    projects.push({ id: project._id, name: projectName });
  }
  await setParties(accountId);
  await Accounts.updateOne({ _id: accountId }, { $set: { approvalPolicy: { who: 'receiving', needed: 1 } } });
  const last = groups.at(-1);
  if (last) await payByCard(ctx, last, isPoisoned ? 'pm_vanished' : 'pm_works');
  const { codes } = await createCampaign(contextAt(systemClock, person(idOf('OWNER'), TEAM)), accountId, {
    ...{ name: 'Chaos', type: 'purchase', value: '25.00', currency: 'EUR', startDay: null, endDay: null },
    ...{ claimsPerCode: 1, codes: CODES, ownCode: null },
  });
  const budget = { amount: '20', thresholds: [50, 80, 100] };
  for (const { _id } of groups) await setBudget(ctx, { accountId, billingGroupId: _id, ...budget });
  const token = await tokenFor(systemClock, accountId);
  if (isPoisoned) await poison(accountId, idOf('OWNER'));
  return {
    id: accountId,
    name,
    isPoisoned,
    channel,
    groups: groups.map(({ _id }) => _id),
    projects,
    codes,
    token,
    person: idOf,
  };
}

/** A sum of more than 34 digits, a deleted file, an archived channel, and a user group that Slack doesn't know. */
async function poison(accountId: string, owner: string): Promise<void> {
  const ctx = contextAt(systemClock, person(owner, TEAM));
  const day = systemClock.now().toISOString().slice(0, 10);
  const huge = await createGroup(ctx, { accountId, name: HUGE_GROUP });
  await createProject(ctx, { accountId, name: 'huge', billingGroupId: huge._id });
  await Projects.updateOne({ accountId, name: 'huge' }, { $set: { externalId: 'huge' } });
  await importCosts(
    ctx,
    accountId,
    HUGE.map((cost) => costRow(cost, { project: 'huge', day })),
  );
  await poisonImport(accountId, owner);
  await subscribe(ctx, accountId, { channelId: ARCHIVED, isPersonal: false });
  const who = { kind: 'usergroup', id: 'S0BROKEN' } as const;
  await inviteMember(ctx, { accountId, who, role: 'viewer', users: [owner] });
}

/** Queues a file that has since been deleted in Slack. */
export async function poisonImport(accountId: string, owner: string): Promise<void> {
  const slack = { fileId: DELETED_FILE, channelId: 'C0POISONED', threadTs: null };
  await queueImport(contextAt(systemClock, person(owner, TEAM)), {
    accountId,
    fileName: 'gone.csv',
    replace: false,
    slack,
  });
}
