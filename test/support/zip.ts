import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipOptions {
  /** Sizes and checksums behind the data, as programs do that write to a pipe. */
  readonly isStreamed?: boolean;
  readonly isStored?: boolean;
}

/** A ZIP archive of these files (APPNOTE.TXT of PKWARE). */
export function zipOf(files: Readonly<Record<string, string | Buffer>>, options: ZipOptions = {}): Buffer {
  const { isStreamed = false, isStored = false } = options;
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  const push = (...bytes: readonly Buffer[]) => {
    pieces.push(...bytes);
    at += bytes.reduce((sum, { length }) => sum + length, 0);
  };
  for (const [name, content] of Object.entries(files)) {
    const bytes = Buffer.from(content);
    const packed = isStored ? bytes : deflateRawSync(bytes);
    const sizes = numbers([4, crc32(bytes)], [4, packed.length], [4, bytes.length]);
    const method = isStored ? 0 : 8;
    const flags = isStreamed ? 8 : 0;
    const start = at;
    const common = numbers([2, 20], [2, flags], [2, method], [4, 0]);
    const lengths = numbers([2, Buffer.byteLength(name)], [2, 0]);
    push(Buffer.from('PK\x03\x04'), common, isStreamed ? Buffer.alloc(12) : sizes, lengths, Buffer.from(name), packed);
    if (isStreamed) push(Buffer.from('PK\x07\x08'), sizes);
    const place = numbers([2, 0], [2, 0], [2, 0], [4, 0], [4, start]);
    directory.push(Buffer.from('PK\x01\x02'), numbers([2, 20]), common, sizes, lengths, place, Buffer.from(name));
  }
  const start = at;
  push(...directory);
  const count = Object.keys(files).length;
  push(Buffer.from('PK\x05\x06'), numbers([4, 0], [2, count], [2, count], [4, at - start], [4, start], [2, 0]));
  return Buffer.concat(pieces);
}

/** Little-endian numbers of so many bytes. */
function numbers(...fields: readonly (readonly [bytes: number, value: number])[]): Buffer {
  return Buffer.concat(
    fields.map(([bytes, value]) => {
      const buffer = Buffer.alloc(bytes);
      buffer.writeUIntLE(value, 0, bytes);
      return buffer;
    }),
  );
}
