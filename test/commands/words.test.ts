import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { quoteWord, splitWords } from '../../commands/parse/words.ts';
import { Refusal } from '../../src/billing/refusal.ts';

const texts = (typed: string) => splitWords(typed).map(({ text }) => text);
/** What Slack makes of typed text before sending it. */
const sent = (typed: string) => typed.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

describe('words', () => {
  it.each<[string, readonly string[]]>([
    ['', []],
    ['   ', []],
    ['  groups  ', ['groups']],
    ['issue Acme 2025-01', ['issue', 'Acme', '2025-01']],
    ['group\u00a0Acme\n\tnow', ['group', 'Acme', 'now']],
    ['group "Acme Corp" 2025-01', ['group', 'Acme Corp', '2025-01']],
    ["group 'Acme Corp'", ['group', 'Acme Corp']],
    ['group “Acme Corp”', ['group', 'Acme Corp']],
    ['group ‘Acme Corp’', ['group', 'Acme Corp']],
    ['group „Acme Corp“', ['group', 'Acme Corp']],
    ['group « Acme Corp »', ['group', 'Acme Corp']],
    ['group »Acme Corp«', ['group', 'Acme Corp']],
    ['group “Acme Corp"', ['group', 'Acme Corp']],
    ['group "Acme Corp”', ['group', 'Acme Corp']],
    ['group ""', ['group', '']],
    ['Acme’s it’s 5" O\'Neill', ['Acme’s', 'it’s', '5"', "O'Neill"]],
    ["'Acme's bills' now", ["Acme's bills", 'now']],
    ['‘Acme’s bills’', ['Acme’s bills']],
    ['“The «Nord» group”', ['The «Nord» group']],
    ['"say \\"hi\\" \\\\ bye"', ['say "hi" \\ bye']],
    ['Acme\\ Corp \\"x', ['Acme Corp', '"x']],
    ['C:\\temp a\\', ['C:\\temp', 'a\\']],
    ['"a"b', ['ab']],
    ['R&amp;D &lt;x&gt; "a &amp; b"', ['R&D', '<x>', 'a & b']],
    ['&amp;amp;', ['&amp;']],
    ['gro\u2060ups \ufeffx', ['groups', 'x']],
    ['漢字 🎉', ['漢字', '🎉']],
  ])('of %j are %j', (typed, words) => {
    expect(texts(typed)).toEqual(words);
  });

  it('show whether they were quoted', () => {
    expect(splitWords('help "help"').map(({ quoted }) => quoted)).toEqual([false, true]);
  });

  it.each([
    ['<@U0123|ann>', { text: '@ann', mention: { kind: 'user', id: 'U0123' } }],
    ['<@W0123>', { text: 'W0123', mention: { kind: 'user', id: 'W0123' } }],
    ['<@U0123|ann lee>', { text: '@ann lee', mention: { kind: 'user', id: 'U0123' } }],
    ['<#C0123|general>', { text: '#general', mention: { kind: 'channel', id: 'C0123' } }],
    ['<#C0123|>', { text: 'C0123', mention: { kind: 'channel', id: 'C0123' } }],
    ['<!subteam^S0123|@finance>', { text: '@finance', mention: { kind: 'group', id: 'S0123' } }],
    [
      '<http://acme.example|acme.example>',
      { text: 'acme.example', mention: { kind: 'link', url: 'http://acme.example' } },
    ],
    [
      '<mailto:a@acme.example|a@acme.example>',
      { text: 'a@acme.example', mention: { kind: 'link', url: 'mailto:a@acme.example' } },
    ],
  ])('recognize %s', (typed, word) => {
    expect(splitWords(`ask ${typed} now`)).toMatchObject([{ text: 'ask' }, word, { text: 'now' }]);
  });

  it('aren’t a mention when a person only typed something similar', () => {
    expect(splitWords(sent('<@U0123|ann>'))).toEqual([{ text: '<@U0123|ann>', quoted: false }]);
  });

  it.each([
    ['group "Acme Corp', { before: 'Acme', position: 7 }],
    ['‘', { before: '', position: 1 }],
    ['group "Acme\\"', { before: 'Acme\\"', position: 7 }],
  ])('with an unclosed quotation mark are rejected in %s', (typed, data) => {
    expect(() => splitWords(typed)).toThrow(expect.objectContaining({ code: 'unclosed_quote', data }));
  });

  it('read back every name written by quoteWord, as Slack sends it', () => {
    const marks = fc.constantFrom(...'"“”„«»\'‘’‚‹›\\ &<>|@#'.split(''), '&amp;', 'a', 'B');
    const name = fc
      .array(fc.oneof(marks, fc.string({ unit: 'grapheme', maxLength: 2 })), { minLength: 1 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(name, name, (one, other) => {
        fc.pre(!/[\u200B\u2060\uFEFF]/.test(one + other));
        expect(texts(sent(`${quoteWord(one)} ${quoteWord(other)}`))).toEqual([one, other]);
      }),
      { numRuns: 2_000 },
    );
    expect(quoteWord('Acme')).toBe('Acme');
    expect(quoteWord('Acme Corp')).toBe('"Acme Corp"');
  });

  it('fail only with a refusal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (typed) => {
        try {
          splitWords(typed);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      }),
    );
    expect(splitWords('a b')).toHaveLength(2);
  });
});
