import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Refusal } from '../../billing/refusal.ts';
import { Expansion } from './expansion.ts';

const OUTPUT_BYTES = 64 * 1024;

/**
 * Unpacks gzip as a stream, in memory that doesn't grow with the file. Several gzip files one after the other count as
 * one, as in joined parts.
 *
 * @throws {Refusal} `focus_file` for a file that is cut off or damaged, or expands too much
 */
export async function* gunzip(
  packed: AsyncIterable<Uint8Array>,
  expansion = new Expansion(),
): AsyncGenerator<Uint8Array, void> {
  const unpacking = createGunzip({ chunkSize: OUTPUT_BYTES });
  // errors of either side reach the loop
  pipeline(Readable.from(counted(packed, expansion), { objectMode: true }), unpacking, () => undefined);
  try {
    for await (const piece of unpacking as AsyncIterable<Buffer>) {
      expansion.giveOut(piece.length);
      yield piece;
    }
  } catch (error) {
    throw damageOf(error, 'gzip file') ?? error;
  }
}

async function* counted(packed: AsyncIterable<Uint8Array>, expansion: Expansion): AsyncGenerator<Uint8Array, void> {
  for await (const piece of packed) {
    expansion.takeIn(piece.length);
    yield piece;
  }
}

/** What zlib's error means for a file; undefined for an error of another kind. */
export function damageOf(error: unknown, what: string): Refusal<'focus_file'> | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (!code.startsWith('Z_')) return undefined;
  const problem = code === 'Z_BUF_ERROR' ? `This ${what} is cut off: its end is missing.` : `This ${what} is damaged.`;
  return new Refusal('focus_file', { problem, remedy: 'Download it again.' }, { cause: error });
}
