import { describe, expect, it } from '@jest/globals';
import {
  breakIn,
  EVENT_KINDS,
  type EventKind,
  eventKindName,
  FIRST_HASH,
  hashOf,
  type LogEntry,
} from '../../../src/billing/event/event.ts';
import { kindOf } from '../../../src/billing/event/notice.ts';

const said: Omit<LogEntry, 'hash'> = {
  accountId: 'acc_1',
  logEntryId: 1,
  type: 'billing_group_renamed',
  description: 'Renamed billing group "A" to "B"',
  actor: 'U1',
  createTime: new Date('2026-10-01T12:00:00Z'),
  billingGroupId: 'bg_1',
  projectId: 'prj_1',
  invoiceId: 'inv_1',
  before: { name: 'A', tags: ['x', 'y'], limit: null },
  after: { name: 'B', tags: ['x', 'y'], limit: 5 },
  previousHash: FIRST_HASH,
};

function chain(length: number): LogEntry[] {
  const entries: LogEntry[] = [];
  let previousHash = FIRST_HASH;
  for (let at = 1; at <= length; at++) {
    const entry = { ...said, logEntryId: at, description: `Event ${at}`, previousHash };
    entries.push({ ...entry, hash: hashOf(entry) });
    previousHash = hashOf(entry);
  }
  return entries;
}

describe('an event’s hash', () => {
  it('never changes, so that existing logs can still be verified', () => {
    expect(FIRST_HASH).toBe('0000000000000000000000000000000000000000000000000000000000000000');
    expect(hashOf(said)).toMatchInlineSnapshot(`"9924ed8f6ab8e11c15c4ce96de4889d4e102f19335d8ff44c11b5a4689f31a49"`);
    const { billingGroupId, projectId, invoiceId, before, after, ...bare } = said;
    expect(hashOf(bare)).toMatchInlineSnapshot(`"cb52e3b9b10971cf577ab6eda285eaf42253d9793e5946cfca9fb34b9adf418c"`);
  });

  it.each<[string, Partial<LogEntry>]>([
    ['account', { accountId: 'acc_2' }],
    ['number', { logEntryId: 2 }],
    ['type', { type: 'billing_group_created' }],
    ['text', { description: 'Renamed billing group "A" to "C"' }],
    ['actor', { actor: 'U2' }],
    ['time', { createTime: new Date('2026-10-01T12:00:00.001Z') }],
    ['billing group', { billingGroupId: 'bg_2' }],
    ['project', { projectId: 'prj_2' }],
    ['invoice', { invoiceId: 'inv_2' }],
    ['value before', { before: { name: 'A', tags: ['x', 'y'], limit: 0 } }],
    ['value after', { after: { name: 'B', tags: ['y', 'x'], limit: 5 } }],
    ['previous hash', { previousHash: 'f'.repeat(64) }],
  ])('covers its %s', (_what, over) => {
    expect(hashOf({ ...said, ...over })).not.toBe(hashOf(said));
  });

  it('doesn’t depend on the order in which values were stored, nor on absent values', () => {
    expect(hashOf({ ...said, after: { limit: 5, tags: ['x', 'y'], name: 'B' } })).toBe(hashOf(said));
    const absent: object = { name: 'B', tags: ['x', 'y'], limit: 5, gone: undefined };
    expect(hashOf({ ...said, after: absent as NonNullable<LogEntry['after']> })).toBe(hashOf(said));
  });
});

describe('the chain of events', () => {
  it('is intact when each entry follows the one before it', () => {
    const entries = chain(4);
    expect(breakIn(entries, { number: 0, hash: FIRST_HASH })).toBeUndefined();
    expect(breakIn(entries.slice(2), { number: 2, hash: entries[1]?.hash ?? '' })).toBeUndefined();
    expect(breakIn([], { number: 0, hash: FIRST_HASH })).toBeUndefined();
  });

  it.each<[string, (entries: LogEntry[]) => unknown[], number]>([
    ['a changed text', ([a, b, c]) => [a, { ...b, description: 'Nothing happened' }, c], 2],
    ['a changed hash', ([a, b, c]) => [a, b, { ...c, hash: FIRST_HASH }], 3],
    ['an entry left out', ([a, , c]) => [a, c], 2],
    ['two exchanged entries', ([a, b, c]) => [b, a, c], 1],
  ])('is broken by %s', (_what, change, number) => {
    expect(breakIn(change(chain(3)) as LogEntry[], { number: 0, hash: FIRST_HASH })).toBe(number);
  });

  it('is broken by an entry that was recreated with a hash of its own', () => {
    const [first, second] = chain(2);
    if (!first || !second) throw new Error('no entries');
    const forged = { ...first, description: 'Nothing happened' };
    const entries = [{ ...forged, hash: hashOf(forged) }, second];
    expect(breakIn(entries, { number: 0, hash: FIRST_HASH })).toBe(2);
  });

  it('is broken by a wrong number, even with a matching hash', () => {
    const numbered = { ...said, logEntryId: 7 };
    const entry = { ...numbered, hash: hashOf(numbered) };
    expect(breakIn([entry], { number: 0, hash: FIRST_HASH })).toBe(1);
    const unchained = { ...said, previousHash: 'f'.repeat(64) };
    expect(breakIn([{ ...unchained, hash: hashOf(unchained) }], { number: 0, hash: FIRST_HASH })).toBe(1);
  });
});

/** Names in stored entries, which clients of the Invoice API use too. New ones can be added. */
const STORED: Readonly<Record<EventKind, string>> = {
  account: 'account_created account_updated subscription_changed token_created token_revoked',
  members:
    'member_added member_role_changed member_removed user_group_changed member_deactivated member_reactivated account_without_owner',
  groups:
    'billing_group_created billing_group_renamed billing_group_set_primary billing_group_changed billing_group_deleted',
  projects: 'project_created project_added project_moved project_deleted project_leads_changed',
  moves:
    'move_requested move_approval_given move_approved move_rejected move_withdrawn move_reminded move_expired move_refused',
  billing_information: 'billing_information_changed vat_state_changed currency_changed',
  payments:
    'payment_method_created payment_method_changed payment_method_deleted payment_method_set payment_card_expiring payment_recorded payment_failed payment_carried_over payment_reversed payment_refunded bank_statement_read bank_line_ignored',
  credits:
    'credit_campaign_created credit_campaign_changed credit_code_created credit_claimed credit_consumed credit_expired credit_returned balance_kept balance_taken_back balance_paid_out',
  imports:
    'import_queued import_started import_finished import_interrupted import_refused costs_replaced replacement_undone cost_mapping_saved cost_mapping_renamed cost_mapping_removed source_connected source_changed source_removed source_imported source_import_refused costs_refreshed',
  prices:
    'discount_created discount_ended charge_created charge_ended commitment_created commitment_ended rates_changed',
  budgets:
    'budget_set budget_removed budget_passed budget_forecast anomaly_found anomaly_expected anomaly_assigned anomaly_leads_asked anomaly_ended export_missing export_resumed month_restated restatement_unconfirmed source_failing source_recovered source_silent cost_digest_due cost_review_started cost_review_seen cost_review_explained',
  invoices:
    'close_dry_run invoice_issued invoice_held_back invoice_paid invoice_waived invoice_written_off invoice_transfer_asked invoice_reminded credit_memo_issued credit_memo_sent background_task_failed email_rejected',
};

describe('event types', () => {
  it.each(Object.entries(STORED))('of %s keep their names', (kind, names) => {
    expect(EVENT_KINDS[kind as EventKind]).toEqual(expect.arrayContaining(names.split(' ')));
  });

  it('belong to one topic each', () => {
    const all = Object.values(EVENT_KINDS).flat();
    expect(new Set(all).size).toBe(all.length);
    for (const [kind, types] of Object.entries(EVENT_KINDS)) {
      for (const type of types) expect(kindOf(type)).toBe(kind);
    }
  });

  it('have topics with readable names', () => {
    expect(eventKindName('billing_information')).toBe('billing information');
    expect(eventKindName('moves')).toBe('moves');
  });
});
