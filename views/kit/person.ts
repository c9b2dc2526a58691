import type { NewEvent } from '../../src/billing/event/event.ts';
import { namesPeople } from '../../src/billing/event/event-types.ts';
import { escapeMrkdwn, mention } from '../../src/slack/blocks/mrkdwn.ts';

const USER_ID = /^[UW][A-Z0-9]+$/;
const USER_GROUP_ID = /^S[A-Z0-9]+$/;
/** An id of a person or user group as it stands in the texts of events about members. */
const IDS = /\b[UWS][A-Z0-9]{2,}\b/g;

/** Whether what did something is a person of Slack's: else it is this app, the operator or a token. */
export function isPerson(id: string): boolean {
  return USER_ID.test(id);
}

/** A person or user group as a mention; tokens, what happens by itself, and from the machine's command line, in words. */
export function whoText(id: string): string {
  if (id === 'automation') return 'this app, automatically';
  if (id === 'operator') return 'the operator';
  if (USER_GROUP_ID.test(id)) return `<!subteam^${id}>`;
  // a token of the Invoice API is called by its name
  return isPerson(id) ? mention(id) : escapeMrkdwn(id);
}

/** A text of ours in which nothing but ids stands for people, such as that of an event about members. */
export function withMentions(text: string): string {
  return escapeMrkdwn(text).replace(IDS, whoText);
}

/** What an event says, escaped, with people as mentions. */
export function eventText({ type, description }: Pick<NewEvent, 'type' | 'description'>): string {
  return namesPeople(type) ? withMentions(description) : escapeMrkdwn(description);
}
