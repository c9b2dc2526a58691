import { Refusal } from '../refusal.ts';

/** What someone is in the Slack workspace, as `users.info` says; the strongest that applies. */
export type WorkspaceStanding = 'workspace_admin' | 'full_member' | 'guest' | 'outsider' | 'deactivated' | 'app';

/**
 * Who may create an account, and so become its first owner: an admin or owner of the Slack workspace. Otherwise
 * anyone who types a command first, guests included, would own the company's billing.
 *
 * @throws {Refusal} `set_up_not_allowed`
 */
export function assertMayFound(standing: WorkspaceStanding): void {
  if (standing === 'workspace_admin') return;
  throw new Refusal('set_up_not_allowed', { standing });
}
