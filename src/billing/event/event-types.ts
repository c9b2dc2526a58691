/** A topic by which people filter the log and subscribe to messages. */
interface TopicRule {
  /** The name shown to people. */
  readonly name: string;
  /** Whether channels get it by default: what a finance team wants to know. */
  readonly isUsual: boolean;
  /** Whether descriptions mention people by Slack ID and contain no other text entered by people. */
  readonly namesPeople: boolean;
}

/** The stored names of the topics, in menu order. */
const TOPICS = {
  account: topic('account'),
  members: topic('members', { namesPeople: true }),
  groups: topic('groups'),
  projects: topic('projects'),
  moves: topic('moves', { isUsual: true }),
  billing_information: topic('billing information', { isUsual: true }),
  payments: topic('payments', { isUsual: true }),
  credits: topic('credits', { isUsual: true }),
  imports: topic('imports'),
  prices: topic('prices'),
  budgets: topic('budgets and unusual costs', { isUsual: true }),
  invoices: topic('invoices', { isUsual: true }),
} as const satisfies Record<string, TopicRule>;

export type EventKind = keyof typeof TOPICS;

/** How a message about one event looks. Each has a builder in `jobs/courier.ts`; the compiler reports a missing one. */
export type EventMessage =
  | 'description'
  | 'anomaly'
  | 'dry_run'
  | 'cost_digest'
  | 'invoice_issued'
  | 'invoice_held_back';
/** The buttons of a message. Each has a builder in `views/notices/message.ts`; the compiler reports a missing one. */
export type EventButton = 'settle_failed_charge' | 'settle_late_invoice' | 'view_invoice' | 'open_group';

/** Everything defined for a type of event. */
export interface EventRule {
  readonly kind: EventKind;
  /** Whether channels are notified. False for a step towards an event that is announced separately. */
  readonly isAnnounced: boolean;
  readonly message: EventMessage;
  /** In display order. A button is left out if the entry doesn't name what it opens. */
  readonly buttons: readonly EventButton[];
  /** How many of them in a row are combined into one message. */
  readonly foldedFrom: number;
  /** Whether it states what several groups have in common, so that only people who see all groups see it. */
  readonly spansGroups: boolean;
  /** What combined events share: the group, or only the account if each event concerns a different group. */
  readonly foldedBy: 'group' | 'account';
}

/**
 * Every type of event, with its topic, how it is announced, which buttons its message has and how events are combined.
 * The names are stored and used by clients of the Invoice API, so they never change.
 */
export const EVENTS = {
  account_created: announced('account'),
  account_updated: announced('account'),
  subscription_changed: step('account'),
  token_created: announced('account'),
  token_revoked: announced('account'),

  member_added: announced('members'),
  member_role_changed: announced('members'),
  member_removed: announced('members'),
  user_group_changed: announced('members'),
  member_deactivated: announced('members'),
  member_reactivated: announced('members'),
  account_without_owner: announced('members'),

  billing_group_created: announced('groups'),
  billing_group_renamed: announced('groups'),
  billing_group_set_primary: announced('groups'),
  billing_group_changed: announced('groups'),
  billing_group_deleted: announced('groups'),

  project_created: announced('projects'),
  project_added: announced('projects'),
  project_moved: announced('projects'),
  project_deleted: announced('projects'),
  project_leads_changed: announced('projects'),

  move_requested: announced('moves'),
  move_approval_given: announced('moves'),
  move_approved: announced('moves'),
  move_rejected: announced('moves'),
  move_withdrawn: announced('moves'),
  move_reminded: step('moves'),
  move_expired: announced('moves'),
  move_refused: announced('moves'),

  billing_information_changed: announced('billing_information'),
  vat_state_changed: announced('billing_information'),
  currency_changed: announced('billing_information'),

  payment_method_created: announced('payments'),
  payment_method_changed: announced('payments'),
  payment_method_deleted: announced('payments'),
  payment_method_set: announced('payments'),
  payment_card_expiring: announced('payments'),
  payment_recorded: announced('payments'),
  payment_failed: announced('payments', { buttons: ['settle_failed_charge', 'view_invoice', 'open_group'] }),
  payment_carried_over: announced('payments'),
  payment_reversed: announced('payments'),
  payment_refunded: announced('payments'),
  bank_statement_read: step('payments'),
  bank_line_ignored: step('payments'),

  credit_campaign_created: announced('credits'),
  credit_campaign_changed: announced('credits'),
  credit_code_created: announced('credits'),
  credit_claimed: announced('credits'),
  credit_consumed: step('credits'),
  credit_expired: announced('credits'),
  credit_returned: step('credits'),
  balance_kept: step('credits'),
  balance_taken_back: step('credits'),
  balance_paid_out: announced('credits'),

  import_queued: step('imports'),
  import_started: step('imports'),
  import_finished: announced('imports', { spansGroups: true }),
  import_interrupted: announced('imports', { spansGroups: true }),
  import_refused: announced('imports'),
  costs_replaced: announced('imports', { spansGroups: true }),
  replacement_undone: announced('imports'),
  cost_mapping_saved: announced('imports'),
  cost_mapping_renamed: announced('imports'),
  cost_mapping_removed: announced('imports'),
  source_connected: announced('imports'),
  source_changed: announced('imports'),
  source_removed: announced('imports'),
  // each day; what people should know of is a month_restated
  source_imported: step('imports'),
  source_import_refused: step('imports'),
  costs_refreshed: step('imports'),

  discount_created: announced('prices'),
  discount_ended: announced('prices'),
  charge_created: announced('prices'),
  charge_ended: announced('prices'),
  commitment_created: announced('prices'),
  commitment_ended: announced('prices'),
  rates_changed: announced('prices'),

  budget_set: announced('budgets'),
  budget_removed: announced('budgets'),
  budget_passed: announced('budgets'),
  budget_forecast: announced('budgets'),
  anomaly_found: ofAnomaly({ foldedFrom: 5 }),
  anomaly_expected: ofAnomaly(),
  anomaly_assigned: ofAnomaly(),
  anomaly_leads_asked: ofAnomaly(),
  anomaly_ended: ofAnomaly(),
  export_missing: announced('budgets', { spansGroups: true, foldedFrom: 5, buttons: [] }),
  export_resumed: announced('budgets', { spansGroups: true, foldedFrom: 5, buttons: [] }),
  month_restated: announced('budgets', { spansGroups: true, foldedFrom: 5, buttons: [] }),
  restatement_unconfirmed: announced('budgets', { spansGroups: true, foldedFrom: 5, buttons: [] }),
  source_failing: announced('budgets', { foldedFrom: 5, buttons: [] }),
  source_recovered: announced('budgets', { foldedFrom: 5, buttons: [] }),
  source_silent: announced('budgets', { foldedFrom: 5, buttons: [] }),
  // only sent to the subscriptions to it
  cost_digest_due: announced('budgets', { isAnnounced: false, message: 'cost_digest', buttons: [] }),
  // people are asked and answer in direct messages; only what they explain is announced
  cost_review_started: step('budgets'),
  cost_review_seen: step('budgets'),
  cost_review_explained: announced('budgets', { buttons: ['view_invoice', 'open_group'] }),

  close_dry_run: ofInvoice({ message: 'dry_run', spansGroups: true }),
  // invoices are combined only from ten on
  invoice_issued: ofInvoice({ message: 'invoice_issued', foldedFrom: 10 }),
  invoice_held_back: ofInvoice({ message: 'invoice_held_back', foldedFrom: 5 }),
  invoice_paid: ofInvoice(),
  invoice_waived: ofInvoice(),
  invoice_written_off: ofInvoice(),
  invoice_transfer_asked: ofInvoice(),
  invoice_reminded: ofInvoice({ buttons: ['settle_late_invoice', 'view_invoice', 'open_group'] }),
  credit_memo_issued: ofInvoice(),
  credit_memo_sent: ofInvoice({ isAnnounced: false }),
  background_task_failed: ofInvoice(),
  background_task_requeued: ofInvoice({ isAnnounced: false }),
  email_rejected: ofInvoice(),
} as const satisfies Record<string, EventRule>;

export type EventType = keyof typeof EVENTS;

const KINDS = Object.keys(TOPICS) as EventKind[];
const TYPES = Object.keys(EVENTS) as EventType[];

/** The types by topic, in the order of menus. */
export const EVENT_KINDS = Object.fromEntries<readonly EventType[]>(
  KINDS.map((kind) => [kind, TYPES.filter((type) => EVENTS[type].kind === kind)]),
) as Readonly<Record<EventKind, readonly EventType[]>>;

/** The topics a channel is subscribed to by default. */
export const USUAL_KINDS: readonly EventKind[] = KINDS.filter((kind) => TOPICS[kind].isUsual);

/**
 * The definition of a type of event.
 * @throws RangeError for a type that this version doesn't know
 */
export function ruleOf(type: EventType): EventRule {
  if (!Object.hasOwn(EVENTS, type)) throw new RangeError(`Unknown event type: ${type}`);
  return EVENTS[type];
}

/** The topic of a type. @throws RangeError for a type that this version doesn't know */
export function kindOf(type: EventType): EventKind {
  return ruleOf(type).kind;
}

/** A topic as shown to people: `billing information`. */
export function eventKindName(kind: EventKind): string {
  return TOPICS[kind].name;
}

/** Whether descriptions of this type mention people by Slack ID. False for types written by a later version. */
export function namesPeople(type: EventType): boolean {
  return Object.hasOwn(EVENTS, type) && TOPICS[kindOf(type)].namesPeople;
}

function topic(name: string, more: Partial<TopicRule> = {}): TopicRule {
  return { name, isUsual: false, namesPeople: false, ...more };
}

/** An event that channels are notified of, with its description. */
function announced(kind: EventKind, more: Partial<EventRule> = {}): EventRule {
  const usual = {
    isAnnounced: true,
    message: 'description',
    foldedFrom: 2,
    foldedBy: 'group',
    spansGroups: false,
  } as const;
  return { kind, ...usual, buttons: ['view_invoice', 'open_group'], ...more };
}

/** A step towards an event that is announced separately. It appears only in the log. */
function step(kind: EventKind): EventRule {
  return announced(kind, { isAnnounced: false });
}

/** Rarely combined, so that what became of an anomaly is in the thread of its message. */
function ofAnomaly(more: Partial<EventRule> = {}): EventRule {
  return announced('budgets', { message: 'anomaly', foldedFrom: 10, ...more });
}

/** As `announced`, but combined across groups: a close has an event for each group. */
function ofInvoice(more: Partial<EventRule> = {}): EventRule {
  return announced('invoices', { foldedBy: 'account', ...more });
}

/** The types whose events cover several groups. */
export const SPANNING_TYPES: readonly EventType[] = TYPES.filter((type) => EVENTS[type].spansGroups);
