import type { PlainTextElement } from '@slack/types';

const ELLIPSIS = '…';
/** Invisible, and neither a space nor the end of a word: it keeps `@` apart from what follows. */
const WORD_JOINER = '\u2060';

/**
 * Full-width look-alikes that Slack doesn't read as formatting. A zero-width character beside a mark isn't enough:
 * Slack takes some of them for the end of a word and would even start formatting there. Compatibility composition
 * (NFKC), which is used to compare names, turns each look-alike back into the mark, so a name copied from Slack is
 * found.
 */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  '*': '\uFF0A',
  _: '\uFF3F',
  '~': '\uFF5E',
  '`': '\uFF40',
  '>': '\uFF1E',
  ':': '\uFF1A',
};

/**
 * A run of underscores can open or close italics unless it has a letter or digit on both sides. Only ASCII counts,
 * since Slack doesn't document whether other letters end a word.
 */
const UNDERSCORES = /_+/g;
const LETTER_OR_DIGIT = /^[A-Za-z0-9]$/;
const QUOTE_MARKS = /^([^\S\r\n\u2028\u2029]*)(>+)/gm;
const EMOJI_CODE = /:(?=[a-z0-9_+'-]+(?:::skin-tone-\d)?:)/gi;
const PING = /(?<![\p{L}\p{N}._%+-])@(?=[\p{L}\p{N}])/gu;
const USER_ID = /^[UW][A-Z0-9]+$/;
const CHANNEL_ID = /^[CGD][A-Z0-9]+$/;

/** Slack's date formats: https://docs.slack.dev/messaging/formatting-message-text#date-formatting */
export type DateFormat = '{date_num}' | '{date}' | '{date_short}' | '{date_long}' | '{date_pretty}' | (string & {});

/**
 * Text from people for use in mrkdwn: shown as it is, without formatting, notifications, links or emoji. `&`, `<` and
 * `>` are escaped as Slack requires, which also disables `<!channel>` and `<@U…>`. `*`, `~`, a backtick, an underscore
 * at the edge of a word, `>` at the start of a line and the first colon of `:code:` become look-alikes. `@` gets an
 * invisible word joiner after it. `my_project` and other Unicode stay unchanged. Prefer `plain` for a text without any
 * formatting.
 */
export function escapeMrkdwn(text: string): string {
  return text
    .replace(/[*~`]/g, lookAlike)
    .replace(UNDERSCORES, unlessInWord)
    .replace(QUOTE_MARKS, (_match, space: string, marks: string) => space + lookAlike('>').repeat(marks.length))
    .replace(EMOJI_CODE, lookAlike)
    .replace(PING, `@${WORD_JOINER}`)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;');
}

/** A plain text object: no formatting, no mentions, emoji codes shown as they are. Cut to `max` characters. */
export function plain(text: string, max: number): PlainTextElement {
  // Slack rejects empty texts
  return { type: 'plain_text', text: truncate(text, max) || ' ', emoji: false };
}

/**
 * At most `max` UTF-16 units, the stricter of the ways in which Slack may count, cut between code points. Ends in an
 * ellipsis if it was cut.
 */
export function truncate(text: string, max: number): string {
  if (text.length <= max) return text;
  if (max <= 0) return '';
  return `${head(text, max - ELLIPSIS.length)}${ELLIPSIS}`;
}

/** Like `truncate`, for finished mrkdwn: never cuts within an entity (`&amp;`) or a token (`<@U123>`). */
export function truncateMrkdwn(text: string, max: number): string {
  if (text.length <= max) return text;
  if (max <= 0) return '';
  const kept = head(text, max - ELLIPSIS.length);
  return `${kept.replace(/(?:&[a-z]{0,3}|<[^<>]*)$/, '')}${ELLIPSIS}`;
}

/** A date that each reader sees in their own zone. The fallback is for clients that can't. Precise to the second. */
export function date(instant: Date, format: DateFormat, fallback: string): string {
  const seconds = Math.floor(instant.getTime() / 1000);
  const pattern = format.replace(/[<>|^]/g, ' ');
  return `<!date^${seconds}^${pattern}|${escapeLabel(fallback)}>`;
}

/** A mention that notifies the person. An invalid user ID is shown as text. */
export function mention(userId: string): string {
  return USER_ID.test(userId) ? `<@${userId}>` : escapeMrkdwn(userId);
}

/** A link to a channel. An invalid channel ID is shown as text. */
export function channelMention(channelId: string): string {
  return CHANNEL_ID.test(channelId) ? `<#${channelId}>` : escapeMrkdwn(channelId);
}

/** A link. Without an http, https or mailto address, only the label is shown. */
export function link(url: string, label: string): string {
  if (!/^(?:https?:\/\/|mailto:)[^\s]+$/i.test(url)) return escapeMrkdwn(label);
  const address = url.replace(/[<>|]/g, encodeURIComponent).replace(/&/g, '&amp;');
  return `<${address}|${escapeLabel(label)}>`;
}

/** Text in a fixed-width font for copying, on one line. Only backticks are replaced, since they would end it. */
export function code(text: string): string {
  const inner = text.replace(/`/g, lookAlike('`')).replace(/\s+/g, ' ');
  return `\`${inner.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;') || ' '}\``;
}

function escapeLabel(label: string): string {
  return escapeMrkdwn(label.replace(/\s+/g, ' ')).replace(/\|/g, '¦');
}

function unlessInWord(run: string, at: number, text: string): string {
  const isInWord = [text[at - 1], text[at + run.length]].every((side) => LETTER_OR_DIGIT.test(side ?? ''));
  return isInWord ? run : lookAlike('_').repeat(run.length);
}

function lookAlike(mark: string): string {
  return LOOK_ALIKES[mark] ?? mark;
}

/** The first `max` UTF-16 units, or one less to keep a code point whole. */
function head(text: string, max: number): string {
  const last = text.charCodeAt(max - 1);
  const torn = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, Math.max(0, torn ? max - 1 : max));
}
