import { Refusal } from '../refusal.ts';

/** What someone is in the Slack workspace, as `users.info` says; the strongest that applies. */
export type WorkspaceStanding = 'workspace_admin' | 'full_member' | 'guest' | 'outsider' | 'deactivated' | 'app';

const REASONS: Readonly<Record<Exclude<WorkspaceStanding, 'workspace_admin'>, string>> = {
  full_member: 'Only an admin or owner of this Slack workspace can set up an account.',
  guest: 'Guests can’t set up an account.',
  outsider: 'People from other organisations can’t set up an account in this workspace.',
  deactivated: 'Deactivated users can’t set up an account.',
  app: 'Apps and bots can’t set up an account.',
};

/**
 * Who may create an account, and so become its first owner: an admin or owner of the Slack workspace. Otherwise
 * anyone who types a command first, guests included, would own the company's billing.
 *
 * @throws {Refusal} `set_up_not_allowed`
 */
export function assertMayFound(standing: WorkspaceStanding): void {
  if (standing === 'workspace_admin') return;
  throw new Refusal('set_up_not_allowed', REASONS[standing], {
    wayOut: 'Ask a workspace admin to type `/billing` and set it up.',
  });
}
