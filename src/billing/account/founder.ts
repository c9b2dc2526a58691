import { Refusal } from '../refusal.ts';

/**
 * A person's role in the Slack workspace according to `users.info`; the highest that applies. `installer`: a full member
 * who has installed the app there.
 */
export type WorkspaceStanding =
  | 'workspace_admin'
  | 'installer'
  | 'full_member'
  | 'guest'
  | 'outsider'
  | 'deactivated'
  | 'app';

/**
 * Who may create an account and become its first owner: an admin or owner of the Slack workspace, or who installed the
 * app. Without this rule, anyone who typed a command first, even a guest, would own the company's billing.
 *
 * @throws {Refusal} `set_up_not_allowed`
 */
export function assertMayFound(standing: WorkspaceStanding): void {
  if (standing === 'workspace_admin' || standing === 'installer') return;
  throw new Refusal('set_up_not_allowed', { standing });
}
