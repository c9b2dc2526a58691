import { registerBilling } from '../../../commands/billing.ts';
import { ROLES } from '../../../src/billing/account/role.ts';
import { SecretBox } from '../../../src/platform/secret-box.ts';
import { createAccount, setMember, severalAccountsOf } from '../../../src/services/accounts/accounts.ts';
import { createCampaign } from '../../../src/services/credits/credit-campaigns.ts';
import { createGroup } from '../../../src/services/groups/groups.ts';
import { linkTo } from '../../../src/services/kit/links.ts';
import { askMove } from '../../../src/services/moves/move-ask.ts';
import { subscribe } from '../../../src/services/notices/subscriptions.ts';
import { createProject } from '../../../src/services/projects/projects.ts';
import { createMethod } from '../../../src/services/settlement/payment-methods.ts';
import { type SourceTools, StorageFault } from '../../../src/services/sources/source-storage.ts';
import { Invoices } from '../../../src/store/invoicing/invoices.ts';
import { registerViews } from '../../../views/index.ts';
import { contextAt, person, type TestClock } from '../context.ts';
import { storedAnomaly } from '../costs/stored-anomaly.ts';
import { FINANCE, PERSON_OF } from './listener-needs.ts';
import {
  clickInMessage,
  clickInView,
  sendCommand,
  sendEvent,
  sendInteraction,
  type Target,
  viewPayload,
} from './signed.ts';
import { TEAM } from './slack-api.ts';
import { startTestApp, type TestApp } from './slack-app.ts';

/** The other fields of a shared file's event. */
const SHARED = { channel_id: FINANCE, file_id: 'F0NONE', event_ts: '1700000000.000100' };

/** Where links to what is in these worlds begin. */
export const LINK_BASE = 'https://billing.example.com';

/** No source is read here. */
const SOURCES: SourceTools = {
  open: () => Promise.reject(new StorageFault('unreachable', 'Nothing is read here.')),
  ...{ box: new SecretBox([Buffer.alloc(32, 1)]), hasFolder: false, isShared: false },
};

/** The IDs of one object of each kind. */
export type Facts = Readonly<Record<string, string>>;

/** The product with one object of each kind, and a Slack that accepts every call, so that only the product decides. */
export interface ListenerWorld {
  readonly app: TestApp;
  readonly facts: Facts;
}

/** A workspace and the process of the product to which its requests are sent. */
export interface Sending {
  readonly target: Target;
  readonly responseUrl: string;
  readonly team: string;
  /** The organization, if the app is installed for all its workspaces. */
  readonly enterprise?: string | undefined;
  readonly facts: Facts;
}

export async function listenerWorld(clock: TestClock): Promise<ListenerWorld> {
  const app = await startTestApp(
    (slack, api) => {
      api.answer('conversations.open', { body: { ok: true, channel: { id: 'D1' } } });
      api.answer('users.info', {
        body: { ok: true, user: { id: 'U1', team_id: TEAM, is_admin: true, tz: 'Europe/Berlin' } },
      });
      api.answer('usergroups.list', { body: { ok: true, usergroups: [] } });
      api.answer('files.getUploadURLExternal', { body: { ok: true, upload_url: `${api.url}upload`, file_id: 'F1' } });
      api.answer('files.completeUploadExternal', { body: { ok: true, files: [{ id: 'F1' }] } });
      api.answer('files.info', { body: { ok: true, file: { id: 'F1', mimetype: 'image/png' } } });
      api.answer('conversations.info', { body: { ok: true, channel: { id: FINANCE } } });
      const deps = { clock, sources: SOURCES, linkBase: LINK_BASE, nudge: () => undefined };
      registerBilling(slack, deps);
      registerViews(slack, deps);
    },
    { findAccounts: severalAccountsOf },
  );
  return { app, facts: await listenerFacts(clock, TEAM) };
}

/** Creates an account in a workspace with one object of each kind. @param word begins the names of all */
export async function listenerFacts(clock: TestClock, team: string, word = ''): Promise<Facts> {
  const ctx = contextAt(clock);
  const input = { name: `${word}Acme`, timeZone: 'Europe/Berlin', currency: 'EUR', financeChannelId: FINANCE };
  const { _id: account } = await createAccount(ctx, { teamId: team, userId: PERSON_OF.owner }, input);
  for (const role of ROLES) await setMember(ctx, account, PERSON_OF[role], role);
  await setMember(ctx, account, 'U0SPARE', 'owner');
  const group = (await createGroup(ctx, { accountId: account, name: `${word}Blue` }))._id;
  const other = (await createGroup(ctx, { accountId: account, name: `${word}Red` }))._id;
  const { project } = await createProject(ctx, { accountId: account, name: `${word}p1`, billingGroupId: group });
  const { id: method } = await createMethod(ctx, account, { kind: 'disabled' });
  const campaign = await createCampaign(contextAt(clock, person(PERSON_OF.owner, team)), account, {
    ...{ name: `${word}C`, type: 'promotion', value: '1.00', currency: 'EUR', startDay: null, endDay: null },
    ...{ claimsPerCode: 1, codes: 1, ownCode: null },
  });
  const asked = await askMove(contextAt(clock, person('U0SPARE', team)), {
    ...{ accountId: account, projectIds: [project._id], toGroupId: other, effect: 'now' as const, reason: '' },
  });
  const subscription = (await subscribe(ctx, account, { channelId: FINANCE, isPersonal: false }))._id;
  return {
    ...{ team, account, group, other, project: project._id, method, campaign: campaign.campaign.id, subscription },
    code: campaign.codes[0] ?? '',
    move: asked.kind === 'requested' ? asked.request._id : '',
    anomaly: await storedAnomaly({
      _id: `anm_${team}`,
      accountId: account,
      billingGroupId: group,
      projectId: project._id,
    }),
    invoice: (await Invoices.findOne({ billingGroupId: group }).orFail().lean())._id,
  };
}

/** All values that our buttons and forms carry, so that one text fits them all. */
function carried(facts: Facts, name = ''): string {
  const { account = '', group = '', move = '', subscription = '' } = facts;
  const place = { account, group, tab: 'overview', page: 1, filter: {} };
  const more = {
    move,
    moves: move,
    subscription,
    anomaly: facts.anomaly ?? '',
    project: facts.project ?? '',
    invoice: facts.invoice ?? '',
    kind: 'discount',
    earliest: '2026-04-01T00:00:00.000Z',
  };
  const own = name.startsWith('invoice.why') ? { part: 'lines', place: 0 } : { place: JSON.stringify(place) };
  const rest = { name: 'x', view: 'V1', channel: FINANCE, file: 'F1', kind: 'discount', id: 'adj_x' };
  const kept = name.endsWith('.back') ? { typed: confirmed(facts) } : {};
  return JSON.stringify({ ...facts, ...place, more, ...rest, ...own, ...kept });
}

/** The typed values kept in confirmations, enough for each. */
function confirmed(facts: Facts) {
  return {
    ...{
      group: facts.other,
      description: 'x',
      value: '1',
      from: '',
      amount: '1',
      thresholds: '',
      date: '',
      reference: '',
      invoice: facts.invoice,
    },
    ...{ scope: 'whole', reason: 'x', amounts: {}, base: 'EUR', currency: 'USD', rate: '1.1', name: 'x' },
    ...{ numberFormat: '.,', fixedCurrency: 'EUR', dateFormat: 'ymd', lastDay: null, month: null, project: null },
    ...{ projectName: null, service: null, payer: null, tags: [], encoding: 'utf-8', replace: 'add' },
    ...{ type: 'promotion', startDay: null, endDay: null, claimsPerCode: '1', codes: '1', ownCode: null },
  };
}

/** The values in forms, by block ID: enough for each to be accepted with permission. */
function typed(facts: Facts): Record<string, Record<string, unknown>> {
  const { other = '', project = '', method = '', code = '' } = facts;
  const option = (value: string) => ({
    type: 'static_select',
    selected_option: { value, text: { type: 'plain_text', text: value } },
  });
  const options = (...values: string[]) => ({
    type: 'multi_static_select',
    selected_options: values.map((value) => ({ value })),
  });
  const text = (value: string | null) => ({ type: 'plain_text_input', value });
  return {
    name: text('Something new'),
    access: option('billing:read'),
    days: text(null),
    environment: text(null),
    description: text('Something'),
    from: text('2026-04'),
    until: text(null),
    service: text(null),
    often: text(null),
    copy: text(null),
    project: text(null),
    currency: option('EUR'),
    countryCode: option('DE'),
    company: text('Acme'),
    group: option(other),
    projects: options(project),
    effect: option('now'),
    reason: text('Because'),
    code: text(code),
    method: option(method),
    kind: option('disabled'),
    type: option('promotion'),
    value: text('1.00'),
    bucket: text('acme-exports'),
    everyHours: option('6'),
    restated: option('replace'),
    files: option('together'),
    silentDays: text('3'),
    claimsPerCode: text('1'),
    codes: text('1'),
    channel: { type: 'conversations_select', selected_conversation: FINANCE },
    rhythm: option('at_once'),
    kinds: options('groups'),
    choice: option('none'),
    'selected move': options(facts.move ?? ''),
    assignee: { type: 'users_select', selected_user: 'U0STRANGER' },
    people: { type: 'multi_users_select', selected_users: ['U0STRANGER'] },
    role: option('viewer'),
    closeDelayHours: text('24'),
    legalName: text('Acme'),
    invoicePrefix: text('ACME'),
    approvalsWho: option('receiving'),
    approvalsNeeded: text('1'),
    moveReminderHours: text('24'),
    moveExpiryDays: text('7'),
    amount: text('1.00'),
    thresholds: text('50'),
    date: { type: 'datepicker', selected_date: '2026-03-01' },
    reference: text(null),
    scope: option('whole'),
    purpose: text(null),
    dateOrder: option('ymd'),
    decimal: option('.'),
    numberFormat: option('.,'),
    fixedCurrency: option('EUR'),
    dateFormat: option('ymd'),
    encoding: option('utf-8'),
    replace: option('add'),
    invoice: option(facts.invoice ?? ''),
    approvers: { type: 'multi_users_select', selected_users: ['U0MEMBER'] },
  };
}

function valueFor(facts: Facts, name: string): string {
  if (name === 'notify.menu') return `pause ${facts.account} ${facts.subscription}`;
  if (name === 'costs.csv')
    return JSON.stringify({ account: facts.account, from: '2026-03-01', to: '2026-03-02', name: 'day' });
  return name === 'file.share' ? `json ${facts.account} ${facts.invoice}` : carried(facts, name);
}

/** A message with links to an invoice, a group and a move request, also as if they were in the sender's workspace. */
function sharedLinks({ account = '', team: teamOf = '', ...facts }: Facts, team: string): Record<string, unknown> {
  const urls = [facts.invoice, facts.group, facts.move].flatMap((id = '') =>
    [team, teamOf].map((teamId) => linkTo(LINK_BASE, { teamId, accountId: account, id })),
  );
  return {
    ...{ channel: FINANCE, message_ts: '1700000000.000100', source: 'conversations_history', is_bot_user_member: true },
    links: [...new Set(urls)].map((url) => ({ url, domain: 'billing.example.com' })),
  };
}

/** Two events have the person as an object. */
function userOf(event: string, id: string, team: string): string | Readonly<Record<string, unknown>> {
  return ['user_change', 'team_join'].includes(event) ? { id, team_id: team, deleted: false } : id;
}

/** Sends a listener its request as a person in the only workspace. */
export function sendTo(
  { app, facts }: ListenerWorld,
  listener: string,
  userId: string,
  request?: string,
): Promise<Response | undefined> {
  const { target, api } = app;
  return sendFrom({ target, responseUrl: api.responseUrl, team: TEAM, facts }, listener, userId, request);
}

/**
 * Sends a listener its request as a person. Events, triggers and forms contain the request's name, so that the same
 * name is the same request.
 */
export async function sendFrom(
  { target, responseUrl, team, enterprise, facts }: Sending,
  listener: string,
  userId: string,
  request = 'trigger.1',
): Promise<Response | undefined> {
  const [kind = '', name = ''] = listener.split(' ');
  const who = { user: userId, team, enterprise, channel: FINANCE, responseUrl, trigger: request };
  const trigger = { trigger_id: request };
  const value = valueFor(facts, name);
  const fields = typed(facts);
  const view = viewPayload({
    hash: request,
    team_id: team,
    private_metadata: carried(facts, name),
    callback_id: name,
    blocks: Object.keys(fields).map((id) => ({ type: 'input', block_id: id })),
    state: { values: Object.fromEntries(Object.entries(fields).map(([id, element]) => [id, { element }])) },
  });
  const element = { action_id: name, value, block_id: 'member U0VIEWER 0', ...selected(facts, name, value) };
  if (kind === 'command') return sendCommand(target, name, 'help', who);
  if (kind === 'event') {
    const event = {
      type: name,
      user: userOf(name, userId, team),
      tab: 'home',
      user_id: userId,
      ...SHARED,
      ...(name === 'link_shared' && sharedLinks(facts, team)),
    };
    return sendEvent(target, event, { team, enterprise, eventId: request });
  }
  if (kind === 'action') {
    const isInMessage = name.startsWith('import') || name.startsWith('move.a');
    const click = isInMessage ? clickInMessage(element) : clickInView(element, view);
    return sendInteraction(target, { ...click, ...trigger }, who);
  }
  if (kind === 'shortcut') {
    const message = { type: 'message', ts: '1.1', text: 'x' };
    const used = { callback_id: name, message_ts: '1.1', channel: { id: FINANCE }, message };
    return sendInteraction(target, { type: 'message_action', ...trigger, ...used }, who);
  }
  if (kind === 'submit') return sendInteraction(target, { type: 'view_submission', ...trigger, view }, who);
  if (kind === 'options') {
    const asked = {
      type: 'block_suggestion',
      action_id: name,
      block_id: `find ${name === 'projects.find' ? 'project' : 'group'} ${facts.account}`,
      value: '',
      view,
    };
    return sendInteraction(target, asked, who);
  }
  return undefined;
}

function selected(facts: Facts, name: string, value: string): Record<string, unknown> {
  if (name === 'members.role') return { type: 'static_select', selected_option: { value: 'viewer' } };
  if (name === 'invoice.forms') {
    return { type: 'overflow', selected_option: { value: `json ${facts.account} ${facts.invoice}` } };
  }
  if (name === 'groups.find') {
    const at = { type: 'external_select', block_id: `find group ${facts.account}` };
    return { ...at, selected_option: { value: facts.group } };
  }
  if (name === 'projects.find') {
    const at = { type: 'external_select', block_id: `find project ${facts.account}` };
    return { ...at, selected_option: { value: facts.project } };
  }
  if (name === 'group.menu') return { type: 'overflow', selected_option: { value: 'rename' } };
  if (name === 'notify.menu') return { type: 'overflow', selected_option: { value } };
  if (name === 'invoice.more')
    return { type: 'overflow', selected_option: { value: `memo ${facts.account} ${facts.invoice}` } };
  if (name === 'home.account') return { type: 'static_select', selected_option: { value: facts.account } };
  return {};
}
