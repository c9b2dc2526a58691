import { KIND_BYTES, packedKindOf } from '../file/packed-kind.ts';
import { ByteReader } from '../packed/byte-reader.ts';
import { gunzip } from '../packed/gunzip.ts';
import { unzip } from '../packed/unzip.ts';
import { openParquet } from '../parquet/parquet-rows.ts';
import { type CostBytes, isTableName } from './cost-file.ts';

type Bytes = AsyncIterable<Uint8Array>;

/** How many rows of a Parquet file are shown to a person. */
const PARQUET_ROWS = 100;

/**
 * The beginning of the table in a cost file: of a compressed file what is in it, of an archive its first table, of
 * Parquet its first rows as CSV with commas in UTF-8.
 *
 * @param most how many bytes
 * @returns nothing for what can't be a table, such as an archive in an archive
 * @throws {Refusal} `focus_file` for a compressed file that can't be read
 */
export async function tableHead({ bytes, again }: CostBytes, most: number): Promise<Buffer> {
  const reader = new ByteReader(bytes);
  try {
    const kind = packedKindOf(await reader.peek(KIND_BYTES));
    if (kind === 'parquet') return again ? await parquetHead(reader.rest(), again) : Buffer.alloc(0);
    return await (kind === 'zip' ? firstOfArchive(reader.rest(), most) : textHead(reader, most));
  } finally {
    await reader.close();
  }
}

async function firstOfArchive(packed: Bytes, most: number): Promise<Buffer> {
  for await (const entry of unzip(packed)) {
    if (isTableName(entry.name)) return textHead(new ByteReader(entry.bytes), most);
  }
  return Buffer.alloc(0);
}

/** The beginning of a text, which may be compressed with gzip. */
async function textHead(reader: ByteReader, most: number): Promise<Buffer> {
  const kind = packedKindOf(await reader.peek(KIND_BYTES));
  if (kind === undefined) return Buffer.from(await reader.peek(most));
  if (kind !== 'gzip') return Buffer.alloc(0);
  const unpacked = new ByteReader(gunzip(reader.rest()));
  try {
    return Buffer.from(await unpacked.peek(most));
  } finally {
    await unpacked.close();
  }
}

async function parquetHead(bytes: Bytes, again: NonNullable<CostBytes['again']>): Promise<Buffer> {
  const { columns, slices } = await openParquet(bytes, again);
  const lines = [columns.map(({ name }) => name)];
  for await (const records of slices()) {
    lines.push(...records.slice(0, PARQUET_ROWS).map(({ fields }) => [...fields]));
    break;
  }
  return Buffer.from(lines.map((cells) => `${cells.map(quoted).join()}\n`).join(''));
}

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}
