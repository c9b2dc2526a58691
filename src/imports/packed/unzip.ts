import { isUtf8 } from 'node:buffer';
import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { Refusal } from '../../billing/refusal.ts';
import { ByteReader } from './byte-reader.ts';
import { Expansion } from './expansion.ts';
import { damageOf } from './gunzip.ts';

/** A file in a ZIP archive. Its bytes have to be read, or skipped, before the next one's. */
export interface ZipEntry {
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Signatures, APPNOTE.TXT of PKWARE, 4.3. */
const LOCAL_FILE = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const CENTRAL_FILE = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;

const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
/** Sizes and checksum follow the data. */
const STREAMED = 1 << 3;
const UTF8_NAME = 1 << 11;
const ZIP64_SIZE = 0xffffffff;
const ZIP64_EXTRA = 1;
const OUTPUT_BYTES = 64 * 1024;
/** Archives of cost files have a few; more would only take time. */
const MAX_ENTRIES = 10_000;

const windows1252 = new TextDecoder('windows-1252');

interface LocalHeader {
  readonly name: string;
  readonly method: number;
  /** Undefined if sizes and checksum follow the data. */
  readonly known: { readonly packed: number; readonly unpacked: number; readonly crc: number } | undefined;
}

/** What was found while an entry was read. */
interface Measured {
  packed: number;
  unpacked: number;
  crc: number;
}

/**
 * The files of a ZIP archive, read from its beginning to its end without going back: nothing of it is kept in memory.
 * Sizes and checksums are verified, and that the archive's directory lists the same files.
 *
 * @throws {Refusal} `focus_file` for an archive that is cut off, damaged or encrypted, or expands too much
 */
export async function* unzip(
  packed: AsyncIterable<Uint8Array>,
  expansion = new Expansion(),
): AsyncGenerator<ZipEntry, void> {
  const reader = new ByteReader(packed);
  try {
    let entries = 0;
    for (;;) {
      const signature = (await reader.peek(4)).readUInt32LE(0);
      if (signature !== LOCAL_FILE) break;
      entries += 1;
      if (entries > MAX_ENTRIES) throw damaged(`This ZIP archive has more than ${MAX_ENTRIES} files.`);
      const header = await localHeader(reader);
      const bytes = entryBytes(reader, header, expansion);
      yield { name: header.name, bytes };
      // what the caller has left
      for await (const _piece of bytes);
    }
    if ((await directory(reader)) !== entries)
      throw damaged('This ZIP archive’s list of files doesn’t match its files.');
  } catch (error) {
    throw problemOf(error);
  } finally {
    await reader.close();
  }
}

async function localHeader(reader: ByteReader): Promise<LocalHeader> {
  const fixed = await taken(reader, LOCAL_BYTES);
  const flags = fixed.readUInt16LE(6);
  const method = fixed.readUInt16LE(8);
  const nameBytes = await taken(reader, fixed.readUInt16LE(26));
  const extra = await taken(reader, fixed.readUInt16LE(28));
  const name = nameOf(nameBytes, flags);
  if (flags & ENCRYPTED) {
    throw damaged(`${name} in this ZIP archive is encrypted.`, 'Make the archive without a password.');
  }
  if (method !== STORED && method !== DEFLATED) {
    throw damaged(`${name} is compressed in a way that can’t be read.`, 'Make the archive with ordinary compression.');
  }
  const isStreamed = (flags & STREAMED) !== 0;
  const sizes = sizesOf(fixed, extra);
  if (!isStreamed) return { name, method, known: { ...sizes, crc: fixed.readUInt32LE(14) } };
  // folders are written like this
  if (method === STORED && !name.endsWith('/')) {
    throw damaged(`The size of ${name} isn’t stated before its data.`, 'Make the archive with ordinary compression.');
  }
  return { name, method, known: undefined };
}

function sizesOf(fixed: Buffer, extra: Buffer): { packed: number; unpacked: number } {
  const [packed, unpacked] = [fixed.readUInt32LE(18), fixed.readUInt32LE(22)];
  if (packed !== ZIP64_SIZE && unpacked !== ZIP64_SIZE) return { packed, unpacked };
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== ZIP64_EXTRA) continue;
    // in this order, each only if the header has no room for it
    const isUnpackedHere = unpacked === ZIP64_SIZE;
    const packedAt = at + 4 + (isUnpackedHere ? 8 : 0);
    return {
      unpacked: isUnpackedHere ? Number(extra.readBigUInt64LE(at + 4)) : unpacked,
      packed: packed === ZIP64_SIZE ? Number(extra.readBigUInt64LE(packedAt)) : packed,
    };
  }
  return { packed, unpacked };
}

async function* entryBytes(
  reader: ByteReader,
  { name, method, known }: LocalHeader,
  expansion: Expansion,
): AsyncGenerator<Uint8Array, void> {
  const measured: Measured = { packed: 0, unpacked: 0, crc: 0 };
  try {
    const pieces = method === STORED ? stored(reader, known?.packed ?? 0) : inflated(reader, measured, expansion);
    for await (const piece of pieces) {
      measured.unpacked += piece.length;
      measured.crc = crc32(piece, measured.crc);
      if (method === STORED) measured.packed += piece.length;
      yield piece;
    }
    const isWhole = known === undefined ? await descriptorMatches(reader, measured) : isSame(known, measured);
    if (!isWhole) throw damaged(`${name} in this ZIP archive is damaged.`);
  } catch (error) {
    throw problemOf(error);
  }
}

async function* stored(reader: ByteReader, size: number): AsyncGenerator<Buffer, void> {
  for (let left = size; left > 0; ) {
    const piece = await reader.some(left);
    if (piece === undefined) throw cutOff();
    left -= piece.length;
    yield piece;
  }
}

/** Unpacks up to the end that the data marks themselves, and puts back what was read beyond it. */
async function* inflated(reader: ByteReader, measured: Measured, expansion: Expansion): AsyncGenerator<Buffer, void> {
  const unpacking = createInflateRaw({ chunkSize: OUTPUT_BYTES });
  let fed: Buffer[] = [];
  let fedBytes = 0;
  let forgotten = 0;
  async function* feed(): AsyncGenerator<Buffer, void> {
    for (let piece = await reader.some(); piece !== undefined; piece = await reader.some()) {
      expansion.takeIn(piece.length);
      fed.push(piece);
      fedBytes += piece.length;
      for (let first = fed[0]; first && forgotten + first.length <= unpacking.bytesWritten; first = fed[0]) {
        forgotten += first.length;
        fed.shift();
      }
      yield piece;
    }
  }
  const source = Readable.from(feed(), { objectMode: true, highWaterMark: 1 });
  const isFed = new Promise<void>((resolve) => source.once('close', resolve));
  pipeline(source, unpacking, () => undefined);
  for await (const piece of unpacking as AsyncIterable<Buffer>) {
    expansion.giveOut(piece.length);
    yield piece;
  }
  source.destroy();
  await isFed;
  measured.packed = unpacking.bytesWritten;
  const beyond = Buffer.concat(fed).subarray(measured.packed - forgotten);
  fed = [];
  if (fedBytes - measured.packed !== beyond.length) throw damaged('This ZIP archive is damaged.');
  reader.putBack(beyond);
}

/** The sizes and the checksum behind the data: with a signature or without, in 32 or 64 bits. */
async function descriptorMatches(reader: ByteReader, { crc, packed, unpacked }: Measured): Promise<boolean> {
  const found = await reader.peek(24);
  const start = found.readUInt32LE(0) === DESCRIPTOR ? 4 : 0;
  if (found.readUInt32LE(start) !== crc) return false;
  const isShort = found.readUInt32LE(start + 4) === packed && found.readUInt32LE(start + 8) === unpacked;
  if (!isShort && found.readBigUInt64LE(start + 4) !== BigInt(packed)) return false;
  await taken(reader, start + 4 + (isShort ? 8 : 16));
  return true;
}

function isSame(known: NonNullable<LocalHeader['known']>, measured: Measured): boolean {
  const { packed, unpacked, crc } = measured;
  return known.packed === packed && known.unpacked === unpacked && known.crc === crc;
}

/** Reads the archive's directory and everything behind it. @returns how many files it lists */
async function directory(reader: ByteReader): Promise<number> {
  let listed = 0;
  while ((await reader.peek(4)).readUInt32LE(0) === CENTRAL_FILE) {
    const fixed = await taken(reader, CENTRAL_BYTES);
    const rest = fixed.readUInt16LE(28) + fixed.readUInt16LE(30) + fixed.readUInt16LE(32);
    await taken(reader, rest);
    listed += 1;
  }
  await end(reader);
  for await (const _piece of reader.rest());
  return listed;
}

/** The archive's end, in 32 bits, after the one in 64 bits that large archives also have. */
async function end(reader: ByteReader): Promise<void> {
  if ((await reader.peek(4)).readUInt32LE(0) === END_64) {
    const size = (await taken(reader, 12)).readBigUInt64LE(4);
    if (!(await reader.skip(Number(size)))) throw cutOff();
    if ((await taken(reader, LOCATOR_BYTES)).readUInt32LE(0) !== LOCATOR_64)
      throw damaged('This ZIP archive is damaged.');
  }
  const fixed = await taken(reader, END_BYTES);
  if (fixed.readUInt32LE(0) !== END) throw damaged('This ZIP archive is damaged.');
  await taken(reader, fixed.readUInt16LE(END_BYTES - 2));
}

async function taken(reader: ByteReader, size: number): Promise<Buffer> {
  const bytes = await reader.take(size);
  if (bytes === undefined) throw cutOff();
  return bytes;
}

function nameOf(bytes: Buffer, flags: number): string {
  return flags & UTF8_NAME || isUtf8(bytes) ? bytes.toString('utf8') : windows1252.decode(bytes);
}

/** Numbers are read from what there is: beyond its end is a `RangeError`. */
function problemOf(error: unknown): unknown {
  return error instanceof RangeError ? cutOff() : (damageOf(error, 'ZIP archive') ?? error);
}

function cutOff(): Refusal<'focus_file'> {
  return damaged('This ZIP archive is cut off: its end is missing.');
}

function damaged(problem: string, remedy = 'Download it again.'): Refusal<'focus_file'> {
  return new Refusal('focus_file', { problem, remedy });
}
