/** WCAG 2.2, 1.4.3: the minimum contrast between text and background. */
export const READABLE_CONTRAST = 4.5;

const STEPS = 100;

/** Whether a text is a color such as `#1f4a3d`, in either case. */
export function isColor(text: string): boolean {
  return /^#[0-9a-f]{6}$/i.test(text);
}

/** A color's contrast with white: from 1 (white itself) to 21 (black). @param color `#rrggbb` */
export function contrastOnWhite(color: string): number {
  const [red = 0, green = 0, blue = 0] = partsOf(color).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}

export function isReadable(color: string): boolean {
  return contrastOnWhite(color) >= READABLE_CONTRAST;
}

/** The same hue, darkened until it is readable on white. @param color `#rrggbb` */
export function readableShade(color: string): string {
  for (let step = STEPS; step > 0; step--) {
    const shade = `#${partsOf(color)
      .map((part) =>
        Math.floor((part * step) / STEPS)
          .toString(16)
          .padStart(2, '0'),
      )
      .join('')}`;
    if (isReadable(shade)) return shade;
  }
  return '#000000';
}

/** Why a color isn't suitable for text and lines on white paper, as a sentence; undefined if it is. */
export function colorFault(text: string): string | undefined {
  if (!isColor(text)) return 'Enter a color as #RRGGBB, such as #1f4a3d.';
  if (isReadable(text)) return undefined;
  const contrast = (Math.floor(contrastOnWhite(text) * 10) / 10).toFixed(1);
  return `${text.toLowerCase()} is too light to read on white (contrast ${contrast}, at least ${READABLE_CONTRAST} is required). Try ${readableShade(text)}.`;
}

function partsOf(color: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}
