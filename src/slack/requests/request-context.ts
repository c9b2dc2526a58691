import type { types, webApi } from '@slack/bolt';
import { Refusal } from '../../billing/refusal.ts';
import type { Logger } from '../../platform/logger.ts';
import { AnsweredBefore } from '../../services/kit/request-keys.ts';
import { refusalOf } from '../web-api/api-errors.ts';
import { AccountLabel, type FindAccounts } from './account-label.ts';
import type { Reply } from './reply.ts';

/** Slack allows this many stacked modals. */
const MAX_MODALS = 3;

export type Kind = 'command' | 'action' | 'submit' | 'closed' | 'options' | 'shortcut' | 'event';

/** The modal or Home that a request comes from, and its place in the stack. */
export interface OriginView {
  readonly id: string;
  readonly type: string;
  readonly root_view_id?: string | null;
  readonly previous_view_id?: string | null;
}

/** A modal that we opened and can update later. */
export interface OpenedView {
  readonly id: string;
  update(view: types.ModalView): Promise<void>;
}

/** What every handler gets besides its own input. */
export interface RequestContext {
  /** Our own ID, in each line of the log. */
  readonly requestId: string;
  readonly log: Logger;
  readonly client: webApi.WebClient;
  /** The workspace where the app is installed. */
  readonly teamId: string;
  readonly userId: string;
  readonly channelId?: string | undefined;
  /** Valid for 3 s and one view. Prefer `openModal`. */
  readonly triggerId?: string | undefined;
  /** The account that answers are about, for people with several. */
  readonly about: AccountLabel;
  /**
   * Answers the person privately, in the nearest way. Text and blocks are mrkdwn: escape text from people.
   * @throws {AnsweredBefore} if another process answers, which ends the work here
   */
  readonly respond: (reply: Reply | string) => Promise<void>;
  /**
   * Opens a modal, on top of the open one if the request came from a modal. Open `loading(title)` first, do the work,
   * then `update` it. If the work fails, the error is shown there.
   * @throws {Refusal} `needs_slash_command` for a direct message; Error for anything else without a trigger
   */
  readonly openModal: (view: types.ModalView) => Promise<OpenedView>;
}

/** The same for an event, which may have no person. */
export type EventContext = Omit<RequestContext, 'userId'> & { readonly userId?: string | undefined };

/** A request's own data, whatever its kind. */
export interface Source {
  readonly kind: Kind;
  /** The same for repetitions of this request, and no other's; undefined if that is unknown. */
  readonly key?: string | undefined;
  /** The same only when Slack delivers this very request again; `key` by default, null if that is unknown. */
  readonly delivery?: string | null | undefined;
  /** The command, action id, callback id or event type. */
  readonly name: string;
  readonly userId?: string | undefined;
  readonly channelId?: string | undefined;
  /** For a message in a thread: the message that it answers. */
  readonly threadTs?: string | undefined;
  readonly triggerId?: string | undefined;
  readonly responseUrl?: string | undefined;
  /** The view that the request came from. */
  readonly view?: OriginView | undefined;
  /** What it carries: a button's value, a view's metadata. */
  readonly carried?: string | undefined;
}

/** A request in progress: the handler's context, and what is needed to inform the person if it fails. */
export interface Work {
  readonly source: Source;
  readonly context: RequestContext;
  /** As the context's `respond`, for notices that another process doesn't give as well. */
  readonly notify: (reply: Reply | string) => Promise<void>;
  /** See `WorkParts`. */
  readonly mayAnswer: () => Promise<boolean>;
  /** What the view that the request came from currently shows. */
  answer: types.ModalView | undefined;
  /** How often the person was answered, by a message or in a view. */
  answers: number;
  /** The view to show a failure in: one that was opened, or that the acknowledgement left open. */
  shown: { readonly view_id: string } | { readonly external_id: string } | undefined;
}

export interface WorkParts {
  readonly source: Source;
  readonly requestId: string;
  readonly log: Logger;
  readonly client: webApi.WebClient;
  readonly teamId: string;
  readonly respond: (reply: Reply | string) => Promise<void>;
  /** Whether this process answers the request, which may have been delivered to another one too. */
  readonly mayAnswer: () => Promise<boolean>;
  /** For people with several accounts, whose answers name the account. */
  readonly findAccounts: FindAccounts;
}

/** The context of a request, and its progress. An event without a person has an empty user ID. */
export function createWork({ source, respond, mayAnswer, findAccounts, ...parts }: WorkParts): Work {
  const { userId = '', carried = '' } = source;
  const about = new AccountLabel({ find: () => findAccounts(parts.teamId, userId), log: parts.log, carried });
  const notify: Work['notify'] = async (reply) => {
    await respond(await about.reply(typeof reply === 'string' ? { text: reply } : reply));
    work.answers += 1;
  };
  const work: Work = {
    source,
    notify,
    mayAnswer,
    shown: undefined,
    answer: undefined,
    answers: 0,
    context: {
      ...parts,
      respond: async (reply) => {
        if (!(await mayAnswer())) throw new AnsweredBefore('Another process answers this');
        await notify(reply);
      },
      about,
      client: answering(parts.client, about, (viewId, view) => {
        work.answers += 1;
        if (viewId === source.view?.id) work.answer = view;
      }),
      userId,
      channelId: source.channelId,
      triggerId: source.triggerId,
      openModal: (view) => openModal(work, view),
    },
  };
  return work;
}

/** The same client, whose modals name their account, and which records what a modal is replaced with. */
function answering(
  client: webApi.WebClient,
  about: AccountLabel,
  note: (viewId: string, view: types.ModalView) => void,
): webApi.WebClient {
  const named = async <T extends { readonly view: types.View }>(call: T): Promise<T> =>
    call.view.type === 'modal' ? { ...call, view: await about.modal(call.view) } : call;
  const { views } = client;
  const open: typeof views.open = async (call) => views.open(call && (await named(call)));
  const push: typeof views.push = async (call) => views.push(call && (await named(call)));
  const update: typeof views.update = async (call) => {
    const answer = await views.update(call && (await named(call)));
    if (call && 'view_id' in call && call.view.type === 'modal') note(call.view_id, call.view);
    return answer;
  };
  return Object.create(client, { views: { value: { ...views, open, push, update } } });
}

/** Pushes a view on the open modal. At the stack's limit, it replaces the top view. */
async function pushModal(work: Work, call: { trigger_id: string; view: types.ModalView }) {
  const { client } = work.context;
  const { view: origin } = work.source;
  const replace = () => {
    const at = work.shown ?? (origin ? { view_id: origin.id } : undefined);
    if (!at) throw new Error('there is no modal to replace');
    return client.views.update({ ...at, view: call.view });
  };
  if (origin && depthOf(origin) >= MAX_MODALS) return replace();
  try {
    return await client.views.push(call);
  } catch (error) {
    // the person has opened another one meanwhile
    if (refusalOf(error) !== 'push_limit_reached') throw error;
    return replace();
  }
}

/** The modal's position in the stack, from 1 to 3. */
function depthOf({ id, root_view_id: root, previous_view_id: previous }: OriginView): number {
  if (root === null || root === undefined || root === id) return 1;
  return previous === root ? 2 : 3;
}

function formFromMessage(): Refusal {
  return new Refusal('needs_slash_command');
}

/** Opens the view, or pushes it on the open modal. */
async function openModal(work: Work, view: types.ModalView): Promise<OpenedView> {
  const { client, triggerId } = work.context;
  if (work.source.kind === 'event' && work.source.name === 'message') throw formFromMessage();
  if (triggerId === undefined) throw new Error(`a modal cannot be opened from: ${work.source.kind}`);
  const call = { trigger_id: triggerId, view };
  // a submitted modal is closed, unless its acknowledgement left something open
  const stacked = work.source.view?.type === 'modal' && (work.source.kind === 'action' || work.shown !== undefined);
  const opened = stacked ? await pushModal(work, call) : await client.views.open(call);
  const id = opened.view?.id;
  if (id === undefined) throw new Error('Slack did not name the view it opened');
  work.shown = { view_id: id };
  return {
    id,
    async update(next) {
      await client.views.update({ view_id: id, view: next });
    },
  };
}
