import { describe, expect, it } from '@jest/globals';
import {
  cleanName,
  compareNames,
  cutName,
  externalKeyOf,
  fileName,
  NAME_LIMITS,
  nameKey,
  nameLength,
  projectNameOf,
} from '../../../src/billing/group/names.ts';

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
  it.each(INVISIBLE)('is stored without invisible characters: %s', (_name, mark) => {
    expect(cleanName(`Te${mark}am`)).toBe('Team');
    expect(cleanName(`${mark}${mark} ${mark}`)).toBe('');
    expect(nameKey(`Team${mark}`)).toBe(nameKey('team'));
  });

  it('has no blanks except spaces', () => {
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

describe('a joiner', () => {
  it.each([
    ['at the start', '\u200Cمی'],
    ['at the end', 'می\u200C'],
    ['before a space', 'می\u200C خواهم'],
    ['between Latin letters', 'Te\u200Cam'],
    ['after Latin, before Arabic', 'a\u200Cخ'],
    ['before a digit', 'می\u200C1'],
    ['after a single emoji', '\u{1F468}\u200D'],
    ['between an emoji and a letter', '\u{1F468}\u200Da'],
  ])('is removed when it changes nothing: %s', (_where, name) => {
    expect(cleanName(name)).toBe(name.replace(/[\u200C\u200D]/, ''));
  });

  it('is kept where it is needed, even in a name with unneeded ones', () => {
    expect(cleanName('a\u200Db می\u200Cخواهم c\u200C')).toBe('ab می\u200Cخواهم c');
  });
});

describe('stored name keys', () => {
  it('never change', () => {
    expect(nameKey(' Ｔｅａｍ  Blue E\u0301 Straße')).toBe('team blue é straße');
    expect(externalKeyOf('OCID1.Tenancy.É')).toBe('ocid1.tenancy.é');
  });
});

describe('spaces in a name', () => {
  it('are single, of whatever kind, and only between words', () => {
    expect(cleanName(' \t Team \u0000\n\u2003 Blue\u2800 ')).toBe('Team Blue');
    expect(nameKey('\u00A8')).toBe('\u0308');
    expect(nameKey('a\u00A8b')).toBe('a \u0308b');
    expect(nameKey('a \u00A8b')).toBe('a \u0308b');
  });
});

describe('a provider’s account ID', () => {
  it('is the same in either case and composition', () => {
    expect(externalKeyOf('OCID1.Tenancy.É')).toBe(externalKeyOf('ocid1.tenancy.e\u0301'));
    expect(externalKeyOf('A-1')).not.toBe(externalKeyOf('a1'));
  });

  it('becomes its project’s name when it fits and is free', () => {
    expect(projectNameOf('123456789012')).toBe('123456789012');
    expect(projectNameOf(' acme\u200B  prod ')).toBe('acme prod');
    expect(projectNameOf('x'.repeat(63))).toBe('x'.repeat(63));
    expect(projectNameOf('𝒳'.repeat(63))).toBe('𝒳'.repeat(63));
  });

  it('keeps its beginning and gets a hash when it is too long, so that no two share a name', () => {
    const [one, other] = ['1', '2'].map((end) => projectNameOf(`${'𝒳'.repeat(63)}${end}`));
    for (const name of [one ?? '', other ?? '']) {
      expect(nameLength(name)).toBe(NAME_LIMITS.project);
      expect(name).toMatch(/^𝒳{50}-[0-9a-f]{12}$/u);
    }
    expect(one).not.toBe(other);
  });

  it('gets a hash when its name is taken by one that looks the same', () => {
    const isTaken = (key: string) => key === nameKey('ACME');
    expect(projectNameOf('Acme', isTaken)).toMatch(/^Acme-[0-9a-f]{12}$/);
    expect(projectNameOf('acme', isTaken)).not.toBe(projectNameOf('Acme', isTaken).toLowerCase());
    expect(projectNameOf('Other', isTaken)).toBe('Other');
  });
});

describe('a name that is too long', () => {
  it('is counted in visible characters', () => {
    expect([nameLength(''), nameLength('Team'), nameLength('𝒳𝒴')]).toEqual([0, 4, 2]);
  });

  it('is cut to the limit with an ellipsis', () => {
    expect(cutName('Team Blue', 9)).toBe('Team Blue');
    expect(cutName('Team Blue', 8)).toBe('Team Bl…');
    expect(cutName('𝒳𝒴𝒵', 2)).toBe('𝒳…');
  });
});

describe('a file name', () => {
  it('keeps letters, digits, dots, hyphens and underscores, with one hyphen for anything else', () => {
    expect(fileName('INV-1_2.pdf')).toBe('INV-1_2.pdf');
    expect(fileName('Team "Blue" / Größe 5: é?')).toBe('Team-Blue-Größe-5-é-');
    expect(fileName('हिन्दी')).toBe('हिन्दी');
    expect(fileName('e\u0301')).toBe('é');
  });
});

describe('a name with combining marks', () => {
  it.each([
    ['a variation selector', '\uFE0F'],
    ['variation selectors', '\uFE00\uFE0E\uFE0F'],
    ['an accent', '\u0301'],
    ['an enclosing keycap', '\u20E3'],
    ['an accent on a filler', '\u3164\u0301'],
    ['a note without a head', '\u{1D159}'],
    ['hieroglyph blanks', '\u{13441}\u{13442}'],
    ['a lone surrogate', '\uD83D'],
  ])('is empty when nothing is visible: %s', (_name, name) => {
    expect(cleanName(name)).toBe('');
  });

  it.each([
    ['a selector after a letter', 'Te\uFE0Fam', 'Team'],
    ['several after an emoji', '\u2764\uFE0F\uFE0F\uFE0F', '\u2764\uFE0F'],
    ['an accent between spaces', 'a \u0301 b', 'a b'],
    ['a lone surrogate', 'Team\uDE00', 'Team'],
    ['stacked marks', `Z${'\u0308\u0323'.repeat(30)}`, `\u1E92${'\u0323'.repeat(6)}`],
  ])('keeps what is visible: %s', (_name, name, kept) => {
    expect(cleanName(name)).toBe(kept);
  });

  it.each(['1\uFE0F\u20E3', '\u845B\uFE00', 'ก็นี้', 'שָׁלוֹם', 'क्षि', '\u{1F1E9}\u{1F1EA}'])(
    'stays as it is when it is a word: %s',
    (name) => {
      expect(cleanName(name)).toBe(name.normalize('NFC'));
    },
  );
});

describe('the order of names', () => {
  it('is that of people: 2 before 10, whatever their case and zeros', () => {
    const names = ['Team 10', 'team 2', 'Team 1', 'Äpfel', 'Zebra 007', 'Zebra 7', 'zebra 12'];
    expect(names.map(nameKey).sort(compareNames)).toEqual(
      ['Äpfel', 'Team 1', 'team 2', 'Team 10', 'Zebra 007', 'Zebra 7', 'zebra 12'].map(nameKey),
    );
  });

  it('is the same for equal names only', () => {
    expect(compareNames('a', 'a')).toBe(0);
    expect(compareNames('a 07', 'a 7')).toBe(-compareNames('a 7', 'a 07'));
    expect(compareNames('a 07', 'a 7')).not.toBe(0);
  });
});
