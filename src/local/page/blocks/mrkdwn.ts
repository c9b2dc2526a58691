/** A piece of text, parsed from Slack's mrkdwn. */
export type Piece =
  | { kind: 'text'; text: string }
  | { kind: 'bold' | 'italic' | 'strike' | 'quote'; pieces: Piece[] }
  | { kind: 'code' | 'pre'; text: string }
  | { kind: 'link'; url: string; pieces: Piece[] }
  | { kind: 'person'; id: string; label: string | undefined }
  | { kind: 'channel'; id: string; label: string | undefined }
  | { kind: 'group'; text: string }
  | { kind: 'user_group'; id: string; label: string | undefined }
  | { kind: 'date'; seconds: number; format: string; url: string | undefined; fallback: string }
  | { kind: 'break' };

const MARKS = { '*': 'bold', _: 'italic', '~': 'strike' } as const;

/** In this order: fences, inline code, tokens in angle brackets, emphasis at word boundaries, line breaks. */
const NEXT =
  /```([\s\S]+?)```\n?|`([^`\n]+)`|<([^<>\n]+)>|(?<![\p{L}\p{N}*_~])([*_~])(?=\S)((?:(?!\4)[^\n])*?\S)\4(?![\p{L}\p{N}])|(\n)/u;

/** Parses mrkdwn. Escapes (`&amp;`, `&lt;`, `&gt;`) become the characters they stand for. */
export function parseMrkdwn(text: string): Piece[] {
  return quotesOf(text).flatMap(({ quoted, text: part }) => {
    const pieces = inline(part);
    return quoted ? [{ kind: 'quote' as const, pieces }] : pieces;
  });
}

/** Replaces the three escapes with the characters they stand for. */
export function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** Splits a text into quoted and unquoted runs of lines. Quote marks within a fence don't count. */
function quotesOf(text: string): { quoted: boolean; text: string }[] {
  const parts: { quoted: boolean; lines: string[] }[] = [];
  let fenced = false;
  for (const line of text.split('\n')) {
    const quoted = !fenced && /^(&gt;|>)/.test(line);
    const last = parts.at(-1);
    const content = quoted ? line.replace(/^(&gt;|>) ?/, '') : line;
    if (last && last.quoted === quoted) last.lines.push(content);
    else parts.push({ quoted, lines: [content] });
    if (line.split('```').length % 2 === 0) fenced = !fenced;
  }
  return parts.map(({ quoted, lines }) => ({ quoted, text: lines.join('\n') }));
}

function inline(text: string): Piece[] {
  const pieces: Piece[] = [];
  let rest = text;
  while (rest !== '') {
    const match = NEXT.exec(rest);
    if (!match) return [...pieces, ...plain(rest)];
    pieces.push(...plain(rest.slice(0, match.index)), pieceOf(match));
    rest = rest.slice(match.index + match[0].length);
  }
  return pieces;
}

function pieceOf(match: RegExpExecArray): Piece {
  const [, fence, code, token, mark, marked] = match;
  if (fence !== undefined) return { kind: 'pre', text: unescaped(fence.replace(/^\n/, '')) };
  if (code !== undefined) return { kind: 'code', text: unescaped(code) };
  if (token !== undefined) return tokenPiece(token);
  if ((mark === '*' || mark === '_' || mark === '~') && marked !== undefined) {
    return { kind: MARKS[mark], pieces: inline(marked) };
  }
  return { kind: 'break' };
}

function tokenPiece(token: string): Piece {
  const [target = '', label] = splitOnce(token, '|');
  const shown = label === undefined ? undefined : unescaped(label);
  if (target.startsWith('@')) return { kind: 'person', id: target.slice(1), label: shown };
  if (target.startsWith('#')) return { kind: 'channel', id: target.slice(1), label: shown };
  if (target.startsWith('!date^')) return datePiece(target, shown);
  if (target.startsWith('!subteam^')) return { kind: 'user_group', id: target.slice('!subteam^'.length), label: shown };
  if (target.startsWith('!')) return { kind: 'group', text: shown ?? `@${target.slice(1)}` };
  const url = unescaped(target);
  return { kind: 'link', url, pieces: label === undefined ? plain(target.replace(/^mailto:/, '')) : inline(label) };
}

function datePiece(target: string, fallback = ''): Piece {
  const [, seconds = '', format = '', url] = target.split('^');
  return { kind: 'date', seconds: Number(seconds), format: unescaped(format), url, fallback };
}

function plain(text: string): Piece[] {
  return text === '' ? [] : [{ kind: 'text', text: unescaped(text) }];
}

function splitOnce(text: string, sign: string): [string, string?] {
  const at = text.indexOf(sign);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
