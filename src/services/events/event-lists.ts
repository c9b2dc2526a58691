import { EVENT_KINDS, type EventKind, type EventType } from '../../billing/event/event.ts';
import { addDays, isDay, startOfDay } from '../../billing/period/day.ts';
import { Refusal } from '../../billing/refusal.ts';
import {
  type EventSearch,
  firstNumberFrom,
  lastNumberBefore,
  type NumberBounds,
  searchEvents,
} from '../../store/events/event-search.ts';
import { type EventDoc, lastEntryNumber } from '../../store/events/events.ts';
import type { Admission } from '../access/admission.ts';
import { admit } from '../access/rights.ts';
import { unseenOf } from '../access/sight.ts';
import type { Ctx } from '../kit/context.ts';

/** A filter for the log. All given conditions must be met. */
export interface EventFilter {
  readonly billingGroupId?: string;
  readonly kind?: EventKind;
  /** A Slack user ID, `automation` or `operator`. */
  readonly actor?: string;
  readonly projectId?: string;
  /** The first day, YYYY-MM-DD in the account's time zone. */
  readonly from?: string;
  /** The last day, which is included. */
  readonly to?: string;
  /** Exactly these entries, ascending. */
  readonly numbers?: readonly number[];
}

/** Where a page of the log starts: before the number of an entry, or after one. */
export type EventCursor = { readonly olderThan: number } | { readonly newerThan: number };

export interface EventsRequest extends EventFilter {
  /** Absent for the newest entries. */
  readonly cursor?: EventCursor;
  readonly size: number;
}

/** An entry of the log, as shown to people. */
export interface EventSummary {
  readonly logEntryId: number;
  readonly type: EventType;
  /** Unescaped. */
  readonly description: string;
  readonly actor: string;
  readonly at: Date;
  readonly billingGroupId: string | null;
  readonly projectId: string | null;
  readonly invoiceId: string | null;
  readonly before: unknown;
  readonly after: unknown;
  readonly hash: string;
}

/** Part of the log, newest first. */
export interface EventPage {
  readonly items: readonly EventSummary[];
  /** Where the page of older entries starts; absent if there are none. */
  readonly older?: EventCursor;
  readonly newer?: EventCursor;
}

/** How many entries `eachEvent` reads with one query, and holds at most. */
const BATCH = 2_000;
/**
 * The order of the log and the order of instants differ at most by the duration of a transaction and the difference
 * between two processes' clocks. This is far more.
 */
const DISORDER_MS = 3_600_000;

interface Conditions {
  readonly search: EventSearch;
  readonly bounds: NumberBounds;
}

/**
 * A page of an account's log, or of one group's, without what is about private groups that the caller doesn't see. Entries are found by number, so the thousandth page costs as much as
 * the first. After the caller is admitted, at most three queries: one, and one for each given day.
 *
 * @throws {Refusal} `invalid_input` for an invalid date, with the field; `account_not_found`
 */
export async function listEvents(ctx: Ctx, accountId: string, request: EventsRequest): Promise<EventPage> {
  const admission = await admit(ctx, accountId, 'see');
  const { cursor, size } = request;
  const conditions = await conditionsOf(ctx, admission, request);
  const upwards = cursor !== undefined && 'newerThan' in cursor;
  // one more than shown, to find out whether there are others
  const found = await entriesFrom(conditions, cursor, size + 1);
  const there = found.slice(0, size);
  const items = upwards ? there.reverse() : there;
  const [first, last] = [items[0], items.at(-1)];
  const more = found.length > size;
  return {
    items,
    ...((upwards || more) && last && { older: { olderThan: last.logEntryId } }),
    ...((upwards ? more : cursor !== undefined) && first && { newer: { newerThan: first.logEntryId } }),
  };
}

/** All entries that match a filter, newest first, one batch at a time. @throws {Refusal} as `listEvents` */
export async function* eachEvent(ctx: Ctx, accountId: string, filter: EventFilter): AsyncGenerator<EventSummary> {
  const admission = await admit(ctx, accountId, 'see');
  const conditions = await conditionsOf(ctx, admission, filter);
  const { above, below } = conditions.bounds;
  let top = Math.min(below - 1, await lastEntryNumber(accountId));
  // by numbers, not by how many were found: a batch then never reads more than it returns
  for (; top > above; top -= BATCH) {
    const bounds = { above: Math.max(above, top - BATCH), below: top + 1 };
    yield* await entriesFrom({ ...conditions, bounds }, undefined, BATCH);
  }
}

/** The first instant of a day as typed in a form, or of the day after it, in the account's time zone. */
function dayOf(text: string, zone: string, field: 'from' | 'to', later = 0): Date {
  if (isDay(text)) return startOfDay(addDays(text, later), zone);
  const sentence = `“${text}” isn’t a valid date. Use a date such as 2026-10-31.`;
  throw new Refusal('invalid_input', { fields: { [field]: sentence } });
}

async function conditionsOf(ctx: Ctx, { account, sight }: Admission, filter: EventFilter): Promise<Conditions> {
  const { billingGroupId, kind, actor, projectId, numbers } = filter;
  const from = filter.from === undefined ? undefined : dayOf(filter.from, account.timeZone, 'from');
  const end = filter.to === undefined ? undefined : dayOf(filter.to, account.timeZone, 'to', 1);
  const types: readonly EventType[] | undefined = kind && EVENT_KINDS[kind];
  const search = {
    ...{ accountId: account._id, from, end, unseen: await unseenOf(account._id, sight, ctx.clock.now()) },
    ...(billingGroupId !== undefined && { billingGroupId }),
    ...(projectId !== undefined && { projectId }),
    ...(actor !== undefined && { actor }),
    ...(types && { types }),
    ...(numbers && { numbers }),
  };
  const { above, below } = await numbersBetween(account._id, from, end);
  const [first, last] = [numbers?.[0], numbers?.at(-1)];
  if (first === undefined || last === undefined) return { search, bounds: { above, below } };
  return { search, bounds: { above: Math.max(above, first - 1), below: Math.min(below, last + 1) } };
}

/**
 * The range of entry numbers that contains everything between two instants, so that old entries are found without
 * reading all later ones. The bounds are the entries next to each instant, with a margin for disorder: entries numbered
 * outside can't be between the instants.
 */
async function numbersBetween(accountId: string, from: Date | undefined, end: Date | undefined): Promise<NumberBounds> {
  const above = from && (await lastNumberBefore(accountId, new Date(from.getTime() - DISORDER_MS)));
  const below = end && (await firstNumberFrom(accountId, new Date(end.getTime() + DISORDER_MS)));
  return { above: above ?? 0, below: below ?? Number.MAX_SAFE_INTEGER };
}

async function entriesFrom(
  { search, bounds }: Conditions,
  cursor: EventCursor | undefined,
  limit: number,
): Promise<EventSummary[]> {
  const upwards = cursor !== undefined && 'newerThan' in cursor;
  const above = upwards ? Math.max(bounds.above, cursor.newerThan) : bounds.above;
  const below = cursor && 'olderThan' in cursor ? Math.min(bounds.below, cursor.olderThan) : bounds.below;
  return (await searchEvents(search, { above, below }, { upwards, limit })).map(summaryOf);
}

function summaryOf(doc: EventDoc): EventSummary {
  const { type, description, actor, createTime: at, billingGroupId, projectId, invoiceId } = doc;
  const [before, after] = [doc.before ?? null, doc.after ?? null];
  const place = { logEntryId: doc.logEntryId ?? 0, hash: doc.hash ?? '' };
  return { ...place, type, description, actor, at, billingGroupId, projectId, invoiceId, before, after };
}
