import { allAccounts } from '../../store/accounts/account-reads.ts';
import { activeUsersOf } from '../../store/accounts/accounts.ts';
import { ownersOfAccounts } from '../../store/accounts/member-reads.ts';
import { countActiveGroups } from '../../store/groups/active-groups.ts';
import { countProjects } from '../../store/groups/project-reads.ts';
import { assertOperator } from '../access/rights.ts';
import type { Ctx } from '../kit/context.ts';

/** An account as shown to the operator. */
export interface AccountOverview {
  readonly id: string;
  readonly name: string;
  /** The account's Slack workspace. */
  readonly teamId: string;
  /** Slack user IDs of its active owners, directly or through a user group. */
  readonly owners: readonly string[];
  /** The number of active billing groups. */
  readonly groups: number;
  readonly projects: number;
}

/** Streams all accounts, sorted by workspace and name. @throws {Error} for anyone but the operator */
export async function* accountOverviews(ctx: Ctx): AsyncGenerator<AccountOverview> {
  assertOperator(ctx);
  for (const { _id: id, name, teamId } of await allAccounts()) {
    const [members, groups, projects] = await Promise.all([
      ownersOfAccounts([id]),
      countActiveGroups(id),
      countProjects(id),
    ]);
    const owners = [...new Set(members.flatMap(activeUsersOf))].sort();
    yield { id, name, teamId, owners, groups, projects };
  }
}
