import { DateTime } from 'luxon';
import type { LogEntry } from './event.ts';
import { type EventKind, kindOf, ruleOf } from './event-types.ts';

export { kindOf, USUAL_KINDS } from './event-types.ts';

/** When a subscription tells: each thing as it happens, or what has gathered. */
export const RHYTHMS = ['at_once', 'hourly', 'daily'] as const;
export type Rhythm = (typeof RHYTHMS)[number];

/** What a subscription is about; nothing named stands for everything. */
export interface NoticeFilter {
  readonly groupIds: readonly string[];
  readonly projectIds: readonly string[];
  readonly kinds: readonly EventKind[];
}

/** Entries of the log that become one message, the oldest first. */
export interface Bundle {
  readonly form: 'single' | 'burst' | 'digest';
  readonly entries: readonly LogEntry[];
}

/** From this many missed messages on, they are sent as a digest. */
const DIGEST_FROM = 20;
/** As many as a digest's message can sum up in one look. */
export const MOST_IN_MESSAGE = 500;

/** Whether a subscription with this filter is notified of an entry. */
export function isNews(entry: LogEntry, filter: NoticeFilter): boolean {
  if (!ruleOf(entry.type).isAnnounced) return false;
  if (filter.kinds.length > 0 && !filter.kinds.includes(kindOf(entry.type))) return false;
  if (filter.groupIds.length === 0 && filter.projectIds.length === 0) return true;
  return (
    groupsOf(entry).some((id) => filter.groupIds.includes(id)) || filter.projectIds.includes(entry.projectId ?? '')
  );
}

/**
 * The next message of a subscription: the first of the entries and whatever belongs into the same message. One that is
 * told at once folds a burst (the same thing done by the same person to the same group, one straight after the other)
 * into one; a digest, and a channel that has missed much, takes all.
 *
 * @param entries the news in the order of the log; at least one
 */
export function nextBundle(entries: readonly LogEntry[], rhythm: Rhythm): Bundle {
  const [first] = entries;
  if (!first) throw new RangeError('No entries to bundle');
  const bursts = burstsOf(entries);
  if (rhythm !== 'at_once' || bursts.length >= DIGEST_FROM) {
    const all = entries.slice(0, MOST_IN_MESSAGE);
    return { form: all.length === 1 ? 'single' : 'digest', entries: all };
  }
  const burst = bursts[0] ?? [first];
  const isBurst = burst.length >= ruleOf(first.type).foldedFrom;
  return isBurst ? { form: 'burst', entries: burst } : { form: 'single', entries: [first] };
}

/**
 * From when an entry is told: at once, at the next full hour, or at nine in the morning, by the account's clock.
 *
 * @param zone IANA name
 */
export function toldFrom(createTime: Date, rhythm: Rhythm, zone: string): Date {
  if (rhythm === 'at_once') return createTime;
  const local = DateTime.fromJSDate(createTime, { zone });
  if (rhythm === 'hourly') return local.startOf('hour').plus({ hours: 1 }).toJSDate();
  const nine = local.startOf('day').set({ hour: 9 });
  return (nine > local ? nine : local.startOf('day').plus({ days: 1 }).set({ hour: 9 })).toJSDate();
}

/** The subject that messages in one thread share; undefined for none. */
export function subjectOf({ type, invoiceId, after }: LogEntry): string | undefined {
  if (invoiceId !== undefined) return invoiceId;
  if (kindOf(type) !== 'moves' || typeof after !== 'object' || after === null || !('requestId' in after))
    return undefined;
  return typeof after.requestId === 'string' ? after.requestId : undefined;
}

/** A move concerns two groups: the one that the event names, and the one that the project left. */
function groupsOf({ billingGroupId, before }: LogEntry): string[] {
  const left =
    typeof before === 'object' && before !== null && 'billingGroupId' in before ? before.billingGroupId : null;
  return [billingGroupId, left].filter((id): id is string => typeof id === 'string');
}

/** Neighbours that are the same in what they tell; an entry of another kind between them ends a burst. */
function burstsOf(entries: readonly LogEntry[]): LogEntry[][] {
  const bursts: LogEntry[][] = [];
  for (const entry of entries) {
    const burst = bursts.at(-1);
    const last = burst?.at(-1);
    const fits = last && isSame(last, entry) && (burst?.length ?? 0) < MOST_IN_MESSAGE;
    if (fits) burst?.push(entry);
    else bursts.push([entry]);
  }
  return bursts;
}

function isSame(a: LogEntry, b: LogEntry): boolean {
  if (a.type !== b.type || a.actor !== b.actor) return false;
  return ruleOf(a.type).foldedBy === 'account' || a.billingGroupId === b.billingGroupId;
}
