import { randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { colourFault, contrastOnWhite, isReadable, readableShade } from '../../src/billing/colour.ts';
import { MOST_PICTURE_BYTES, pictureFault } from '../../src/billing/picture.ts';
import { invoicePdf } from '../../src/documents/pdf/invoice-pdf.ts';
import { documentOf, line, SELLER } from '../documents/documents.ts';
import { JPEG, pngOf } from '../support/pictures.ts';

describe('a logo', () => {
  it.each([
    ['PNG', pngOf(120, 40)],
    ['JPEG', JPEG],
  ])('is a %s that can be printed', async (_, bytes) => {
    expect(pictureFault(bytes)).toBeUndefined();
    const pdf = await invoicePdf(documentOf([line('p', 'Compute', '1.00')], { seller: { ...SELLER, logo: bytes } }));
    expect(pdf.includes('/Subtype /Image')).toBe(true);
  });

  it.each([
    ['a GIF', Buffer.from('GIF89a\x01\x00\x01\x00', 'latin1'), 'PNG or a JPEG'],
    ['a text', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'PNG or a JPEG'],
    ['nothing', Buffer.alloc(0), 'PNG or a JPEG'],
    ['too large', Buffer.concat([pngOf(2, 2), Buffer.alloc(MOST_PICTURE_BYTES)]), '200 kB'],
    ['cut off', pngOf(120, 40).subarray(0, 60), 'damaged'],
    ['of other bytes than its check sums say', damaged(pngOf(120, 40)), 'damaged'],
    ['of pixels that can’t be unpacked', pngOf(120, 40, { data: randomBytes(50) }), 'damaged'],
    ['of fewer pixels than it says', pngOf(120, 40, { data: deflateSync(Buffer.alloc(10)) }), 'damaged'],
    ['that unpacks to more than it says', pngOf(2, 2, { data: deflateSync(Buffer.alloc(5_000_000)) }), 'damaged'],
    ['of too many pixels', pngOf(100_000, 1, { data: deflateSync(Buffer.alloc(400_001)) }), undefined],
    ['interlaced', pngOf(2, 2, { interlace: 1 }), 'interlaced'],
    ['a JPEG without its end', JPEG.subarray(0, -2), 'damaged'],
    ['a JPEG without a picture', Buffer.from([0xff, 0xd8, 0xff, 0xd9, 0, 0]), 'damaged'],
  ])('is told by its bytes, not by its name: %s', (_, bytes, why) => {
    if (why === undefined) expect(pictureFault(bytes)).toBeUndefined();
    else expect(pictureFault(bytes)).toContain(why);
  });

  it('never has more pixels than would fit the memory', () => {
    expect(pictureFault(pngOf(1, 1, { data: deflateSync(Buffer.alloc(5)) }))).toBeUndefined();
    const huge = pngOf(1, 1);
    expect(pictureFault(wide(huge))).toMatch(/pixels|damaged/);
  });

  it('that is any bytes whatever never throws', () => {
    for (let at = 0; at < 500; at++) {
      const noise = randomBytes(1 + (at % 90));
      const begin = at % 2 === 0 ? pngOf(4, 4).subarray(0, at % 60) : JPEG.subarray(0, at % 120);
      expect(() => pictureFault(Buffer.concat([begin, noise]))).not.toThrow();
    }
  });
});

describe('a colour', () => {
  it('is as far from white as WCAG reckons', () => {
    expect(contrastOnWhite('#ffffff')).toBeCloseTo(1);
    expect(contrastOnWhite('#000000')).toBeCloseTo(21);
    expect(contrastOnWhite('#767676')).toBeCloseTo(4.54, 2);
  });

  it.each(['#f5c400', '#ffffff', '#00ffcc', '#ff8800'])(
    'that is too pale is answered with a shade that would do: %s',
    (pale) => {
      expect(colourFault(pale)).toContain(readableShade(pale));
      expect(isReadable(readableShade(pale))).toBe(true);
    },
  );

  it('has six digits', () => {
    for (const text of ['1f4a3d', '#1f4a3', 'green', '#1f4a3g', '#1f4a3d0'])
      expect(colourFault(text)).toContain('#RRGGBB');
    expect(colourFault('#1F4A3D')).toBeUndefined();
  });
});

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
