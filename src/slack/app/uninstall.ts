import type { SlackApp } from './app.ts';
import { onEvent } from './listeners.ts';

/** The events that say that the app was uninstalled, or that tokens of it were revoked. Slack sends one of them or both. */
const UNINSTALL_EVENTS = ['app_uninstalled', 'tokens_revoked'] as const;

/** Ends installations, before the event is acknowledged: Slack doesn't send it again after that. */
export function registerUninstall(app: SlackApp): void {
  for (const name of UNINSTALL_EVENTS) {
    app.notes.set(name, async (_event, { teamId, enterpriseId, at }) => {
      const ids = [teamId, enterpriseId].filter((id) => id !== undefined);
      await app.workspaces.revoked({ ids, at });
    });
    onEvent(app, name, async () => undefined);
  }
}
