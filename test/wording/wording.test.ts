import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ROOTS, sourcesIn } from '../architecture/sources.ts';
import { allTexts, listOf, textsIn } from './texts.ts';
import { NOT_IN_COMMENTS, NOT_IN_TEXTS, NOT_OURS, SEMICOLON } from './words.ts';

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'docs/domain.md',
  'docs/architecture.md',
  'docs/operations.md',
];

/** What is wrong with a text, in the words to write instead. */
function faultsIn(text: string, words = NOT_OURS): string[] {
  return words.flatMap(([pattern, instead]) => {
    const found = pattern.exec(text);
    return found ? [`“${found[0].trim()}”: write ${instead}`] : [];
  });
}

/** The comments of a source file as one line of text, without comment marks. */
function commentsIn(source: string): string {
  return [...source.matchAll(/^[ \t]*(?:\/\/|\/?\*)(.*)$/gm)]
    .map(([, text = '']) => text.replace(/^[*/]+|\*\/$/g, '').trim())
    .filter((text) => text !== '')
    .join(' ');
}

describe('the texts that people read', () => {
  it('are found in the source', () => {
    const source =
      "import a from 'not a text'; say('Two words'); say(`$" +
      '{n} of $' +
      "{m} paid`); say('id_only', { 'a key': 1 });";
    expect(textsIn(source)).toEqual(['Two words', '{} of {} paid']);
    expect(allTexts().length).toBeGreaterThan(2_000);
  });

  it('are listed in test/wording/texts.txt, which npm run texts writes', () => {
    expect(readFileSync('test/wording/texts.txt', 'utf8')).toBe(listOf(allTexts()));
  });

  it('have none of the words that docs/wording.md advises against', () => {
    const all = [...NOT_OURS, ...NOT_IN_TEXTS];
    expect(faultsIn('The workspace connects by itself.', all)).toEqual(['“by itself”: write automatically']);
    expect(allTexts().flatMap(({ file, text }) => faultsIn(text, all).map((fault) => `${file}: ${fault}`))).toEqual([]);
  });
});

describe('the messages in Slack', () => {
  it('have no semicolons', () => {
    expect(['{} read; {} new', 'x; y'].every((text) => SEMICOLON.test(text))).toBe(true);
    const shown = allTexts().filter(({ file }) => /^(?:commands|views|jobs|src\/(?:services|slack))\//.test(file));
    expect(shown.filter(({ text }) => SEMICOLON.test(text))).toEqual([]);
  });
});

describe('comments, tests and pages', () => {
  const files = [...sourcesIn([...ROOTS, 'test']).filter((file) => !file.startsWith('test/wording/')), ...PAGES];

  it.each(files)('%s has none of those words', (file) => {
    expect(faultsIn(readFileSync(file, 'utf8'))).toEqual([]);
  });
});

describe('comments of the source', () => {
  const files = sourcesIn(ROOTS);

  it('are read without their marks', () => {
    const source = "/** A channel that\n * is told. */\nconst url = 'https://a.example';\n  // so many\n";
    expect(commentsIn(source)).toBe('A channel that is told. so many');
    expect(faultsIn(commentsIn(source), NOT_IN_COMMENTS)).toEqual([
      '“is told”: write is notified',
      '“so many”: write this many',
    ]);
  });

  it.each(files)('%s has no phrases that read as translated', (file) => {
    expect(faultsIn(commentsIn(readFileSync(file, 'utf8')), NOT_IN_COMMENTS)).toEqual([]);
  });
});
