import { isColor, isReadable } from '../../billing/account/color.ts';
import type { Weight } from './fonts.ts';

/** How a text is set; sizes in points. */
export interface Style {
  readonly size: number;
  readonly weight: Weight;
  readonly color: string;
}

/** The distance between baselines as a fraction of the font size, with room for Arabic and CJK. */
export const LEADING = 1.42;

export const COLORS = {
  ink: '#1c1c1e',
  soft: '#5c6066',
  rule: '#d4d7dc',
  band: '#f3f4f6',
  paper: '#ffffff',
  warning: '#9a3412',
} as const;
const OUR_GREEN = '#1f4a3d';

export const BODY: Style = { size: 9, weight: 'regular', color: COLORS.ink };
export const STRONG: Style = { ...BODY, weight: 'bold' };
export const SMALL: Style = { size: 7.5, weight: 'regular', color: COLORS.soft };
export const LABEL: Style = { size: 7.5, weight: 'bold', color: COLORS.soft };
export const LARGE: Style = { size: 13, weight: 'bold', color: COLORS.ink };
export const TITLE: Style = { size: 22, weight: 'bold', color: COLORS.ink };

/** The account's color, `#rrggbb` in upper or lower case; ours if it has none. */
export function accentOf(color: string | null): string {
  return color !== null && isColor(color) ? color.toLowerCase() : OUR_GREEN;
}

/** The account's color for text, or black ink if it is too pale to read on white. */
export function readable(accent: string): string {
  return isReadable(accent) ? accent : COLORS.ink;
}
