import type { Core } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import { faultsOf, stateOf } from '../form.ts';
import { isFields, objectOf, textOf } from '../json.ts';
import type { Entries, Fields, View } from '../types.ts';
import { findView, pushFor, updateView } from '../views.ts';
import type { Ack } from './dispatch.ts';
import { offeredEntries, send } from './interactions.ts';
import { interactionBase, viewWith } from './payloads.ts';

const TROUBLE = 'We had some trouble connecting. Try again?';

/** The result of a submission. */
export interface Submission {
  /** How the app acknowledged it; null when the form was rejected before it was sent, as Slack's client does. */
  ack: Ack | null;
  /** `close`: this view closed; `incomplete`: not sent; `failed`: no usable answer. */
  outcome: 'close' | 'clear' | 'update' | 'push' | 'errors' | 'incomplete' | 'failed';
  /** The error shown under each block. */
  errors: { [blockId: string]: string };
}

/**
 * A person submits a modal: a view_submission request, unless the form is incomplete.
 * @throws SlackRefusal not_found when the view is not open
 */
export async function submit(core: Core, userId: string, viewId: string, entered: Entries): Promise<Submission> {
  const view = findView(core, userId, viewId);
  const values = stateOf(view.blocks, offeredEntries(core, userId, view.id, view.blocks, entered));
  const faults = faultsOf(view.blocks, values);
  if (Object.keys(faults).length > 0) return { ack: null, outcome: 'incomplete', errors: faults };
  const ack = await send(core, 'interaction', {
    ...interactionBase(core, 'view_submission', userId),
    trigger_id: core.tickets.trigger(userId),
    view: viewWith(view, values),
    response_urls: [],
  });
  try {
    if (ack.error !== undefined) throw new SlackRefusal(ack.error);
    return { ack, ...applied(core, userId, view, ack.body) };
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    core.state.notice(userId, TROUBLE);
    return { ack, outcome: 'failed', errors: {} };
  }
}

/**
 * A person closes the top modal, or the whole stack with `all`.
 * @returns the acknowledgements of the view_closed requests, for views that asked for one
 */
export async function closeView(core: Core, userId: string, all: boolean): Promise<Ack[]> {
  const stack = core.state.views(userId);
  const clears = all || stack.at(-1)?.clear_on_close === true;
  const closed = clears ? stack : stack.slice(-1);
  core.state.putViews(userId, clears ? [] : stack.slice(0, -1));
  const told = closed.filter((view) => view.notify_on_close).reverse();
  return Promise.all(
    told.map((view) =>
      send(core, 'interaction', { ...interactionBase(core, 'view_closed', userId), view, is_cleared: clears }),
    ),
  );
}

/** Applies the app's acknowledgement. */
function applied(core: Core, userId: string, view: View, body: unknown): Omit<Submission, 'ack'> {
  const answer: Fields = isFields(body) ? body : {};
  const action = textOf(answer, 'response_action');
  if (action === undefined) {
    const stack = core.state.views(userId);
    core.state.putViews(
      userId,
      stack.filter((other) => other.id !== view.id),
    );
    return { outcome: 'close', errors: {} };
  }
  if (action === 'clear') {
    core.state.putViews(userId, []);
    return { outcome: 'clear', errors: {} };
  }
  if (action === 'errors') return { outcome: 'errors', errors: shownErrors(view, answer) };
  const next = objectOf(answer, 'view');
  if (!next) throw new SlackRefusal('invalid_arguments');
  if (action === 'update') {
    updateView(core, { id: view.id }, undefined, next);
    return { outcome: 'update', errors: {} };
  }
  if (action !== 'push') throw new SlackRefusal('invalid_arguments');
  pushFor(core, userId, next);
  return { outcome: 'push', errors: {} };
}

/** Errors must name input blocks of this view. Otherwise Slack shows none of them. */
function shownErrors(view: View, answer: Fields): { [blockId: string]: string } {
  const entries = Object.entries(objectOf(answer, 'errors') ?? {});
  const inputs = new Set(view.blocks.filter((block) => block.type === 'input').map((block) => block.block_id));
  const usable = entries.length > 0 && entries.every(([id, words]) => inputs.has(id) && typeof words === 'string');
  if (!usable) throw new SlackRefusal('invalid_arguments');
  return Object.fromEntries(entries.map(([id, words]) => [id, String(words)]));
}
