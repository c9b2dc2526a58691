import type { Core } from './core.ts';
import { findElement, holdsValue, type Placed, placedElements } from './elements.ts';
import { typeCommand } from './events/command.ts';
import type { Ack } from './events/dispatch.ts';
import { inviteBot, openHome, say, upload, uploadIntoForm, uploadTogether } from './events/events.ts';
import { click, suggest, useShortcut } from './events/interactions.ts';
import { closeView, type Submission, submit } from './events/modals.ts';
import { placeOf } from './events/payloads.ts';
import { findEntries } from './fill.ts';
import type { Entries, Entry, Fields, FileRecord, Message, Option, Target, View } from './types.ts';
import { waitFor } from './waiting.ts';

const WAIT_MS = 15_000;

/** Where to click: a message (ephemeral or not), an open modal, or the person's App Home. */
export type Where = { message: Message } | { view: View } | { home: true };

export type ClickWhat = Where & {
  actionId: string;
  /** Distinguishes elements with the same action_id. */
  blockId?: string;
  /** For a button: distinguishes it from others with the same action_id. Otherwise: what to choose or enter. */
  value?: Entry;
};

/** What to enter: by action_id, by block_id, or by "block_id/action_id". */
export type Values = { [id: string]: Entry };

/** A simulated person in the workspace, for tests. Everything they do reaches the app as a signed request. */
export class PersonDriver {
  readonly id: string;
  readonly #core: Core;
  /** What was entered but not submitted yet, by view or message. */
  readonly #drafts = new Map<string, Entries>();

  constructor(core: Core, id: string) {
    if (!core.state.people.has(id)) throw new Error(`The workspace knows no person ${id}`);
    this.#core = core;
    this.id = id;
  }

  /** Types a slash command. */
  async command(channelId: string, line: string): Promise<{ ack: Ack }> {
    return { ack: await typeCommand(this.#core, this.id, channelId, line) };
  }

  /**
   * Clicks a button (and confirms it if asked), chooses from a menu, or enters a value in an input with
   * dispatch_action. Choices stay selected. @throws Error when there is no such element or option
   */
  async click(what: ClickWhat): Promise<{ ack: Ack }> {
    const { actionId, blockId, value } = what;
    const key = this.#keyOf(what);
    const entries = this.#drafts.get(key);
    const how = {
      actionId,
      ...(blockId !== undefined && { blockId }),
      ...(value !== undefined && { value }),
      ...(entries && { entries }),
    };
    const clicking = click(this.#core, this.id, targetOf(what), how);
    if (value !== undefined) this.#keep(key, what, value);
    return { ack: await clicking };
  }

  /** The top modal, if one is open. */
  openedView(): View | undefined {
    return this.#core.state.views(this.id).at(-1);
  }

  /** Every open modal, the lowest first. */
  views(): View[] {
    return this.#core.state.views(this.id);
  }

  home(): View | undefined {
    return this.#core.state.homes.get(this.id);
  }

  /** Enters values without submitting. @throws Error when the view has no such field */
  fill(view: View, values: Values): void {
    const drafted = this.#drafts.get(view.id) ?? {};
    this.#drafts.set(view.id, findEntries(view.blocks, values, drafted));
  }

  /** Submits a modal with these values and those filled in before. Nothing is sent when it is incomplete. */
  async submit(view: View, values: Values = {}): Promise<Submission> {
    this.fill(view, values);
    return submit(this.#core, this.id, view.id, this.#drafts.get(view.id) ?? {});
  }

  /** Closes the top modal, or the whole stack. */
  async close(all = false): Promise<Ack[]> {
    return closeView(this.#core, this.id, all);
  }

  /** Types into an external select. */
  async suggest(
    what: { actionId: string; blockId?: string; in?: Where },
    text: string,
  ): Promise<{ ack: Ack; options: Option[] }> {
    const { in: where = this.#topView(), ...ids } = what;
    return suggest(this.#core, this.id, targetOf(where), { ...ids, text });
  }

  /** Opens the app's Home tab; resolves when the app has acknowledged. */
  async openHome(): Promise<{ ack: Ack | null }> {
    return { ack: await openHome(this.#core, this.id) };
  }

  /**
   * Uploads a file to a channel; resolves when the app has acknowledged.
   *
   * @param shown what the app is shown instead of what is stored, such as the mode of a file that isn't in Slack
   */
  async upload(channelId: string, name: string, bytes: Buffer | string, shown?: Fields): Promise<FileRecord> {
    const given = { name, bytes: Buffer.from(bytes), ...(shown && { shown }) };
    return upload(this.#core, this.id, channelId, given);
  }

  /** Shares several files with one message. */
  async uploadTogether(channelId: string, given: readonly { name: string; bytes: string }[]): Promise<FileRecord[]> {
    const files = given.map(({ name, bytes }) => ({ name, bytes: Buffer.from(bytes) }));
    return uploadTogether(this.#core, this.id, channelId, files);
  }

  /** Uploads a file into a form, whose field is submitted with the file's ID. */
  async uploadIntoForm(name: string, bytes: Buffer | string): Promise<FileRecord> {
    return uploadIntoForm(this.#core, this.id, name, Buffer.from(bytes));
  }

  /** Writes a message. Resolves when the app, if it is in the channel, has acknowledged it. */
  async say(channelId: string, text: string, threadTs?: string): Promise<Message> {
    return say(this.#core, this.id, channelId, text, threadTs);
  }

  /** Adds the app to a channel. */
  async inviteApp(channelId: string): Promise<void> {
    return inviteBot(this.#core, this.id, channelId);
  }

  /** Runs a global shortcut or, with a message, that message's shortcut. */
  async shortcut(callbackId: string, message?: Message): Promise<{ ack: Ack }> {
    const at = message && { channel: message.channel, ts: message.ts };
    return { ack: await useShortcut(this.#core, this.id, callbackId, at) };
  }

  /** The channel's messages, the oldest first, without ephemeral ones. */
  messages(channelId: string): Message[] {
    return this.#core.state.history(channelId);
  }

  /** The person's ephemeral messages in the channel, the oldest first. */
  ephemerals(channelId: string): Message[] {
    return this.#core.state.ephemerals.filter((it) => it.channel === channelId && it.ephemeral_to === this.id);
  }

  /** Their direct message with the bot. */
  directMessage(): string {
    return this.#core.state.directMessage(this.id).id;
  }

  /** Errors they were shown beside a button or in a modal. */
  notices(): string[] {
    return this.#core.state.notices.filter((notice) => notice.to === this.id).map((notice) => notice.text);
  }

  /** Resolves with the result of `look` as soon as it is truthy, checked now and after every change. */
  waitFor<T>(look: (person: this) => T | Promise<T>, timeoutMs = WAIT_MS): Promise<NonNullable<T>> {
    return waitFor(
      this.#core.state,
      () => look(this),
      timeoutMs,
      () => this.#sees(),
    );
  }

  /** Resolves with the top modal as soon as one is open, with this title if given. */
  waitForView(title?: string, timeoutMs = WAIT_MS): Promise<View> {
    const fits = (view: View | undefined) => title === undefined || view?.title?.text === title;
    return this.waitFor(() => (fits(this.openedView()) ? this.openedView() : undefined), timeoutMs);
  }

  #topView(): Where {
    const view = this.openedView();
    if (!view) throw new Error('No modal is open');
    return { view };
  }

  /** Identifies the place where something is entered, for as long as it exists. */
  #keyOf(where: Where): string {
    if ('message' in where) return `${where.message.channel}.${where.message.ts}`;
    return 'view' in where ? where.view.id : (this.home()?.id ?? '');
  }

  #keep(key: string, what: ClickWhat, value: Entry): void {
    const { blocks } = placeOf(this.#core, this.id, targetOf(what));
    const found = findElement(blocks, what.actionId, what.blockId, value);
    if (!holdsValue(found)) return;
    const { block_id: blockId } = found.block;
    const drafted = this.#drafts.get(key) ?? {};
    this.#drafts.set(key, { ...drafted, [blockId]: { ...drafted[blockId], [found.actionId]: value } });
  }

  /** For errors: what they are looking at. */
  #sees(): string {
    const { state } = this.#core;
    const mine = state.ephemerals.filter((it) => it.ephemeral_to === this.id);
    const all = [
      ...state.visibleTo(this.id).flatMap((channel) => state.history(channel.id).slice(-3)),
      ...mine.slice(-3),
    ];
    const titles = this.views().map((view) => view.title?.text);
    return [
      `${this.id} sees modals: ${titles.join(' > ') || 'none'},`,
      `notices: ${this.notices().join(' | ') || 'none'};`,
      `last messages: ${all.map((message) => JSON.stringify(message.text.slice(0, 200))).join(', ') || 'none'}`,
    ].join(' ');
  }
}

/** The elements of these blocks that a person can act on, for assertions. */
export function elementsIn(place: { blocks?: View['blocks'] }): Placed[] {
  return placedElements(place.blocks ?? []);
}

function targetOf(where: Where): Target {
  if ('message' in where) return { kind: 'message', channel: where.message.channel, ts: where.message.ts };
  return 'view' in where ? { kind: 'view', id: where.view.id } : { kind: 'home' };
}
