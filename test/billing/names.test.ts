import { describe, expect, it } from '@jest/globals';
import { cleanName, nameKey } from '../../src/billing/names.ts';

const INVISIBLE: readonly (readonly [string, string])[] = [
  ['zero-width space', '\u200B'],
  ['zero-width non-joiner', '\u200C'],
  ['zero-width joiner', '\u200D'],
  ['soft hyphen', '\u00AD'],
  ['byte order mark', '\uFEFF'],
  ['combining grapheme joiner', '\u034F'],
  ['Hangul filler', '\u3164'],
  ['half-width Hangul filler', '\uFFA0'],
  ['Hangul choseong filler', '\u115F'],
  ['Mongolian vowel separator', '\u180E'],
  ['word joiner', '\u2060'],
  ['right-to-left override', '\u202E'],
  ['left-to-right isolate', '\u2066'],
  ['Arabic letter mark', '\u061C'],
  ['tag', '\u{E0041}'],
];

describe('a name', () => {
  it.each(INVISIBLE)('is kept without what can’t be seen: %s', (_name, mark) => {
    expect(cleanName(`Te${mark}am`)).toBe('Team');
    expect(cleanName(`${mark}${mark} ${mark}`)).toBe('');
    expect(nameKey(`Team${mark}`)).toBe(nameKey('team'));
  });

  it('has no blank that is none of the spaces', () => {
    expect(cleanName('Team\u2800Blue')).toBe('Team Blue');
    expect(cleanName('\u2800')).toBe('');
  });

  it.each([
    ['Persian', 'می\u200Cخواهم'],
    ['Hindi', 'क्\u200Dष'],
    ['a family', '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}'],
    ['a woman technologist', '\u{1F469}\u{1F3FD}\u200D\u{1F4BB}'],
    ['a heart on fire', '\u2764\uFE0F\u200D\u{1F525}'],
  ])('keeps joiners where they are needed: %s', (_name, name) => {
    expect(cleanName(name)).toBe(name);
    expect(nameKey(name)).toBe(nameKey(name.replaceAll('\u200C', '').replaceAll('\u200D', '')));
  });

  it('is the same in other widths, cases, compositions and spaces', () => {
    const key = nameKey('Team Blue é');
    for (const same of ['TEAM BLUE É', 'Ｔｅａｍ Ｂｌｕｅ é', 'Team\u00A0 Blue e\u0301', 'Team\u3000Blue é']) {
      expect(nameKey(same)).toBe(key);
    }
  });
});
