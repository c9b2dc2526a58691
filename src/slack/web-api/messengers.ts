import type { Messenger } from './messenger.ts';

/** The messengers of the workspaces that have the app installed: each workspace has its own token and rate limits. */
export interface Messengers {
  /** The messenger of a workspace. @throws {Error} if the app isn't installed there */
  of(teamId: string): Promise<Messenger>;
  /** Those of some workspaces that have the app installed. */
  installedAmong(teamIds: ReadonlySet<string>): Promise<ReadonlySet<string>>;
}

/** For an app in one workspace, to which all accounts belong. */
export function inOneWorkspace(messenger: Messenger): Messengers {
  return { of: async () => messenger, installedAmong: async (teamIds) => teamIds };
}
