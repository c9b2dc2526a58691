import { describe, expect, it } from '@jest/globals';
import { colorFault, contrastOnWhite, isColor, isReadable, readableShade } from '../../../src/billing/account/color.ts';

describe('a document color', () => {
  it.each([
    ['#1f4a3d', true],
    ['#1F4A3D', true],
    ['1f4a3d', false],
    ['#1f4a3', false],
    ['#1f4a3d0', false],
    ['x#1f4a3d', false],
    ['#1f4a3g', false],
  ])('%s is valid: %s', (text, isOne) => {
    expect(isColor(text)).toBe(isOne);
  });

  // values of the WCAG's own formula, as published contrast checkers show them
  it.each([
    ['#ffffff', 1],
    ['#000000', 21],
    ['#ff0000', 3.998],
    ['#00ff00', 1.372],
    ['#0000ff', 8.592],
    ['#767676', 4.542],
    ['#0a0a0b', 19.787],
    ['#1f4a3d', 9.976],
  ])('%s has a contrast of %d on white', (color, contrast) => {
    expect(contrastOnWhite(color)).toBeCloseTo(contrast, 2);
  });

  it('is readable from a contrast of 4.5', () => {
    expect(isReadable('#767676')).toBe(true);
    expect(isReadable('#777777')).toBe(false);
  });

  it('that is too pale is refused, with a readable shade suggested', () => {
    expect(colorFault('#1F4A3D')).toBeUndefined();
    expect(colorFault('green')).toBe('Enter a color as #RRGGBB, such as #1f4a3d.');
    expect(colorFault('#FF0000')).toContain('#ff0000 is too light to read on white (contrast 3.9, at least 4.5');
    expect(colorFault('#FF0000')).toContain(readableShade('#ff0000'));
  });

  it('keeps its hue in the suggestion, which is the lightest readable shade', () => {
    expect(readableShade('#1f4a3d')).toBe('#1f4a3d');
    expect(readableShade('#ff0000')).toBe('#ed0000');
    expect(readableShade('#ffffff')).toBe('#757575');
    expect(readableShade('#ffee00')).toMatch(/^#[0-9a-f]{4}00$/);
  });

  it.each(['#f5c400', '#ffffff', '#00ffcc', '#ff8800'])('that is too light gets a suggestion: %s', (pale) => {
    expect(colorFault(pale)).toContain(readableShade(pale));
    expect(isReadable(readableShade(pale))).toBe(true);
  });

  it('has six digits', () => {
    for (const text of ['1f4a3d', '#1f4a3', 'green', '#1f4a3g', '#1f4a3d0'])
      expect(colorFault(text)).toContain('#RRGGBB');
  });
});
