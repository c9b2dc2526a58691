import type { ViewOutput } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { forgetChart } from '../../src/services/groups/group-overview.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import type { SlackApp } from '../../src/slack/app/app.ts';
import { onAction, onSubmit, type Parsed, type RequestContext, viewKey } from '../../src/slack/app/listeners.ts';
import { loading, type ModalOptions, modal, section } from '../../src/slack/blocks/blocks.ts';
import { contextOf, type Deps } from '../../src/slack/requests/caller.ts';
import type { Words } from '../../src/slack/requests/explain.ts';
import { type FormValues, fieldErrors } from '../../src/slack/requests/form-values.ts';
import { checkKept, readKept } from '../../src/slack/requests/kept-state.ts';
import { refusalOf } from '../../src/slack/web-api/api-errors.ts';
import { drawChart } from '../group/chart.ts';
import { type GroupPlace, readPlace, writePlace } from '../group/place.ts';
import { groupModal } from '../group/render.ts';
import { backAction, type Confirmation, confirmationModal, lengthErrors } from './confirmation.ts';
import { type Origin, originSchema } from './origin.ts';

/** What is kept with a confirmation. */
const confirmingSchema = originSchema.extend({ typed: z.unknown().optional() });

export interface FormOptions extends Omit<ModalOptions, 'metadata' | 'submit' | 'callbackId'> {
  readonly callbackId: string;
  readonly submit: string;
  readonly origin: Origin;
  /** Why it was refused, if it is shown again; mrkdwn, as in `Words.text`. */
  readonly fault?: string | undefined;
}

export interface Form<T> {
  readonly title: string | ((origin: Origin) => string);
  /** Reads what was typed; pure. Errors by block ID are shown under the fields. */
  parse(values: FormValues, origin: Origin): Parsed<T>;
  /** The form again with what was typed, after the services have refused it. */
  again(value: T, origin: Origin, fault: string, ctx: Ctx, request: RequestContext): ModalView | Promise<ModalView>;
  /** For a form with an amount: what the person confirms before `work`. */
  readonly confirm?: Confirmation<T>;
  /** Carries it out. @returns the result, as mrkdwn or as a modal */
  work(ctx: Ctx, value: T, origin: Origin, request: RequestContext): Promise<string | ModalView>;
}

/** Reads a form with a schema. Its messages are shown under the fields, and under `fallback` if they are about none. */
export function parseWith<T>(schema: z.ZodType<T>, fallback: string): (values: FormValues) => Parsed<T> {
  return (values) => {
    const parsed = schema.safeParse(values);
    return parsed.success ? { ok: parsed.data } : { errors: fieldErrors(parsed.error, fallback) };
  };
}

/** A form's modal, with its origin in the metadata and the reason for a refusal above the fields. */
export function formModal({ origin, fault, blocks, ...options }: FormOptions): ModalView {
  const warning = fault === undefined ? [] : [section(`:warning: ${fault}`)];
  return modal({ ...options, metadata: JSON.stringify(origin), blocks: [...warning, ...blocks] });
}

/** The origin of a form opened by a click in a group's view, on Home or in a message. */
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

/**
 * Opens a form whose fields have to be read first: shows a loading view, since a trigger is valid for three seconds.
 */
export async function openForm(request: RequestContext, title: string, build: () => Promise<ModalView>): Promise<void> {
  const opened = await request.openModal(loading(title));
  await opened.update(await build());
}

interface Submitted<T> {
  readonly typed: T;
  readonly origin: Origin;
  /** Whether the person still needs to confirm it. */
  readonly toConfirm?: Confirmation<T> | undefined;
}

/**
 * Handles a form, and its confirmation if it has one. During the work the modal says so. Then it shows the result, or
 * the form again with what was typed and the reason for the refusal. The group's view below is updated.
 */
export function onForm<T>(app: SlackApp, deps: Deps, callbackId: string, form: Form<T>): void {
  const titleOf = (origin: Origin) => (typeof form.title === 'string' ? form.title : form.title(origin));
  if (form.confirm) listenToBack(app, deps, callbackId, form.confirm);
  onSubmit<Submitted<T>>(app, callbackId, {
    parse(values, view) {
      const submitted = submittedIn(form, values, view);
      if ('errors' in submitted) return submitted;
      const { ok, ack } = submitted;
      return { ok, ack: ack ?? { response_action: 'update', view: loading(titleOf(ok.origin)) } };
    },
    origin: (view) => readOrigin(view.private_metadata).channel,
    request: (view) => readOrigin(view.private_metadata).attempt,
    again: ({ typed, origin }, words: Words, request) =>
      form.again(typed, origin, words.text, contextOf(deps, request), request),
    async work(request, { typed, origin, toConfirm }, view) {
      const ctx = contextOf(deps, request);
      const title = titleOf(origin);
      if (toConfirm) {
        const submit = typeof toConfirm.submit === 'string' ? toConfirm.submit : toConfirm.submit(origin);
        const text = await toConfirm.text(ctx, typed, origin, request);
        const shown = confirmationModal({ callbackId, title, submit, text, origin, typed });
        await request.client.views.update({ view_id: view.id, view: shown });
        return;
      }
      const done = await form.work(ctx, typed, origin, request);
      const shown = typeof done === 'string' ? doneModal(title, done) : done;
      await request.client.views.update({ view_id: view.id, view: shown });
      await showBelow(request, ctx, origin);
    },
  });
}

/** What a person submitted: a form, or its confirmation. */
function submittedIn<T>(form: Form<T>, values: FormValues, view: ViewOutput): Parsed<Submitted<T>> {
  const { typed, ...origin } = readKept(confirmingSchema, view.private_metadata);
  const { confirm } = form;
  if (confirm && typed !== undefined) return { ok: { typed: checkKept(confirm.kept, typed), origin } };
  const parsed = form.parse(values, origin);
  if ('errors' in parsed) return parsed;
  const { ok, ...rest } = parsed;
  if (!confirm) return { ok: { typed: ok, origin }, ...rest };
  const attempted = { ...origin, attempt: origin.attempt ?? viewKey(view) };
  const errors = lengthErrors(attempted, ok, values);
  return errors ? { errors } : { ok: { typed: ok, origin: attempted, toConfirm: confirm }, ...rest };
}

/** Shows the form again instead of its confirmation, unless that has been submitted meanwhile. */
function listenToBack<T>(app: SlackApp, deps: Deps, callbackId: string, { kept, back }: Confirmation<T>): void {
  onAction(app, backAction(callbackId), async (request, { view }) => {
    if (!view) return;
    const { typed, ...origin } = readKept(confirmingSchema, view.private_metadata);
    const form = await back(checkKept(kept, typed), origin, contextOf(deps, request), request);
    await put(request, view.id, form, view.hash);
  });
}

/** The result of a form, shown instead of it. */
export function doneModal(title: string, text: string): ModalView {
  return modal({ title, close: 'Done', blocks: [section(text)] });
}

/** Updates the group's view below a form. The person may have closed it meanwhile. */
export async function showBelow(request: RequestContext, ctx: Ctx, origin: Origin): Promise<void> {
  const place = origin.below && readPlace(origin.below.place);
  if (!origin.below || !place) return;
  await showGroup(request, ctx, place, origin.below.view);
}

/**
 * Replaces a modal's content with a group's current view, then again with its chart if that was missing. A chart that
 * Slack no longer has (somebody may have deleted the file) is created again. The chart is only added if the person is
 * still in the same place.
 */
export async function showGroup(request: RequestContext, ctx: Ctx, place: GroupPlace, viewId: string): Promise<void> {
  const { view, chart, group } = await groupModal(ctx, place);
  const hash = await put(request, viewId, view);
  if (hash === undefined && group.chart && place.tab === 'overview') {
    await forgetChart(ctx, place.account, group);
    return showGroup(request, ctx, place, viewId);
  }
  if (hash !== undefined && chart && (await drawChart(request, ctx, place.account, chart))) {
    await put(request, viewId, (await groupModal(ctx, place)).view, hash);
  }
}

/**
 * @param hash replaces only the view with this hash; undefined or empty: any
 * @returns the new view's hash; undefined if Slack didn't accept it: the person may have closed the view meanwhile
 */
async function put(
  request: RequestContext,
  viewId: string,
  view: ModalView,
  hash?: string,
): Promise<string | undefined> {
  try {
    const shown = await request.client.views.update({ view_id: viewId, view, ...(hash && { hash }) });
    return shown.view?.hash ?? '';
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
    request.log.info({ err: error }, 'Slack rejected a view. It may have been closed');
    return undefined;
  }
}

/** The origin in an open form's metadata, for the menus in it. */
export function originFrom(view: { readonly private_metadata: string } | undefined): Origin {
  return readOrigin(view?.private_metadata ?? '');
}

function readOrigin(metadata: string): Origin {
  return readKept(originSchema, metadata);
}
