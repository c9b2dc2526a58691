import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toPeriod } from '../../src/billing/period/period.ts';
import { createAdjustment } from '../../src/services/invoicing/adjustments.ts';
import { closeInvoice } from '../../src/services/invoicing/close.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { contextAt, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { StoredState } from '../support/database/stored-state.ts';
import { setParties } from '../support/invoices/closed.ts';
import { NEEDS, PERSON_OF } from '../support/slack/listener-needs.ts';
import { type ListenerWorld, listenerWorld, sendTo } from '../support/slack/listener-requests.ts';
import { sendInteraction, viewPayload } from '../support/slack/signed.ts';
import { type Call, TEAM } from '../support/slack/slack-api.ts';

useDatabase(migrate, { monitorCommands: true });

const clock = new TestClock('2026-03-20T12:00:00Z');
/** Calls with a visible effect for a person. */
const SEEN: readonly string[] = [
  ...['chat.postMessage', 'chat.postEphemeral', 'response_url', 'files.completeUploadExternal'],
  ...['views.open', 'views.push', 'chat.unfurl'],
];
/** What these requests must at least change, so that the comparison isn't only about refusals. */
const CHANGES: Readonly<Record<string, readonly string[]>> = {
  'submit invoice.pay': ['payments', 'invoices', 'events'],
  'submit invoice.end': ['invoices', 'events'],
  'submit invoice.memo': ['credit_memos', 'invoices', 'events'],
  'submit adjustment.create': ['adjustments', 'events'],
  'submit budget.form': ['budgets', 'events'],
  'submit group.create': ['billing_groups', 'events'],
  'submit group.rename': ['billing_groups', 'events'],
  'submit group.primary': ['accounts', 'events'],
  'submit project.create': ['projects', 'events'],
  'action project.create.confirm': ['projects', 'events'],
  'submit billing.edit': ['billing_groups', 'events'],
  'submit payment.method': ['payment_methods', 'events'],
  'submit payment.choose': ['billing_groups', 'events'],
  'action payment.delete': ['payment_methods', 'events'],
  'submit credit.claim': ['credits', 'credit_codes', 'events'],
  'submit credit.campaign': ['credit_campaigns', 'credit_codes', 'events'],
  'action credit.campaign.end': ['credit_campaigns', 'events'],
  'submit move.reject': ['move_requests', 'events'],
  'submit move.selected.reject': ['move_requests', 'events'],
  'submit notify.new': ['subscriptions', 'events'],
  'action notify.menu': ['subscriptions', 'events'],
  'action members.leave': ['members', 'events'],
  'submit members.invite': ['members', 'events'],
  'submit token.create': ['api_tokens', 'events'],
  'submit source.form': ['sources', 'events'],
  'action import.add': ['imports', 'events'],
  'action import.replace': ['imports', 'events'],
};
interface View {
  readonly callback_id?: string;
  readonly private_metadata?: string;
  readonly submit?: unknown;
}

let world: ListenerWorld;
let start: StoredState;

beforeAll(async () => {
  world = await listenerWorld(clock);
  const ctx = contextAt(clock);
  const { account: accountId = '', group: billingGroupId = '' } = world.facts;
  const charge = { kind: 'charge' as const, description: 'Setup', amount: '100.00', from: '2026-03' };
  await createAdjustment(ctx, { accountId, billingGroupId, ...charge });
  await setParties(accountId);
  clock.set('2026-04-02T12:00:00Z');
  const closed = await closeInvoice(ctx, { _id: billingGroupId, accountId }, toPeriod('2026-03'));
  expect(closed.outcome).toBe('issued');
  const used = new Set<unknown>();
  for (const method of ['views.open', 'views.push']) {
    world.app.api.answer(method, ({ args }) => {
      if (used.has(args.trigger_id)) return { body: { ok: false, error: 'exchanged_trigger_id' } };
      used.add(args.trigger_id);
      return { body: { ok: true, view: { id: 'VOPENED' } } };
    });
  }
  start = await StoredState.now();
});
afterAll(() => world.app.stop());

/** The second step that a form requested. */
function confirmationOf(listener: string, calls: readonly Call[]): View | undefined {
  const views = calls.filter(({ method }) => method === 'views.update').map(({ args }) => args.view as View);
  const last = views.at(-1);
  return last?.submit && listener === `submit ${last.callback_id}` ? last : undefined;
}

function confirm({ callback_id, private_metadata }: View, request: string): Promise<Response> {
  const view = viewPayload({ hash: request, callback_id, private_metadata });
  const payload = { type: 'view_submission', trigger_id: request, view };
  return sendInteraction(world.app.target, payload, { user: PERSON_OF.owner, team: TEAM });
}

/** The effects of a listener's request when it is sent this often at once, and then this often again. */
async function effects(listener: string, atOnce: number, later: number) {
  const { app } = world;
  const calls = app.api.calls.length;
  const request = `${listener} ${atOnce} ${later}`;
  const thrice = async (send: () => Promise<unknown>) => {
    await Promise.all(Array.from({ length: atOnce }, send));
    await Promise.all(app.app.running);
    for (let at = 0; at < later; at++) await send();
    await Promise.all(app.app.running);
  };
  await thrice(() => sendTo(world, listener, PERSON_OF.owner, request));
  const confirmation = confirmationOf(listener, app.api.calls.slice(calls));
  if (confirmation) await thrice(() => confirm(confirmation, `${request} confirmed`));
  const seen = app.api.calls
    .slice(calls)
    .map(({ method }) => method)
    .filter((method) => SEEN.includes(method))
    .sort();
  return { changes: await start.revert(), seen };
}

const LISTENERS = Object.keys(NEEDS).filter((listener) => !listener.startsWith('options '));

describe('a request that Slack sends three times takes effect once', () => {
  it.each(LISTENERS)('%s', async (listener) => {
    const once = await effects(listener, 1, 0);
    expect(Object.keys(once.changes)).toEqual(expect.arrayContaining([...(CHANGES[listener] ?? [])]));
    expect(await effects(listener, 2, 1)).toEqual(once);
  });
});
