import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseTags } from '../../src/imports/focus/focus-tags.ts';
import { parseLooseTags } from '../../src/imports/focus/loose-tags.ts';
import { readAll, readOne, row } from './focus-file.ts';

describe('tags that aren’t a JSON object', () => {
  it.each([
    ['"env": "prod","team": "ops"', { env: 'prod', team: 'ops' }],
    ['"env": "prod"', { env: 'prod' }],
    ['{env=prod, team=ops}', { env: 'prod', team: 'ops' }],
    ['{env: prod, team: ops}', { env: 'prod', team: 'ops' }],
    ['{aws:createdBy=me, team=}', { 'aws:createdBy': 'me', team: '' }],
    ["{'env': 'prod', 'team': None, 'spot': True, 'n': 1.5}", { env: 'prod', team: '', spot: 'true', n: '1.5' }],
    ['{"it\'s": "so",}', { "it's": 'so' }],
    ["{'say': \"don't\"}", { say: "don't" }],
    ['"env"=>"prod", "team"=>NULL', { env: 'prod', team: '' }],
    ['"{\\"env\\": \\"prod\\"}"', { env: 'prod' }],
    ['[{"Key": "env", "Value": "prod"}]', { env: 'prod' }],
  ])('are read when they are unambiguous: %s', (cell, expected) => {
    expect(parseLooseTags(cell)).toEqual(expected);
  });

  it.each([
    ...[
      'env=prod',
      'env:prod',
      'prod',
      '{env=prod',
      '{env=a=b}',
      '{env=prod, ops}',
      '{=prod}',
      '{a=1, a=2}',
      '{a=[1, 2]}',
    ],
    ...[
      '"env": "prod","team": "o',
      '{"env":"prod","team":"o',
      '{"env":"prod","team":',
      "{'env': {'a': 1}}",
      '{}',
      '"env"',
    ],
    ...[
      '"a": "1", "a": "2"',
      '"a" "1"',
      '"a": "1" "b": "2"',
      '"a": b c',
      '[{"Key": "env"}]',
      '',
      '"text"',
      '{"a": "\\u00"}',
    ],
  ])('are not guessed from %s', (cell) => {
    expect(parseLooseTags(cell)).toBeNull();
  });

  it('are the same on all rows of a file, without a warning', async () => {
    const rows = await readAll(readFileSync(new URL('../data/cost-files/tags-without-braces.csv', import.meta.url)));
    expect(rows).toMatchObject(
      [1, 2, 4].map((amount) => ({ kind: 'row', tags: { env: 'prod', team: 'ops' }, amount: { d: [amount] } })),
    );
    expect(rows.filter((found) => found.kind === 'row' && found.warnings)).toEqual([]);
  });

  it('don’t change their row’s identity', async () => {
    const { hash } = await readOne(row({ Tags: '{env=prod}' }));
    expect(hash).not.toBe((await readOne(row({ Tags: '{"env":"prod"}' }))).hash);
  });

  it('get a warning with the cell when they can’t be read', async () => {
    const { warnings, tags } = await readOne(row({ Tags: '{"env":"prod","team":"o' }));
    expect(tags).toEqual({});
    expect(warnings).toEqual([
      {
        column: 'Tags',
        reason: 'The tags aren’t a JSON object. The cost was imported without tags.',
        value: '{"env":"prod","team":"o',
      },
    ]);
  });
});

// each of these took quadratic time, or a stack that grew with the length
describe('a hostile one-megabyte cell', () => {
  const LENGTH = 500_000;

  it.each([
    ['escaped quotation marks', '\\"'.repeat(LENGTH)],
    ['quotation marks', '"'.repeat(2 * LENGTH)],
    ['open braces', '{"a":'.repeat(LENGTH / 4)],
    ['open brackets', '['.repeat(2 * LENGTH)],
    ['closed brackets', '['.repeat(LENGTH) + ']'.repeat(LENGTH)],
    ['spaces', `{"a"${' '.repeat(2 * LENGTH)}`],
    ['equals signs', `{${'a=b,'.repeat(LENGTH / 4)}=}`],
    ['minus signs', '-'.repeat(2 * LENGTH)],
    ['digits and points', '1.'.repeat(LENGTH)],
    ['capital letters in keys', `[${'"Key" '.repeat(LENGTH / 4)}`],
  ])('is read quickly: %s', (_, cell) => {
    expect(parseTags(cell)).toBeNull();
    expect(parseLooseTags(cell)).toBeNull();
  });
});
