import { Refusal } from '../../billing/refusal.ts';
import { Breather, breathing } from '../file/breather.ts';
import { remedyFor } from '../file/file-kind.ts';
import { KIND_BYTES, packedKindOf } from '../file/packed-kind.ts';
import { CostReader, type FocusOptions, type FocusRow, type RejectedRow, readFocus } from '../focus/focus.ts';
import { ByteReader } from '../packed/byte-reader.ts';
import { EXPANSION_LIMITS, Expansion, type ExpansionLimits } from '../packed/expansion.ts';
import { gunzip } from '../packed/gunzip.ts';
import { unzip, type ZipEntry } from '../packed/unzip.ts';
import { openParquet } from '../parquet/parquet-rows.ts';

type Bytes = AsyncIterable<Uint8Array>;

/** A cost file's bytes, and how to read them once more. */
export interface CostBytes {
  readonly bytes: Bytes;
  /** Parquet files are read twice; undefined for a pipe. */
  readonly again?: () => Bytes | Promise<Bytes>;
}

export interface CostFileOptions extends FocusOptions {
  readonly expansion?: ExpansionLimits;
}

/** A row of a cost file. One from an archive that is rejected names the file in it. */
export type CostRow = FocusRow | (RejectedRow & { readonly file?: string });

/** Files that programs add to archives: folders, and those of macOS and Windows. */
const NOT_A_TABLE = /(?:^|\/)(?:\.[^/]*|Thumbs\.db|desktop\.ini)$|^__MACOSX\/|\/$/i;

/**
 * Reads a cost file as a stream: CSV as `readFocus`, the same compressed with gzip, a ZIP archive of such files as one,
 * or Parquet. Its first bytes decide which. Memory doesn't grow with the file.
 *
 * @throws {Refusal} `focus_file` if the file as a whole can't be read
 */
export async function* readCosts(
  { bytes, again }: CostBytes,
  options: CostFileOptions = {},
): AsyncGenerator<CostRow, void> {
  const reader = new ByteReader(bytes);
  try {
    const kind = packedKindOf(await reader.peek(KIND_BYTES));
    if (kind === 'gzip') yield* readFocus(gunzip(reader.rest(), expansionOf(options)), options);
    else if (kind === 'zip') yield* archive(reader.rest(), options);
    else if (kind === 'parquet') yield* parquet({ bytes: reader.rest(), ...(again && { again }) }, options);
    else yield* readFocus(reader.rest(), options);
  } finally {
    await reader.close();
  }
}

/** Whether a file in an archive may be a table, by its name: it isn't one that programs add. */
export function isTableName(name: string): boolean {
  return !NOT_A_TABLE.test(name);
}

/** Whether it needs to be read to its end before any row can be trusted: its checksum or description is there. */
export async function isPacked(reader: ByteReader): Promise<boolean> {
  return packedKindOf(await reader.peek(KIND_BYTES)) !== undefined;
}

function expansionOf({ expansion = EXPANSION_LIMITS }: CostFileOptions): Expansion {
  return new Expansion(expansion);
}

async function* archive(packed: Bytes, options: CostFileOptions): AsyncGenerator<CostRow, void> {
  let tables = 0;
  for await (const entry of unzip(packed, expansionOf(options))) {
    if (!isTableName(entry.name)) continue;
    tables += 1;
    try {
      for await (const row of entryRows(entry, options)) {
        yield row.kind === 'rejected' ? { ...row, file: entry.name } : row;
      }
    } catch (error) {
      throw error instanceof Refusal && error.code === 'focus_file' ? inArchive(error, entry) : error;
    }
  }
  if (tables === 0) throw new Refusal('focus_file', { problem: 'There are no files in this ZIP archive.' });
}

async function* entryRows({ bytes }: ZipEntry, options: CostFileOptions): AsyncGenerator<CostRow, void> {
  const reader = new ByteReader(bytes);
  const head = await reader.peek(KIND_BYTES);
  const kind = packedKindOf(head);
  if (kind === 'gzip') {
    yield* readFocus(gunzip(reader.rest(), expansionOf(options)), options);
  } else if (kind === undefined) {
    yield* readFocus(reader.rest(), options);
  } else {
    const remedy = kind === 'zip' ? 'It is an archive itself. Unpack it.' : 'Import the Parquet file itself.';
    throw new Refusal('focus_file', { problem: remedyFor(head) ?? 'It can’t be read inside an archive.', remedy });
  }
}

function inArchive({ data, cause }: Refusal<'focus_file'>, { name }: ZipEntry): Refusal<'focus_file'> {
  return new Refusal('focus_file', { ...data, problem: `${name}: ${data.problem}` }, { cause });
}

async function* parquet({ bytes, again }: CostBytes, options: CostFileOptions): AsyncGenerator<CostRow, void> {
  if (!again) {
    throw new Refusal('focus_file', {
      problem: 'A Parquet file can’t be read from a pipe, because its description is at its end.',
      remedy: 'Save it as a file first.',
    });
  }
  const { columns, slices } = await openParquet(bytes, again);
  const reader = new CostReader(options);
  yield* reader.rows([{ line: 0, fields: columns.map(({ name }) => name), open: false }]);
  reader.finish();
  const cost = columns.find(({ name }) => name === reader.layout?.costColumn);
  if (cost?.form.kind === 'double' || cost?.form.kind === 'float') {
    const reason = 'The amounts are floating-point numbers. Each was read in its shortest decimal form.';
    options.onFileNote?.({ line: 1, column: cost.name, reason });
  }
  const breather = new Breather();
  for await (const records of slices()) yield* breathing(reader.rows(records), breather);
}
