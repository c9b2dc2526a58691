import type { types, ViewOutput, ViewResponseAction } from '@slack/bolt';
import { holdsCardNumber } from '../../billing/group/card.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { Logger } from '../../platform/logger.ts';
import { acknowledged, logFault } from '../app/acknowledge.ts';
import type { SlackApp } from '../app/app.ts';
import { nameLike } from '../blocks/account-name.ts';
import { fieldWords } from '../refusal-texts/index.ts';
import { faultSentence, modalOf, refusalSentence, type Words } from './explain.ts';
import { errorsFor, type FormValues, readForm } from './form-values.ts';
import type { RequestContext, Source, Work } from './request-context.ts';

/**
 * A parsed form: its value, with how Slack should continue (nothing closes the modal), or a sentence for each invalid
 * field, by its input's block ID.
 */
export type Parsed<T> =
  | { readonly ok: T; readonly ack?: ViewResponseAction }
  | { readonly errors: Readonly<Record<string, string>> };

export interface Submission<T> {
  /** Pure and quick: the person is waiting with the modal still open. A Refusal thrown here is shown in the modal. */
  parse(form: FormValues, view: ViewOutput): Parsed<T>;
  /** The work after the acknowledgement. */
  work(context: RequestContext, value: T, view: ViewOutput): Promise<void>;
  /**
   * The channel that the form was opened from (from its metadata), where `respond` answers; otherwise a direct message.
   */
  origin?(view: ViewOutput): string | undefined;
  /** The same for submissions of which only one may change something (from its metadata); otherwise the view itself. */
  request?(view: ViewOutput): string | undefined;
  /**
   * The form again, with what was typed and the reason for the refusal; for acknowledgements that leave a modal open.
   */
  again?(value: T, words: Words, context: RequestContext): types.ModalView | Promise<types.ModalView>;
}

interface Decision<T> {
  readonly answer: ViewResponseAction | undefined;
  /** Undefined when there is nothing to do. */
  readonly value?: { readonly of: T };
}

/** Handles the submission of a modal. */
export function onSubmit<T>(app: SlackApp, callbackId: string, submission: Submission<T>): void {
  app.registry.register('submit', callbackId, async (args) => {
    const { ack, body, view, context, client } = args;
    const { answer, value } = context.foreign === true ? { answer: undefined } : decide(app.log, submission, view);
    const source: Source = {
      kind: 'submit',
      name: callbackId,
      // a form that is shown again for correction has another hash
      key: quietly(() => submission.request?.(view)) ?? viewKey(view),
      // a form that was answered with invalid fields is the same view when it is submitted again
      delivery: value ? viewKey(view) : null,
      userId: body.user.id,
      channelId: quietly(() => submission.origin?.(view)),
      triggerId: body.trigger_id,
      responseUrl: body.response_urls?.[0]?.response_url,
      view,
      carried: view.private_metadata,
    };
    await acknowledged(
      app,
      { source, context, client },
      () => ack(answer && namedLike(answer, view)),
      async (work) => {
        work.shown = shownAfter(answer, view);
        if (value) await submission.work(work.context, value.of, view);
      },
      async (work, refusal) => value !== undefined && askAgain(submission, value.of, work, refusal),
    );
  });
}

/** Identifies a view in its current state. When it is shown again, it has another hash. */
export function viewKey({ id, hash }: Pick<ViewOutput, 'id' | 'hash'>): string {
  return `${id} ${hash}`;
}

/** A view's metadata; undefined if it can't be read, which `decide` reports to the person. */
function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function decide<T>(log: Logger, submission: Submission<T>, view: ViewOutput): Decision<T> {
  try {
    const form = readForm(view.state.values);
    const cards = fieldsWithCards(form);
    if (cards.length > 0) throw new Refusal('card_number', {}, { fields: cards });
    const parsed = submission.parse(form, view);
    if ('ok' in parsed) return { answer: parsed.ack, value: { of: parsed.ok } };
    return { answer: wrongFields(view, new Refusal('invalid_input', { fields: parsed.errors })) };
  } catch (error) {
    if (error instanceof Refusal) return { answer: wrongFields(view, error) };
    return { answer: update(faultSentence(logFault(log, error, 'a form could not be read'), error)) };
  }
}

/** A full card number is refused wherever it is typed, before anything reads it. */
function fieldsWithCards(form: FormValues): readonly string[] {
  const wrong = Object.entries(form).filter(([, value]) => typeof value === 'string' && holdsCardNumber(value));
  return wrong.map(([field]) => field);
}

/** Shows errors under the fields where Slack can, or else instead of the form. */
function wrongFields(view: ViewOutput, refusal: Refusal): ViewResponseAction {
  const fields = fieldWords(refusal);
  const errors = fields && errorsFor(view, fields);
  return errors ? { response_action: 'errors', errors } : update(refusalSentence(refusal));
}

function update(words: Words): ViewResponseAction {
  return { response_action: 'update', view: modalOf(words) };
}

/** The acknowledgement must not wait for the database, so the account's name is taken from the form. */
function namedLike(answer: ViewResponseAction, view: ViewOutput): ViewResponseAction {
  if (answer.response_action !== 'update' && answer.response_action !== 'push') return answer;
  return answer.view.type === 'modal' ? { ...answer, view: nameLike(answer.view, view) } : answer;
}

/** The view that is open once Slack has handled the answer, as far as it is known. */
function shownAfter(answer: ViewResponseAction | undefined, view: ViewOutput): Work['shown'] {
  if (answer?.response_action === 'update') return { view_id: view.id };
  const externalId = answer?.response_action === 'push' ? answer.view.external_id : undefined;
  return externalId === undefined ? undefined : { external_id: externalId };
}

async function askAgain<T>(submission: Submission<T>, value: T, work: Work, refusal: Refusal): Promise<boolean> {
  if (!submission.again || !work.shown) return false;
  const view = await submission.again(value, refusalSentence(refusal), work.context);
  await work.context.client.views.update({ ...work.shown, view });
  return true;
}
