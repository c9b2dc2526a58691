import { Refusal } from '../../../billing/refusal.ts';
import { type CostFileOptions, type CostRow, isPacked, readCosts } from '../../../imports/costs/cost-file.ts';
import { ByteReader } from '../../../imports/packed/byte-reader.ts';
import type { ImportedRow } from '../import-tally.ts';

type Bytes = AsyncIterable<Uint8Array>;

/** A file of an import. */
export interface ImportPart {
  readonly fileName: string;
  /** Opens the file; called at most five times. */
  readonly open: () => Bytes | Promise<Bytes>;
  /** Whether it can be read only once, like a pipe. */
  readonly isReadOnce?: boolean;
}

/** A file whose first opening is in progress, if `bytes` is set. */
export interface OpenedPart extends ImportPart {
  readonly bytes: Bytes | undefined;
}

/** The most rows of one load. */
const MAX_ROWS = 20_000_000;

/** The files of an import, the first of which may come with others. */
export function partsOf(input: ImportPart & { readonly more?: readonly ImportPart[] }): readonly ImportPart[] {
  return [input, ...(input.more ?? [])];
}

/** The name for several files together. */
export function nameOf(parts: readonly ImportPart[]): string {
  return parts.map(({ fileName }) => fileName).join(', ');
}

/**
 * Opens the first file. If several files add costs, or a compressed one does, each is first read to its end, so that
 * one that can't be read as a whole leaves nothing partially imported. A replacement is all or nothing anyway.
 *
 * @param opened what was already opened of the first file
 * @param isWhole whether the files have to be read to their ends first
 * @throws {Refusal} `focus_file`
 */
export async function openedParts(
  parts: readonly ImportPart[],
  of: { readonly options: CostFileOptions; readonly opened: Bytes | undefined; readonly isWhole: boolean },
): Promise<OpenedPart[]> {
  const [first, ...others] = parts as [ImportPart, ...ImportPart[]];
  const unopened = others.map((part) => ({ ...part, bytes: undefined }));
  const reader = new ByteReader(of.opened ?? (await first.open()));
  const isChecked = of.isWhole && !first.isReadOnce && (others.length > 0 || (await isPacked(reader)));
  if (!isChecked) return [{ ...first, bytes: reader.rest() }, ...unopened];
  await toEnd(rowsOf([{ ...first, bytes: reader.rest() }, ...unopened], of.options));
  return [{ ...first, bytes: undefined }, ...unopened];
}

async function toEnd(rows: AsyncIterable<unknown>): Promise<void> {
  for await (const _row of rows);
}

/**
 * The rows of all files, as one load. Rejected rows name their file if there are several.
 *
 * @param passing sees each file's bytes once, in their order
 * @throws {Refusal} `focus_file`, also for too many rows
 */
export async function* rowsOf(
  parts: readonly OpenedPart[],
  options: CostFileOptions,
  passing: (bytes: Bytes) => Bytes = (bytes) => bytes,
): AsyncGenerator<ImportedRow, void> {
  let rows = 0;
  for (const { fileName, open, bytes, isReadOnce } of parts) {
    const source = { bytes: passing(bytes ?? (await open())), ...(!isReadOnce && { again: open }) };
    for await (const row of readCosts(source, options)) {
      rows += 1;
      if (rows > MAX_ROWS) throw tooMany();
      yield placed(row, parts.length > 1 ? fileName : undefined);
    }
  }
}

/** With the place of a rejected row: the file, and the one in it if it is an archive. */
function placed(row: CostRow, fileName: string | undefined): ImportedRow {
  if (row.kind === 'row') return row;
  const names = [fileName, row.file].filter((name) => name !== undefined);
  return names.length === 0 ? row : { ...row, file: names.join('/') };
}

function tooMany(): Refusal {
  const millions = MAX_ROWS / 1_000_000;
  return new Refusal('focus_file', {
    problem: `There are more than ${millions} million rows.`,
    remedy: 'Import fewer months at a time.',
  });
}
