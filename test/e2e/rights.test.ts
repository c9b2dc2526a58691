import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { registerBilling } from '../../commands/billing.ts';
import { may, type Right, ROLES, type Role } from '../../src/billing/account/role.ts';
import { createAccount, setMember } from '../../src/services/accounts/accounts.ts';
import { createCampaign } from '../../src/services/credits/credit-campaigns.ts';
import { createGroup } from '../../src/services/groups/groups.ts';
import { askMove } from '../../src/services/moves/move-ask.ts';
import { subscribe } from '../../src/services/notices/subscriptions.ts';
import { createProject } from '../../src/services/projects/projects.ts';
import { createMethod } from '../../src/services/settlement/payment-methods.ts';
import { Invoices } from '../../src/store/invoicing/invoices.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { Moves } from '../../src/store/moves/moves.ts';
import { registerViews } from '../../views/index.ts';
import { contextAt, person, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import {
  clickInMessage,
  clickInView,
  sendCommand,
  sendEvent,
  sendInteraction,
  viewPayload,
} from '../support/slack/signed.ts';
import { TEAM } from '../support/slack/slack-api.ts';
import { startTestApp, type TestApp } from '../support/slack/slack-app.ts';

useDatabase(migrate);

const FINANCE = 'C0FINANCE';

/** What a listener takes: a right, to be known at all, or nothing, since it shows and changes nothing of an account. */
type Needs = Right | 'nothing';

const PERSON_OF: Readonly<Record<Role | 'stranger', string>> = {
  owner: 'U0OWNER',
  billing_admin: 'U0ADMIN',
  approver: 'U0APPROVER',
  member: 'U0MEMBER',
  viewer: 'U0VIEWER',
  stranger: 'U0STRANGER',
};

/** Every listener of the product, with what it takes (domain.md, Permissions). One that is not here fails the test. */
const NEEDS: Readonly<Record<string, Needs>> = {
  'command /billing': 'nothing',
  // lists and views
  'action groups.page.previous': 'see',
  'action groups.page.next': 'see',
  'action group.open': 'see',
  'action group.tab.overview': 'see',
  'action group.tab.projects': 'see',
  'action group.tab.invoices': 'see',
  'action group.tab.credits': 'see',
  'action group.tab.events': 'see',
  'action group.tab.billing': 'see',
  'action group.page.previous': 'see',
  'action group.page.next': 'see',
  'action projects.page.previous': 'see',
  'action projects.page.next': 'see',
  'action projects.open': 'see',
  'action invoices.page.previous': 'see',
  'action invoices.page.next': 'see',
  'action invoices.open': 'see',
  'action invoice.view': 'see',
  'action invoice.page.previous': 'see',
  'action invoice.page.next': 'see',
  'action invoice.csv': 'see',
  'action invoice.pay.open': 'issue',
  'submit invoice.pay': 'issue',
  'action invoice.pay.back': 'issue',
  'submit invoice.end': 'issue',
  'submit invoice.memo': 'issue',
  'action invoice.memo.back': 'issue',
  'action invoice.more': 'issue',
  'action invoice.charge': 'issue',
  'action invoice.payment.undo': 'issue',
  'action invoice.balance.pay_out': 'issue',
  'action invoice.transfer': 'issue',
  'action invoice.refund.made': 'issue',
  'action invoice.pdf': 'see',
  'action file.share': 'see',
  'action invoice.forms': 'see',
  'action invoice.preview': 'see',
  'action preview.open': 'see',
  'action memo.pdf': 'see',
  'action invoice.why': 'see',
  'action invoice.why.steps': 'see',
  'action invoice.why.lines': 'see',
  'action invoice.why.line': 'see',
  'action invoice.why.page.previous': 'see',
  'action invoice.why.page.next': 'see',
  'action adjustment.page.previous': 'see',
  'action adjustment.page.next': 'see',
  'action adjustment.end': 'edit_groups',
  'action adjustment.add': 'see',
  'options adjustment.create.group': 'see',
  'options adjustment.create.project': 'see',
  'submit adjustment.create': 'edit_groups',
  'action adjustment.create.back': 'see',
  'action budget.page.previous': 'see',
  'action budget.page.next': 'see',
  'action budget.remove': 'edit_groups',
  'action budget.form.open': 'see',
  'options budget.form.group': 'see',
  'options budget.form.project': 'see',
  'submit budget.form': 'edit_groups',
  'action budget.form.back': 'see',
  'action rates.page.previous': 'see',
  'action rates.page.next': 'see',
  'action rate.open': 'nothing',
  'options rate.set.base': 'nothing',
  'options rate.set.currency': 'nothing',
  'submit rate.set': 'issue',
  'action rate.set.back': 'nothing',
  'action dry_run.open': 'see',
  'action dry_run.page.previous': 'see',
  'action dry_run.page.next': 'see',
  // forms ask nothing before they are sent, but for what they show
  'action group.create.open': 'nothing',
  'options group.create.currency': 'nothing',
  'options group.create.copy': 'see',
  'options group.create.projects': 'see',
  'submit group.create': 'edit_groups',
  'action group.menu': 'see',
  'submit group.rename': 'edit_groups',
  'submit group.primary': 'administer',
  'submit group.delete': 'edit_groups',
  'action project.create.open': 'see',
  'options project.create.group': 'see',
  'submit project.create': 'edit_projects',
  'action billing.edit.open': 'see',
  'options billing.country': 'nothing',
  'submit billing.edit': 'edit_groups',
  'action billing.currency.open': 'see',
  'options billing.currency.select': 'nothing',
  'submit billing.currency': 'edit_groups',
  'action payment.list.open': 'see',
  'action payment.create.open': 'see',
  'action payment.card.open': 'edit_groups',
  'action payment.card.page': 'nothing',
  'action payment.edit.open': 'see',
  'action payment.delete': 'edit_groups',
  'options payment.currency': 'nothing',
  'submit payment.method': 'edit_groups',
  'action payment.choose.open': 'see',
  'submit payment.choose': 'edit_groups',
  'action credit.claim.open': 'see',
  'options credit.claim.group': 'see',
  'options credit.claim.project': 'see',
  'submit credit.claim': 'edit_groups',
  'action credit.campaigns.open': 'administer',
  'action credit.campaigns.page.previous': 'administer',
  'action credit.campaigns.page.next': 'administer',
  'action credit.campaign.open': 'see',
  'action credit.campaign.end': 'administer',
  'action credit.campaign.codes': 'administer',
  'options credit.campaign.currency': 'nothing',
  'submit credit.campaign': 'administer',
  'action credit.campaign.back': 'nothing',
  // moves
  'action assign.open': 'see',
  'action move.open': 'see',
  'shortcut move.ask': 'see',
  'options move.projects': 'see',
  'options move.group': 'see',
  'action move.projects': 'see',
  'action move.group': 'see',
  'submit move.ask': 'edit_projects',
  'action move.approve': 'approve_moves',
  'action move.reject': 'approve_moves',
  'action move.withdraw': 'see',
  'submit move.reject': 'approve_moves',
  'submit move.new_date': 'approve_moves',
  'submit move.some_cant': 'approve_moves',
  // notifications
  'action notify.open': 'see',
  'options notify.groups': 'see',
  'options notify.projects': 'see',
  'submit notify.new': 'edit_groups',
  'action notify.menu': 'edit_groups',
  'action notify.resume': 'edit_groups',
  'action notify.move.open': 'nothing',
  'submit notify.elsewhere': 'edit_groups',
  // events, members, settings
  'action events.open': 'see',
  'action events.page.previous': 'see',
  'action events.page.next': 'see',
  'action events.filter.clear': 'see',
  'action events.filter.open': 'nothing',
  'action events.export': 'see',
  'options events.filter.project': 'see',
  'submit events.filter': 'see',
  'action members.open': 'see',
  // whoever belongs to no account reads that they have left it
  'action members.page.previous': 'nothing',
  'action members.page.next': 'nothing',
  'action members.role': 'administer',
  'action members.remove': 'administer',
  'action members.leave': 'see',
  'action members.invite.open': 'nothing',
  'options members.invite.group': 'nothing',
  'submit members.invite': 'administer',
  'event subteam_members_changed': 'nothing',
  'event user_change': 'nothing',
  'event team_join': 'nothing',
  'action settings.open': 'see',
  'options settings.time_zone': 'nothing',
  'options settings.currency': 'nothing',
  'options settings.country': 'nothing',
  'submit settings': 'administer',
  'action token.create.open': 'administer',
  'action token.revoke': 'administer',
  'action token.page.previous': 'administer',
  'action token.page.next': 'administer',
  'submit token.create': 'administer',
  // the way in
  'action set_up.open': 'nothing',
  'options set_up.time_zone': 'nothing',
  'options set_up.currency': 'nothing',
  'submit set_up': 'nothing',
  'event file_shared': 'nothing',
  'action import.add': 'issue',
  'action import.replace': 'issue',
  'action import.rates': 'issue',
  'action import.confirm': 'issue',
  'action import.cancel': 'issue',
  'action import.undo': 'issue',
  'action import.dismiss': 'nothing',
  'event app_home_opened': 'nothing',
  'action home.account': 'nothing',
  'action home.page.previous': 'nothing',
  'action home.page.next': 'nothing',
};

/** How a refusal for want of a right, or of belonging to the account at all, is called. */
const NO_RIGHT = ['role_needed', 'not_an_approver', 'not_yours'];
const NO_MEMBER = ['account_not_found', 'not_a_member'];
/** What is told apart by more than a role: who asked may withdraw, nobody may leave as the last owner. */
const OWN_RULES: readonly string[] = ['action move.withdraw', 'action members.leave', 'action group.menu'];

const clock = new TestClock('2026-03-20T12:00:00Z');
const ctx = contextAt(clock);
/** With a Slack that says yes to everything, so that only the product decides. */
let app: TestApp;
let facts: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  app = await startTestApp((slack, api) => {
    api.answer('conversations.open', { body: { ok: true, channel: { id: 'D1' } } });
    api.answer('users.info', { body: { ok: true, user: { id: 'U1', tz: 'Europe/Berlin' } } });
    api.answer('usergroups.list', { body: { ok: true, usergroups: [] } });
    api.answer('files.getUploadURLExternal', { body: { ok: true, upload_url: `${api.url}upload`, file_id: 'F1' } });
    api.answer('files.completeUploadExternal', { body: { ok: true, files: [{ id: 'F1' }] } });
    api.answer('files.info', { body: { ok: true, file: { id: 'F1', mimetype: 'image/png' } } });
    const deps = { clock, nudge: () => undefined };
    registerBilling(slack, deps);
    registerViews(slack, deps);
  });
  const input = { name: 'Acme', timeZone: 'Europe/Berlin', currency: 'EUR', financeChannelId: FINANCE };
  const { _id: account } = await createAccount(ctx, { teamId: TEAM, userId: PERSON_OF.owner }, input);
  for (const role of ROLES) await setMember(ctx, account, PERSON_OF[role], role);
  await setMember(ctx, account, 'U0SPARE', 'owner');
  const group = (await createGroup(ctx, { accountId: account, name: 'Blue' }))._id;
  const other = (await createGroup(ctx, { accountId: account, name: 'Red' }))._id;
  const { project } = await createProject(ctx, { accountId: account, name: 'p1', billingGroupId: group });
  const { id: method } = await createMethod(ctx, account, { kind: 'disabled' });
  const campaign = await createCampaign(contextAt(clock, person(PERSON_OF.owner, TEAM)), account, {
    ...{ name: 'C', type: 'promotion', value: '1.00', currency: 'EUR', startDay: null, endDay: null },
    ...{ claimsPerCode: 1, codes: 1, ownCode: null },
  });
  const asked = await askMove(contextAt(clock, person('U0SPARE', TEAM)), {
    ...{ accountId: account, projectIds: [project._id], toGroupId: other, effect: 'now' as const, reason: '' },
  });
  const subscription = (await subscribe(ctx, account, { channelId: FINANCE, isPersonal: false }))._id;
  facts = {
    ...{ account, group, other, project: project._id, method, campaign: campaign.campaign.id, subscription },
    move: asked.kind === 'requested' ? asked.request._id : '',
    invoice: (await Invoices.findOne({ billingGroupId: group }).orFail().lean())._id,
  };
});
afterAll(() => app.stop());

/** Everything that any of our buttons and forms carries, so that one text does for all of them. */
function carried(name = ''): string {
  const { account = '', group = '', move = '', subscription = '' } = facts;
  const place = { account, group, tab: 'overview', page: 1, filter: {} };
  const more = {
    move,
    subscription,
    invoice: facts.invoice ?? '',
    kind: 'discount',
    earliest: '2026-04-01T00:00:00.000Z',
  };
  const own = name.startsWith('invoice.why') ? { part: 'lines', place: 0 } : { place: JSON.stringify(place) };
  const rest = { name: 'x', view: 'V1', channel: FINANCE, file: 'F1', kind: 'discount', id: 'adj_x' };
  const kept = name.endsWith('.back') ? { typed: confirmed() } : {};
  return JSON.stringify({ ...facts, ...place, more, ...rest, ...own, ...kept });
}

/** What the confirmations keep of what was typed: enough for each. */
function confirmed() {
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
    },
    ...{ scope: 'whole', reason: 'x', amounts: {}, base: 'EUR', currency: 'USD', rate: '1.1', name: 'x' },
    ...{ type: 'promotion', startDay: null, endDay: null, claimsPerCode: '1', codes: '1', ownCode: null },
  };
}

/** What stands in the forms, by block id: enough for each to be taken, had one the right to send it. */
function typed(): Record<string, Record<string, unknown>> {
  const { other = '', project = '', method = '' } = facts;
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
    code: text('NOPE'),
    method: option(method),
    kind: option('disabled'),
    type: option('promotion'),
    value: text('1.00'),
    claimsPerCode: text('1'),
    codes: text('1'),
    channel: { type: 'conversations_select', selected_conversation: FINANCE },
    rhythm: option('at_once'),
    kinds: options('groups'),
    choice: option('none'),
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
    approvers: { type: 'multi_users_select', selected_users: ['U0MEMBER'] },
  };
}

function valueFor(name: string): string {
  if (name === 'notify.menu') return `pause ${facts.account} ${facts.subscription}`;
  return name === 'file.share' ? `json ${facts.account} ${facts.invoice}` : carried(name);
}

/** Two events bring the person as an object. */
function userOf(event: string, id: string): string | Readonly<Record<string, unknown>> {
  return ['user_change', 'team_join'].includes(event) ? { id, team_id: TEAM, deleted: false } : id;
}

/** Sends a listener its request as a person, and gives how it ended. */
async function outcome(listener: string, userId: string): Promise<string> {
  const [kind = '', name = ''] = listener.split(' ');
  const { target, lines } = app;
  const who = { user: userId, team: TEAM, channel: FINANCE, responseUrl: app.api.responseUrl };
  const before = lines.length;
  const value = valueFor(name);
  const view = viewPayload({
    private_metadata: carried(name),
    callback_id: name,
    blocks: Object.keys(typed()).map((id) => ({ type: 'input', block_id: id })),
    state: { values: Object.fromEntries(Object.entries(typed()).map(([id, element]) => [id, { element }])) },
  });
  const element = { action_id: name, value, block_id: `member U0VIEWER 0`, ...selected(name, value) };
  if (kind === 'command') await sendCommand(target, name, 'help', who);
  if (kind === 'event')
    await sendEvent(target, { type: name, user: userOf(name, userId), tab: 'home', user_id: userId }, { team: TEAM });
  if (kind === 'action') {
    const click =
      name.startsWith('import') || name.startsWith('move.a') ? clickInMessage(element) : clickInView(element, view);
    await sendInteraction(target, click, who);
  }
  if (kind === 'shortcut') {
    const message = { type: 'message', ts: '1.1', text: 'x' };
    await sendInteraction(
      target,
      {
        type: 'message_action',
        callback_id: name,
        trigger_id: 't',
        message_ts: '1.1',
        channel: { id: FINANCE },
        message,
      },
      who,
    );
  }
  if (kind === 'submit') await sendInteraction(target, { type: 'view_submission', trigger_id: 't', view }, who);
  if (kind === 'options') {
    const answer = await sendInteraction(
      target,
      { type: 'block_suggestion', action_id: name, block_id: 'b', value: '', view },
      who,
    );
    const stays = lines.slice(before).find((line) => line.msg === 'a menu stays empty');
    await answer.arrayBuffer();
    return stays ? `refused ${(stays.err as { code?: string } | undefined)?.code}` : 'done';
  }
  return ended(before);
}

function selected(name: string, value: string): Record<string, unknown> {
  if (name === 'members.role') return { type: 'static_select', selected_option: { value: 'viewer' } };
  if (name === 'invoice.forms') {
    return { type: 'overflow', selected_option: { value: `json ${facts.account} ${facts.invoice}` } };
  }
  if (name === 'group.menu') return { type: 'overflow', selected_option: { value: 'rename' } };
  if (name === 'notify.menu') return { type: 'overflow', selected_option: { value } };
  if (name === 'invoice.more')
    return { type: 'overflow', selected_option: { value: `memo ${facts.account} ${facts.invoice}` } };
  if (name === 'home.account') return { type: 'static_select', selected_option: { value: facts.account } };
  return {};
}

/** How the one request that was sent ended, as the product's log tells it. */
async function ended(before: number): Promise<string> {
  for (let look = 0; look < 400; look++) {
    for (const line of app.lines.slice(before)) {
      if (line.msg === 'done') return 'done';
      if (line.msg === 'refused') return `refused ${String(line.code)}`;
      if (line.msg === 'a request failed') return `failed ${JSON.stringify(line.err).slice(0, 200)}`;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return 'silent';
}

it('every listener is in the table, and nothing else', () => {
  const listeners = app.app.registered.map(({ kind, name }) => `${kind} ${name}`);
  expect(listeners.filter((listener) => !(listener in NEEDS))).toEqual([]);
  expect(Object.keys(NEEDS).filter((listener) => !listeners.includes(listener))).toEqual([]);
});

describe.each(Object.entries(NEEDS))('%s', (listener, needs) => {
  it(`takes: ${needs}`, async () => {
    const people = [...ROLES, 'stranger'] as const;
    for (const role of people) {
      // what the step before may have settled, and who may have left by it
      await Moves.updateMany({}, { $set: { state: 'open' } });
      for (const one of ROLES) await setMember(ctx, facts.account ?? '', PERSON_OF[one], one);
      const came = await outcome(listener, PERSON_OF[role]);
      const code = came.replace('refused ', '');
      const said = `${role}: ${came}`;
      expect(said).not.toContain('failed');
      if (needs === 'nothing') expect(said).not.toContain('role_needed');
      else if (role === 'stranger') expect(NO_MEMBER.includes(code) ? 'refused' : said).toBe('refused');
      else if (may(role, needs))
        expect(NO_RIGHT.includes(code) && !OWN_RULES.includes(listener) ? said : 'let in').toBe('let in');
      else expect(NO_RIGHT.includes(code) ? 'refused' : said).toBe('refused');
      expect(NO_MEMBER.includes(code) && role !== 'stranger' ? said : 'a member').toBe('a member');
    }
  });
});
