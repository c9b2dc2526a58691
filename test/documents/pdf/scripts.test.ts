import { describe, expect, it } from '@jest/globals';
import { create } from 'fontkit';
import { featuresFor, fontBytes } from '../../../src/documents/pdf/fonts.ts';
import { invoicePdf } from '../../../src/documents/pdf/invoice-pdf.ts';
import { runsOf } from '../../../src/documents/pdf/runs.ts';
import { undrawable } from '../../../src/documents/pdf/undrawable.ts';
import { documentOf, line } from '../documents.ts';
import { readPdf } from './read-pdf.ts';

/** Customer names in each script. */
const NAMES: readonly (readonly [string, string])[] = [
  ['Thai', 'บริษัท ไทยคลาวด์ จำกัด'],
  ['Bengali', 'বাংলা ক্লাউড'],
  ['Tamil', 'தமிழ் மேகம்'],
  ['Telugu', 'తెలుగు క్లౌడ్ సంస్థ'],
  ['Gujarati', 'ગુજરાતી ક્લાઉડ'],
  ['Kannada', 'ಕನ್ನಡ ಕ್ಲೌಡ್'],
  ['Malayalam', 'മലയാളം ക്ലൗഡ്'],
  ['Gurmukhi', 'ਪੰਜਾਬੀ ਕਲਾਉਡ'],
  ['Odia', 'ଓଡ଼ିଆ କ୍ଲାଉଡ୍'],
  ['Sinhala', 'ශ්‍රී ලංකා වලාකුළු'],
  ['Khmer', 'ក្រុមហ៊ុន ពពក'],
  ['Myanmar', 'မြန်မာ ကလောက်ဒ်'],
  ['Lao', 'ບໍລິສັດ ຄລາວ'],
  ['Tibetan', 'བོད་ཡིག་སྤྲིན་པ།'],
  ['Ethiopic', 'ኢትዮጵያ ደመና'],
  ['Georgian', 'საქართველოს ღრუბელი'],
  ['Armenian', 'Հայկական Ամպ ՍՊԸ'],
  ['Hebrew', 'ענן ישראלי בע״מ'],
  ['Arabic', 'شركة السحابة العربية'],
  ['Devanagari', 'हिन्दी क्लाउड सेवा'],
  ['Thaana', 'ދިވެހި ބާދަލް'],
  ['Syriac', 'ܥܢܢܐ ܣܘܪܝܝܬܐ'],
  ['Inuktitut', 'ᓄᓇᕗᑦ ᑲᓇᑕ'],
  ['Cherokee', 'ᏣᎳᎩ ᎦᏚᎩ'],
  ['currency signs', '৳ ៛ ﷼ ₹ ₽ ₺ ₴ ₿ ₩ ₫ ₱ ₦ ₪ ₸ ₾ ₼ ₭ ₮ ₡ ₲ ₵ ฿ ؋ ֏ ૱ ௹ ¤ ₨ ₠ ₣'],
];

describe('names in any script', () => {
  it.each(NAMES)('are never drawn as empty boxes: %s', (_, name) => {
    for (const weight of ['regular', 'bold'] as const) {
      expect(glyphIds(name, weight)).not.toContain(0);
      expect(
        runsOf(name, weight, 'sc')
          .map(({ text }) => text)
          .join(''),
      ).not.toContain('\u25A1');
    }
    expect(undrawable(name)).toEqual([]);
  });

  it('fit a PDF’s margins, with the same bytes each time', async () => {
    const document = documentOf(
      NAMES.map(([script, name]) => line(name, name, '12.50', { description: `${script}: ${name}` })),
    );
    const bytes = await invoicePdf(document);
    const { pages, text } = await readPdf(bytes);
    expect(text).not.toContain('\u25A1');
    for (const { items, size } of pages) for (const { right } of items) expect(right).toBeLessThan(size[0] - 40);
    expect((await invoicePdf(document)).equals(bytes)).toBe(true);
  });

  it('report each character that no font has, once', () => {
    expect(undrawable('𒀀𒀀 ok \u{E000}')).toEqual(['𒀀 (U+12000)', 'U+E000']);
    expect(undrawable('Ωmega 株式会社 👩‍👩‍👧‍👦 🏳️‍🌈 Ł\u0301')).toEqual([]);
  });

  it('omit marks that change the text direction', async () => {
    const name = 'ACME \u202Egpj.exe\u202C \u2066x\u2069 Ltd';
    const { text } = await readPdf(await invoicePdf(documentOf([line('p', name, '1.00', { description: name })])));
    expect(text).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
    expect(text.replace(/\s/g, '')).toContain('ACMEgpj.exexLtd');
  });
});

/** The IDs of all glyphs drawn for a text. 0 is the glyph for a missing character. */
function glyphIds(text: string, weight: 'regular' | 'bold'): number[] {
  return runsOf(text, weight, 'sc').flatMap((run) => {
    const font = create(fontBytes(run.face, weight));
    if (!('layout' in font)) throw new Error('not a single font');
    return font.layout(run.text, featuresFor(run.face, weight, run.text)).glyphs.map(({ id }) => id);
  });
}
