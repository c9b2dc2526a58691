/** A topic under which people filter the log and subscribe to messages. */
interface TopicRule {
  /** As a person reads it. */
  readonly name: string;
  /** Whether a channel hears of it unless it chooses otherwise: what a finance team wants to know. */
  readonly isUsual: boolean;
  /** Whether descriptions name people by their Slack IDs, and hold nothing else that people wrote. */
  readonly namesPeople: boolean;
}

/** Stored names of the topics, in the order of menus. */
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
  budgets: topic('budgets', { isUsual: true }),
  invoices: topic('invoices', { isUsual: true }),
} as const satisfies Record<string, TopicRule>;

export type EventKind = keyof typeof TOPICS;

/** How a message about one event looks. Each has its builder in `jobs/courier.ts`, or the compiler complains. */
export type EventMessage = 'description' | 'dry_run' | 'invoice_issued' | 'invoice_held_back';
/** What a message offers. Each has its builder in `views/notices/message.ts`, or the compiler complains. */
export type EventButton = 'settle_failed_charge' | 'settle_late_invoice' | 'view_invoice' | 'open_group';

/** All that is decided for a type of event. */
export interface EventRule {
  readonly kind: EventKind;
  /** Whether channels hear of it: not of a step on the way to an event that is announced itself. */
  readonly isAnnounced: boolean;
  readonly message: EventMessage;
  /** In their order. A button is left out if the entry doesn't name what it opens. */
  readonly buttons: readonly EventButton[];
  /** How many of them in a row become one message. */
  readonly foldedFrom: number;
  /** What folded events share: the group, or only the account where each event concerns a different group. */
  readonly foldedBy: 'group' | 'account';
}

/**
 * Every type of event, with the topic it belongs to, how it is announced, what its message offers and how it is folded.
 * The names are stored, and clients of the Invoice API know them: they never change.
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
  import_finished: announced('imports'),
  import_interrupted: announced('imports'),
  import_refused: announced('imports'),
  costs_replaced: announced('imports'),
  replacement_undone: announced('imports'),

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

  close_dry_run: ofInvoice({ message: 'dry_run' }),
  // invoices are combined later than any other event
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

/** What a channel is subscribed to unless it chooses otherwise. */
export const USUAL_KINDS: readonly EventKind[] = KINDS.filter((kind) => TOPICS[kind].isUsual);

/**
 * What is decided for a type of event.
 * @throws RangeError for a type that this version doesn't know
 */
export function ruleOf(type: EventType): EventRule {
  if (!Object.hasOwn(EVENTS, type)) throw new RangeError(`Unknown event type: ${type}`);
  return EVENTS[type];
}

/** The topic that a type belongs to. @throws RangeError for a type that this version doesn't know */
export function kindOf(type: EventType): EventKind {
  return ruleOf(type).kind;
}

/** As a person reads a topic: `billing information`. */
export function eventKindName(kind: EventKind): string {
  return TOPICS[kind].name;
}

/** Whether descriptions of this type name people by their Slack IDs. Not those of a type that a later version wrote. */
export function namesPeople(type: EventType): boolean {
  return Object.hasOwn(EVENTS, type) && TOPICS[kindOf(type)].namesPeople;
}

function topic(name: string, more: Partial<TopicRule> = {}): TopicRule {
  return { name, isUsual: false, namesPeople: false, ...more };
}

/** An event that channels hear of, with its description. */
function announced(kind: EventKind, more: Partial<EventRule> = {}): EventRule {
  const usual = { isAnnounced: true, message: 'description', foldedFrom: 2, foldedBy: 'group' } as const;
  return { kind, ...usual, buttons: ['view_invoice', 'open_group'], ...more };
}

/** A step on the way to an event that is announced itself: it is in the log alone. */
function step(kind: EventKind): EventRule {
  return announced(kind, { isAnnounced: false });
}

/** As `announced`; those of a close are of as many groups as there are, and are folded all the same. */
function ofInvoice(more: Partial<EventRule> = {}): EventRule {
  return announced('invoices', { foldedBy: 'account', ...more });
}
