import { createHmac } from 'node:crypto';
import { TEAM } from './slack-api.ts';

export const SIGNING_SECRET = 'test-signing-secret';

export interface Target {
  /** The app's `/slack/events`. */
  readonly url: string;
  readonly secret?: string;
}

export interface RequestOptions {
  readonly contentType?: string;
  /** Seconds since 1970; now by default, left out if null. */
  readonly timestamp?: number | string | null;
  readonly signature?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Person {
  readonly user?: string;
  readonly channel?: string;
  readonly team?: string;
  /** The organization, if the app is installed for all its workspaces. */
  readonly enterprise?: string | undefined;
  readonly responseUrl?: string;
  readonly trigger?: string;
}

const FORM = 'application/x-www-form-urlencoded';

/** https://docs.slack.dev/authentication/verifying-requests-from-slack */
export function sign(secret: string, timestamp: number | string, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}

/** Sends a body as Slack does, with a valid signature, or an invalid one if requested. */
export function sendSigned(target: Target, body: string, options: RequestOptions = {}): Promise<Response> {
  const { contentType = FORM, timestamp = Math.floor(Date.now() / 1000), headers = {} } = options;
  const signature =
    options.signature === undefined ? sign(target.secret ?? SIGNING_SECRET, timestamp ?? '', body) : options.signature;
  return fetch(target.url, {
    method: 'POST',
    body,
    headers: {
      'content-type': contentType,
      ...(timestamp === null ? {} : { 'x-slack-request-timestamp': String(timestamp) }),
      ...(signature === null ? {} : { 'x-slack-signature': signature }),
      ...headers,
    },
  });
}

export function sendCommand(
  target: Target,
  command: string,
  text: string,
  person: Person = {},
  options: RequestOptions = {},
): Promise<Response> {
  const body = new URLSearchParams({ ...commandPayload(command, text, person) });
  return sendSigned(target, body.toString(), options);
}

export function commandPayload(command: string, text: string, person: Person = {}): Record<string, string> {
  return {
    token: 'verification',
    api_app_id: 'A1',
    command,
    text,
    team_id: person.team ?? TEAM,
    team_domain: 'acme',
    user_id: person.user ?? 'U1',
    user_name: 'ann',
    channel_id: person.channel ?? 'C1',
    channel_name: 'finance',
    trigger_id: person.trigger ?? 'trigger.1',
    ...(person.responseUrl === undefined ? {} : { response_url: person.responseUrl }),
    ...(person.enterprise !== undefined && { enterprise_id: person.enterprise, is_enterprise_install: 'true' }),
  };
}

/** An interaction: a click, a submission, a shortcut, a menu's request. */
export function sendInteraction(
  target: Target,
  payload: Readonly<Record<string, unknown>>,
  person: Person = {},
  options: RequestOptions = {},
): Promise<Response> {
  const full = {
    team: { id: person.team ?? TEAM, domain: 'acme' },
    user: { id: person.user ?? 'U1', username: 'ann', team_id: person.team ?? TEAM },
    api_app_id: 'A1',
    token: 'verification',
    ...(person.responseUrl === undefined ? {} : { response_url: person.responseUrl }),
    ...(person.enterprise !== undefined && { enterprise: { id: person.enterprise }, is_enterprise_install: true }),
    ...payload,
  };
  return sendSigned(target, new URLSearchParams({ payload: JSON.stringify(full) }).toString(), options);
}

/** A click on an element of a message in a channel. */
export function clickInMessage(action: Readonly<Record<string, unknown>>, channel = 'C1'): Record<string, unknown> {
  return {
    type: 'block_actions',
    trigger_id: 'trigger.1',
    channel: { id: channel, name: 'finance' },
    container: { type: 'message', message_ts: '1700000000.000100', channel_id: channel, is_ephemeral: false },
    message: { type: 'message', ts: '1700000000.000100', text: 'before' },
    actions: [{ type: 'button', block_id: 'b1', action_ts: '1700000001.000000', ...action }],
  };
}

/** A click in a modal or on the Home tab. */
export function clickInView(
  action: Readonly<Record<string, unknown>>,
  view: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return {
    type: 'block_actions',
    trigger_id: 'trigger.1',
    container: { type: 'view', view_id: view.id },
    view: viewPayload(view),
    actions: [{ type: 'button', block_id: 'b1', action_ts: '1700000001.000000', ...action }],
  };
}

/** @param values by block ID; a text is a plain text input's value */
export function submission(
  callbackId: string,
  values: Readonly<Record<string, string | null>>,
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const state = Object.fromEntries(
    Object.entries(values).map(([block, value]) => [block, { value: { type: 'plain_text_input', value } }]),
  );
  const blocks = Object.keys(values).map((block) => ({ type: 'input', block_id: block }));
  const view = viewPayload({ callback_id: callbackId, state: { values: state }, blocks, ...more });
  return { type: 'view_submission', trigger_id: 'trigger.1', view };
}

export function viewPayload(view: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    id: 'V1',
    type: 'modal',
    team_id: TEAM,
    callback_id: '',
    private_metadata: '',
    hash: '1.a',
    state: { values: {} },
    blocks: [],
    ...view,
  };
}

export function sendEvent(
  target: Target,
  event: Readonly<Record<string, unknown>>,
  options: RequestOptions & {
    readonly eventId?: string;
    readonly team?: string;
    readonly enterprise?: string | undefined;
    /** When it happened, in Unix seconds. */
    readonly at?: number;
  } = {},
): Promise<Response> {
  const team = options.team ?? TEAM;
  const { enterprise = null } = options;
  const isOrg = enterprise !== null;
  const body = JSON.stringify({
    type: 'event_callback',
    token: 'verification',
    team_id: team,
    ...(isOrg && { enterprise_id: enterprise }),
    api_app_id: 'A1',
    event_id: options.eventId ?? 'Ev1',
    event_time: options.at ?? 1_700_000_000,
    authorizations: [
      { enterprise_id: enterprise, team_id: team, user_id: 'UBOT', is_bot: true, is_enterprise_install: isOrg },
    ],
    event,
  });
  return sendSigned(target, body, { contentType: 'application/json', ...options });
}
