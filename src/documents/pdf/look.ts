import type { Weight } from './fonts.ts';

/** How a text is set; sizes in points. */
export interface Style {
  readonly size: number;
  readonly weight: Weight;
  readonly colour: string;
}

/** From one baseline to the next, as a part of the size: room for Arabic and CJK too. */
export const LEADING = 1.42;

export const COLOURS = { ink: '#1c1c1e', soft: '#5c6066', rule: '#d4d7dc', band: '#f3f4f6', paper: '#ffffff' } as const;
const OUR_GREEN = '#1f4a3d';

export const BODY: Style = { size: 9, weight: 'regular', colour: COLOURS.ink };
export const STRONG: Style = { ...BODY, weight: 'bold' };
export const SMALL: Style = { size: 7.5, weight: 'regular', colour: COLOURS.soft };
export const LABEL: Style = { size: 7.5, weight: 'bold', colour: COLOURS.soft };
export const LARGE: Style = { size: 13, weight: 'bold', colour: COLOURS.ink };
export const TITLE: Style = { size: 22, weight: 'bold', colour: COLOURS.ink };

/** The account's colour, `#rrggbb` in any case; ours where there is none. */
export function accentOf(colour: string | null): string {
  return colour !== null && /^#[0-9a-f]{6}$/i.test(colour) ? colour.toLowerCase() : OUR_GREEN;
}

/** The account's colour for letters: ink in its place where it is too pale to be read on white (WCAG 2.2, 1.4.3). */
export function readable(accent: string): string {
  return contrastOnWhite(accent) >= 4.5 ? accent : COLOURS.ink;
}

function contrastOnWhite(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}
