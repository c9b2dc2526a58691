import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { entryNumbersText } from '../../src/billing/event/entry-numbers.ts';
import { EVENT_KINDS, type EventKind, eventKindName } from '../../src/billing/event/event.ts';
import { MOST_IN_MESSAGE } from '../../src/billing/event/notice.ts';
import { capitalized } from '../../src/billing/normalized.ts';
import { eventsCsv } from '../../src/documents/csv/events-csv.ts';
import { entering } from '../../src/services/access/rights.ts';
import { eachEvent } from '../../src/services/events/event-lists.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { foundByIds, searchProjects } from '../../src/services/kit/search.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, onOptions, onSubmit, type Parsed, type RequestContext } from '../../src/slack/app/listeners.ts';
import {
  type Choice,
  datepicker,
  externalSelect,
  input,
  loading,
  modal,
  section,
  staticSelect,
  usersSelect,
} from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { pagerActions } from '../../src/slack/blocks/paging.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { FormValues } from '../../src/slack/requests/form-values.ts';
import { readKept } from '../../src/slack/requests/kept-state.ts';
import {
  EVENTS_ALL,
  EVENTS_EXPORT,
  EVENTS_FILTER_OPEN,
  EVENTS_PAGE,
  eventBlocks,
  filterOf,
  isKind,
} from '../group/events.ts';
import { type GroupPlace, groupPlace, readPlace, writePlace } from '../group/place.ts';
import { readTarget, type Target } from '../kit/action-target.ts';
import { foundChoice } from '../kit/choices.ts';
import { showGroup } from '../kit/form.ts';
import { EVENTS_OPEN } from '../kit/open-actions.ts';

const TITLE = 'Events';
const FILTER = 'events.filter';
const PROJECT = 'events.filter.project';
const EVERY_KIND: Choice = { text: 'All kinds', value: 'any' };
const ANY_PROJECT: Choice = { text: 'Any project', value: 'any' };
const KINDS: readonly Choice[] = (Object.keys(EVENT_KINDS) as EventKind[]).map((kind) => ({
  text: capitalized(eventKindName(kind)),
  value: kind,
}));
const ANYONE: Choice = { text: 'Anyone', value: 'anyone' };
const SOMEBODY: Choice = { text: 'A person', value: 'person' };
const ITSELF: Choice = { text: 'This app, automatically', value: 'automation' };

/** The filter form's metadata: the view below it, and the place in that view. */
const formSchema = z.object({ view: z.string(), place: z.string() });
type Form = z.infer<typeof formSchema>;

/** The place in an account's own log. */
export function accountPlace(account: string, filter: Readonly<Record<string, string>> = {}): GroupPlace {
  return { ...groupPlace(account, '', 'events'), filter: { ...filter } };
}

/**
 * Opens the log of an account or group: first a loading view, since a trigger is valid for three seconds, then the
 * content.
 */
export async function openEvents(
  request: RequestContext,
  find: () => Promise<{ ctx: Ctx; place: GroupPlace }>,
): Promise<void> {
  const opened = await request.openModal(loading(TITLE));
  const { ctx, place } = await find();
  await show(request, ctx, place, opened.id);
}

/** The log of an account and of its groups: pages, filter, export. */
export function registerEvents(app: SlackApp, deps: Deps): void {
  onAction(app, EVENTS_OPEN, (request, action) =>
    openEvents(request, async () => ({
      ctx: contextOf(deps, request),
      place: placeOf(readTarget(action.value)),
    })),
  );
  onAction(app, [...pagerActions(EVENTS_PAGE), EVENTS_ALL], async (request, action) => {
    const place = readPlace(action.value);
    if (place && action.view) await show(request, contextOf(deps, request), place, action.view.id);
  });
  onAction(app, EVENTS_FILTER_OPEN, async (request, action) => {
    const place = readPlace(action.value);
    if (place && action.view) await request.openModal(filterForm({ view: action.view.id, place: writePlace(place) }));
  });
  onAction(app, EVENTS_EXPORT, async (request, action) => {
    const place = readPlace(action.value);
    if (place) await sendLog(request, contextOf(deps, request), place);
  });
  onOptions(app, PROJECT, async (request, { typed, view }) => {
    const { account } = placeIn(readForm(view?.private_metadata));
    const found = await searchProjects(contextOf(deps, request), account, typed);
    return [...(typed === '' ? [ANY_PROJECT] : []), ...found.map(foundChoice)];
  });
  onSubmit<{ form: Form; place: GroupPlace }>(app, FILTER, {
    parse: (values, view) => readFilter(values, readForm(view.private_metadata)),
    async work(request, { form, place }) {
      const ctx = contextOf(deps, request);
      await show(request, ctx, await withProjectName(ctx, place), form.view);
    },
  });
}

/** The log that a button opens: all of it, or the entries of the message that the button is under. */
function placeOf({ account, entries, from, to }: Target): GroupPlace {
  if (entries !== '') return accountPlace(account, { entries });
  // messages of earlier versions name the first and the last entry
  const [first, last] = [from, to].map(Number);
  if (!first || !last || last < first || last - first >= MOST_IN_MESSAGE) return accountPlace(account);
  const numbers = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  return accountPlace(account, { entries: entryNumbersText(numbers) });
}

/** Shows the log in an open view. */
async function show(request: RequestContext, ctx: Ctx, place: GroupPlace, viewId: string): Promise<void> {
  if (place.group !== '') return showGroup(request, ctx, place, viewId);
  await request.client.views.update({ view_id: viewId, view: await accountModal(ctx, place) });
}

async function accountModal(plain: Ctx, place: GroupPlace): Promise<ModalView> {
  const ctx = await entering(plain, place.account);
  const blocks = await eventBlocks(ctx, place);
  return modal({
    title: TITLE,
    metadata: writePlace(place),
    blocks: [section(`*${escapeMrkdwn(ctx.known.account.name)}*`), ...blocks],
  });
}

function filterForm(form: Form): ModalView {
  const { filter } = placeIn(form);
  const { kind, by, project, projectName, from, to } = filter;
  const person = by === 'automation' ? undefined : by;
  const who = by === undefined ? ANYONE : person === undefined ? ITSELF : SOMEBODY;
  const chosen = project === undefined ? ANY_PROJECT : { text: projectName ?? project, value: project };
  return modal({
    title: 'Filter events',
    callbackId: FILTER,
    submit: 'Show',
    close: 'Cancel',
    metadata: JSON.stringify(form),
    blocks: [
      input(
        'kind',
        'Kind',
        staticSelect('events.filter.kind', [EVERY_KIND, ...KINDS], {
          initial: KINDS.find(({ value }) => value === kind) ?? EVERY_KIND,
        }),
      ),
      input('who', 'Done by', staticSelect('events.filter.who', [ANYONE, SOMEBODY, ITSELF], { initial: who })),
      input('by', 'Person', usersSelect('events.filter.by', isUser(person) ? person : undefined), { optional: true }),
      input('project', 'Project', externalSelect(PROJECT, { initial: chosen })),
      input('from', 'First day', datepicker('events.filter.from', from), { optional: true }),
      input('to', 'Last day', datepicker('events.filter.to', to), {
        optional: true,
        hint: 'Days are in the account’s time zone.',
      }),
    ],
  });
}

function readFilter(values: FormValues, form: Form): Parsed<{ form: Form; place: GroupPlace }> {
  const place = placeIn(form);
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : undefined);
  const { kind, project, from, to } = {
    kind: text('kind'),
    project: text('project'),
    from: text('from'),
    to: text('to'),
  };
  const by = readBy(text('who'), text('by'), place.filter.by);
  if (by === null) return { errors: { by: 'Choose the person.' } };
  if (from !== undefined && to !== undefined && from > to)
    return { errors: { to: 'The last day is before the first.' } };
  const filter: Record<string, string> = {
    ...(isKind(kind) && { kind }),
    ...(by !== undefined && { by }),
    ...(project !== undefined && project !== ANY_PROJECT.value && { project }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(place.filter.entries !== undefined && { entries: place.filter.entries }),
  };
  return { ok: { form, place: { ...place, tab: 'events', page: 1, filter } } };
}

/**
 * Choosing a person implies "A person", and choosing "anyone" ignores the person's field, which Slack can't clear.
 *
 * @returns null when "A person" is selected and no person is chosen
 */
function readBy(
  who: string | undefined,
  person: string | undefined,
  before: string | undefined,
): string | undefined | null {
  const isNew = person !== undefined && person !== before;
  if (who === SOMEBODY.value) return person ?? null;
  if (isNew) return person;
  return who === ITSELF.value ? ITSELF.value : undefined;
}

/** A menu returns only an ID, and the view should show the name without looking it up each time. */
async function withProjectName(ctx: Ctx, place: GroupPlace): Promise<GroupPlace> {
  const { project } = place.filter;
  if (project === undefined) return place;
  const { projects } = await foundByIds(ctx, place.account, { projects: [project] });
  const name = projects[0]?.label ?? projects[0]?.name;
  return name === undefined ? place : { ...place, filter: { ...place.filter, projectName: name.slice(0, 75) } };
}

/** Sends the entries that match the filter to the person, by direct message. */
async function sendLog(request: RequestContext, ctx: Ctx, place: GroupPlace): Promise<void> {
  const opened = await request.openModal(loading('Export'));
  let content = '';
  let rows = -1;
  for await (const row of eventsCsv(eachEvent(ctx, place.account, filterOf(place)))) {
    content += row;
    rows += 1;
  }
  const { channel } = await request.client.conversations.open({ users: request.userId });
  if (!channel?.id) throw new Error('Slack didn’t open a conversation');
  await request.client.filesUploadV2({ channel_id: channel.id, filename: 'events.csv', title: 'events.csv', content });
  const text = `${rows} ${rows === 1 ? 'entry was' : 'entries were'} sent to you by direct message, as events.csv.`;
  await opened.update(modal({ title: 'Export', close: 'Done', blocks: [section(text)] }));
}

function readForm(metadata: string | undefined): Form {
  return readKept(formSchema, metadata);
}

function placeIn(form: Form): GroupPlace {
  const place = readPlace(form.place);
  if (!place) throw new Error('The event filter has lost its view');
  return place;
}

function isUser(id: string | undefined): boolean {
  return id !== undefined && /^[UW][A-Z0-9]+$/.test(id);
}
