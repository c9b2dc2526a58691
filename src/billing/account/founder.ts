import { Refusal } from '../refusal.ts';

/** A person's role in the Slack workspace according to `users.info`; the highest that applies. */
export type WorkspaceStanding = 'workspace_admin' | 'full_member' | 'guest' | 'outsider' | 'deactivated' | 'app';

/**
 * Who may create an account and become its first owner: an admin or owner of the Slack workspace. Without this rule,
 * anyone who typed a command first, even a guest, would own the company's billing.
 *
 * @throws {Refusal} `set_up_not_allowed`
 */
export function assertMayFound(standing: WorkspaceStanding): void {
  if (standing === 'workspace_admin') return;
  throw new Refusal('set_up_not_allowed', { standing });
}
