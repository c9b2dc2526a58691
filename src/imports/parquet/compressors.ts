import { gunzipSync } from 'node:zlib';
import type { Compressors } from 'hyparquet';
import { compressors as bundled, decompressZstd } from 'hyparquet-compressors';

/** Writers make pages of about 1 MB. */
const MAX_PAGE_BYTES = 64 * 1024 * 1024;

/** The decompressors of Parquet pages, none of which unpacks a page beyond any reasonable size. */
export const COMPRESSORS: Compressors = {
  ...Object.fromEntries(
    Object.entries(bundled).map(([codec, unpack]) => [
      codec,
      (input: Uint8Array, length: number) => unpack(input, checked(length)),
    ]),
  ),
  ZSTD: (input, length) => decompressZstd(input, new Uint8Array(checked(length))),
  GZIP: (input, length) => gunzipSync(input, { maxOutputLength: checked(length) || 1 }),
};

function checked(length: number): number {
  if (!(length >= 0 && length <= MAX_PAGE_BYTES)) throw new Error(`a Parquet page of ${length} bytes`);
  return length;
}
