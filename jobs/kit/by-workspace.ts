import { teamOf, teamsOf } from '../../src/services/accounts/accounts.ts';
import type { Messenger } from '../../src/slack/web-api/messenger.ts';
import type { Messengers } from '../../src/slack/web-api/messengers.ts';

/** The messenger of an account's workspace. @throws {Error} if the app isn't installed there */
export async function messengerFor(messengers: Messengers, accountId: string): Promise<Messenger> {
  return messengers.of(await teamOf(accountId));
}

/** Those of some accounts whose workspaces have the app installed. What concerns the others waits. */
export async function accountsInReach(
  messengers: Messengers,
  accountIds: Iterable<string>,
): Promise<ReadonlySet<string>> {
  const teams = await teamsOf([...new Set(accountIds)]);
  const installed = await messengers.installedAmong(new Set(teams.values()));
  return new Set([...teams].flatMap(([accountId, teamId]) => (installed.has(teamId) ? [accountId] : [])));
}

/** The items of accounts whose workspaces have the app installed. */
export async function inReach<T extends { readonly accountId: string }>(
  messengers: Messengers,
  items: readonly T[],
): Promise<T[]> {
  const reachable = await accountsInReach(
    messengers,
    items.map(({ accountId }) => accountId),
  );
  return items.filter(({ accountId }) => reachable.has(accountId));
}

/** The same for items that name their workspace. */
export async function inInstalledWorkspaces<T extends { readonly teamId: string }>(
  messengers: Messengers,
  items: readonly T[],
): Promise<T[]> {
  const installed = await messengers.installedAmong(new Set(items.map(({ teamId }) => teamId)));
  return items.filter(({ teamId }) => installed.has(teamId));
}
