import { describe, expect, it } from '@jest/globals';
import { Int32 } from 'bson';
import { isUpsertRace, keyOfWrite } from '../../../src/local/mongod/duplicate-key.ts';

describe('the key of a duplicate', () => {
  it('comes from the update’s values, or else from its filter', () => {
    const statement = { q: { _id: 1, 'a.b': 2, c: { $gt: 1 } }, u: { $set: { d: 4 } } };
    const pattern = { d: 1, 'a.b': 1, c: 1 };
    expect(keyOfWrite(pattern, 'update', statement)).toEqual({ keyPattern: pattern, keyValue: { d: 4, 'a.b': 2 } });
  });

  it('an upsert is retried only if its filter has equalities on exactly the index’s fields', () => {
    const pattern = { a: 1, b: 1 };
    expect(isUpsertRace(pattern, { a: 1, b: new Int32(2) }, true)).toBe(true);
    expect(isUpsertRace(pattern, { a: 1, b: 2 }, false)).toBe(false);
    expect(isUpsertRace(pattern, { a: 1 }, true)).toBe(false);
    expect(isUpsertRace(pattern, { a: 1, b: { $lt: 2 } }, true)).toBe(false);
    expect(isUpsertRace(pattern, { a: 1, b: 2, c: 3 }, true)).toBe(false);
  });
});
