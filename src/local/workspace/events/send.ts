import type { Core } from '../core.ts';
import { makeId } from '../ids.ts';
import { APP_ID, BOT_USER_ID } from '../state.ts';
import { organizationOf } from '../teams/host.ts';
import { installationFor, isOrgInstall } from '../teams/installed.ts';
import type { Fields } from '../types.ts';
import type { Ack } from './dispatch.ts';
import { LEGACY_TOKEN } from './payloads.ts';

/**
 * Sends an event in its envelope, and again later if it wasn't acknowledged, as Slack does.
 * @returns null when the app isn't installed here, or didn't subscribe to it
 */
export async function sendEvent(core: Core, event: Fields, subscription = String(event.type)): Promise<Ack | null> {
  if (!installationFor(core)) return null;
  const channel = core.state.channels.get(String(event.channel ?? ''));
  const envelope = {
    ...envelopeOf(core, core.state.team.id, event),
    authorizations: [
      {
        enterprise_id: organizationOf(core)?.id ?? null,
        team_id: core.state.team.id,
        user_id: BOT_USER_ID,
        is_bot: true,
        is_enterprise_install: isOrgInstall(core),
      },
    ],
    is_ext_shared_channel: channel?.is_ext_shared ?? false,
    event_context: makeId('4-', 20),
  };
  return subscribed(core, envelope, subscription);
}

/**
 * Sends an event that reports the end of an installation. Slack names an organization in place of the workspace.
 * @param id where the app was installed
 */
export function sendEnded(core: Core, id: string, event: Fields): Promise<Ack | null> {
  return subscribed(core, envelopeOf(core, id, event), String(event.type));
}

function envelopeOf(core: Core, teamId: string, event: Fields): Fields {
  const organization = organizationOf(core);
  return {
    token: LEGACY_TOKEN,
    team_id: teamId,
    ...(organization && { enterprise_id: organization.id }),
    api_app_id: APP_ID,
    event,
    type: 'event_callback',
    event_id: makeId('Ev'),
    event_time: core.state.seconds(),
  };
}

async function subscribed(core: Core, envelope: Fields, subscription: string): Promise<Ack | null> {
  if (core.subscriptions && !core.subscriptions.has(subscription)) return null;
  const ack = await core.link.json('event', envelope);
  if (ack.error !== undefined) retryLater(core, envelope, ack, 1);
  return ack;
}

function retryLater(core: Core, envelope: Fields, failed: Ack, attempt: number): void {
  const wait = core.timing.eventRetriesMs[attempt - 1];
  if (wait === undefined) return;
  const reason = failed.error === 'operation_timeout' ? 'http_timeout' : 'http_error';
  const timer = setTimeout(async () => {
    core.retries.delete(timer);
    const headers = { 'x-slack-retry-num': String(attempt), 'x-slack-retry-reason': reason };
    const ack = await core.link.json('event', envelope, headers);
    if (ack.error !== undefined) retryLater(core, envelope, ack, attempt + 1);
  }, wait);
  timer.unref();
  core.retries.add(timer);
}
