import { randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { MOST_PICTURE_BYTES, pictureFault } from '../../../src/billing/account/picture.ts';
import { chunk, JPEG, pngOf } from '../../support/invoices/pictures.ts';

const END = ['IEND', Buffer.alloc(0)] as const;
/** PNG specification, table 11.1: color type, bits per value, and values per pixel. */
const FORMATS: readonly (readonly [number, readonly number[], number])[] = [
  [0, [1, 2, 4, 8, 16], 1],
  [2, [8, 16], 3],
  [3, [1, 2, 4, 8], 1],
  [4, [8, 16], 2],
  [6, [8, 16], 4],
];

describe('a logo', () => {
  it.each([
    ['a GIF', Buffer.from('GIF89a\x01\x00\x01\x00', 'latin1'), 'PNG or JPEG'],
    ['a text file', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'PNG or JPEG'],
    ['nothing', Buffer.alloc(0), 'PNG or JPEG'],
    ['a file that is too large', Buffer.concat([pngOf(2, 2), Buffer.alloc(MOST_PICTURE_BYTES)]), '200 kB'],
    ['a truncated file', pngOf(120, 40).subarray(0, 60), 'damaged'],
    ['a PNG with wrong checksums', damaged(pngOf(120, 40)), 'damaged'],
    ['a PNG with corrupt pixels', pngOf(120, 40, { data: randomBytes(50) }), 'damaged'],
    ['a PNG with fewer pixels than stated', pngOf(120, 40, { data: deflateSync(Buffer.alloc(10)) }), 'damaged'],
    ['a PNG with more data than stated', pngOf(2, 2, { data: deflateSync(Buffer.alloc(5_000_000)) }), 'damaged'],
    ['a PNG with too many pixels', pngOf(100_000, 1, { data: deflateSync(Buffer.alloc(400_001)) }), undefined],
    ['interlaced', pngOf(2, 2, { interlace: 1 }), 'interlaced'],
    ['a JPEG without its end', JPEG.subarray(0, -2), 'damaged'],
    ['a JPEG without an image', Buffer.from([0xff, 0xd8, 0xff, 0xd9, 0, 0]), 'damaged'],
  ])('is recognized by its bytes, not by its name: %s', (_, bytes, why) => {
    if (why === undefined) expect(pictureFault(bytes)).toBeUndefined();
    else expect(pictureFault(bytes)).toContain(why);
  });

  it('never has more pixels than fit in memory', () => {
    expect(pictureFault(pngOf(1, 1, { data: deflateSync(Buffer.alloc(5)) }))).toBeUndefined();
    const huge = pngOf(1, 1);
    expect(pictureFault(wide(huge))).toMatch(/pixels|damaged/);
  });

  it('of arbitrary bytes never throws', () => {
    for (let at = 0; at < 500; at++) {
      const noise = randomBytes(1 + (at % 90));
      const begin = at % 2 === 0 ? pngOf(4, 4).subarray(0, at % 60) : JPEG.subarray(0, at % 120);
      expect(() => pictureFault(Buffer.concat([begin, noise]))).not.toThrow();
    }
  });
});

describe('a PNG', () => {
  it.each(FORMATS)('of color type %d can have %j bits per value', (color, depths, values) => {
    for (const depth of [1, 2, 3, 4, 8, 16, 32]) {
      const rows = 2 * (1 + Math.ceil((3 * depth * values) / 8));
      const fault = pictureFault(png({ width: 3, height: 2, depth, color, rows }));
      if (depths.includes(depth)) expect([depth, fault]).toEqual([depth, undefined]);
      else expect([depth, fault]).toEqual([depth, expect.stringContaining('damaged')]);
    }
  });

  it.each(FORMATS)('of color type %d is damaged with a byte more or less than its pixels need', (color, _, values) => {
    const rows = 2 * (1 + 3 * values);
    for (const wrong of [rows - 1, rows + 1]) {
      expect(pictureFault(png({ width: 3, height: 2, depth: 8, color, rows: wrong }))).toContain('damaged');
    }
  });

  it.each([1, 5, 7])('has no color type %d', (color) => {
    expect(pictureFault(png({ color, rows: 2 }))).toContain('damaged');
  });

  it('needs a palette for indexed colors', () => {
    expect(pictureFault(png({ color: 3, palette: false }))).toContain('damaged');
    expect(pictureFault(png({ color: 3, palette: true }))).toBeUndefined();
  });

  it('has a 13-byte header with a width and a height', () => {
    for (const head of [headOf({}).subarray(0, 12), Buffer.concat([headOf({}), Buffer.alloc(1)])]) {
      expect(pictureFault(pngWith(['IHDR', head], ['IDAT', deflateSync(Buffer.alloc(2))], END))).toContain('damaged');
    }
    expect(pictureFault(png({ width: 0 }))).toContain('damaged');
    expect(pictureFault(png({ height: 0, rows: 0 }))).toContain('damaged');
  });

  it('is damaged without its header or its end', () => {
    const data: Chunk = ['IDAT', deflateSync(Buffer.alloc(2))];
    expect(pictureFault(pngWith(['IHDR', headOf({})], data, END))).toBeUndefined();
    expect(pictureFault(pngWith(data, END))).toContain('damaged');
    expect(pictureFault(pngWith(['IHDR', headOf({})], data))).toContain('damaged');
    expect(pictureFault(pngWith(['IHDR', headOf({})], END))).toContain('damaged');
    expect(pictureFault(pngWith())).toContain('damaged');
  });

  it('can have its data in several chunks, and chunks that don’t affect printing', () => {
    const data = deflateSync(Buffer.alloc(2));
    const pieces: Chunk[] = [data.subarray(0, 3), data.subarray(3)].map((one) => ['IDAT', one]);
    const note: Chunk = ['tEXt', Buffer.from('Comment')];
    expect(pictureFault(pngWith(['IHDR', headOf({})], note, ...pieces, END))).toBeUndefined();
    expect(pictureFault(pngWith(['IHDR', headOf({})], pieces[1] ?? note, END))).toContain('damaged');
  });

  it('is damaged when any chunk’s checksum is wrong', () => {
    const whole = pngWith(
      ['IHDR', headOf({})],
      ['tEXt', Buffer.from('Comment')],
      ['IDAT', deflateSync(Buffer.alloc(2))],
      END,
    );
    expect(pictureFault(whole)).toBeUndefined();
    for (const at of [8 + 12 + 13 + 12, whole.length - 1]) {
      const wrong = Buffer.from(whole);
      wrong[at] = (wrong[at] ?? 0) ^ 1;
      expect(pictureFault(wrong)).toContain('damaged');
    }
  });

  it('has at most four million pixels', () => {
    expect(pictureFault(png({ width: 4_000_000, depth: 1 }))).toBeUndefined();
    expect(pictureFault(png({ width: 4_000_001, depth: 1 }))).toBe(
      'This image has too many pixels. The maximum is 4 million.',
    );
    expect(pictureFault(png({ width: 2001, height: 2000, depth: 1 }))).toContain('too many pixels');
  });

  it('is damaged when a chunk is longer than the file', () => {
    const whole = png({});
    const long = Buffer.from(whole);
    long.writeUInt32BE(14, 8);
    expect(pictureFault(long)).toContain('damaged');
    long.writeUInt32BE(0xffffffff, 8);
    expect(pictureFault(long)).toContain('damaged');
    for (let length = 8; length < whole.length; length++) {
      expect([length, pictureFault(whole.subarray(0, length))]).toEqual([length, expect.stringContaining('damaged')]);
    }
  });

  it('has at most 200 kB, whatever the chunks', () => {
    const padded = Buffer.concat([png({}), Buffer.alloc(MOST_PICTURE_BYTES)]);
    expect(pictureFault(padded.subarray(0, MOST_PICTURE_BYTES))).toBeUndefined();
    expect(pictureFault(padded.subarray(0, MOST_PICTURE_BYTES + 1))).toBe('A logo can be at most 200 kB.');
    const inside = new Uint8Array(Buffer.concat([Buffer.alloc(5), png({}), Buffer.alloc(5)]));
    expect(pictureFault(inside.subarray(5, -5))).toBeUndefined();
  });
});

describe('a JPEG', () => {
  const frame = (marker: number, { width = 2, height = 3, channels = 3 } = {}) => {
    const segment = Buffer.from([0xff, marker, 0, 8, 8, 0, 0, 0, 0, channels]);
    segment.writeUInt16BE(height, 5);
    segment.writeUInt16BE(width, 7);
    return segment;
  };
  const jpeg = (...segments: readonly Uint8Array[]) =>
    Buffer.concat([Buffer.from([0xff, 0xd8]), ...segments, Buffer.from([0xff, 0xd9])]);
  const NOTE = Buffer.from([0xff, 0xfe, 0, 5, 1, 2, 3]);

  it('has a frame of any of the thirteen kinds', () => {
    const markers = Array.from({ length: 32 }, (_, at) => 0xb8 + at);
    const right = markers.filter((marker) => pictureFault(jpeg(frame(marker))) === undefined);
    expect(right).toEqual([...[0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]]);
  });

  it('has one, three or four channels, a width and a height', () => {
    const right = [0, 1, 2, 3, 4, 5].filter((channels) => !pictureFault(jpeg(frame(0xc0, { channels }))));
    expect(right).toEqual([1, 3, 4]);
    expect(pictureFault(jpeg(frame(0xc0, { width: 0 })))).toContain('damaged');
    expect(pictureFault(jpeg(frame(0xc0, { height: 0 })))).toContain('damaged');
  });

  it('has at most four million pixels', () => {
    expect(pictureFault(jpeg(frame(0xc0, { width: 2000, height: 2000 })))).toBeUndefined();
    expect(pictureFault(jpeg(frame(0xc0, { width: 2001, height: 2000 })))).toContain('too many pixels');
  });

  it('can have other segments and padding before its frame', () => {
    expect(pictureFault(jpeg(NOTE, NOTE, frame(0xc2)))).toBeUndefined();
    expect(pictureFault(jpeg(Buffer.from([0xff, 0xff, 0xff]), NOTE, Buffer.from([0xff]), frame(0xc0)))).toBeUndefined();
  });

  it('is damaged when a segment doesn’t start with its marker, or there is no frame', () => {
    expect(pictureFault(jpeg(NOTE, Buffer.from([0]), frame(0xc0)))).toContain('damaged');
    expect(pictureFault(jpeg(NOTE, NOTE))).toContain('damaged');
    // a segment that claims to be longer than the file
    expect(pictureFault(jpeg(Buffer.from([0xff, 0xe0, 0xff, 0xff]), frame(0xc0)))).toContain('damaged');
    expect(pictureFault(Buffer.from([0xff, 0xd8]))).toContain('damaged');
    expect(pictureFault(Buffer.concat([Buffer.from([0xff, 0xd8]), frame(0xc0)]))).toContain('damaged');
  });

  it('isn’t recognized when it starts with anything else', () => {
    expect(pictureFault(jpeg(frame(0xc0)).subarray(1))).toBe('The logo must be a PNG or JPEG image.');
    expect(pictureFault(Buffer.from([0xff]))).toBe('The logo must be a PNG or JPEG image.');
  });
});

type Chunk = readonly [string, Buffer];

function headOf({ width = 1, height = 1, depth = 8, color = 0 }): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([depth, color], 8);
  return head;
}

function pngWith(...chunks: readonly Chunk[]): Buffer {
  return Buffer.concat([pngOf(1, 1).subarray(0, 8), ...chunks.map(([type, body]) => chunk(type, body))]);
}

/** A black PNG; `rows` is the number of bytes that its pixels unpack to. */
function png(of: {
  width?: number;
  height?: number;
  depth?: number;
  color?: number;
  rows?: number;
  palette?: boolean;
}) {
  const { width = 1, height = 1, depth = 8, color = 0, palette = color === 3 } = of;
  const rows = of.rows ?? height * (1 + Math.ceil((width * depth) / 8));
  return pngWith(
    ['IHDR', headOf({ width, height, depth, color })],
    ...(palette ? [['PLTE', Buffer.alloc(3)] as const] : []),
    ['IDAT', deflateSync(Buffer.alloc(rows))],
    END,
  );
}

function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[45] = (copy[45] ?? 0) ^ 0xff;
  return copy;
}

function wide(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt32BE(0x7fffffff, 16);
  return copy;
}
