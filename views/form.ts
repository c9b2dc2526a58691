import type { ModalView } from '@slack/types';
import { z } from 'zod';
import type { Ctx } from '../src/services/context.ts';
import { forgetChart } from '../src/services/group-overview.ts';
import { refusalOf } from '../src/slack/api-errors.ts';
import type { SlackApp } from '../src/slack/app.ts';
import { loading, type ModalOptions, modal, section } from '../src/slack/blocks.ts';
import { contextOf, type Deps } from '../src/slack/caller.ts';
import type { Words } from '../src/slack/explain.ts';
import type { FormValues } from '../src/slack/form.ts';
import { readKept } from '../src/slack/kept-state.ts';
import { onSubmit, type Parsed, type RequestContext } from '../src/slack/register.ts';
import { drawChart } from './group/chart.ts';
import { type GroupPlace, readPlace, writePlace } from './group/place.ts';
import { groupModal } from './group/render.ts';

const originSchema = z.object({
  account: z.string(),
  group: z.string().default(''),
  /** The group's view that lies below the form, and where in it the person was; it is shown anew after the work. */
  below: z.object({ view: z.string(), place: z.string() }).optional(),
  /** Where a command opened the form. */
  channel: z.string().optional(),
  /** What else a form has to remember, by its own names. */
  more: z.record(z.string(), z.string()).default({}),
});

/** Where a form was opened from, and what it is about: kept in its metadata. */
export type Origin = z.infer<typeof originSchema>;

export interface FormOptions extends Omit<ModalOptions, 'metadata' | 'submit' | 'callbackId'> {
  readonly callbackId: string;
  readonly submit: string;
  readonly origin: Origin;
  /** Why it was refused before, when it is shown again: mrkdwn, as `Words.text` has it. */
  readonly fault?: string | undefined;
}

export interface Form<T> {
  readonly title: string;
  /** Reads what was typed; pure. Errors by block id are shown under the fields. */
  parse(values: FormValues, origin: Origin): Parsed<T>;
  /** The form once more with what was typed, after the services have refused it. */
  again(value: T, origin: Origin, fault: string, ctx: Ctx): ModalView | Promise<ModalView>;
  /** Does it. @returns what came of it, as mrkdwn or as a modal. */
  work(ctx: Ctx, value: T, origin: Origin, request: RequestContext): Promise<string | ModalView>;
}

/** A form's modal: its origin in the metadata, and the reason of a refusal above the fields. */
export function formModal({ origin, fault, blocks, ...options }: FormOptions): ModalView {
  const warning = fault === undefined ? [] : [section(`:warning: ${fault}`)];
  return modal({ ...options, metadata: JSON.stringify(origin), blocks: [...warning, ...blocks] });
}

/** The origin of a form that is opened by a click in a group's view, in Home or in a message. */
export function originOf(
  request: Pick<RequestContext, 'channelId'>,
  of: { account: string; group?: string; more?: Record<string, string> },
  view?: { readonly id: string; readonly private_metadata: string },
): Origin {
  const place = readPlace(view?.private_metadata);
  return {
    account: of.account,
    group: of.group ?? '',
    more: of.more ?? {},
    ...(view && place && { below: { view: view.id, place: writePlace(place) } }),
    ...(request.channelId !== undefined && { channel: request.channelId }),
  };
}

/** Opens a form whose fields have to be read first: loading at once, since a trigger lives three seconds. */
export async function openForm(request: RequestContext, title: string, build: () => Promise<ModalView>): Promise<void> {
  const opened = await request.openModal(loading(title));
  await opened.update(await build());
}

/**
 * Listens to a form. While the work goes on the modal says so; then it says what came of it, or shows the form again
 * with what was typed and why it was refused; the group's view below is shown anew.
 */
export function onForm<T>(app: SlackApp, deps: Deps, callbackId: string, form: Form<T>): void {
  onSubmit<{ readonly typed: T; readonly origin: Origin }>(app, callbackId, {
    parse(values, view) {
      const origin = readOrigin(view.private_metadata);
      const parsed = form.parse(values, origin);
      if ('errors' in parsed) return parsed;
      return {
        ok: { typed: parsed.ok, origin },
        ack: parsed.ack ?? { response_action: 'update', view: loading(form.title) },
      };
    },
    origin: (view) => readOrigin(view.private_metadata).channel,
    again: ({ typed, origin }, words: Words, request) =>
      form.again(typed, origin, words.text, contextOf(deps, request)),
    async work(request, { typed, origin }, view) {
      const ctx = contextOf(deps, request);
      const done = await form.work(ctx, typed, origin, request);
      const shown = typeof done === 'string' ? doneModal(form.title, done) : done;
      await request.client.views.update({ view_id: view.id, view: shown });
      await showBelow(request, ctx, origin);
    },
  });
}

/** What came of a form, in its place. */
export function doneModal(title: string, text: string): ModalView {
  return modal({ title, close: 'Done', blocks: [section(text)] });
}

/** Shows the group's view below a form as it is now. A view that the person has closed meanwhile does not matter. */
export async function showBelow(request: RequestContext, ctx: Ctx, origin: Origin): Promise<void> {
  const place = origin.below && readPlace(origin.below.place);
  if (!origin.below || !place) return;
  await showGroup(request, ctx, place, origin.below.view);
}

/**
 * Puts a group's view, as it is now, in place of what a modal shows; then again with its chart, if that was missing. A
 * chart that Slack does not have any more (somebody may have deleted the file) is made anew.
 */
export async function showGroup(request: RequestContext, ctx: Ctx, place: GroupPlace, viewId: string): Promise<void> {
  const { view, chart, group } = await groupModal(ctx, place);
  const isThere = await put(request, viewId, view);
  if (!isThere && group.chart && place.tab === 'overview') {
    await forgetChart(ctx, place.account, group);
    return showGroup(request, ctx, place, viewId);
  }
  if (isThere && chart && (await drawChart(request, ctx, place.account, chart))) {
    await put(request, viewId, (await groupModal(ctx, place)).view);
  }
}

/** @returns whether Slack took it; a view that the person has closed meanwhile does not matter */
async function put(request: RequestContext, viewId: string, view: ModalView): Promise<boolean> {
  try {
    await request.client.views.update({ view_id: viewId, view });
    return true;
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
    request.log.info({ err: error }, 'a view was not taken; it may have been closed');
    return false;
  }
}

/** The origin that an open form's metadata hold, for the menus in it. */
export function originFrom(view: { readonly private_metadata: string } | undefined): Origin {
  return readOrigin(view?.private_metadata ?? '');
}

function readOrigin(metadata: string): Origin {
  return readKept(originSchema, metadata);
}
