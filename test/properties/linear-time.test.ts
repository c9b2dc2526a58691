import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { meant } from '../../commands/parse/name-beginning.ts';
import { readDay } from '../../commands/parse/typed-day.ts';
import { splitWords } from '../../commands/parse/words.ts';
import { codeKey } from '../../src/billing/credit/credit.ts';
import { billingInputSchema } from '../../src/billing/group/billing-input.ts';
import { isEmail } from '../../src/billing/group/billing-schemas.ts';
import { holdsCardNumber } from '../../src/billing/group/card.ts';
import { addressFault } from '../../src/billing/group/electronic-address.ts';
import { cleanName, externalKeyOf, fileName, nameKey, projectNameOf } from '../../src/billing/group/names.ts';
import { checkedNumbering } from '../../src/billing/invoice/numbering.ts';
import { parseEcb } from '../../src/billing/money/ecb.ts';
import { readAmount } from '../../src/billing/money/typed-amount.ts';
import { readPercentage, readRate } from '../../src/billing/money/typed-number.ts';
import { parsePeriod } from '../../src/billing/period/period.ts';
import { judgeVatId } from '../../src/billing/tax/vat-id.ts';
import { csvRow } from '../../src/documents/csv/csv-row.ts';
import { drawable } from '../../src/documents/pdf/runs.ts';
import { looksLikeCamt, readCamt } from '../../src/imports/bank/camt.ts';
import { amountFrom } from '../../src/imports/bank/csv-amounts.ts';
import { dateParts, looksLikeBankCsv, readTable } from '../../src/imports/bank/csv-columns.ts';
import { remedyFor } from '../../src/imports/file/file-kind.ts';
import { looksLikeEcb, whyNotFocus } from '../../src/imports/file/sniff.ts';
import { parseTags } from '../../src/imports/focus/focus-tags.ts';
import { parseDecimal, parseInstant } from '../../src/imports/focus/focus-values.ts';
import { parseLooseTags } from '../../src/imports/focus/loose-tags.ts';
import { scrubText } from '../../src/platform/redaction.ts';
import { errorWords } from '../../src/services/kit/error-words.ts';
import { code, escapeMrkdwn, truncateMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { ROOTS, sourcesIn } from '../architecture/sources.ts';
import { finished } from '../support/finished.ts';
import { growsFasterThanLength } from '../support/growth.ts';

const SIZE = 20_000;

/** Everything that reads text from outside: from people, files, other companies' servers. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  splitWords,
  meant: (text) => meant(['notify'], text),
  readDay: (text) => readDay(text, 'first', '2026-11-29'),
  codeKey,
  billingEmails: (text) => billingInputSchema.shape.billingEmails.safeParse(text),
  isEmail,
  holdsCardNumber,
  addressFault,
  ...{ cleanName, nameKey, externalKeyOf, projectNameOf, fileName },
  checkedNumbering: (format) => checkedNumbering({ format, isYearly: true }),
  parseEcb,
  readAmount: (text) => readAmount(text, 'EUR'),
  readRate,
  readPercentage: (text) => readPercentage(text, 2, 'no'),
  parsePeriod,
  judgeVatId: (text) => judgeVatId(text, 'DE'),
  csvRow: (text) => csvRow([text]),
  drawable,
  remedyFor: (text) => remedyFor(Buffer.from(text)),
  looksLikeEcb: (text) => looksLikeEcb(Buffer.from(text)),
  whyNotFocus: (text) => whyNotFocus(Buffer.from(text)),
  ...{
    looksLikeCamt: (text) => looksLikeCamt(Buffer.from(text)),
    readCamt: (text) => finished(readCamt(Buffer.from(text))),
  },
  ...{
    readTable: (text) => readTable(Buffer.from(text)),
    looksLikeBankCsv: (text) => looksLikeBankCsv(Buffer.from(text)),
    amountFrom: (text) => amountFrom(text, ','),
    dateParts,
  },
  ...{ parseTags, parseDecimal, parseInstant, parseLooseTags },
  scrubText,
  errorWords: (text) => errorWords(new Error(text)),
  escapeMrkdwn,
  code,
  truncateMrkdwn: (text) => truncateMrkdwn(text, 3_000),
};

/** A start, what is repeated up to the length, and an end that a pattern may not find. */
const SHAPES: readonly (readonly [string, string, string])[] = [
  ['', 'a', '\u0000'],
  ['', 'a.', '!'],
  ['', ' ', 'x'],
  ['a', ' ', 'b'],
  ['x ', '`', 'y'],
  ['a', '_', 'b'],
  ['', '\n', 'x'],
  ['', '1', 'x'],
  ['', '1 ', 'x'],
  ['', '1,', 'x'],
  ['0208', ' ', 'x'],
  ['0208:x', ' ', '\n'],
  ['', '{', 'x'],
  ['{', '{seq', 'x'],
  ['', '“', 'x'],
  ['', ';', '='],
  ['', ';  ', '='],
  [';', ' ', '='],
  ['', '= ', '='],
  ['', '"', 'x'],
  ['', '"a', 'x'],
  ['', '"a,', '\n'],
  ['', 'dup key: {', 'x'],
  ['', '<https://a|', 'x'],
  ['', '<https://a| ', 'x'],
  ['', '<Cube ', 'x'],
  ['<', "<Cube time='", 'x'],
  ['<Cube ', 'time ', 'x'],
  ['', 'x@a-', '!'],
  ['', 'a://', 'x'],
  ['a://', 'b:', 'x'],
  ['', 'Bearer ', 'x'],
  ['', ', ', '@'],
  ['a', '\u0301\u0323', ''],
  ['a', '\u0301', 'b'],
  ['', '\u200D', 'a'],
  ['', '\u{1F468}\u200D', 'a'],
  ['', '\uFE0F', 'a'],
  ['"', '\\', 'x'],
  ['{"a":', '[', 'x'],
  ['{', '"a": 1, ', 'x'],
  ['<Document>', '<a/>', '</Document>'],
  ['<Document>', '<a b="c"/>', '</Document>'],
  ['<Document>', '&amp;&#252;', '</Document>'],
  ['<Document>', '<!-- a -->', '</Document>'],
  ['<Document>', '<a>', '</Document>'],
  ['<Document a="', 'b', '"/>'],
  ['<Document a="b"', ' ', '/>'],
  ['<?xml version="1.0" encoding', ' ', '="x"?>'],
];

describe('text from outside is read in linear time', () => {
  it.each(Object.entries(READERS))('%s', (_name, read) => {
    const slow = SHAPES.filter(([begin, part, end]) => {
      const textOf = (size: number) => `${begin}${part.repeat(Math.ceil(size / part.length))}${end}`;
      return growsFasterThanLength(read, textOf, SIZE);
    });
    expect(slow).toEqual([]);
  });

  it('texts are normalized by one function, since sorting marks takes quadratic time', () => {
    const files = sourcesIn(ROOTS);
    const others = files.filter((file) => readFileSync(file, 'utf8').includes('.normalize('));
    expect(others.filter((file) => !file.startsWith('src/local'))).toEqual(['src/billing/normalized.ts']);
  });
});
