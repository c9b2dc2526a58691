import type { LogEntry } from '../../src/billing/event/event.ts';
import type { EventType } from '../../src/billing/event/event-types.ts';
import { dayNameIn } from '../../src/billing/period/day.ts';
import type { NoticeFacts } from '../../src/services/notices/notice-facts.ts';
import { escapeMrkdwn, mention } from '../../src/slack/blocks/mrkdwn.ts';
import { eventText, isPerson } from '../kit/person.ts';

/** The verbs that start a description whose subject is the actor. Any other description names its own subject. */
const VERBS =
  /^(?:Added|Approved|Asked|Assigned|Carried over|Changed|Connected|Could not|Created|Deducted|Deleted|Ended|Expired|Explained|Held back|Ignored|Imported|Issued|Kept|Marked|Moved|Ordered|Paused|Queued|Read|Recorded|Refunded|Refused|Rejected|Removed|Reminded|Renamed|Replaced|Requested|Resumed|Returned|Reversed|Reviewed|Revoked|Saved|Sent|Set|Started|Took back|Undid|Waived|Withdrawn|Withdrew|Wrote off)\b/;
/** Types whose descriptions leave out the billing group. */
const OF_GROUP: ReadonlySet<EventType> = new Set(['billing_information_changed', 'vat_state_changed']);
/** Types with a move's effective date in `after`. */
const MOVES: ReadonlySet<EventType> = new Set(['move_approval_given', 'move_approved']);

/** What happened, as a sentence that starts with its actor or its subject. Escaped, with people as mentions. */
export function eventSentence(entry: LogEntry, facts: NoticeFacts): string {
  const said = eventText(entry);
  if (!VERBS.test(said)) return said;
  const did = `${said.charAt(0).toLowerCase()}${said.slice(1)}`;
  const group = facts.groupNames.get(entry.billingGroupId ?? '');
  const what = OF_GROUP.has(entry.type) && group !== undefined ? `updated ${groupText(group)}: ${did}` : did;
  return `${actorText(entry.actor)} ${what}${effectText(entry, facts, group)}`;
}

/** The actor, as the subject of a sentence. */
function actorText(actor: string): string {
  if (isPerson(actor)) return mention(actor);
  if (actor === 'automation') return 'Automation';
  return actor === 'operator' ? 'The operator' : `API token ${escapeMrkdwn(actor)}`;
}

function groupText(name: string): string {
  return `billing group "${escapeMrkdwn(name)}"`;
}

/** A move's effective date, in the account's calendar. */
function effectText({ type, after }: LogEntry, { timeZone }: NoticeFacts, group: string | undefined): string {
  if (type === 'project_moved') {
    const at = instantIn(after, 'from');
    return at ? `, effective ${dayNameIn(at, timeZone)}` : '';
  }
  const at = MOVES.has(type) ? instantIn(after, 'effectAt') : undefined;
  return at && group !== undefined ? `\nTo ${groupText(group)}, effective ${dayNameIn(at, timeZone)}` : '';
}

/** A time among an entry's values; undefined if there is none, as in entries from earlier versions. */
function instantIn(values: LogEntry['after'], name: string): Date | undefined {
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return undefined;
  const value = Object.entries(values).find(([key]) => key === name)?.[1];
  const at = typeof value === 'string' ? new Date(value) : undefined;
  return at && !Number.isNaN(at.getTime()) ? at : undefined;
}
