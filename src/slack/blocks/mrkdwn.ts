import type { PlainTextElement } from '@slack/types';

const ELLIPSIS = '…';
/** Invisible, and neither a space nor a word's end: it keeps `@` apart from what follows. */
const WORD_JOINER = '\u2060';

/**
 * Full-width look-alikes that Slack does not read as formatting. A zero-width character beside a mark is not enough:
 * Slack takes some of them for the end of a word, and would even start formatting there. Compatibility composition
 * (NFKC), under which names are compared, turns each back into the mark, so a name that is copied from Slack is found.
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
 * A run of underscores could open or close italics unless it has a letter or digit on both sides. Only ASCII counts, as
 * nobody says whether Slack takes other letters for the end of a word.
 */
const UNDERSCORES = /_+/g;
const LETTER_OR_DIGIT = /^[A-Za-z0-9]$/;
const QUOTE_MARKS = /^([^\S\r\n\u2028\u2029]*)(>+)/gm;
const EMOJI_CODE = /:(?=[a-z0-9_+'-]+(?:::skin-tone-\d)?:)/gi;
const PING = /(?<![\p{L}\p{N}._%+-])@(?=[\p{L}\p{N}])/gu;
const USER_ID = /^[UW][A-Z0-9]+$/;
const CHANNEL_ID = /^[CGD][A-Z0-9]+$/;

/** The formats of Slack's dates: https://docs.slack.dev/messaging/formatting-message-text#date-formatting */
export type DateFormat = '{date_num}' | '{date}' | '{date_short}' | '{date_long}' | '{date_pretty}' | (string & {});

/**
 * Text from people, for use inside mrkdwn: shown as it is, without formatting, pinging, linking or emoji.
 * `&`, `<` and `>` are escaped as Slack asks, which also takes their power from `<!channel>` and `<@U…>`; `*`, `~`, a
 * backtick, an underscore at a word's edge, `>` at the start of a line and the first colon of `:code:` become
 * look-alikes; `@` gets an invisible word joiner behind it. `my_project` and other Unicode stay untouched.
 * Where a text needs no formatting at all, prefer `plain`.
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

/** A plain text object: no formatting, no mentions; emoji codes stay what they are. Cut to `max` characters. */
export function plain(text: string, max: number): PlainTextElement {
  // Slack refuses empty texts
  return { type: 'plain_text', text: truncate(text, max) || ' ', emoji: false };
}

/**
 * At most `max` UTF-16 units, the stricter of the ways in which Slack may count, cut between code points; an ellipsis
 * stands for what is gone.
 */
export function truncate(text: string, max: number): string {
  if (text.length <= max) return text;
  if (max <= 0) return '';
  return `${head(text, max - ELLIPSIS.length)}${ELLIPSIS}`;
}

/** As `truncate`, for finished mrkdwn: never cuts within an entity (`&amp;`) or a token (`<@U123>`). */
export function truncateMrkdwn(text: string, max: number): string {
  if (text.length <= max) return text;
  if (max <= 0) return '';
  const kept = head(text, max - ELLIPSIS.length);
  return `${kept.replace(/(?:&[a-z]{0,3}|<[^<>]*)$/, '')}${ELLIPSIS}`;
}

/** A date that each reader sees in their own zone; the fallback is for clients that cannot. Seconds are the finest. */
export function date(instant: Date, format: DateFormat, fallback: string): string {
  const seconds = Math.floor(instant.getTime() / 1000);
  const pattern = format.replace(/[<>|^]/g, ' ');
  return `<!date^${seconds}^${pattern}|${escapeLabel(fallback)}>`;
}

/** A mention that notifies the person; what is no user id is shown as text. */
export function mention(userId: string): string {
  return USER_ID.test(userId) ? `<@${userId}>` : escapeMrkdwn(userId);
}

/** A link to a channel; what is no channel id is shown as text. */
export function channelMention(channelId: string): string {
  return CHANNEL_ID.test(channelId) ? `<#${channelId}>` : escapeMrkdwn(channelId);
}

/** A link; without an http, https or mailto address only the label is shown. */
export function link(url: string, label: string): string {
  if (!/^(?:https?:\/\/|mailto:)[^\s]+$/i.test(url)) return escapeMrkdwn(label);
  const address = url.replace(/[<>|]/g, encodeURIComponent).replace(/&/g, '&amp;');
  return `<${address}|${escapeLabel(label)}>`;
}

/** Text in a fixed-width font, to be copied: only backticks change, as they would end it, and lines become one. */
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

/** The first `max` UTF-16 units, less one where that would tear a code point. */
function head(text: string, max: number): string {
  const last = text.charCodeAt(max - 1);
  const torn = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, Math.max(0, torn ? max - 1 : max));
}
