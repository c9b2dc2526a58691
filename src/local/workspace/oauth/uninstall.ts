import type { Host } from '../core.ts';
import { sendEnded } from '../events/send.ts';
import { BOT_USER_ID } from '../state.ts';
import { teamsOf } from '../teams/host.ts';
import { installationFor } from '../teams/installed.ts';

export const UNINSTALL_EVENTS = ['tokens_revoked', 'app_uninstalled'] as const;
export type UninstallEvent = (typeof UNINSTALL_EVENTS)[number];

/** How Slack reports that the app was uninstalled. It promises no order, and may send an event twice. */
export interface UninstallHow {
  /** In this order, each as often as it is listed; by default, both once. */
  readonly events?: readonly UninstallEvent[];
}

/**
 * Ends an installation: its tokens stop working, the bot leaves all channels, and its events are sent.
 * @param id of a workspace, or of an organization
 */
export async function uninstall(host: Host, id: string, how: UninstallHow = {}): Promise<void> {
  const served = servedBy(host, id);
  if (host.installations.end(id)) for (const core of served) removeBot(core);
  await reportUninstalled(host, id, how);
}

/** Sends the events alone, as Slack may once more later, even after the app was installed again. */
export async function reportUninstalled(
  host: Host,
  id: string,
  { events = UNINSTALL_EVENTS }: UninstallHow = {},
): Promise<void> {
  const [core] = teamsMeant(host, id);
  if (!core) return;
  for (const type of events) {
    const event = type === 'app_uninstalled' ? { type } : { type, tokens: { oauth: [], bot: [BOT_USER_ID] } };
    await sendEnded(core, id, event);
  }
}

function servedBy(host: Host, id: string) {
  const installation = host.installations.in(id);
  return teamsMeant(host, id).filter((core) => installation !== undefined && installationFor(core) === installation);
}

function teamsMeant(host: Host, id: string) {
  const core = host.teams.get(id);
  return core ? [core] : teamsOf(host, id);
}

/** As people who are deactivated, an app that is uninstalled leaves its channels. */
function removeBot({ state }: ReturnType<typeof teamsOf>[number]): void {
  for (const channel of state.channels.values()) {
    if (channel.is_im || !channel.members.includes(BOT_USER_ID)) continue;
    state.putChannel({ ...channel, members: channel.members.filter((member) => member !== BOT_USER_ID) });
  }
}
