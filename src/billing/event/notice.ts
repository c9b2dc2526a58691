import { DateTime } from 'luxon';
import { type DigestRhythm, digestIn } from './cost-digest.ts';
import type { LogEntry } from './event.ts';
import { type EventKind, kindOf, ruleOf } from './event-types.ts';

export { kindOf, USUAL_KINDS } from './event-types.ts';

/** When a subscription sends messages: immediately, or as an hourly or daily digest. */
export const RHYTHMS = ['at_once', 'hourly', 'daily'] as const;
export type Rhythm = (typeof RHYTHMS)[number];

/** What a subscription covers. Anything not specified means everything. */
export interface NoticeFilter {
  readonly groupIds: readonly string[];
  readonly projectIds: readonly string[];
  readonly kinds: readonly EventKind[];
  /** Whether only the given groups and projects are covered, even if there are none. */
  readonly isLimited?: boolean;
  /** For a cost digest: the one that it gets, and nothing else. */
  readonly onlyDigest?: { readonly rhythm: DigestRhythm; readonly since: Date };
}

/** Log entries that are combined into one message, oldest first. */
export interface Bundle {
  readonly form: 'single' | 'burst' | 'digest';
  readonly entries: readonly LogEntry[];
}

/** From this many missed messages on, a digest is sent instead. */
const DIGEST_FROM = 20;
/** The most entries that a digest can summarize at a glance. */
export const MOST_IN_MESSAGE = 500;

/** Whether a subscription with this filter is notified of an entry. */
export function isNews(entry: LogEntry, filter: NoticeFilter): boolean {
  const digest = digestIn(entry);
  if (filter.onlyDigest) return digest?.rhythm === filter.onlyDigest.rhythm && digest.dueAt >= filter.onlyDigest.since;
  if (!ruleOf(entry.type).isAnnounced) return false;
  if (filter.kinds.length > 0 && !filter.kinds.includes(kindOf(entry.type))) return false;
  if (filter.groupIds.length === 0 && filter.projectIds.length === 0) return !filter.isLimited;
  return (
    groupsOf(entry).some((id) => filter.groupIds.includes(id)) || filter.projectIds.includes(entry.projectId ?? '')
  );
}

/**
 * The next message of a subscription: the first entry and everything that belongs in the same message. An immediate
 * subscription combines a burst (the same action by the same person on the same group, in succession). A digest, or a
 * channel that has missed many messages, takes everything. Of cost digests, only the latest is sent.
 *
 * @param entries the new entries in log order; at least one
 */
export function nextBundle(entries: readonly LogEntry[], rhythm: Rhythm): Bundle {
  const [first, last] = [entries[0], entries.at(-1)];
  if (!first || !last) throw new RangeError('No entries to bundle');
  // a cost digest shows the change from the one before, so earlier ones that weren't sent are left out
  if (digestIn(last)) return { form: 'single', entries: [last] };
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
 * When an entry is sent: immediately, at the next full hour, or at nine in the morning in the account's time zone.
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

/** What the messages of a thread have in common; undefined for none. */
export function subjectOf({ type, invoiceId, after }: LogEntry): string | undefined {
  if (invoiceId !== undefined) return invoiceId;
  if (typeof after !== 'object' || after === null) return undefined;
  const id = kindOf(type) === 'moves' && 'requestId' in after ? after.requestId : anomalyIn({ after });
  return typeof id === 'string' ? id : undefined;
}

/** The ID of the anomaly that an entry is about. */
export function anomalyIn({ after }: Pick<LogEntry, 'after'>): string | undefined {
  const id = typeof after === 'object' && after !== null && 'anomalyId' in after ? after.anomalyId : undefined;
  return typeof id === 'string' ? id : undefined;
}

/** A move concerns two groups: the one named in the event, and the one the project left. */
function groupsOf({ billingGroupId, before }: LogEntry): string[] {
  const left =
    typeof before === 'object' && before !== null && 'billingGroupId' in before ? before.billingGroupId : null;
  return [billingGroupId, left].filter((id): id is string => typeof id === 'string');
}

/** Whether neighboring entries can be combined. An entry of another kind between them ends a burst. */
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
