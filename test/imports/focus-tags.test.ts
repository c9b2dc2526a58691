import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseTags } from '../../src/imports/focus/focus-tags.ts';

const tags = (cell: string): Record<string, string> | undefined => parseTags(cell)?.tags;
const canonical = (cell: string): string | undefined => parseTags(cell)?.canonical;

describe('tags', () => {
  it('are a JSON object with values as text', () => {
    expect(tags('{"env": "dev", "spot": true, "floor": 3, "rate": 1.50, "none": null, "list": [1, {"a": 2}]}')).toEqual(
      {
        env: 'dev',
        spot: 'true',
        floor: '3',
        rate: '1.5',
        none: '',
        list: '[1,{"a":2}]',
      },
    );
    expect(tags('{}')).toEqual({});
  });

  it('keep every digit of a long number', () => {
    expect(tags('{"account": 12345678901234567890, "text": "12345678901234567890 \\" 1234567890123456"}')).toEqual({
      account: '12345678901234567890',
      text: '12345678901234567890 " 1234567890123456',
    });
    expect(canonical('{"a": 12345678901234567890}')).not.toBe(canonical('{"a": 12345678901234567891}'));
  });

  it('can have names like parts of JavaScript objects', () => {
    const found = tags('{"__proto__": "x", "constructor": "y"}');
    expect(Object.entries(found ?? {})).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    expect(Object.getPrototypeOf({ ...found })).toBe(Object.prototype);
  });

  it.each([
    ['["env:dev", "team: a:b"]', { env: 'dev', team: 'a:b' }],
    ['[{"key": "env", "value": "dev"}, {"key": "n", "value": 1}]', { env: 'dev', n: '1' }],
    ['[]', {}],
  ])('can be a list of pairs: %s', (cell, expected) => {
    expect(tags(cell)).toEqual(expected);
  });

  it.each([
    '{',
    '{"a": }',
    '"text"',
    '5',
    'null',
    'true',
    'env:dev',
    'env=dev',
    '["no pair"]',
    '["a:1", "a:2"]',
    '[":x"]',
    '[1]',
    '[{"key": "a"}]',
    '[{"key": 1, "value": 2}]',
    '[["a", "b"]]',
    '[null]',
    "{'a': 'b'}",
    '{"a": 1,}',
  ])('are not guessed from %s', (cell) => {
    expect(parseTags(cell)).toBeNull();
  });

  it('are the same in any order and spacing', () => {
    const json = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 });
    fc.assert(
      fc.property(json, (object) => {
        const turned = Object.fromEntries(Object.entries(object).reverse());
        expect(canonical(JSON.stringify(turned, null, 2))).toBe(canonical(JSON.stringify(object)));
      }),
    );
    expect(canonical('["a:1","b:2"]')).toBe(canonical('{"b":"2","a":"1"}'));
  });

  it.each([
    ['{"a":"1"}', '{"a":1}'],
    ['{"a":"1"}', '{"b":"1"}'],
    ['{"a":"1"}', '{"a":"1","b":""}'],
    ['{"a":null}', '{"a":""}'],
    ['{"a":{"b":1}}', '{"a":[["b",1]]}'],
    ['{"a":"1,b"}', '{"a":"1","b":""}'],
  ])('%s and %s differ', (one, other) => {
    expect(canonical(one)).not.toBe(canonical(other));
  });
});
