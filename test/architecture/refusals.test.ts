import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fromRefusal } from '../../src/api/errors.ts';
import { errorsTable } from '../../src/api/errors-table.ts';
import { refusalText } from '../../src/api/refusal-texts.ts';
import { REFUSALS } from '../../src/billing/refusals/index.ts';
import { refusalWords } from '../../src/slack/refusal-texts/index.ts';
import { sampleRefusals } from '../support/refusal-samples.ts';
import { ROOTS, sourcesIn } from './sources.ts';

const codes = Object.keys(REFUSALS);
const samples = sampleRefusals();
const textOf = (file: string) => readFileSync(file, 'utf8');
const isSentence = (text: string) =>
  /^[\p{Lu}\p{N}“]/u.test(text) && /[.?]$/.test(text) && !/undefined|\[object/.test(text);

describe('the registry of user errors', () => {
  it('has samples of every code', () => {
    expect([...new Set(samples.map(({ code }) => code))].sort()).toEqual([...codes].sort());
  });

  it('has a text for people and one for programs for every code, in whole sentences', () => {
    const wrong = samples.flatMap((refusal) => {
      const { message, wayOut } = refusalWords(refusal);
      const texts = [message, ...(wayOut === undefined ? [] : [wayOut]), refusalText(refusal)];
      return texts.filter((text) => !isSentence(text)).map((text) => `${refusal.code}: ${text}`);
    });
    expect(wrong).toEqual([]);
  });

  it('has no Slack commands in texts for programs', () => {
    const wrong = samples.filter(({ code }) => code !== 'invalid_command').map(refusalText);
    expect(wrong.filter((text) => /\/billing|`/.test(text))).toEqual([]);
  });

  it('spells out months in every text, such as October 2026', () => {
    const texts = samples.flatMap((refusal) => [...Object.values(refusalWords(refusal)), refusalText(refusal)]);
    const wrong = texts.filter((text) => /\b\d{4}-\d\d(?!-?\d)/.test(text));
    expect(wrong).toEqual([]);
  });

  it('gives every code its status and text in the API', () => {
    for (const refusal of samples) {
      const { status, problems } = fromRefusal(refusal);
      expect([400, 401, 403, 404, 409, 503]).toContain(status);
      expect(problems.every(({ message, error_code }) => message !== '' && error_code === refusal.code)).toBe(true);
      expect(refusal.code.endsWith('_not_found') ? status : 404).toBe(404);
    }
  });

  it('has no unused code', () => {
    const thrown = sourcesIn(ROOTS).map(textOf).join('\n');
    expect(codes.filter((code) => !new RegExp(`new Refusal\\(\\s*'${code}'`).test(thrown))).toEqual([]);
  });

  it('keeps Slack commands out of services and rules', () => {
    const code = (file: string) => textOf(file).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
    const naming = sourcesIn(['src/services', 'src/billing', 'src/store']).filter((file) =>
      code(file).includes('/billing '),
    );
    expect(naming).toEqual([]);
  });

  it('matches the table in docs/api-errors.md', () => {
    expect(textOf('docs/api-errors.md')).toContain(`\n${errorsTable()}\n`);
  });
});
