import { checkBlocks } from '../../../slack/limits/check-view.ts';
import type { Methods } from '../api/method.ts';
import type { Core } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import { arrayOf, flagOf, isFields, objectOf, textOf } from '../json.ts';
import { APP_ID, BOT_ID, BOT_USER_ID } from '../state.ts';
import type { Fields, Message, Unfurl } from '../types.ts';
import { withIds } from '../with-ids.ts';
import { linksIn } from './links.ts';

/** `chat.unfurl`: shows what the app says about links below the message with them. */
export const unfurls: Methods = {
  'chat.unfurl': (core, args) => {
    const message = unfurledMessage(core, args);
    const given = objectOf(args, 'unfurls');
    if (args.unfurls === undefined && !flagOf(args, 'user_auth_required')) throw new SlackRefusal('missing_unfurls');
    if (args.unfurls !== undefined && !given) throw new SlackRefusal('invalid_unfurls_format');
    const made = Object.entries(given ?? {}).map(([url, what]) => unfurlOf(core, message, url, what));
    const kept = (message.attachments ?? []).filter((old) => !made.some(({ from_url }) => from_url === old.from_url));
    const attachments = [...kept, ...made].map((one, index) => ({ ...one, id: index + 1 }));
    core.state.putMessage({ ...message, attachments });
    if (flagOf(args, 'user_auth_required')) askForLogin(core, message, args);
    return {};
  },
};

/** The message by its channel and time, or by the ID in the event. */
function unfurledMessage(core: Core, args: Fields): Message {
  const id = textOf(args, 'unfurl_id');
  const place = id === undefined ? placeIn(args) : core.unfurls.get(id);
  if (id !== undefined && textOf(args, 'source') === undefined) throw new SlackRefusal('missing_source');
  if (!place) throw new SlackRefusal('invalid_unfurl_id');
  if (!core.state.channels.has(place.channel)) throw new SlackRefusal('cannot_find_channel');
  const message = core.state.message(place.channel, place.ts);
  if (!message) throw new SlackRefusal('cannot_find_message');
  return message;
}

function placeIn(args: Fields): { channel: string; ts: string } {
  const [channel, ts] = [textOf(args, 'channel'), textOf(args, 'ts')];
  if (channel === undefined) throw new SlackRefusal('missing_channel');
  if (ts === undefined) throw new SlackRefusal('missing_ts');
  return { channel, ts };
}

/** @throws SlackRefusal cannot_unfurl_message, cannot_unfurl_url, cannot_parse_attachment, invalid_blocks */
function unfurlOf(core: Core, message: Message, url: string, what: unknown): Unfurl {
  if (!message.text.includes(url.replaceAll('&', '&amp;'))) throw new SlackRefusal('cannot_unfurl_message');
  if (!linksIn(message.text, core.unfurlDomains).some((link) => link.url === url))
    throw new SlackRefusal('cannot_unfurl_url');
  if (!isFields(what)) throw new SlackRefusal('cannot_parse_attachment');
  const blocks = arrayOf(what, 'blocks');
  const problems = blocks ? checkBlocks('message', blocks, `/unfurls/${url}/blocks`) : [];
  if (problems.length > 0) throw new SlackRefusal('invalid_blocks', problems);
  const [title, text] = [textOf(what, 'title'), textOf(what, 'text')];
  if (!blocks && title === undefined && text === undefined) throw new SlackRefusal('cannot_parse_attachment');
  return {
    id: 1,
    from_url: url,
    app_unfurl_url: url,
    is_app_unfurl: true,
    app_id: APP_ID,
    bot_id: BOT_ID,
    fallback: text ?? title ?? '[no preview available]',
    ...(title !== undefined && { title }),
    ...(text !== undefined && { text }),
    ...(blocks && { blocks: withIds(blocks) }),
  };
}

/** A line below the message that only its author sees. */
function askForLogin(core: Core, message: Message, args: Fields): void {
  const url = textOf(args, 'user_auth_url');
  const words = textOf(args, 'user_auth_message') ?? 'Connect your account to show previews of links.';
  core.state.putMessage({
    ...{ type: 'message', ts: core.state.nextTs(), channel: message.channel, user: BOT_USER_ID },
    text: url === undefined ? words : `${words} <${url}>`,
    ephemeral_to: message.user,
  });
}
