import type { LogEntry } from '../../billing/event/event.ts';
import { accountIdsOfTeam, accountOrFail } from '../../store/accounts/account-reads.ts';
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

/** The data for a message about entries of one account. Three queries. @throws {Error} if the account doesn't exist */
export async function noticeFacts(accountId: string, entries: readonly LogEntry[]): Promise<NoticeFacts> {
  const { name, teamId, timeZone } = await accountOrFail(accountId);
  const isOneOfSeveral = (await accountIdsOfTeam(teamId, 2)).length > 1;
  const groupIds = new Set(entries.flatMap(({ billingGroupId }) => billingGroupId ?? []));
  return {
    accountName: isOneOfSeveral ? name : undefined,
    timeZone,
    groupNames: await groupNames(accountId, [...groupIds]),
  };
}
