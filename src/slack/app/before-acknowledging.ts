import { App, type AppOptions, type ReceiverEvent } from '@slack/bolt';
import { type EventSender, senderOfEvent } from './sender.ts';

/** An event of the Events API as Slack sends it. */
export type RawEvent = Readonly<Record<string, unknown>>;

/** Stores what must not be lost from an event. Throws if it couldn't be stored. */
export type Note = (event: RawEvent, sender: EventSender) => Promise<void>;

/**
 * Bolt acknowledges an event before any listener sees it, so a process killed then loses what it hasn't stored. Notes
 * are stored first. If one fails, nothing is acknowledged, and Slack sends the event again.
 */
export class NotingApp extends App {
  readonly notes: ReadonlyMap<string, Note>;

  constructor(options: AppOptions, notes: ReadonlyMap<string, Note>) {
    super(options);
    this.notes = notes;
  }

  override async processEvent(event: ReceiverEvent): Promise<void> {
    const { event: raw } = event.body as { readonly event?: RawEvent };
    const note = raw && typeof raw.type === 'string' ? this.notes.get(raw.type) : undefined;
    if (raw && note) await note(raw, senderOfEvent(event.body));
    await super.processEvent(event);
  }
}
