import { crc32, inflateSync } from 'node:zlib';

export const MOST_PICTURE_BYTES = 200 * 1024;
/** A logo is printed 6 cm wide. More pixels wouldn't be visible, and would cost memory for each document. */
const MOST_PIXELS = 4_000_000;
const PNG_BEGINS = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const JPEG_BEGINS = Buffer.from([0xff, 0xd8]);
const JPEG_ENDS = Buffer.from([0xff, 0xd9]);
/** PNG specification, table 11.1: the bit depths allowed for each color type, and the samples per pixel. */
const PNG_TYPES: Readonly<Record<number, { readonly depths: readonly number[]; readonly values: number }>> = {
  0: { depths: [1, 2, 4, 8, 16], values: 1 },
  2: { depths: [8, 16], values: 3 },
  3: { depths: [1, 2, 4, 8], values: 1 },
  4: { depths: [8, 16], values: 2 },
  6: { depths: [8, 16], values: 4 },
};
const NEITHER = 'The logo must be a PNG or JPEG image.';
const BROKEN = 'This image is damaged. Save it again and upload the new file.';
const TOO_MANY = 'This image has too many pixels. The maximum is 4 million.';

/**
 * Why a file can't be printed as a logo, as a sentence; undefined if it can. Checks the bytes, not the file name. A PNG
 * is fully decompressed, because the library that prints it ends the process if the file is damaged.
 */
export function pictureFault(bytes: Uint8Array): string | undefined {
  if (bytes.length > MOST_PICTURE_BYTES) return `A logo can be at most ${MOST_PICTURE_BYTES / 1024} kB.`;
  const picture = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (picture.subarray(0, 8).equals(PNG_BEGINS)) return pngFault(picture);
  if (picture.subarray(0, 2).equals(JPEG_BEGINS)) return jpegFault(picture);
  return NEITHER;
}

interface PngHead {
  readonly width: number;
  readonly height: number;
  readonly bitsOfPixel: number;
}

function pngFault(png: Buffer): string | undefined {
  const data: Buffer[] = [];
  let head: PngHead | undefined;
  let hasPalette = false;
  for (let at = 8; at + 12 <= png.length; ) {
    const length = png.readUInt32BE(at);
    const end = at + 12 + length;
    if (end > png.length || crc32(png.subarray(at + 4, end - 4)) !== png.readUInt32BE(end - 4)) return BROKEN;
    const [type, body] = [png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, end - 4)];
    if (type === 'IHDR') {
      const read = readPngHead(body);
      if (typeof read === 'string') return read;
      head = read;
    }
    if (type === 'PLTE') hasPalette = true;
    if (type === 'IDAT') data.push(body);
    if (type === 'IEND') return head ? pixelFault(head, data, png[25] === 3 && !hasPalette) : BROKEN;
    at = end;
  }
  return BROKEN;
}

function readPngHead(body: Buffer): PngHead | string {
  if (body.length !== 13) return BROKEN;
  const [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)];
  const [depth = 0, color = 0, , , interlace = 0] = body.subarray(8);
  const type = PNG_TYPES[color];
  if (!type?.depths.includes(depth) || width === 0 || height === 0) return BROKEN;
  if (width * height > MOST_PIXELS) return TOO_MANY;
  if (interlace !== 0) return 'This PNG is interlaced. Save it without interlacing and upload the new file.';
  return { width, height, bitsOfPixel: depth * type.values };
}

function pixelFault({ width, height, bitsOfPixel }: PngHead, data: readonly Buffer[], lacksPalette: boolean) {
  if (lacksPalette) return BROKEN;
  const expected = height * (1 + Math.ceil((width * bitsOfPixel) / 8));
  try {
    const pixels = inflateSync(Buffer.concat(data), { maxOutputLength: expected });
    return pixels.length === expected ? undefined : BROKEN;
  } catch {
    return BROKEN;
  }
}

/** ITU-T T.81, annex B: the segments before the frame header, and the end marker. */
function jpegFault(jpeg: Buffer): string | undefined {
  if (!jpeg.includes(JPEG_ENDS)) return BROKEN;
  for (let at = 2; at + 9 < jpeg.length; ) {
    const marker = jpeg[at + 1] ?? 0;
    if (jpeg[at] !== 0xff) return BROKEN;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      const [height, width, channels = 0] = [jpeg.readUInt16BE(at + 5), jpeg.readUInt16BE(at + 7), jpeg[at + 9]];
      if (width === 0 || height === 0 || ![1, 3, 4].includes(channels)) return BROKEN;
      return width * height > MOST_PIXELS ? TOO_MANY : undefined;
    }
    at += marker === 0xff ? 1 : 2 + jpeg.readUInt16BE(at + 2);
  }
  return BROKEN;
}
