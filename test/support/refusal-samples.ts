import { Decimal } from '../../src/billing/money/money.ts';
import { toPeriod } from '../../src/billing/period/period.ts';
import { Refusal } from '../../src/billing/refusal.ts';
import type { RefusalCode, RefusalData } from '../../src/billing/refusals/index.ts';

const period = toPeriod('2026-10');
const earliest = toPeriod('2026-11');
const number = 'ACME-7';
const name = 'Blue';
const group = 'Team Blue';
const currency = 'EUR';
const left = new Decimal('12.5');
const fields = { name: 'Enter a name.' };
const limit = 50;

/** Data for every code; a code without a sample doesn't compile. */
const SAMPLES: { readonly [Code in RefusalCode]: readonly RefusalData<Code>[] } = {
  account_name_taken: [{ name }],
  account_not_found: [{}, { name }, { name, choices: ['Acme', 'Example'] }],
  adjustment_not_found: [{}],
  already_a_member: [{ role: 'approver' }],
  ambiguous_amount: [
    { readings: ['EUR 1.00 with a warning at 500%', 'EUR 1500.00'], amount: '1500.00', percents: '500%' },
  ],
  ambiguous_name: (['account', 'billing group', 'project', 'invoice'] as const).map((kind) => ({
    kind,
    name,
    candidates: [group],
    hasMore: true,
  })),
  anomaly_not_found: [{}],
  bank_line_not_found: [{}],
  bank_line_settled: [{}],
  being_charged: [{ number }],
  being_credited: [{ number }],
  being_refunded: [{}],
  below_zero: [{ number }],
  billing_group_is_primary: [{ name }],
  primary_group_private: [{ name }],
  billing_group_name_taken: [{ name }],
  billing_group_not_empty: [{ name, projects: 7, first: ['shop', 'ads'] }],
  billing_group_not_found: [{}, { name }, { name, nearest: group }],
  campaign_not_found: [{}],
  card_not_editable: [{}],
  card_number: [{}],
  changed_meanwhile: [{ what: 'billing information' }, { what: 'estimate' }, { what: 'incoming payment' }],
  channel_shared_outside: [{ remedy: 'Choose another channel.' }],
  command_too_long: [{ limit: 3000 }],
  cookie_invalid: [{}],
  cost_review_not_found: [{}],
  costs_already_invoiced: [
    { period, action: 'replace', group },
    { period, action: 'replace', source: 'focus:b1' },
    { period, action: 'undo' },
  ],
  costs_changed_meanwhile: [{ source: 'focus:b1', period }],
  credit_claimed_already: [{ group, left, currency }],
  credit_code_ended: [{}],
  credit_code_not_found: [{ code: '' }, { code: 'NOPE' }],
  credit_code_taken: [{ code: 'SPRING-26' }],
  credit_code_used: [{ code: 'SPRING-26' }],
  credit_memo_not_found: [{ number }],
  credit_wrong_currency: [{ currency: 'USD', group, groupCurrency: currency }],
  currency_in_use: [
    { because: 'invoices', group, currency },
    { because: 'costs', group, currency },
    { because: 'credit', group, code: 'SPRING-26', left, currency },
    { because: 'payment_method', currency },
  ],
  document_incomplete: [{ number, obstacles: ['The buyer has no country.'] }],
  documents_busy: [{}],
  file_external: [{}, { instead: 'email' }, { instead: 'document' }],
  file_gone: [{}],
  file_not_taken: [{ name: 'ACME-7.pdf', reason: 'missing_scope' }],
  file_too_large: [{ maxBytes: 1024 ** 3 }, { maxBytes: 5 * 1024 ** 2 }],
  file_unreadable: [{ file: 'costs.csv', problem: 'doesn’t exist' }],
  focus_file: [{ problem: 'The file is empty.' }, { problem: 'This isn’t a FOCUS cost file.', remedy: 'Export it.' }],
  foreign_workspace: [{}],
  import_running: [{ tookOver: false }, { tookOver: true }],
  invalid_command: [{ problem: 'Enter a billing group.', usage: 'Type `/billing group NAME`.' }],
  invalid_input: [{ fields }],
  invoice_line_not_found: [{}],
  invoice_not_found: [{}, { number }],
  invoice_not_issued: [{}, { period }],
  invoiced_meanwhile: [{ period }],
  last_owner: [{}],
  member_by_user_group: [{}],
  member_deactivated: [{ id: 'U1' }],
  member_id_invalid: [{ id: 'X1' }],
  member_invalid: [{}],
  member_not_found: [{}],
  members_only: [{}],
  mapping_name_taken: [{ name: 'Hetzner' }],
  mapping_not_found: [{ name: 'Hetzner' }, {}],
  memo_amount_too_high: (['line', 'tax rate', 'total'] as const).map((what) => ({ limit: what, most: left, currency })),
  memo_made: [{ number }],
  move_needs_approval: [{}],
  move_new_date: [{ wanted: period, earliest, begin: new Date('2026-11-01T00:00:00Z') }],
  move_not_found: [{}],
  move_open_already: [
    { projects: ['shop'], names: ['shop'], more: 0 },
    { projects: ['Shop (shop)', 'ads'], names: ['shop', 'ads'], more: 3 },
  ],
  move_settled: [
    { state: 'rejected', decidedAt: null, timeZone: 'Europe/Berlin' },
    { state: 'approved', decidedAt: new Date('2026-11-01T00:00:00Z'), timeZone: 'Europe/Berlin' },
  ],
  move_some_cant: [{ reasons: 'shop is deleted.', others: 2 }],
  needs_slash_command: [{}],
  no_project_leads: [{ project: 'shop' }],
  no_approver: [
    { group, needed: 1, available: 0, couldApproveOwn: true },
    { group, needed: 2, available: 1, couldApproveOwn: false },
  ],
  no_balance: [{ number }],
  no_card: [{}],
  no_card_provider: [{}],
  no_country: [{}],
  not_a_member: [{}],
  not_an_approver: [{ isOwn: true }, { isOwn: false }],
  not_of_this_workspace: (['app', 'deactivated', 'outsider', 'unknown', 'user_group_gone'] as const).map((because) => ({
    because,
  })),
  not_yours: [{}],
  nothing_left: [
    { number, isBalanceUsed: true },
    { number, isBalanceUsed: false },
  ],
  nothing_to_preview: (['not_begun', 'deleted', 'no_invoice'] as const).map((because) => ({
    group,
    period,
    because,
    lastPeriod: period,
  })),
  nothing_to_undo: [{ isUndone: true }, { isUndone: false }],
  numbers_taken: [{ number }],
  payment_by_card: [{}],
  payment_method_in_use: [{ groups: [group], more: 2 }],
  payment_method_not_found: [{}],
  payment_not_found: [{}],
  payment_recorded: [{}],
  payment_used: [
    { number, by: 'credit memo' },
    { number, by: 'refund' },
  ],
  period_already_invoiced: [{ period, earliest }],
  period_before_group: [{ group, period }],
  period_not_over: [{ period }],
  period_out_of_order: [{ group, first: period, wanted: earliest }],
  picture_unavailable: [{}],
  project_in_use: (
    ['costs', 'pending_move', 'moved', 'credits', 'budget', 'adjustments', 'notifications'] as const
  ).map((because) => ({ name: 'shop', because })),
  project_name_taken: [{ name: 'shop' }],
  project_not_found: [{}, { name: 'shop' }, { name: 'shop', nearest: 'Shop (shp)' }, { group }],
  rate_missing: [{ missing: 'The rate of USD on 2026-10-31 isn’t known.' }],
  rates_not_understood: [{ problem: 'it has no rates' }],
  refund_not_found: [{}],
  replacement_doubtful: [{ doubts: ['The costs would fall.'] }],
  replacement_over: [{}],
  role_needed: [{ right: 'see' }, { right: 'administer' }, { right: 'edit_groups' }],
  role_unknown: [{}],
  secrets_key_missing: [{}],
  set_up_needed: [{}],
  set_up_not_allowed: (['full_member', 'guest', 'outsider', 'deactivated', 'app'] as const).map((standing) => ({
    standing,
  })),
  source_invalid: [{ field: 'bucket', problem: 'Enter the bucket’s name.' }],
  source_name_taken: [{ name }],
  source_not_found: [{}, { name }],
  source_unreadable: [
    { problem: 'The bucket doesn’t exist.' },
    { problem: 'A file is damaged.', remedy: 'Export it again.' },
  ],
  too_many_sources: [{ most: 20 }],
  settings_changed: [{ fields }, { fields: {} }],
  subscription_not_found: [{}],
  time_zone_fixed: [{ because: 'invoices' }, { because: 'costs' }, { because: 'imports' }],
  token_name_taken: [{ name: 'ci' }],
  token_not_found: [{}],
  token_revoked: [{}],
  statement_file: [{ problem: 'Entry 2 has no valid booking date.', remedy: 'Export it again.' }],
  too_many_methods: [{ limit }],
  too_many_rates: [{}],
  too_many_leads: [{ limit }],
  too_many_subscriptions: [{ limit }],
  too_many_mappings: [{ limit }],
  too_many_tokens: [{ limit }],
  unclosed_quote: [
    { before: 'Acme', position: 7 },
    { before: '', position: 1 },
  ],
  undo_too_late: [{}],
  view_outdated: [{}],
  whole_document_only: [{ format: 'pdf' }],
  wrong_currency: [{ currency: 'USD', group, groupCurrency: currency }],
  wrong_state: (['charge', 'mark_paid', 'request_transfer', 'reverse_payment', 'waive', 'write_off'] as const).map(
    (action) => ({ number, state: 'uncollectible', action }),
  ),
};

/** Refusals with every code, with everything that affects their texts. */
export function sampleRefusals(): readonly Refusal[] {
  const codes = Object.keys(SAMPLES) as RefusalCode[];
  return codes.flatMap((code) => {
    const samples: readonly RefusalData<RefusalCode>[] = SAMPLES[code];
    return samples.map((data) => new Refusal<RefusalCode>(code, data) as Refusal);
  });
}
