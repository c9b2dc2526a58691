import { createHash } from 'node:crypto';

/** What can happen, by the kinds in which people ask for it. */
export const EVENT_KINDS = {
  account: ['account_created', 'account_updated', 'subscription_changed', 'token_created', 'token_revoked'],
  members: [
    'member_added',
    'member_role_changed',
    'member_removed',
    'user_group_changed',
    'member_deactivated',
    'member_reactivated',
    'account_without_owner',
  ],
  groups: [
    'billing_group_created',
    'billing_group_renamed',
    'billing_group_set_primary',
    'billing_group_changed',
    'billing_group_deleted',
  ],
  projects: ['project_created', 'project_added', 'project_moved'],
  moves: [
    'move_requested',
    'move_approval_given',
    'move_approved',
    'move_rejected',
    'move_withdrawn',
    'move_reminded',
    'move_expired',
    'move_refused',
  ],
  billing_information: ['billing_information_changed', 'vat_state_changed', 'currency_changed'],
  payments: [
    'payment_method_created',
    'payment_method_changed',
    'payment_method_deleted',
    'payment_method_set',
    'payment_card_expiring',
    'payment_recorded',
    'payment_failed',
    'payment_carried_over',
    'payment_reversed',
    'payment_refunded',
  ],
  credits: [
    'credit_campaign_created',
    'credit_campaign_changed',
    'credit_code_created',
    'credit_claimed',
    'credit_consumed',
    'credit_expired',
    'credit_returned',
    'balance_kept',
    'balance_taken_back',
    'balance_paid_out',
  ],
  imports: [
    'import_queued',
    'import_started',
    'import_finished',
    'import_interrupted',
    'import_refused',
    'costs_replaced',
    'replacement_undone',
  ],
  prices: [
    'discount_created',
    'discount_ended',
    'charge_created',
    'charge_ended',
    'commitment_created',
    'commitment_ended',
    'rates_changed',
  ],
  budgets: ['budget_set', 'budget_removed', 'budget_passed'],
  invoices: [
    'close_dry_run',
    'invoice_issued',
    'invoice_held_back',
    'invoice_paid',
    'invoice_waived',
    'invoice_written_off',
    'invoice_transfer_asked',
    'invoice_reminded',
    'credit_memo_issued',
    'credit_memo_sent',
    'background_task_failed',
    'email_rejected',
  ],
} as const satisfies Record<string, readonly string[]>;

export type EventKind = keyof typeof EVENT_KINDS;
export type EventType = (typeof EVENT_KINDS)[EventKind][number];

/** As a person reads a kind: `billing information`. */
export function eventKindName(kind: EventKind): string {
  return kind.replaceAll('_', ' ');
}

/** Who did it: a Slack user id, `automation`, or `operator` for a person at the machine's own command line. */
export type ActorName = string;

/** Plain values alone, so that the hash of an entry is the same wherever it is computed. */
export type EventValue =
  | string
  | number
  | boolean
  | null
  | readonly EventValue[]
  | { readonly [key: string]: EventValue };

/** What is told of a change, before the log gives it a number. */
export interface NewEvent {
  readonly accountId: string;
  readonly type: EventType;
  /** As a person reads it in the log, unescaped. */
  readonly description: string;
  readonly actor: ActorName;
  readonly billingGroupId?: string;
  readonly projectId?: string;
  readonly invoiceId?: string;
  readonly before?: EventValue;
  readonly after?: EventValue;
}

/** An entry of the log: numbered from 1 without gap in its account, and chained to the entry before it. */
export interface LogEntry extends NewEvent {
  readonly logEntryId: number;
  /** The instant at which its change was made. */
  readonly createTime: Date;
  readonly previousHash: string;
  readonly hash: string;
}

/** What stands before the first entry. */
export const FIRST_HASH = '0'.repeat(64);

/** The hash of an entry: SHA-256, in hex, over all it says and the hash of the one before it. */
export function hashOf(entry: Omit<LogEntry, 'hash'>): string {
  const { accountId, logEntryId, type, description, actor, createTime, previousHash } = entry;
  const said = {
    accountId,
    logEntryId,
    type,
    description,
    actor,
    createTime: createTime.toISOString(),
    billingGroupId: entry.billingGroupId ?? null,
    projectId: entry.projectId ?? null,
    invoiceId: entry.invoiceId ?? null,
    before: entry.before ?? null,
    after: entry.after ?? null,
    previousHash,
  };
  return createHash('sha256').update(canonical(said)).digest('hex');
}

/** The first number at which the chain is broken, or undefined when it is whole; `previousHash` is what stood before. */
export function breakIn(entries: readonly LogEntry[], previous: { number: number; hash: string }): number | undefined {
  let { number, hash } = previous;
  for (const entry of entries) {
    number += 1;
    if (entry.logEntryId !== number || entry.previousHash !== hash || entry.hash !== hashOf(entry)) return number;
    hash = entry.hash;
  }
  return undefined;
}

/** JSON with the keys in order: the same values give the same text, in whichever order they were stored. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const pairs = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`);
  return `{${pairs.join(',')}}`;
}
