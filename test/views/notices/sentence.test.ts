import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from '../../../src/billing/event/event.ts';
import { EVENTS, type EventType } from '../../../src/billing/event/event-types.ts';
import { eventSentence } from '../../../views/notices/sentence.ts';
import { allTexts } from '../../wording/texts.ts';

const FACTS = {
  accountName: undefined,
  timeZone: 'Europe/Berlin',
  groupNames: new Map([['bg', 'Blue']]),
};
const PERSON = 'U0ANNA';
/** Midnight of 1 November 2026 in Berlin. */
const NOVEMBER = '2026-10-31T23:00:00.000Z';

/** A description of each type as the services write it, its actor, and the entry's other values. */
const EXAMPLES: Readonly<Record<EventType, readonly [description: string, actor: string, after?: LogEntry['after']]>> =
  {
    account_created: ['Created account "Acme"', PERSON],
    account_updated: ['Set finance channel to C0FINANCE', PERSON],
    subscription_changed: ['Started notifications in channel C0FINANCE', PERSON],
    token_created: ['Created API token "Power BI" for billing:read', PERSON],
    token_revoked: ['Revoked API token "Power BI"', PERSON],
    member_added: ['Added U0MAX as viewer', PERSON],
    member_role_changed: ['Changed the role of U0MAX from viewer to owner', PERSON],
    member_removed: ['Removed U0MAX', PERSON],
    user_group_changed: ['User group S0TEAM has 3 users: 1 joined, 0 left', 'automation'],
    member_deactivated: ['The Slack account of U0MAX was deactivated', 'automation'],
    member_reactivated: ['The Slack account of U0MAX was reactivated', 'automation'],
    account_without_owner: ['The account has no active owner', 'automation'],
    billing_group_created: ['Created billing group "Blue"', 'operator'],
    billing_group_renamed: ['Renamed billing group "Blue" to "Navy"', PERSON],
    billing_group_set_primary: ['Set billing group "Blue" as primary', PERSON],
    billing_group_changed: ['Set approvers of billing group "Blue" to U0MAX, U0ANNA', PERSON],
    billing_group_deleted: ['Deleted billing group "Blue"', PERSON],
    project_created: ['Created project "web"', PERSON],
    project_deleted: ['Deleted project "web"', PERSON],
    cost_digest_due: ['Started the weekly cost digest from 16 November 2026 to 22 November 2026', 'automation'],
    cost_review_started: ['Asked 3 people to review the costs of billing group "Blue" for October 2026', 'automation'],
    cost_review_seen: ['Reviewed the costs of billing group "Blue" for October 2026', PERSON],
    cost_review_explained: ['Explained the costs of billing group "Blue" for October 2026: "A load test"', PERSON],
    project_leads_changed: ['Changed the leads of project "web"', PERSON],
    project_added: ['Added project web to billing group "Blue"', 'Power BI'],
    project_moved: ['Moved project web from billing group "Blue" to "Red"', PERSON, { from: NOVEMBER }],
    move_requested: [
      'Requested to move project web from billing group "Red" to "Blue", effective 1 November 2026',
      PERSON,
    ],
    move_approval_given: [
      'Approved the move of project web. More approvals are needed',
      PERSON,
      { effectAt: NOVEMBER },
    ],
    move_approved: ['Approved the move of project web', PERSON, { effectAt: NOVEMBER }],
    move_rejected: ['Rejected the move of project web: Not now', PERSON],
    move_withdrawn: ['Withdrew the request to move project web', PERSON],
    move_reminded: ['Reminded approvers of the move of project web', 'automation'],
    move_expired: ['The request to move project web expired', 'automation'],
    move_refused: ['The move of project web could not be made: The receiving billing group has been deleted.', PERSON],
    billing_information_changed: ['Set company to Acme', PERSON],
    vat_state_changed: ['Set VAT ID state to valid', 'automation'],
    currency_changed: ['Set currency of billing group "Blue" to USD', PERSON],
    payment_method_created: ['Created payment method "Bank transfer in EUR, 30 days"', PERSON],
    payment_method_changed: ['Changed payment method "Bank transfer in EUR, 30 days" to "Disabled"', PERSON],
    payment_method_deleted: ['Deleted payment method "Disabled"', PERSON],
    payment_method_set: ['Set payment method of billing group "Blue" to the default terms', PERSON],
    payment_card_expiring: ['visa •••• 4242, until 12/2026 expires soon. It pays for "Blue"', 'automation'],
    payment_recorded: [
      'Recorded EUR 100.00 for invoice ACME-1, received 5 November 2026: EUR 19.00 left to pay',
      PERSON,
    ],
    payment_failed: ['The charge of EUR 119.00 for invoice ACME-1 failed: The card was declined.', 'automation'],
    payment_carried_over: [
      'Carried over EUR 0.30 of invoice ACME-1 to the next card charge: EUR 0.30 is below the minimum card charge.',
      'automation',
    ],
    payment_reversed: [
      'Reversed payment of EUR 100.00 for invoice ACME-1, received 5 November 2026: EUR 119.00 left to pay',
      PERSON,
    ],
    bank_statement_read: ['Read bank statement november.xml: 3 new incoming payments', PERSON],
    bank_line_ignored: ['Ignored the incoming payment of EUR 9.99 received on 20 November 2026', PERSON],
    payment_refunded: ['Refunded EUR 10.00 of invoice ACME-1 to the card', 'automation'],
    credit_campaign_created: ['Created credit campaign "Spring" with 3 codes of EUR 100.00', PERSON],
    credit_campaign_changed: ['Ended credit campaign "Spring"', PERSON],
    credit_code_created: ['Created credit code SPRING', PERSON],
    credit_claimed: ['Added EUR 400.00 credits to billing group "Blue"', PERSON],
    credit_consumed: ['Credit SPRING paid EUR 10.00 of the invoice for October 2026', 'automation'],
    credit_expired: ['Credit SPRING expired with EUR 10.00 left', 'automation'],
    credit_returned: ['Returned EUR 10.00 to credit SPRING', PERSON],
    balance_kept: ['Kept EUR 5.00 of invoice ACME-1 as credit BALANCE-ACME-1 for billing group "Blue"', 'automation'],
    balance_taken_back: ['Deducted EUR 5.00 from credit BALANCE-ACME-1 with a credit memo for invoice ACME-1', PERSON],
    balance_paid_out: ['Requested a payout of EUR 5.00 from credit BALANCE-ACME-1', PERSON],
    import_queued: ['Queued costs.csv for import', PERSON],
    import_started: ['Started the import of costs.csv', PERSON],
    import_finished: ['Imported costs.csv: 3 new, 0 repeated, 0 rejected, EUR 3.00', PERSON],
    import_interrupted: ['The import of costs.csv was interrupted after 2 rows', 'automation'],
    import_refused: ['Refused the import of costs.csv: The file is empty.', PERSON],
    costs_replaced: ['Replaced the costs of aws for October 2026 with costs.csv', PERSON],
    replacement_undone: ['Undid the replacement of the costs of aws for October 2026 with costs.csv', PERSON],
    cost_mapping_saved: ['Saved the mapping “Hetzner” for cost files with the columns Betrag, Datum', PERSON],
    cost_mapping_renamed: ['Renamed the mapping “Hetzner” to “Servers”', PERSON],
    cost_mapping_removed: ['Removed the mapping “Hetzner”. Files like those are no longer recognized', PERSON],
    discount_created: ['Added discount to billing group "Blue": Volume, 10% off', PERSON],
    discount_ended: ['Ended discount of billing group "Blue": Volume, 10% off', PERSON],
    charge_created: ['Added extra charge to billing group "Blue": Support, EUR 50.00', PERSON],
    charge_ended: ['Ended extra charge of billing group "Blue": Support, EUR 50.00', PERSON],
    commitment_created: ['Added commitment to billing group "Blue": Base, EUR 500.00', PERSON],
    commitment_ended: ['Ended commitment of billing group "Blue": Base, EUR 500.00', PERSON],
    rates_changed: ['Set the exchange rate for 30 October 2026: 1 EUR = 1.0857 USD', PERSON],
    budget_set: ['Set budget of billing group "Blue" to EUR 500.00 a month, with warnings at 80%', PERSON],
    budget_removed: ['Removed budget of billing group "Blue"', PERSON],
    budget_passed: [
      'Billing group "Blue" has passed 80% of its budget for October 2026: EUR 412.00 of EUR 500.00',
      'automation',
    ],
    anomaly_found: [
      'Costs of Compute in project web are unusually high: EUR 90.00 on 3 May 2026, expected EUR 8.00 to EUR 12.00',
      'automation',
    ],
    anomaly_expected: ['Marked the unusual costs of Compute in project web as expected: Load test', PERSON],
    anomaly_assigned: ['Assigned the unusual costs of Compute in project web', PERSON],
    anomaly_leads_asked: ['Asked the leads of project web about unusual costs of Compute', PERSON],
    anomaly_ended: [
      'Costs of Compute in project web are back in their expected range. The last unusual day was 3 May 2026',
      'automation',
    ],
    export_missing: ['No costs were delivered from b1 for 3 May 2026. They are missing, not saved', 'automation'],
    source_connected: ['Connected source "AWS" (S3 bucket, s3://acme-exports/focus/)', PERSON],
    source_changed: ['Paused source "AWS"', PERSON],
    source_removed: ['Removed source "AWS". Its costs stay', PERSON],
    source_imported: [
      'Imported AWS for October 2026: 200 new, 0 already imported, 0 rejected, USD 12.50',
      'automation',
    ],
    source_import_refused: ['Refused the import of AWS for October 2026: The file is damaged.', 'automation'],
    costs_refreshed: ['Replaced the costs of b1 for October 2026 with AWS for October 2026', 'automation'],
    month_restated: [
      'Costs of AWS for October 2026 were restated: web: USD 10.00 (3 records) became USD 12.00 (3 records). Differences to issued invoices go on the next invoices as late costs',
      'automation',
    ],
    restatement_unconfirmed: [
      'New files of AWS for October 2026 have to be confirmed before they replace its costs. The costs of b1 for October 2026 would fall from USD 10.00 to USD 1.00. web: USD 10.00 (3 records) became USD 1.00 (1 record)',
      'automation',
    ],
    source_failing: ['Could not import source "AWS": Access to the bucket was denied', 'automation'],
    source_recovered: ['Source "AWS" can be imported again', 'automation'],
    source_silent: ['Source "AWS" has had nothing new for 3 days', 'automation'],
    export_resumed: ['Costs from b1 for 3 May 2026 have been delivered', 'automation'],
    budget_forecast: [
      'Billing group "Blue" is likely to use up its budget for October 2026 on 22 October 2026: about EUR 612.00 of EUR 500.00 by the end of the month',
      'automation',
    ],
    close_dry_run: ['Dry run of the close of October 2026: 2 invoices, EUR 124.00, 1 would be held back', 'automation'],
    invoice_issued: ['Issued invoice ACME-1 of billing group "Blue" for October 2026: EUR 119.00', 'automation'],
    invoice_held_back: [
      'Held back the invoice of billing group "Blue" for October 2026: No exchange rate',
      'automation',
    ],
    invoice_paid: ['Recorded EUR 119.00 for invoice ACME-1, received 5 November 2026: it is paid', PERSON],
    invoice_waived: ['Waived invoice ACME-1, EUR 119.00 open: Goodwill', PERSON],
    invoice_written_off: ['Wrote off invoice ACME-1, EUR 119.00 open: Insolvent', PERSON],
    invoice_transfer_asked: ['Requested a bank transfer for invoice ACME-1, due on 15 November 2026', PERSON],
    invoice_reminded: ['Invoice ACME-1, EUR 119.00 open, is due today', 'automation'],
    credit_memo_issued: [
      'Issued credit memo ACME-CN-1 for invoice ACME-1: EUR 119.00, EUR 119.00 will be refunded (Error)',
      PERSON,
    ],
    credit_memo_sent: ['Sent credit memo ACME-CN-1 by email', 'automation'],
    background_task_failed: [
      'Could not close the month of billing group "Blue". Retries continue automatically',
      'automation',
    ],
    background_task_requeued: ['Requested a retry of a failed background task', 'operator'],
    email_rejected: ['Could not email invoice ACME-1 to anna@example.com: No such user', 'automation'],
  };
/** Types that only earlier versions wrote, and those whose single fixed word isn't in the list of texts. */
const NOT_LISTED: readonly EventType[] = [
  'credit_code_created',
  'subscription_changed',
  'member_removed',
  'import_finished',
  'source_imported',
];
const TYPES = Object.keys(EVENTS) as EventType[];
const TEMPLATES = allTexts()
  .filter(({ file }) => file.startsWith('src/services/'))
  .map(({ text }) => new RegExp(`^${text.split('{}').map(escaped).join('.*')}(?:: .*)?$`, 's'))
  .filter((pattern) => /[a-z]{3}/i.test(pattern.source));

/** A person, another actor, or what the event is about. */
const BEGINNING =
  /^(?:<@U0ANNA> [a-z]|Automation [a-z]|The operator [a-z]|API token Power BI [a-z]|User group <!subteam\^|The (?:Slack account|account|request|move|charge|import) |Credit |visa |Billing group |Dry run |Invoice |Costs (?:of|from) |No costs |New files of |Source ")/;

function sentence(type: EventType): string {
  const [description, actor, after] = EXAMPLES[type];
  const entry = { accountId: 'acc', type, description, actor, createTime: new Date(0), billingGroupId: 'bg' };
  return eventSentence({ ...entry, logEntryId: 1, previousHash: '', hash: '', ...(after && { after }) }, FACTS);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

describe.each(TYPES)('the sentence about %s', (type) => {
  it('starts with who did what, or with its subject', () => {
    expect(sentence(type)).toMatch(BEGINNING);
  });

  it('has no raw ID, no ISO date, and no semicolon', () => {
    const text = sentence(type)
      .replace(/<(?:[@#]|!subteam\^)[A-Z0-9]+>/g, '')
      .replace(/&\w+;/g, '');
    expect(text).not.toMatch(/\b[UWCGS]0[A-Z]+\b|\d{4}-\d{2}|;/);
  });

  it('describes an event that a service writes', () => {
    const isWritten = TEMPLATES.some((pattern) => pattern.test(EXAMPLES[type][0]));
    expect(isWritten).toBe(!NOT_LISTED.includes(type));
  });
});

describe('a sentence', () => {
  it.each<[EventType, string]>([
    ['project_moved', '<@U0ANNA> moved project web from billing group "Blue" to "Red", effective 1 November 2026'],
    ['move_approved', '<@U0ANNA> approved the move of project web\nTo billing group "Blue", effective 1 November 2026'],
    ['billing_information_changed', '<@U0ANNA> updated billing group "Blue": set company to Acme'],
    ['billing_group_changed', '<@U0ANNA> set approvers of billing group "Blue" to <@U0MAX>, <@U0ANNA>'],
    ['account_updated', '<@U0ANNA> set finance channel to <#C0FINANCE>'],
    ['project_added', 'API token Power BI added project web to billing group "Blue"'],
    ['vat_state_changed', 'Automation updated billing group "Blue": set VAT ID state to valid'],
    ['billing_group_created', 'The operator created billing group "Blue"'],
  ])('about %s: %s', (type, expected) => {
    expect(sentence(type)).toBe(expected);
  });
});
