import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import mongoose from 'mongoose';
import { fromDecimal128 } from '../../../src/store/kit/decimal.ts';
import { FlatDocuments } from '../../../src/store/kit/raw-documents.ts';

const { BSON } = mongoose.mongo;
const { Decimal128, ObjectId } = mongoose.Types;

const bytesOf = (doc: object) => BSON.serialize(doc);
const read = (doc: object) => new FlatDocuments().read(bytesOf(doc));

/** Every Decimal128 that isn't infinite or none: any digits, any exponent, both signs. */
const decimal = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 34n - 1n }), fc.integer({ min: -6176, max: 6111 }))
  .map(([isNegative, digits, exponent]) => Decimal128.fromString(`${isNegative ? '-' : ''}${digits}E${exponent}`));
const value = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.double({ noNaN: true }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.date({ noInvalidDate: true }),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.record({ key: fc.string(), value: fc.string() }), { maxLength: 3 }),
  fc.record({ currency: fc.string() }),
);

describe('documents read from their bytes', () => {
  it('are what the driver makes of them', () => {
    const doc = fc.dictionary(fc.stringMatching(/^[a-zA-Z]{1,9}$/), value, { noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(doc, { minLength: 1, maxLength: 4 }), (docs) => {
        const documents = new FlatDocuments();
        for (const one of docs) expect(documents.read(bytesOf(one))).toEqual(BSON.deserialize(bytesOf(one)));
      }),
    );
  });

  it('have the exact amounts', () => {
    const digits = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 54n }), fc.bigInt({ min: 0n, max: 10n ** 34n - 1n }));
    fc.assert(
      fc.property(decimal, digits, fc.integer({ min: -20, max: 3 }), (any, coefficient, exponent) => {
        const usual = Decimal128.fromString(`${coefficient}E${exponent}`);
        for (const amount of [any, usual]) {
          const { amount: found } = read({ amount }) as { amount: ReturnType<typeof fromDecimal128> };
          expect(found.toString()).toBe(fromDecimal128(amount).toString());
        }
      }),
    );
    expect(String(read({ amount: Decimal128.fromString('-0.00') }).amount)).toBe('0');
  });

  it('share what they repeat', () => {
    const documents = new FlatDocuments();
    const tags = [{ key: 'env', value: 'prod' }];
    const [a, b] = [documents.read(bytesOf({ tags })), documents.read(bytesOf({ tags }))];
    expect(a.tags).toBe(b.tags);
    // an array isn't taken for a document with the same bytes
    expect(documents.read(bytesOf({ tags: { ...tags } })).tags).toEqual({ 0: tags[0] });
  });

  it('are refused if they contain what no schema has, and so is anything else', () => {
    expect(() => read({ id: new ObjectId() })).toThrow('A value of the BSON type 7 isn’t expected'.replace('’', "'"));
    expect(() => new FlatDocuments().read({})).toThrow('The driver gave no bytes');
  });
});
