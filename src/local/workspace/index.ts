import type { LocalWorkspace } from './teams/handle.ts';
import type { AppOptions, TeamOptions } from './teams/options.ts';
import { startSingle } from './teams/workspaces.ts';

export { checkBlocks, checkView, type Surface } from '../../slack/limits/check-view.ts';
export { LIMITS } from '../../slack/limits/limits.ts';
export type { Organization } from './core.ts';
export type { Ack, Delivery } from './events/dispatch.ts';
export type { Submission } from './events/modals.ts';
export type { Controls } from './faults/bench.ts';
export type { Fault, FaultKind, WaitingFault } from './faults/faults.ts';
export type { IssuedTokens } from './oauth/installations.ts';
export type { UninstallHow } from './oauth/uninstall.ts';
export { type ClickWhat, elementsIn, PersonDriver, type Values, type Where } from './person.ts';
export { signatureHeaders } from './sign.ts';
export { APP_ID, BOT_ID, BOT_USER_ID, type Seed, SLACKBOT_ID, type WorkspaceState } from './state.ts';
export type { LocalWorkspace } from './teams/handle.ts';
export type { TeamOptions } from './teams/options.ts';
export { createWorkspaces, type LocalWorkspaces, type WorkspacesOptions } from './teams/workspaces.ts';
export { SLACK_TIMING, type Timing } from './tickets.ts';
export type * from './types.ts';

/** A single workspace, whose token the app has in its settings. */
export interface WorkspaceOptions extends AppOptions, TeamOptions {
  botToken: string;
}

/**
 * Starts a Slack workspace on this machine: the Web API, the page, and people who reach the app by signed requests.
 * It listens only on 127.0.0.1. For several workspaces, see `createWorkspaces`.
 * @throws Error with NODE_ENV=production, when the port is taken, or when the state file can't be read
 */
export function startWorkspace(options: WorkspaceOptions): Promise<LocalWorkspace> {
  return startSingle(options);
}
