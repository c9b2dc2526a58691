import { createHash } from 'node:crypto';
import mongoose from 'mongoose';
import { Decimal } from '../../billing/money/money.ts';
import { type Decimal128, fromDecimal128 } from './decimal.ts';

const { BSON } = mongoose.mongo;

/** Documents as received from the database, not converted to objects yet. For documents that are read frequently. */
export interface RawDocs<T> {
  /** The same for the same documents, and for no others. */
  readonly stamp: string;
  /** The documents as objects, as defined by the query's projection. */
  read(): T[];
}

type Collection = (typeof mongoose.Model)['collection'];

/** A query's result as bytes. Much cheaper than objects, and usually unchanged since the last time. */
export async function findRaw<T>(
  collection: Collection,
  filter: mongoose.mongo.Filter<mongoose.mongo.Document>,
  options: Pick<mongoose.mongo.FindOptions, 'projection' | 'sort' | 'limit' | 'batchSize'>,
): Promise<RawDocs<T>> {
  const found: readonly unknown[] = await collection.find(filter, { ...options, raw: true }).toArray();
  const docs = found.map((bytes) => {
    if (bytes instanceof Uint8Array) return bytes;
    throw new TypeError('The driver gave no bytes');
  });
  const hash = createHash('sha256');
  for (const bytes of docs) hash.update(bytes);
  return {
    stamp: `${docs.length}:${hash.digest('base64url')}`,
    read: () => docs.map((bytes) => BSON.deserialize(bytes) as T),
  };
}

/** The types of BSON elements that are read here; of all others, with what is in them, the driver takes care. */
const TYPE = { double: 1, text: 2, document: 3, array: 4, bool: 8, instant: 9, none: 10, int32: 16, decimal: 19 };
/** What documents repeat is in memory once, for that many different texts, and as many nested documents and arrays. */
const MOST = 100_000;
/** Of Decimal128: the bias of its exponent, and the bits of the highest 32 for a sign, other forms, and the exponent. */
const BIAS = 6176;
const SIGN = 0x8000_0000;
const OTHER_FORM = 0x6000_0000;
const EXPONENT_SHIFT = 17;
const EXPONENT_BITS = 0x3fff;
const HIGH_DIGITS = 0x1_ffff;
const TWO_TO_32 = 2 ** 32;
/** What the higher half of 53 bits holds: a number up to there is exact. */
const HIGH_EXACT = 2 ** 21;

/** A document's fields; amounts are exact decimals. */
export type Flat = Readonly<Record<string, unknown>>;

/**
 * Reads many documents of the same kind from their bytes, a few times as fast as the driver does. Texts, arrays and
 * nested documents that they repeat are shared, so nothing may change them. The sums of a large invoice are read with it: converting them took longer than calculating it.
 */
export class FlatDocuments {
  readonly #texts = new Map<string, string>();
  readonly #nestedOnes = new Map<string, object>();
  /** The names of the fields of the document read last: the next one usually has the same, in the same order. */
  #names: string[] = [];

  /** @throws {TypeError} for anything but a document's bytes, and for kinds of values that no schema has */
  read(bytes: unknown): Flat {
    if (!(bytes instanceof Uint8Array)) throw new TypeError('The driver gave no bytes');
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const doc: Record<string, unknown> = {};
    const end = buffer.readInt32LE(0) - 1;
    for (let [at, field] = [4, 0]; at < end; field++) {
      const type = buffer[at] ?? 0;
      const name = this.#nameAt(buffer, at + 1, field);
      const begin = at + name.length + 2;
      const length = lengthOf(buffer, type, begin);
      doc[name] = this.#valueOf(buffer, type, begin, length);
      at = begin + length;
    }
    return doc;
  }

  /** Names of fields are ASCII. */
  #nameAt(buffer: Buffer, begin: number, field: number): string {
    const expected = this.#names[field];
    if (expected !== undefined && isTextAt(buffer, begin, expected)) return expected;
    const name = buffer.toString('latin1', begin, buffer.indexOf(0, begin));
    this.#names = [...this.#names.slice(0, field), name];
    return name;
  }

  #valueOf(buffer: Buffer, type: number, begin: number, length: number): unknown {
    switch (type) {
      case TYPE.text:
        return this.#kept(buffer.toString('utf8', begin + 4, begin + length - 1));
      case TYPE.decimal:
        return decimalAt(buffer, begin);
      case TYPE.instant:
        return new Date(buffer.readUInt32LE(begin) + buffer.readInt32LE(begin + 4) * TWO_TO_32);
      case TYPE.int32:
        return buffer.readInt32LE(begin);
      case TYPE.double:
        return buffer.readDoubleLE(begin);
      case TYPE.bool:
        return buffer[begin] === 1;
      case TYPE.none:
        return null;
      default:
        return this.#nested(buffer.subarray(begin, begin + length), type);
    }
  }

  #kept(text: string): string {
    const kept = this.#texts.get(text);
    if (kept !== undefined) return kept;
    if (this.#texts.size < MOST) this.#texts.set(text, text);
    return text;
  }

  /** A document or an array. */
  #nested(bytes: Buffer, type: number): unknown {
    const key = `${type} ${bytes.toString('latin1')}`;
    const kept = this.#nestedOnes.get(key);
    if (kept !== undefined) return kept;
    const value = BSON.deserialize(bytes);
    const nested = type === TYPE.array ? Object.values(value) : value;
    if (this.#nestedOnes.size < MOST) this.#nestedOnes.set(key, nested);
    return nested;
  }
}

/** How many bytes the value of an element takes. */
function lengthOf(buffer: Buffer, type: number, begin: number): number {
  switch (type) {
    case TYPE.text:
      return 4 + buffer.readInt32LE(begin);
    case TYPE.document:
    case TYPE.array:
      return buffer.readInt32LE(begin);
    case TYPE.double:
    case TYPE.instant:
      return 8;
    case TYPE.decimal:
      return 16;
    case TYPE.int32:
      return 4;
    case TYPE.bool:
      return 1;
    case TYPE.none:
      return 0;
    default:
      throw new TypeError(`A value of the BSON type ${type} isn't expected`);
  }
}

function isTextAt(buffer: Buffer, begin: number, text: string): boolean {
  for (let at = 0; at < text.length; at++) if (buffer[begin + at] !== text.charCodeAt(at)) return false;
  return buffer[begin + text.length] === 0;
}

/** A Decimal128. Those of up to 15 digits need no detour over their text. */
function decimalAt(buffer: Buffer, begin: number): Decimal {
  const low = buffer.readUInt32LE(begin);
  const high = buffer.readUInt32LE(begin + 4);
  const top = buffer.readUInt32LE(begin + 12);
  const isShort = high < HIGH_EXACT && buffer.readUInt32LE(begin + 8) === 0 && (top & HIGH_DIGITS) === 0;
  if (!isShort || (top & OTHER_FORM) === OTHER_FORM) return longDecimalAt(buffer, begin);
  const exponent = ((top >>> EXPONENT_SHIFT) & EXPONENT_BITS) - BIAS;
  return new Decimal(`${top >= SIGN ? '-' : ''}${high * TWO_TO_32 + low}e${exponent}`);
}

function longDecimalAt(buffer: Buffer, begin: number): Decimal {
  // the driver keeps the bytes
  const stored: Decimal128 = new mongoose.Types.Decimal128(new Uint8Array(buffer.subarray(begin, begin + 16)));
  return fromDecimal128(stored);
}
