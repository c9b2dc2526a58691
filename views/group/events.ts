import type { KnownBlock } from '@slack/types';
import { readEntryNumbers } from '../../src/billing/event/entry-numbers.ts';
import { EVENT_KINDS, type EventKind, eventKindName } from '../../src/billing/event/event-types.ts';
import {
  type EventCursor,
  type EventFilter,
  type EventPage,
  type EventSummary,
  listEvents,
} from '../../src/services/events/event-lists.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { actions, button, context, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { pagerActions } from '../../src/slack/blocks/paging.ts';
import { count, moment } from '../kit/figures.ts';
import { eventText, whoText } from '../kit/person.ts';
import { type GroupPlace, writePlace } from './place.ts';
import type { Tab } from './tab.ts';

/** Opens the filter form. The value of each of these buttons is the place, with an empty group for the account. */
export const EVENTS_FILTER_OPEN = 'events.filter.open';
/** Shows the newest entries without a filter. */
export const EVENTS_ALL = 'events.filter.clear';
/** Sends the filtered entries as a file. */
export const EVENTS_EXPORT = 'events.export';
/** Pager buttons for older and newer entries. */
export const EVENTS_PAGE = 'events.page';

const SIZE = 25;

/** A group's event log, newest first. */
export const eventsTab: Tab = ({ ctx, place }) => eventBlocks(ctx, place);

/**
 * The log of a group, or of the account if the place names no group. At most three queries if the context has the
 * access.
 */
export async function eventBlocks(ctx: Ctx, place: GroupPlace): Promise<KnownBlock[]> {
  const filter = filterOf(place);
  const cursor = cursorOf(place);
  const page = await listEvents(ctx, place.account, { ...filter, size: SIZE, ...(cursor && { cursor }) });
  const narrowed = narrowing(place);
  const start = withoutCursor(place);
  const buttons = [
    button('Filter', EVENTS_FILTER_OPEN, { value: writePlace(start) }),
    ...(narrowed === '' ? [] : [button('Clear filter', EVENTS_ALL, { value: writePlace({ ...start, filter: {} }) })]),
    ...(page.items.length === 0 ? [] : [button('Export as CSV', EVENTS_EXPORT, { value: writePlace(start) })]),
  ];
  return [
    actions(buttons),
    ...(narrowed === '' ? [] : [context(`Only ${narrowed}`)]),
    ...(page.items.length === 0 ? [section(none(narrowed))] : page.items.map(entryBlock)),
    ...turning(start, page),
  ];
}

/** A place's filter. Unknown values are ignored. */
export function filterOf(place: GroupPlace): EventFilter {
  const { group, filter } = place;
  const { kind, by, project, from, to } = filter;
  const numbers = numbersIn(place);
  return {
    ...(group !== '' && { billingGroupId: group }),
    ...(isKind(kind) && { kind }),
    ...(by !== undefined && { actor: by }),
    ...(project !== undefined && { projectId: project }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(numbers && { numbers }),
  };
}

/** The entries of a message that combines several; undefined if the log isn't limited to any. */
function numbersIn({ filter: { entries } }: GroupPlace): readonly number[] | undefined {
  return entries === undefined ? undefined : readEntryNumbers(entries);
}

export function isKind(text: string | undefined): text is EventKind {
  return text !== undefined && Object.hasOwn(EVENT_KINDS, text);
}

function cursorOf({ filter: { before, after } }: GroupPlace): EventCursor | undefined {
  if (isNumber(before)) return { olderThan: Number(before) };
  return isNumber(after) ? { newerThan: Number(after) } : undefined;
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && /^\d{1,15}$/.test(text);
}

function withoutCursor(place: GroupPlace): GroupPlace {
  const { before: _before, after: _after, ...filter } = place.filter;
  return { ...place, filter };
}

/** The filter in words; empty if there is none. */
function narrowing(place: GroupPlace): string {
  const { kind, by, project, projectName, from, to } = place.filter;
  const numbers = numbersIn(place);
  return [
    ...(numbers ? [`the ${count(numbers.length, 'event')} of the message`] : []),
    ...(isKind(kind) ? [`about ${eventKindName(kind)}`] : []),
    ...(by === undefined ? [] : [`by ${whoText(by)}`]),
    ...(project === undefined ? [] : [`of project ${escapeMrkdwn(projectName ?? project)}`]),
    ...(from === undefined ? [] : [`since ${escapeMrkdwn(from)}`]),
    ...(to === undefined ? [] : [`until ${escapeMrkdwn(to)}`]),
  ].join(' · ');
}

function none(narrowed: string): string {
  return narrowed === '' ? 'No events yet.' : 'No events match the filter.';
}

function entryBlock({ logEntryId, type, description, actor, at }: EventSummary): KnownBlock {
  return section(`${eventText({ type, description })}\n#${logEntryId} · ${moment(at)} · ${whoText(actor)}`);
}

function turning(start: GroupPlace, { older, newer }: EventPage): KnownBlock[] {
  const [newerId, olderId] = pagerActions(EVENTS_PAGE);
  const to = (cursor: EventCursor) => {
    const where: Record<string, string> =
      'olderThan' in cursor ? { before: String(cursor.olderThan) } : { after: String(cursor.newerThan) };
    return { value: writePlace({ ...start, filter: { ...start.filter, ...where } }) };
  };
  const buttons = [
    ...(newer ? [button('Newer', newerId, to(newer))] : []),
    ...(older ? [button('Older', olderId, to(older))] : []),
  ];
  return buttons.length === 0 ? [] : [actions(buttons)];
}
