import type { NewEvent } from '../../src/billing/event/event.ts';
import { type EventType, namesPeople } from '../../src/billing/event/event-types.ts';
import { channelMention, escapeMrkdwn, mention } from '../../src/slack/blocks/mrkdwn.ts';

const USER_ID = /^[UW][A-Z0-9]+$/;
const USER_GROUP_ID = /^S[A-Z0-9]+$/;
/** An ID of a person or user group in the descriptions of events about members. */
const IDS = /\b[UWS][A-Z0-9]{2,}\b/g;

const CHANNEL_ID = /\b[CG][A-Z0-9]{2,}\b/g;
/** Descriptions that end with IDs, after text that people may have written. */
const ID_ENDINGS: Partial<Record<EventType, RegExp>> = {
  account_updated: /(?<=channel to )[CG][A-Z0-9]+$/,
  billing_group_changed: /(?<=" to )[UW][A-Z0-9]+(?:, [UW][A-Z0-9]+)*$/,
  subscription_changed: /(?<=in channel )[CG][A-Z0-9]+$/,
};

/** Whether an actor is a person in Slack, and not automation, the operator or a token. */
export function isPerson(id: string): boolean {
  return USER_ID.test(id);
}

/** A mention of a person or user group. Tokens, automation and the operator are named in words. */
export function whoText(id: string): string {
  if (id === 'automation') return 'this app, automatically';
  if (id === 'operator') return 'the operator';
  if (USER_GROUP_ID.test(id)) return `<!subteam^${id}>`;
  // a token of the Invoice API is shown by its name
  return isPerson(id) ? mention(id) : escapeMrkdwn(id);
}

/** Turns IDs into mentions in a text of ours without any text from people, such as an event about members. */
export function withMentions(text: string): string {
  return escapeMrkdwn(text).replace(IDS, whoText);
}

/** An event's description, escaped, with people and channels as mentions. */
export function eventText({ type, description }: Pick<NewEvent, 'type' | 'description'>): string {
  if (namesPeople(type)) return withMentions(description);
  const [ids = ''] = ID_ENDINGS[type]?.exec(description) ?? [];
  const text = description.slice(0, description.length - ids.length);
  return `${escapeMrkdwn(text)}${ids.replace(IDS, whoText).replace(CHANNEL_ID, channelMention)}`;
}
