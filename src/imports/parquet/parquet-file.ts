import { type FileMetaData, parquetMetadata, type RowGroup } from 'hyparquet';
import { Refusal } from '../../billing/refusal.ts';
import { ByteReader } from '../packed/byte-reader.ts';
import { type ParquetColumn, plainSchema } from './parquet-schema.ts';

/** A Parquet file's description of itself, which is at its end. */
export interface ParquetDescription {
  readonly columns: readonly ParquetColumn[];
  /** For the library: with the plain schema of `plainSchema`. */
  readonly metadata: FileMetaData;
}

/** The compressed bytes of one column in one row group. */
export interface ColumnBytes {
  readonly start: number;
  readonly bytes: ArrayBuffer;
}

const MAGIC = 'PAR1';
const ENCRYPTED_MAGIC = 'PARE';
/** The length of the description, and the signature. */
const TRAILER_BYTES = 8;
const MAX_DESCRIPTION_BYTES = 32 * 1024 * 1024;
/** Programs write row groups of up to 128 MB, compressed. */
const MAX_GROUP_BYTES = 512 * 1024 * 1024;

/**
 * Reads a file to its end for its description. Only the end is kept.
 *
 * @throws {Refusal} `focus_file` for a file that is cut off, damaged or encrypted
 */
export async function describeParquet(bytes: AsyncIterable<Uint8Array>): Promise<ParquetDescription> {
  const end = await lastBytes(bytes, TRAILER_BYTES + MAX_DESCRIPTION_BYTES);
  if (end.length < TRAILER_BYTES + MAGIC.length) throw unreadable('This Parquet file is cut off: its end is missing.');
  const signature = end.toString('latin1', end.length - MAGIC.length);
  if (signature === ENCRYPTED_MAGIC)
    throw unreadable('This Parquet file is encrypted.', 'Export it without encryption.');
  if (signature !== MAGIC) throw unreadable('This Parquet file is cut off: its end is missing.');
  const length = end.readUInt32LE(end.length - TRAILER_BYTES) + TRAILER_BYTES;
  if (length > end.length) throw unreadable('This Parquet file is damaged.');
  try {
    const description = Buffer.from(end.subarray(end.length - length));
    const metadata = parquetMetadata(
      description.buffer.slice(description.byteOffset, description.byteOffset + description.length) as ArrayBuffer,
      { geoparquet: false },
    );
    const { columns, schema } = plainSchema(metadata.schema);
    return { columns, metadata: { ...metadata, schema } };
  } catch (error) {
    throw unreadable('This Parquet file is damaged.', undefined, error);
  }
}

/** The last bytes of a stream, in memory of about three times their size. */
async function lastBytes(bytes: AsyncIterable<Uint8Array>, most: number): Promise<Buffer> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of bytes) {
    pieces.push(piece);
    size += piece.length;
    if (size > 2 * most) {
      pieces = [Buffer.concat(pieces).subarray(-most)];
      size = most;
    }
  }
  return Buffer.concat(pieces).subarray(-most);
}

/**
 * The bytes of each row group's columns, by the columns' order in the group. The file is read from its beginning to its
 * end, one row group at a time.
 *
 * @throws {Refusal} `focus_file` for a file that is damaged, or laid out in an unusual way
 */
export async function* groupBytes(
  bytes: AsyncIterable<Uint8Array>,
  groups: readonly RowGroup[],
): AsyncGenerator<readonly ColumnBytes[], void> {
  const reader = new ByteReader(bytes);
  let at = 0;
  try {
    for (const group of groups) {
      const ranges = group.columns.map(rangeOf);
      if (ranges.reduce((sum, { size }) => sum + size, 0) > MAX_GROUP_BYTES) {
        throw unreadable('The row groups of this Parquet file are too large.', 'Export it with smaller row groups.');
      }
      const found = new Map<number, ColumnBytes>();
      for (const { start, size, place } of ranges.toSorted((a, b) => a.start - b.start)) {
        if (start < at)
          throw unreadable('The columns of this Parquet file are in an unusual order.', 'Export it again.');
        const isThere = await reader.skip(start - at);
        const column = isThere ? await reader.take(size) : undefined;
        if (column === undefined) throw unreadable('This Parquet file is cut off.');
        at = start + size;
        found.set(place, { start, bytes: ownBuffer(column) });
      }
      yield group.columns.map((_, place) => found.get(place) as ColumnBytes);
    }
  } finally {
    await reader.close();
  }
}

function rangeOf({ meta_data: meta, file_path: elsewhere }: RowGroup['columns'][number], place: number) {
  if (!meta || elsewhere !== undefined)
    throw unreadable('This Parquet file refers to other files.', 'Export one file.');
  const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
  const size = Number(meta.total_compressed_size);
  if (!(start >= 0 && size >= 0)) throw unreadable('This Parquet file is damaged.');
  return { start, size, place };
}

/** The library reads whole buffers. */
function ownBuffer(bytes: Buffer): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
}

export function unreadable(problem: string, remedy = 'Export it again.', cause?: unknown): Refusal<'focus_file'> {
  return new Refusal('focus_file', { problem, remedy }, { cause });
}
