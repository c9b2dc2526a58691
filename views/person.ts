import { escapeMrkdwn, mention } from '../src/slack/mrkdwn.ts';

const USER_GROUP_ID = /^S[A-Z0-9]+$/;
/** An id of a person or user group as it stands in the texts of events about members. */
const IDS = /\b[UWS][A-Z0-9]{2,}\b/g;

/** A person or user group as a mention; what happens by itself, and from the machine's command line, in words. */
export function whoText(id: string): string {
  if (id === 'automation') return 'this app, by itself';
  if (id === 'operator') return 'the operator';
  return USER_GROUP_ID.test(id) ? `<!subteam^${id}>` : mention(id);
}

/** A text of ours in which nothing but ids stands for people, such as that of an event about members. */
export function withMentions(text: string): string {
  return escapeMrkdwn(text).replace(IDS, whoText);
}
