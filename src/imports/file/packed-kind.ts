import { isOfficeDocument } from './file-kind.ts';

/** The compressed files that are read. */
export type PackedKind = 'gzip' | 'zip' | 'parquet';

/** This many bytes are enough to tell a spreadsheet from other ZIP archives. */
export const KIND_BYTES = 4096;

const SIGNATURES: readonly (readonly [PackedKind, string])[] = [
  ['gzip', '\x1f\x8b\x08'],
  ['zip', 'PK\x03\x04'],
  ['parquet', 'PAR1'],
];

/** The kind of compressed file that starts with these bytes; undefined for all others. Its name doesn't count. */
export function packedKindOf(head: Buffer): PackedKind | undefined {
  const kind = SIGNATURES.find(([, start]) => head.toString('latin1', 0, start.length) === start)?.[0];
  return kind === 'zip' && isOfficeDocument(head) ? undefined : kind;
}
