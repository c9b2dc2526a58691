import type { EventFromType, GlobalShortcut, MessageShortcut, ViewOutput } from '@slack/bolt';
import { holdsCardNumber } from '../../billing/group/card.ts';
import { Refusal } from '../../billing/refusal.ts';
import { errorCode } from '../../platform/telemetry.ts';
import { type Choice, option } from '../blocks/elements.ts';
import { LIMITS, TIME_LIMITS } from '../limits/limits.ts';
import { type Action, readAction } from '../requests/action.ts';
import { within } from '../requests/deadline.ts';
import { type FormValues, readForm } from '../requests/form-values.ts';
import type { EventContext, RequestContext, Source } from '../requests/request-context.ts';
import { acknowledged, assertHome, begin, logFault, measureRequest } from './acknowledge.ts';
import type { SlackApp } from './app.ts';
import type { RawEvent } from './before-acknowledging.ts';

export type { Action } from '../requests/action.ts';
export type { EventContext, OpenedView, RequestContext } from '../requests/request-context.ts';
export { onSubmit, type Parsed, type Submission, viewKey } from '../requests/submit.ts';

/** Leaves time for the answer to reach Slack. */
const OPTIONS_DEADLINE_MS = TIME_LIMITS.optionsMs - 500;
/** The same limit as a text field's. */
const LONGEST_COMMAND = LIMITS.plainTextInput.text;
const _TOO_LONG = `This command is too long. A command can have at most ${LONGEST_COMMAND.toLocaleString('en')} characters.`;

/** For a slash command, or a direct message with the same content. */
export type CommandContext = RequestContext & { readonly channelId: string };

export interface Command {
  /** With the slash. */
  readonly name: string;
  /**
   * The text after the command as Slack sends it: `&`, `<`, `>` escaped, mentions as tokens. Read it with `splitWords`.
   */
  readonly text: string;
  readonly channelId: string;
}

export interface Shortcut {
  readonly callbackId: string;
  /** For a message shortcut: the message it was used on. */
  readonly message: { readonly channelId: string; readonly ts: string; readonly text: string } | undefined;
}

export interface EventMeta {
  /** The same when Slack sends the event again, which makes handlers safe to repeat. */
  readonly eventId: string;
  /** How often it has been sent before; 0 at first. */
  readonly retry: number;
}

export interface EventOptions {
  /** Whether the person gets no message, not even about a failure, since they requested nothing. */
  readonly isSilent?: boolean;
}

export interface OptionsQuery {
  readonly actionId: string;
  readonly blockId: string;
  /** What the person has typed so far. */
  readonly typed: string;
  readonly view: ViewOutput | undefined;
  readonly form: FormValues;
}

/** Handles a slash command. Each name can be registered once; @throws Error for the second, here and below. */
export function onCommand(
  app: SlackApp,
  name: string,
  handle: (context: CommandContext, command: Command) => Promise<void>,
): void {
  app.registry.register('command', name, async ({ ack, command, context, client }) => {
    const { text, channel_id: channelId, trigger_id: triggerId } = command;
    const source: Source = {
      kind: 'command',
      name,
      key: `${triggerId} ${channelId} ${text}`,
      userId: command.user_id,
      channelId,
      triggerId,
      responseUrl: command.response_url,
    };
    await acknowledged(app, { source, context, client }, ack, async (work) => {
      assertTypeable(text);
      await handle({ ...work.context, channelId }, { name, text, channelId });
    });
  });
}

/** @throws {Refusal} `command_too_long`, or `card_number` for a text that contains one */
export function assertTypeable(text: string): void {
  if (text.length > LONGEST_COMMAND) throw new Refusal('command_too_long', { limit: LONGEST_COMMAND });
  if (holdsCardNumber(text)) throw new Refusal('card_number');
}

/** Handles buttons, menus and other elements with these action IDs, in messages, modals and the Home tab. */
export function onAction(
  app: SlackApp,
  actionIds: string | readonly string[],
  handle: (context: RequestContext, action: Action) => Promise<void>,
): void {
  for (const name of [actionIds].flat()) {
    app.registry.register('action', name, async (args) => {
      const { ack, action, body, context, client } = args;
      const source: Source = {
        kind: 'action',
        name,
        key: `${body.trigger_id} ${body.container.message_ts ?? body.view?.id} ${action.block_id} ${readAction(action, body).values}`,
        userId: body.user.id,
        channelId: body.channel?.id,
        triggerId: body.trigger_id,
        responseUrl: body.response_url,
        view: body.view,
        carried: `${readAction(action, body).values} ${action.block_id} ${body.view?.private_metadata ?? ''}`,
      };
      await acknowledged(app, { source, context, client }, ack, (work) =>
        handle(work.context, readAction(action, body)),
      );
    });
  }
}

/** Handles a modal that was closed without submitting; only for modals with `notifyOnClose`. */
export function onClosed(
  app: SlackApp,
  callbackId: string,
  handle: (context: RequestContext, view: ViewOutput) => Promise<void>,
): void {
  app.registry.register('closed', callbackId, async (args) => {
    const { ack, body, view, context, client } = args;
    const source: Source = { kind: 'closed', name: callbackId, key: view.id, userId: body.user.id };
    await acknowledged(app, { source, context, client }, ack, (work) => handle(work.context, view));
  });
}

/** Handles a global shortcut, or one in a message's menu. */
export function onShortcut(
  app: SlackApp,
  callbackId: string,
  handle: (context: RequestContext, shortcut: Shortcut) => Promise<void>,
): void {
  app.registry.register('shortcut', callbackId, async ({ ack, shortcut, context, client }) => {
    const message = messageOf(shortcut);
    const source: Source = {
      kind: 'shortcut',
      name: callbackId,
      key: shortcut.trigger_id,
      userId: shortcut.user.id,
      channelId: message?.channelId,
      triggerId: shortcut.trigger_id,
      responseUrl: 'response_url' in shortcut ? shortcut.response_url : undefined,
    };
    await acknowledged(app, { source, context, client }, ack, (work) => handle(work.context, { callbackId, message }));
  });
}

/**
 * Handles an event of the Events API, which Bolt has already acknowledged. Slack may send it again: see `EventMeta`.
 */
export function onEvent<Name extends string>(
  app: SlackApp,
  name: Name,
  handle: (context: EventContext, event: EventFromType<Name>, meta: EventMeta) => Promise<void>,
  { isSilent = false }: EventOptions = {},
): void {
  app.registry.register('event', name, async ({ event: ofAnyType, body, context, client }) => {
    // it was looked up by its type
    const event = ofAnyType as EventFromType<Name>;
    const source: Source = {
      kind: 'event',
      name,
      key: body.event_id,
      userId: isSilent ? undefined : (context.userId ?? userOf(event)),
      channelId: channelOf(event),
      threadTs: textIn(event, 'thread_ts'),
    };
    const meta = { eventId: body.event_id, retry: context.retryNum ?? 0 };
    await acknowledged(app, { source, context, client }, nothing, (work) =>
      handle({ ...work.context, userId: source.userId }, event, meta),
    );
  });
}

/**
 * Stores what must be kept of an event before it is acknowledged, since it isn't sent again after that. Slack allows 3
 * s.
 */
export function beforeAcknowledging(
  app: SlackApp,
  name: string,
  note: (event: RawEvent, teamId: string) => Promise<void>,
): void {
  app.notes.set(name, async (event, sender) => {
    const workspace = await app.workspaces.find(sender);
    if (workspace) await note(event, workspace.teamId);
  });
}

/**
 * Provides the options of an `externalSelect`. The answer is the acknowledgement, so the search has to be quick. After
 * 2.5 s, or when it fails, the menu stays empty.
 */
export function onOptions(
  app: SlackApp,
  actionId: string,
  find: (context: RequestContext, query: OptionsQuery) => Promise<readonly Choice[]>,
): void {
  app.registry.register('options', actionId, async (args) => {
    const { ack, options, context, client } = args;
    const { value: typed, view, user, channel, block_id: blockId } = options;
    const source: Source = { kind: 'options', name: actionId, userId: user.id, channelId: channel?.id };
    const work = begin(app, { source, context, client });
    const measured = measureRequest(work);
    const search = async () => {
      assertHome(context);
      if (holdsCardNumber(typed)) return [];
      return find(work.context, { actionId, blockId, typed, view, form: readForm(view?.state.values) });
    };
    const choices = await within(OPTIONS_DEADLINE_MS, search, tooLate).catch((error: unknown) => {
      logFault(work.context.log, error, 'the options of a menu could not be loaded');
      measured.end({ code: errorCode(error), isFault: !(error instanceof Refusal) });
      return [];
    });
    await ack({ options: choices.slice(0, LIMITS.select.options).map(option) });
    measured.end();
  });
}

function messageOf(shortcut: GlobalShortcut | MessageShortcut): Shortcut['message'] {
  if (shortcut.type !== 'message_action') return undefined;
  return { channelId: shortcut.channel.id, ts: shortcut.message_ts, text: shortcut.message.text ?? '' };
}

/** Some events name the person in a separate field that Bolt doesn't know. */
function userOf(event: object): string | undefined {
  return textIn(event, 'user_id');
}

function channelOf(event: object): string | undefined {
  return textIn(event, 'channel') ?? textIn(event, 'channel_id');
}

function textIn(event: object, field: string): string | undefined {
  const value = ({ ...event } as Readonly<Record<string, unknown>>)[field];
  return typeof value === 'string' ? value : undefined;
}

async function nothing(): Promise<void> {}

function tooLate(): Error {
  return new Error(`no answer within ${OPTIONS_DEADLINE_MS} ms`);
}
