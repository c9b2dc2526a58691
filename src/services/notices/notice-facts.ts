import type { LogEntry } from '../../billing/event/event.ts';
import { accountIdsOfTeam, accountOrFail } from '../../store/accounts/account-reads.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { groupNames } from '../../store/groups/group-reads.ts';

/** Data for a message about log entries, in addition to the entries. */
export interface NoticeFacts {
  /** Undefined if the workspace has no other account. */
  readonly accountName: string | undefined;
  /** IANA name, for days that carry meaning. */
  readonly timeZone: string;
  /** By ID; deleted groups included. */
  readonly groupNames: ReadonlyMap<string, string>;
}

/** An account's name for messages about it; undefined if the workspace has no other account. Two queries. */
export async function distinguishingName(accountId: string): Promise<string | undefined> {
  return nameAmongSeveral(await accountOrFail(accountId));
}

async function nameAmongSeveral({ name, teamId }: AccountDoc): Promise<string | undefined> {
  return (await accountIdsOfTeam(teamId, 2)).length > 1 ? name : undefined;
}

/** The data for a message about entries of one account. Three queries. @throws {Error} if the account doesn't exist */
export async function noticeFacts(accountId: string, entries: readonly LogEntry[]): Promise<NoticeFacts> {
  const account = await accountOrFail(accountId);
  const groupIds = new Set(entries.flatMap(({ billingGroupId }) => billingGroupId ?? []));
  return {
    accountName: await nameAmongSeveral(account),
    timeZone: account.timeZone,
    groupNames: await groupNames(accountId, [...groupIds]),
  };
}
