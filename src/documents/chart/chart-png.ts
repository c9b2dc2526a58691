import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';

/** Pixels per unit of the image, for high-resolution screens. */
const SCALE = 2;

const FONTS = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'];

const locate = createRequire(import.meta.url).resolve;
let fonts: Promise<Uint8Array[]> | undefined;

/** Draws an SVG as a PNG at twice its size, in DejaVu Sans. The renderer and its fonts are loaded on first use. */
export async function pngOf(svg: string): Promise<Buffer> {
  fonts ??= prepared();
  const renderer = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: SCALE },
    font: { fontBuffers: await fonts, defaultFontFamily: 'DejaVu Sans', sansSerifFamily: 'DejaVu Sans' },
  });
  const image = renderer.render();
  try {
    return Buffer.from(image.asPng());
  } finally {
    image.free();
    renderer.free();
  }
}

async function prepared(): Promise<Uint8Array[]> {
  await initWasm(await readFile(locate('@resvg/resvg-wasm/index_bg.wasm')));
  return Promise.all(FONTS.map((name) => readFile(locate(`dejavu-fonts-ttf/ttf/${name}`))));
}
