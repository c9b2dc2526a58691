import { describe, expect, it } from '@jest/globals';
import { dayOf, formatDate } from '../../../src/local/page/blocks/dates.ts';
import { withEmoji } from '../../../src/local/page/blocks/emoji.ts';
import { type Piece, parseMrkdwn } from '../../../src/local/page/blocks/mrkdwn.ts';
import { parseCsv } from '../../../src/local/page/csv.ts';

const text = (words: string): Piece => ({ kind: 'text', text: words });
const bold = (...pieces: Piece[]): Piece => ({ kind: 'bold', pieces });
const italic = (...pieces: Piece[]): Piece => ({ kind: 'italic', pieces });

describe('mrkdwn', () => {
  it.each<[string, string, Piece[]]>([
    [
      'bold, italic and strike',
      '*a* _b_ ~c~',
      [bold(text('a')), text(' '), italic(text('b')), text(' '), { kind: 'strike', pieces: [text('c')] }],
    ],
    ['nested formatting', '*a _b_*', [bold(text('a '), italic(text('b')))]],
    ['no emphasis within words', 'snake_case_name 2*3*4', [text('snake_case_name 2*3*4')]],
    ['no emphasis with spaces at its edges', '* a *', [text('* a *')]],
    ['code without other formatting', '`*a* &lt;b&gt;`', [{ kind: 'code', text: '*a* <b>' }]],
    [
      'a fence, with the line breaks around it',
      'x\n```\na *b*\n```\ny',
      [text('x'), { kind: 'break' }, { kind: 'pre', text: 'a *b*\n' }, text('y')],
    ],
    ['escapes', 'a &amp;lt; &lt;b&gt;', [text('a &lt; <b>')]],
    [
      'a link',
      '<https://x.example/?a=1&amp;b=2|*here*>',
      [{ kind: 'link', url: 'https://x.example/?a=1&b=2', pieces: [bold(text('here'))] }],
    ],
    [
      'a bare link',
      '<https://x.example>',
      [{ kind: 'link', url: 'https://x.example', pieces: [text('https://x.example')] }],
    ],
    [
      'user groups',
      '<!subteam^S1|@finance-team> <!subteam^S2> <!here>',
      [
        { kind: 'user_group', id: 'S1', label: '@finance-team' },
        text(' '),
        { kind: 'user_group', id: 'S2', label: undefined },
        text(' '),
        { kind: 'group', text: '@here' },
      ],
    ],
    [
      'people and channels',
      '<@U1> <#C1|general>',
      [{ kind: 'person', id: 'U1', label: undefined }, text(' '), { kind: 'channel', id: 'C1', label: 'general' }],
    ],
    ['a group', '<!here>', [{ kind: 'group', text: '@here' }]],
    [
      'a date',
      '<!date^1392734382^{date_num}|18 Feb>',
      [{ kind: 'date', seconds: 1392734382, format: '{date_num}', url: undefined, fallback: '18 Feb' }],
    ],
    [
      'quotes',
      '&gt; *a*\n&gt; b\nc',
      [{ kind: 'quote', pieces: [bold(text('a')), { kind: 'break' }, text('b')] }, text('c')],
    ],
  ])('reads %s', (_name, source, pieces) => {
    expect(parseMrkdwn(source)).toEqual(pieces);
  });

  it('reads long text without formatting quickly', () => {
    expect(parseMrkdwn('*a '.repeat(5_000))).toEqual([text('*a '.repeat(5_000))]);
  });
});

describe('dates', () => {
  const clock = { zone: 'America/New_York', now: new Date('2026-03-02T03:00:00Z') };
  const at = (iso: string) => Date.parse(iso) / 1000;

  it('are shown in the reader’s zone', () => {
    expect(formatDate(at('2026-03-01T23:30:00Z'), '{date_num} {time}', clock)).toBe('2026-03-01 18:30');
    expect(formatDate(at('2026-03-01T23:30:00Z'), '{date_short}', { ...clock, zone: 'Asia/Tokyo' })).toBe('2 Mar 2026');
    expect(formatDate(at('2026-03-02T04:00:00Z'), '{date_long_pretty}', clock)).toBe('Today');
    expect(formatDate(at('2026-02-28T18:00:00Z'), '{date_pretty}', clock)).toBe('Yesterday');
    expect(formatDate(at('2026-03-02T01:00:00Z'), '{ago}', clock)).toBe('2 hours ago');
    expect(formatDate(at('2026-03-02T01:00:00Z'), '{moon}', clock)).toBe('{moon}');
  });

  it('divide messages by day', () => {
    expect(dayOf(`${at('2026-02-20T18:00:00Z')}.000100`, clock)).toMatch(/^Friday,? 20 February 2026$/);
  });
});

describe('the preview of a CSV file', () => {
  it('reads quotes, and stops after a number of rows', () => {
    expect(parseCsv('a,b\r\n"x, ""y""",\n,2\nmore', 3)).toEqual([
      ['a', 'b'],
      ['x, "y"', ''],
      ['', '2'],
    ]);
  });

  it('ends with the text', () => {
    expect(parseCsv('a,b\n1,2\n', 10)).toHaveLength(2);
    expect(parseCsv('a,', 10)).toEqual([['a', '']]);
    expect(parseCsv('', 10)).toEqual([]);
  });
});

describe('emoji', () => {
  it('replace the known names', () => {
    expect(withEmoji(':warning: at 10:30:00 :no_such: :constructor:')).toBe('⚠️ at 10:30:00 :no_such: :constructor:');
  });
});
