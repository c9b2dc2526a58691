import type { LogEntry } from '../../billing/event/event.ts';
import { accountIdsOfTeam, accountOrFail } from '../../store/accounts/account-reads.ts';
import { groupNames } from '../../store/groups/group-reads.ts';

/** What a message about entries of the log says besides them. */
export interface NoticeFacts {
  /** Undefined where the workspace has no other account. */
  readonly accountName: string | undefined;
  /** IANA name: days that carry meaning are those of the account's calendar. */
  readonly timeZone: string;
  /** By ID; deleted groups included. */
  readonly groupNames: ReadonlyMap<string, string>;
}

/** The facts for a message about entries of one account. Three queries. @throws {Error} when the account isn't there */
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
