import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  channelMention,
  code,
  date,
  escapeMrkdwn,
  link,
  mention,
  plain,
  truncate,
  truncateMrkdwn,
} from '../../src/slack/blocks/mrkdwn.ts';

/** Texts with a high share of what Slack could read as formatting. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...'*_~`<>&|@!#: \n:+'.split(''),
        'here',
        'channel',
        'tada',
        '&amp;',
        '<!here>',
        'a',
        '7',
        'é',
        '漢',
        '🎉',
      ),
      fc.string({ unit: 'grapheme', maxLength: 3 }),
    ),
  )
  .map((parts) => parts.join(''));

describe('escapeMrkdwn', () => {
  it('leaves no way to format, notify, link, quote or insert emoji', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const escaped = escapeMrkdwn(text);
        expect(escaped).not.toMatch(/[<>*~`]/);
        expect(escaped).not.toMatch(/&(?!amp;|lt;|gt;)/);
        expect(escaped).not.toMatch(/(?<![A-Za-z0-9_])_|_(?![A-Za-z0-9_])/);
        expect(escaped).not.toMatch(/^\s*&gt;/m);
        expect(escaped).not.toMatch(/:[a-z0-9_+'-]+:/i);
        expect(escaped).not.toMatch(/(?<![\p{L}\p{N}._%+-])@(?:here|channel|everyone)/iu);
      }),
      { numRuns: 2_000 },
    );
  });

  it('can be undone by a reader: compatibility composition restores the name', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = escapeMrkdwn(text)
          .replace(/&lt;/g, '<')
          .replace(/&gt;/g, '>')
          .replace(/&amp;/g, '&')
          .replace(/\u2060/g, '');
        expect(shown.normalize('NFKC')).toBe(text.replace(/\u2060/g, '').normalize('NFKC'));
      }),
    );
  });

  it.each([
    ['*x*', '＊x＊'],
    ['_x_', '＿x＿'],
    ['~x~', '～x～'],
    ['`x`', '｀x｀'],
    ['<!channel>', '&lt;!channel&gt;'],
    ['<@U123>', '&lt;@\u2060U123&gt;'],
    ['&lt;!here&gt;', '&amp;lt;!here&amp;gt;'],
    ['> said', '＞ said'],
    ['a > b', 'a &gt; b'],
    [':tada: now', '：tada: now'],
    ['@here', '@\u2060here'],
  ])('disables %s', (text, escaped) => {
    expect(escapeMrkdwn(text)).toBe(escaped);
  });

  it.each(['my_project_x', 'Bäckerei Müller und Söhne', '漢字 🎉 ไทย', 'a.b@example.com', '10:30', 'נקודה'])(
    'leaves %s unchanged',
    (text) => {
      expect(escapeMrkdwn(text)).toBe(text);
    },
  );
});

describe('truncate', () => {
  it('returns at most that many characters in whole code points, and a short text unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.nat(45), (text, max) => {
        const cut = truncate(text, max);
        expect(cut.length).toBeLessThanOrEqual(max);
        if (text.length <= max) expect(cut).toBe(text);
        else if (max > 0) expect(cut.endsWith('…')).toBe(true);
        expect(cut).not.toMatch(/[\uD800-\uDBFF]…$/);
      }),
    );
  });

  it.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcd…'],
    ['🎉🎉🎉', 4, '🎉…'],
    ['abc', 0, ''],
  ])('of %s to %d is %s', (text, max, cut) => {
    expect(truncate(text, max)).toBe(cut);
  });

  it('never cuts finished mrkdwn within an entity or a token', () => {
    const text = `R&amp;D for ${mention('U12345')} &lt;3`;
    for (let max = 1; max <= text.length; max += 1) {
      expect(truncateMrkdwn(text, max)).not.toMatch(/&(?!amp;|lt;|gt;)|<(?!@U12345>)/);
      expect(truncateMrkdwn(text, max).length).toBeLessThanOrEqual(max);
    }
  });
});

describe('formatting tokens', () => {
  it('are dates in seconds with an escaped fallback', () => {
    const instant = new Date('2025-03-30T01:30:00.999Z');
    expect(date(instant, '{date_short}', '30 <March> | 2025')).toBe(
      '<!date^1743298200^{date_short}|30 &lt;March&gt; ¦ 2025>',
    );
  });

  it('are mentions only of IDs', () => {
    expect(mention('U123')).toBe('<@U123>');
    expect(mention('U123> <!channel')).toBe('U123&gt; &lt;!channel');
    expect(channelMention('C123')).toBe('<#C123>');
    expect(channelMention('general')).toBe('general');
  });

  it('are links only to addresses, which can’t break out', () => {
    expect(link('https://a.example/?a=1&b=2', 'Docs > *all*')).toBe(
      '<https://a.example/?a=1&amp;b=2|Docs &gt; ＊all＊>',
    );
    expect(link('https://a.example/|x>y', 'l')).toBe('<https://a.example/%7Cx%3Ey|l>');
    expect(link('javascript:alert(1)', 'Docs')).toBe('Docs');
    expect(link('https://a b', 'Docs')).toBe('Docs');
  });

  it('are code that ends where it should', () => {
    expect(code('/billing group "R&D `x`"')).toBe('`/billing group "R&amp;D ｀x｀"`');
  });

  it('are plain texts, never empty, without emoji codes', () => {
    expect(plain('abcdef', 4)).toEqual({ type: 'plain_text', text: 'abc…', emoji: false });
    expect(plain('', 4).text).toBe(' ');
  });
});
