import { z } from 'zod';
import { accountNameSchema } from '../../billing/account/account-settings.ts';
import { assertMayFound, type WorkspaceStanding } from '../../billing/account/founder.ts';
import type { Role } from '../../billing/account/role.ts';
import { cleanName, nameKey } from '../../billing/group/names.ts';
import { isCurrency } from '../../billing/money/currency.ts';
import { DEFAULT_APPROVAL_POLICY } from '../../billing/move/approval.ts';
import { normalized } from '../../billing/normalized.ts';
import { isTimeZone } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import {
  accountById,
  accountIdsOfTeam,
  accountsByIds,
  accountsNamed,
  chosenAccountId,
  firstAccountNames,
  isAccountNameTaken,
  teamIdOf,
  teamIdsOf,
} from '../../store/accounts/account-reads.ts';
import { insertAccount, chooseAccount as storeChoice } from '../../store/accounts/account-writes.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { allMembershipsHeldBy } from '../../store/accounts/member-reads.ts';
import { newId } from '../../store/kit/ids.ts';
import type { Tx } from '../../store/kit/transaction.ts';
import { beginSubscription } from '../../store/notices/subscriptions.ts';
import { enrol } from '../access/members.ts';
import { holdersOf, mightiest } from '../access/rights.ts';
import type { Ctx } from '../kit/context.ts';
import { inTransaction } from '../kit/transaction.ts';

export { setMember } from '../access/members.ts';

/** The default number of hours between the end of a period and its close (domain.md, our rule). */
const CLOSE_DELAY_HOURS = 24;

export const newAccountSchema = z.object({
  name: accountNameSchema,
  timeZone: z.string().refine(isTimeZone, 'Choose a time zone from the list.'),
  currency: z.string().refine(isCurrency, 'Choose a currency from the list.'),
  financeChannelId: z.string().min(1).nullable(),
});
export type NewAccount = z.infer<typeof newAccountSchema>;

/** An account that a person has access to. */
export interface AccountOfPerson {
  readonly account: AccountDoc;
  readonly role: Role;
  /** Whether it is selected for their commands. */
  readonly isCurrent: boolean;
}

/**
 * Creates an account in a Slack workspace with its first owner. Safe to repeat: the name is unique in the workspace, so
 * a second call is refused.
 *
 * @param owner with their role in the workspace according to Slack; only an operator may omit it
 * @throws {Refusal} `account_name_taken`, `set_up_not_allowed` for anyone who isn't an admin of the workspace and didn't install the app
 */
export async function createAccount(
  ctx: Ctx,
  owner: { teamId: string; userId: string; standing?: WorkspaceStanding },
  input: NewAccount,
): Promise<AccountDoc> {
  if (ctx.actor.kind !== 'operator') assertMayFound(owner.standing ?? 'full_member');
  const name = cleanName(input.name);
  const account: AccountDoc = {
    _id: newId('acc'),
    teamId: owner.teamId,
    name,
    nameKey: nameKey(name),
    timeZone: input.timeZone,
    currency: input.currency,
    seller: { legalName: name },
    invoicePrefix: prefixOf(name),
    primaryBillingGroupId: null,
    closeDelayHours: CLOSE_DELAY_HOURS,
    financeChannelId: input.financeChannelId,
    approvalPolicy: DEFAULT_APPROVAL_POLICY,
    approvalsChannelId: null,
    createdAt: ctx.clock.now(),
  };
  await inTransaction(ctx, async (tx) => {
    await assertAccountNameFree(tx, owner.teamId, name);
    await insertAccount(tx, account);
    await tx.record({
      accountId: account._id,
      type: 'account_created',
      description: `Created account "${name}"`,
      after: { name, timeZone: account.timeZone, currency: account.currency },
    });
    await enrol(tx, account, { kind: 'user', id: owner.userId }, 'owner');
    const { _id: accountId, financeChannelId: channelId } = account;
    if (channelId) await beginSubscription(tx, { accountId, channelId, position: 0 });
  });
  return account;
}

/** The accounts that a person has access to, directly or through a user group, sorted by name. */
export async function accountsOf(teamId: string, userId: string): Promise<AccountOfPerson[]> {
  const memberships = await allMembershipsHeldBy({ teamId, userId });
  const accounts = await accountsByIds(memberships.map((member) => member.accountId));
  const choice = accounts.length > 1 ? await chosenAccountId(teamId, userId) : null;
  const current = accounts.find((account) => account._id === choice) ?? accounts[0];
  return accounts.map((account) => ({
    account,
    role: mightiest(memberships.filter((member) => member.accountId === account._id)) ?? 'viewer',
    isCurrent: account._id === current?._id,
  }));
}

/**
 * The accounts of a person who has access to several; none for everyone else, with one query. Answers to them name the
 * account.
 */
export async function severalAccountsOf(teamId: string, userId: string): Promise<{ id: string; name: string }[]> {
  const ids = new Set((await allMembershipsHeldBy({ teamId, userId })).map(({ accountId }) => accountId));
  if (ids.size < 2) return [];
  return (await accountsByIds([...ids])).map(({ _id: id, name }) => ({ id, name }));
}

/**
 * The account for a person's commands: the selected one, otherwise the first by name.
 *
 * @throws {Refusal} `set_up_needed` if the workspace has no account yet; `not_a_member`, with people who can help
 */
export async function currentAccount(teamId: string, userId: string): Promise<AccountOfPerson> {
  const current = (await accountsOf(teamId, userId)).find((one) => one.isCurrent);
  if (current) return current;
  const ids = await accountIdsOfTeam(teamId, 20);
  if (ids.length === 0) throw new Refusal('set_up_needed');
  throw new Refusal('not_a_member', {}, { people: await holdersOf(ids, ['owner'], 5) });
}

/** Whether a workspace has an account. */
export async function hasAccounts(teamId: string): Promise<boolean> {
  return (await accountIdsOfTeam(teamId, 1)).length > 0;
}

/** Selects one of the person's accounts for their commands. Safe to repeat. @throws {Refusal} `account_not_found` */
export async function chooseAccount(teamId: string, userId: string, name: string): Promise<AccountDoc> {
  const mine = await accountsOf(teamId, userId);
  const chosen = mine.find(({ account }) => account.nameKey === nameKey(name));
  if (!chosen) {
    const choices = mine.map(({ account }) => account.name);
    throw new Refusal('account_not_found', { name: cleanName(name), choices });
  }
  await storeChoice(teamId, userId, chosen.account._id);
  return chosen.account;
}

/** Selects one of the person's accounts, by ID, for their commands. @throws {Refusal} `account_not_found` */
export async function chooseAccountById(teamId: string, userId: string, accountId: string): Promise<void> {
  const mine = await accountsOf(teamId, userId);
  if (!mine.some(({ account }) => account._id === accountId)) {
    throw new Refusal('account_not_found', {});
  }
  await storeChoice(teamId, userId, accountId);
}

/** The account with an ID or name, for the command line, which isn't tied to a workspace. @throws {Refusal} */
export async function accountByName(name: string): Promise<AccountDoc> {
  const named = await accountById(name);
  if (named) return named;
  const found = await accountsNamed(nameKey(name));
  if (found.length === 1 && found[0]) return found[0];
  const all = await firstAccountNames(20);
  if (found.length > 1) throw new Refusal('ambiguous_name', { kind: 'account', name, candidates: [], hasMore: false });
  throw new Refusal('account_not_found', { name, choices: all });
}

/** Checks an account's new name, as part of a change. @throws {Refusal} `account_name_taken` */
export async function assertAccountNameFree(_tx: Tx, teamId: string, name: string): Promise<void> {
  if (!(await isAccountNameTaken(teamId, nameKey(name)))) return;
  throw new Refusal('account_name_taken', { name });
}

/** The Slack workspace of an account. */
export function teamOf(accountId: string): Promise<string> {
  return teamIdOf(accountId);
}

/** The Slack workspaces of accounts, by account ID. */
export function teamsOf(accountIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  return teamIdsOf(accountIds);
}

/** `ACME` for `Acme Corp.`: the invoice number prefix, at most 12 letters and digits. */
function prefixOf(name: string): string {
  const letters = normalized(name, 'NFKD')
    .toUpperCase()
    .replace(/[^A-Z0-9 ]/g, '');
  return (
    letters
      .split(' ')
      .find((word) => word.length > 0)
      ?.slice(0, 12) ?? 'INV'
  );
}
