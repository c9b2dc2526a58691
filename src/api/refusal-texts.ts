import { purposeOf, ROLES, rolesWith } from '../billing/account/role.ts';
import { count } from '../billing/money/count.ts';
import { formatMoney } from '../billing/money/money.ts';
import { periodName } from '../billing/period/period.ts';
import type { Refusal } from '../billing/refusal.ts';
import type { REFUSALS, RefusalCode, RefusalData } from '../billing/refusals/index.ts';

type Texts<Registry> = { readonly [Code in keyof Registry & RefusalCode]: (data: RefusalData<Code>) => string };

const SEVERAL = {
  account: 'accounts',
  'billing group': 'billing groups',
  project: 'projects',
  invoice: 'invoices',
} as const;

/**
 * The text for programs, logs and the terminal for every code: a sentence or two without Slack commands, instants in
 * UTC. A code without a text doesn't compile.
 */
const TEXTS: Texts<typeof REFUSALS> = {
  account_name_taken: ({ name }) => `An account named “${name}” already exists.`,
  account_not_found: ({ name, choices = [] }) => {
    const what = name === undefined ? 'The account doesn’t exist.' : `There is no account named “${name}”.`;
    return choices.length === 0 ? what : `${what} Accounts: ${choices.join(', ')}.`;
  },
  adjustment_not_found: () => 'The discount, charge or commitment doesn’t exist.',
  already_a_member: ({ role }) => `This person is already a member, with the role ${role}.`,
  ambiguous_amount: ({ readings }) => `The amount can mean ${readings.join(' or ')}.`,
  ambiguous_name: ({ kind, name, candidates }) =>
    `“${name}” could be several ${SEVERAL[kind]}${candidates.length === 0 ? '' : `: ${candidates.join(', ')}`}.`,
  anomaly_not_found: () => 'The anomaly doesn’t exist.',
  bank_line_not_found: () => 'The bank statement line doesn’t exist.',
  bank_line_settled: () => 'The bank statement line has already been recorded or ignored.',
  being_charged: ({ number }) => `Invoice ${number} is being charged to a card. Try again later.`,
  being_credited: ({ number }) => `A credit memo for invoice ${number} is being issued. Try again later.`,
  being_refunded: () => 'The card provider is processing this refund automatically.',
  below_zero: ({ number }) => `The total of invoice ${number} is negative, so it can only be credited in full.`,
  primary_group_private: ({ name }) =>
    `“${name}” can’t be both private and the primary group, which everybody’s new projects join.`,
  billing_group_is_primary: ({ name }) => `“${name}” is the account’s primary billing group and can’t be deleted.`,
  billing_group_name_taken: ({ name }) => `A billing group named “${name}” already exists.`,
  billing_group_not_empty: ({ name, projects }) =>
    `“${name}” still has projects (${projects}). Assign them to another billing group first.`,
  billing_group_not_found: ({ name }) =>
    name === undefined ? 'The billing group doesn’t exist.' : `There is no billing group named “${name}”.`,
  campaign_not_found: () => 'The credit campaign doesn’t exist.',
  card_not_editable: () => 'A card can only be changed at the payment provider.',
  card_number: () => 'The input has a card number. Nothing was stored.',
  changed_meanwhile: ({ what }) =>
    what === 'estimate'
      ? 'The estimate has been recalculated. Start again with its first line.'
      : `The ${what} has changed since it was read. Read it again.`,
  channel_shared_outside: () => 'The channel is shared with another organization.',
  command_too_long: ({ limit }) => `A command can have at most ${limit} characters.`,
  cookie_invalid: () => 'The download link is invalid or has expired.',
  cost_review_not_found: () => 'The cost review doesn’t exist.',
  costs_already_invoiced: ({ period, action, group, source }) => {
    if (action === 'undo') return `${periodName(period)} was invoiced after this replacement, so it can’t be undone.`;
    const costs = source === undefined ? 'The costs' : `The costs of ${source}`;
    return `${costs} for ${periodName(period)}${group === undefined ? '' : ` of “${group}”`} have been invoiced, so they can’t be replaced.`;
  },
  costs_changed_meanwhile: ({ source, period }) =>
    `The costs of ${source} for ${periodName(period)} have changed since this replacement was prepared. Start the import again.`,
  credit_claimed_already: ({ group, left, currency }) =>
    `“${group}” has already claimed this code and has ${formatMoney(left, currency)} of it left.`,
  credit_code_ended: () => 'The code has expired.',
  credit_code_not_found: ({ code }) => `There is no credit code “${code}”.`,
  credit_code_taken: ({ code }) => `The code “${code}” already exists.`,
  credit_code_used: ({ code }) => `The code ${code} has reached its claim limit.`,
  credit_memo_not_found: ({ number }) => `There is no credit memo “${number}”.`,
  credit_wrong_currency: ({ currency, group, groupCurrency }) =>
    `The code is for credits in ${currency}, but “${group}” is invoiced in ${groupCurrency}.`,
  currency_in_use: ({ because }) => `The currency can’t be changed, because of ${IN_USE[because]}.`,
  document_incomplete: ({ number, obstacles }) =>
    `The electronic invoice (XML) for ${number} can’t be generated: ${obstacles.join(' ')}`,
  documents_busy: () => 'Many documents are being generated. Try again in a minute.',
  file_external: () => 'The file isn’t stored in Slack.',
  file_gone: () => 'The file no longer exists in Slack, or the app can’t read it.',
  file_not_taken: ({ name, reason }) => `Slack rejected the file ${name} (${reason}).`,
  file_too_large: ({ maxBytes }) => `The file is larger than ${maxBytes} bytes.`,
  file_unreadable: ({ file, problem }) => `The file “${file}” ${problem}.`,
  focus_file: ({ problem, remedy }) => (remedy === undefined ? problem : `${problem} ${remedy}`),
  foreign_workspace: () => 'The app is only available to members of the workspace where it is installed.',
  import_running: ({ tookOver }) =>
    tookOver
      ? 'Another import took over while this one was stalled. Start the import again. Rows that are already stored aren’t added twice.'
      : 'Another import into this account is running. Try again when it is done.',
  invalid_command: ({ problem, usage }) => `${problem} ${usage}`,
  invalid_input: ({ fields }) => [...new Set(Object.values(fields))].join(' '),
  invoice_line_not_found: () => 'The invoice has no such line.',
  invoice_not_found: ({ number }) =>
    number === undefined ? 'The invoice doesn’t exist.' : `There is no invoice “${number}”.`,
  invoice_not_issued: () => 'The invoice is still an estimate, so it has no documents and no payments yet.',
  invoiced_meanwhile: ({ period }) =>
    `${periodName(period)} was invoiced while the file was being read. Start the import again.`,
  last_owner: () => 'The account must keep at least one owner who is a person.',
  mapping_name_taken: ({ name }) => `A mapping named “${name}” already exists.`,
  mapping_not_found: ({ name }) =>
    name === undefined ? 'The mapping no longer exists.' : `There is no mapping “${name}”.`,
  member_by_user_group: () => 'This person belongs to the account through a Slack user group.',
  member_deactivated: ({ id }) =>
    `${id} is deactivated in Slack, so they can’t act as an owner. Choose someone who is active in Slack.`,
  member_id_invalid: ({ id }) =>
    `“${id}” isn’t a Slack member ID, such as U012ABCDEF. In Slack, open the person’s profile, then choose More and Copy member ID.`,
  member_invalid: () => 'Only people and Slack user groups can be members.',
  member_not_found: () => 'The person isn’t a direct member of this account.',
  members_only: () => 'Only a member can leave an account.',
  memo_amount_too_high: ({ limit, most, currency }) =>
    `At most ${formatMoney(most, currency)} is left to credit for this ${limit}.`,
  memo_made: ({ number }) => `Another credit memo for invoice ${number} has been issued.`,
  move_needs_approval: () =>
    'The account’s policy requires approval for this move, so nothing was moved. An account owner can allow it in the settings, or let the API request approval.',
  move_new_date: ({ wanted, earliest }) =>
    `${periodName(wanted)} has been invoiced. The move can take effect in ${periodName(earliest)}.`,
  move_not_found: () => 'The move request doesn’t exist.',
  move_open_already: ({ names, more }) =>
    `There is already a pending move for ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`,
  move_settled: ({ state, decidedAt }) =>
    `The move was already ${state}${decidedAt === null ? '' : ` at ${decidedAt.toISOString()}`}.`,
  move_some_cant: ({ reasons }) => `Some projects can’t be moved anymore: ${reasons}`,
  needs_slash_command: () => 'A direct message can’t open a form.',
  no_approver: ({ group, needed, available }) =>
    `Moves for “${group}” need ${count(needed, 'approver')}, but only ${available} can approve them.`,
  no_balance: ({ number }) => `Invoice ${number} has no balance left to pay out.`,
  no_card: () => 'The billing group has no credit card.',
  no_card_provider: () => 'No card provider is connected.',
  no_country: () => 'The seller’s country isn’t set.',
  not_a_member: () => 'The person doesn’t belong to an account.',
  no_project_leads: ({ project }) => `Project “${project}” has no leads who can be asked.`,
  not_an_approver: ({ isOwn }) =>
    isOwn ? 'The requester can’t decide on their own move.' : 'The move can’t be decided with this role.',
  not_of_this_workspace: () => 'The person or user group isn’t part of this workspace.',
  not_yours: () => 'Only the requester can withdraw a move.',
  nothing_left: ({ number }) => `Nothing is left to credit on invoice ${number}.`,
  nothing_to_preview: ({ group, period }) => `“${group}” has no invoice to preview for ${periodName(period)}.`,
  nothing_to_undo: ({ isUndone }) =>
    isUndone ? 'The replacement has already been undone.' : 'The import didn’t replace any costs.',
  numbers_taken: ({ number }) => `The number ${number} has already been used.`,
  payment_by_card: () => 'A card payment can’t be reversed.',
  payment_method_in_use: ({ groups, more }) =>
    `The payment method is used by ${groups.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`,
  payment_method_not_found: () => 'The payment method doesn’t exist.',
  payment_not_found: () => 'The payment doesn’t exist.',
  payment_recorded: () => 'A payment with the same date, amount and reference has already been recorded.',
  payment_used: ({ number, by }) => `A ${by} for invoice ${number} was made after this payment.`,
  period_already_invoiced: ({ period, earliest }) =>
    `${periodName(period)} has already been invoiced. The move can take effect in ${periodName(earliest)} at the earliest.`,
  period_before_group: ({ group, period }) =>
    `“${group}” has no invoice for ${periodName(period)}, because it was created later.`,
  period_not_over: ({ period }) => `${periodName(period)} isn’t over yet.`,
  period_out_of_order: ({ group, first }) => `The invoice of “${group}” for ${periodName(first)} must be issued first.`,
  picture_unavailable: () => 'The picture couldn’t be downloaded from Slack.',
  project_in_use: ({ name, because }) =>
    `The project “${name}” can’t be deleted, because it is in use: ${because.replace('_', ' ')}.`,
  project_name_taken: ({ name }) => `A project named “${name}” already exists.`,
  project_not_found: ({ name, group }) => {
    if (group !== undefined) return `The project isn’t in “${group}”.`;
    return name === undefined ? 'A project doesn’t exist.' : `There’s no project named “${name}”.`;
  },
  rate_missing: ({ missing }) => missing,
  rates_not_understood: ({ problem }) =>
    `The file can’t be read as exchange rates of the European Central Bank: ${problem}.`,
  refund_not_found: () => 'The refund doesn’t exist.',
  replacement_doubtful: ({ doubts }) =>
    `Nothing was replaced. ${doubts.join(' ')} Import a complete file, or confirm the replacement.`,
  replacement_over: () => 'The replacement is no longer waiting for confirmation. Start the import again.',
  role_needed: ({ right }) => `The role ${rolesWith(right).join(' or ')} is required to ${purposeOf(right)}.`,
  role_unknown: () => `The role must be one of ${ROLES.join(', ')}.`,
  secrets_key_missing: () => 'This server has no SECRETS_KEY, which sources need to encrypt their credentials.',
  set_up_needed: () => 'Billing isn’t set up in this workspace.',
  set_up_not_allowed: () => 'Only an admin or owner of the Slack workspace can set up an account.',
  settings_changed: () => 'The settings have changed since they were read. Read them again.',
  source_invalid: ({ problem }) => problem,
  source_name_taken: ({ name }) => `A source named “${name}” already exists.`,
  source_not_found: ({ name }) =>
    name === undefined ? 'The source doesn’t exist.' : `There’s no source named “${name}”.`,
  source_unreadable: ({ problem, remedy }) => (remedy === undefined ? problem : `${problem} ${remedy}`),
  subscription_not_found: () => 'The subscription doesn’t exist.',
  time_zone_fixed: ({ because }) => `The time zone can’t be changed, because of ${FIXED[because]}.`,
  token_name_taken: ({ name }) => `A token named “${name}” already exists or was revoked earlier.`,
  token_not_found: () => 'The token doesn’t exist.',
  token_revoked: () => 'The token has been revoked.',
  too_many_sources: ({ most }) => `An account can have up to ${most} sources.`,
  statement_file: ({ problem, remedy }) => `${problem} ${remedy}`,
  too_many_methods: ({ limit }) => `An account can have at most ${limit} payment methods.`,
  too_many_rates: () => 'The file has too many exchange rates for one import.',
  too_many_leads: ({ limit }) => `A project can have at most ${limit} leads.`,
  too_many_subscriptions: ({ limit }) => `A channel can have at most ${limit} subscriptions.`,
  too_many_mappings: ({ limit }) => `An account can have at most ${limit} mappings.`,
  too_many_tokens: ({ limit }) => `An account can have at most ${limit} tokens.`,
  unclosed_quote: ({ position }) => `The quotation mark at character ${position} isn’t closed.`,
  undo_too_late: () =>
    'The replacement can’t be undone, because costs of the same source were imported after it. Import the earlier file again as a replacement.',
  view_outdated: () => 'The form or button is from an earlier version of the app.',
  whole_document_only: ({ format }) =>
    `${format.toUpperCase()} is only available for the whole invoice. For a single project, use CSV.`,
  wrong_currency: ({ currency, group, groupCurrency }) =>
    `The bank transfer is in ${currency}, but “${group}” is invoiced in ${groupCurrency}.`,
  wrong_state: ({ number, state }) => `This isn’t possible while invoice ${number} is ${state}.`,
};

const IN_USE = {
  invoices: 'invoices in the current currency',
  costs: 'costs in another currency',
  credit: 'an unused credit',
  payment_method: 'a bank transfer in another currency',
} as const;

const FIXED = { invoices: 'invoices', costs: 'imported costs', imports: 'a pending import' } as const;

/** A refusal for programs. */
export function refusalText(refusal: Refusal): string {
  // each function takes its own code's data
  const write = TEXTS[refusal.code] as (data: Refusal['data']) => string;
  return write(refusal.data);
}
