/** What the charts share: their colors, and elements of SVG. */

/** Each has a contrast of at least 4.5 to 1 on the background, except purely decorative lines. */
export const COLORS = {
  paper: '#ffffff',
  border: '#dddddd',
  ink: '#1d1c1d',
  faint: '#616061',
  axis: '#868686',
  charge: '#1f4a3d',
  chargeSoft: '#d3e4dc',
  credit: '#9c4221',
  creditSoft: '#f7dfd3',
} as const;

export const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export interface Look {
  readonly size: number;
  readonly color: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly isBold?: boolean;
}

/** Text, escaped. */
export function text(x: number, y: number, words: string, { size, color, anchor = 'middle', isBold }: Look): string {
  const weight = isBold ? ' font-weight="bold"' : '';
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${color}" text-anchor="${anchor}"${weight}>${escaped}</text>`;
}

/** A pattern that differs from a solid area without its color. */
export function hatch(id: string, dark: string, light: string): string {
  const ground = `<rect width="6" height="6" fill="${light}"/><rect width="2" height="6" fill="${dark}"/>`;
  return `<pattern id="${id}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">${ground}</pattern>`;
}

/** To hundredths of a unit. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The begin of an image and its own background. Sizes in units of the image. */
export function frame(width: number, height: number, patterns: string): string[] {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="DejaVu Sans">`,
    `<defs>${patterns}</defs>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${COLORS.paper}" stroke="${COLORS.border}"/>`,
  ];
}
