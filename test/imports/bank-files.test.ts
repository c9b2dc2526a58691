import { describe, expect, it } from '@jest/globals';
import type { CsvMapping } from '../../src/billing/statement/csv-mapping.ts';
import { readBankCsv } from '../../src/imports/bank/bank-csv.ts';
import { readCamt } from '../../src/imports/bank/camt.ts';
import { amountFrom } from '../../src/imports/bank/csv-amounts.ts';
import {
  columnOf,
  guessColumns,
  guessDateOrder,
  guessDecimal,
  looksLikeBankCsv,
  readTable,
} from '../../src/imports/bank/csv-columns.ts';
import { camt, problemOf, shownLines } from '../support/bank.ts';
import { finished } from '../support/finished.ts';

const read = (xml: string) => finished(readCamt(Buffer.from(xml)));

describe('a bank statement in CAMT.053', () => {
  it('may have characters as numbers, attributes on texts, and remittance information of its own', () => {
    const odd = camt([{ amount: '1.00', purpose: 'x', name: 'M&#252;ller &#x26; S&#xF6;hne' }]).replace(
      '<Ustrd>x</Ustrd>',
      '<Ustrd xml:lang="de">ACME-1</Ustrd><Strd><AddtlRmtInf>ACME-2</AddtlRmtInf></Strd>',
    );
    expect(shownLines(read(odd))).toEqual([['2026-11-20', '1', 'EUR', 'Müller & Söhne', 'ACME-1 ACME-2']]);
  });

  it('is read in the encoding that it declares', () => {
    const xml = (encoding: string) => camt([{ amount: '1.00', purpose: '#', name: '' }]).replace('UTF-8', encoding);
    // Łódź
    const letters = Buffer.from([0xa3, 0xf3, 0x64, 0xbc]);
    const bytes = (encoding: string) => {
      const [before = '', after = ''] = xml(encoding).split('#');
      return Buffer.concat([Buffer.from(before), letters, Buffer.from(after)]);
    };
    expect(shownLines(finished(readCamt(bytes('ISO-8859-2'))))[0]?.[4]).toBe('Łódź');
    expect(problemOf(() => finished(readCamt(bytes('x-unknown'))))).toBe(
      'The file is in the encoding x-unknown, which can’t be read.',
    );
  });

  it('is refused if an amount has more decimals than its currency', () => {
    const of = (amount: string, currency: string) => () => read(camt([{ amount, currency, purpose: 'x' }]));
    expect(problemOf(of('100.505', 'EUR'))).toBe('Entry 1: “100.505” has more decimals than EUR has (2).');
    expect(problemOf(of('100.50', 'JPY'))).toBe('Entry 1: “100.50” has more decimals than JPY has (0).');
    expect([of('100.50000', 'EUR'), of('100.00', 'JPY'), of('1.234', 'KWD')].map(problemOf)).toEqual([
      'read',
      'read',
      'read',
    ]);
  });

  it('counts a statement that it has twice once, and has no payments of 0', () => {
    const xml = camt([
      { amount: '5.00', purpose: 'x' },
      { amount: '0.00', purpose: 'y' },
    ]);
    const twice = xml.replace(/<Stmt>[\s\S]*<\/Stmt>/, (stated) => stated + stated);
    expect(shownLines(read(twice)).map(([, amount]) => amount)).toEqual(['5']);
    expect(read(twice).leftOut).toBe(1);
  });

  it('is refused quickly if it is nested deeply', () => {
    expect(problemOf(() => read(`<Document>${'<a>'.repeat(200_000)}${'</a>'.repeat(200_000)}</Document>`))).toMatch(
      /isn’t valid XML/,
    );
  });
});

describe('a bank statement in CSV', () => {
  const mapped = (csv: string, more: Partial<CsvMapping> = {}, currency = 'EUR') => {
    const table = readTable(Buffer.from(csv));
    const columns = guessColumns(table.header);
    return readBankCsv(
      table,
      {
        ...{ date: columns.date ?? '', amount: columns.amount ?? '', name: columns.name ?? null },
        ...{ purpose: columns.purpose ?? null, currency: columns.currency ?? null },
        dateOrder: guessDateOrder(columnOf(table, columns.date)) ?? 'dmy',
        decimal: guessDecimal(columnOf(table, columns.amount)) ?? '.',
        ...more,
      },
      currency,
    );
  };

  it.each([
    ['Af Bij', 'Bij', 'Af'],
    ['Soll/Haben', 'H', 'S'],
    ['Credit Debit Indicator', 'CRDT', 'DBIT'],
    ['Dr/Cr', 'CR', 'DR'],
    ['+/-', '+', '-'],
  ])('leaves out debits that a column of its own marks: %s', (header, credit, debit) => {
    const csv = `Datum;Mededelingen;Bedrag (EUR);${header}\n20261103;ACME-1;119,00;${credit}\n20261104;Rent;500,00;${debit}\n`;
    const statement = mapped(csv);
    expect([shownLines(statement), statement.leftOut]).toEqual([[['2026-11-03', '119', 'EUR', '', 'ACME-1']], 1]);
  });

  it('doesn’t take a single letter in all rows for a debit', () => {
    const csv = 'Date;Reference;Amount;Status\n2026-11-03;x;1,00;S\n2026-11-04;y;2,00;S\n';
    expect(mapped(csv).lines).toHaveLength(2);
  });

  it.each([
    ['−1.234,50', ',', '-1234.5'],
    ['(12,00)', ',', '-12'],
    ['12,00 S', ',', '-12'],
    ['12.00CR', '.', '12'],
    ['12,00-', ',', '-12'],
    ['1’234.50', '.', '1234.5'],
    ['.50', '.', '0.5'],
    ['12,00 x', ',', undefined],
    ['(12,00', ',', undefined],
    ['100,-', ',', undefined],
    ['1,23,456', '.', undefined],
    ['', '.', undefined],
  ] as const)('reads the amount “%s”', (cell, decimal, amount) => {
    expect(amountFrom(cell, decimal)?.toFixed()).toBe(amount);
  });

  it('refuses an amount with more decimals than its currency, as when the separator is the wrong one', () => {
    const csv = 'Date;Reference;Amount\n2026-11-03;x;1.234\n';
    expect(problemOf(() => mapped(csv, { decimal: '.' }))).toBe('Line 2: “1.234” has more decimals than EUR has (2).');
    expect(shownLines(mapped(csv, { decimal: ',' }))[0]?.[1]).toBe('1234');
    expect(shownLines(mapped(csv, { decimal: '.' }, 'KWD'))[0]?.[1]).toBe('1.234');
  });

  it.each(['3.11.2026', '3.11.2026 10:15', '03/11/26', '3 11 2026'])('reads the date “%s”', (date) => {
    expect(mapped(`Date;Reference;Amount\n${date};x;1,00\n`, { dateOrder: 'dmy' }).lines[0]?.date).toBe('2026-11-03');
  });

  it.each(['2026-11-03T10:15:00', '2026-11-03 10:15', '20261103'])('guesses how “%s” is written', (date) => {
    expect(guessDateOrder([date])).toBe('ymd');
    expect(mapped(`Date;Reference;Amount\n${date};x;1,00\n`).lines[0]?.date).toBe('2026-11-03');
  });

  it('has its header below rows that a spreadsheet filled up to the same width', () => {
    const csv =
      'Konto;DE02;;\nVom;1.11.;bis;3.11.\n\nBuchungstag;Verwendungszweck;Name;Betrag\n03.11.2026;ACME-1;Blue;5,00\n';
    expect(looksLikeBankCsv(Buffer.from(csv))).toBe(true);
    expect(shownLines(mapped(csv))).toEqual([['2026-11-03', '5', 'EUR', 'Blue', 'ACME-1']]);
  });

  it('is recognized though only its beginning was read, and refused if it is cut off', () => {
    const rows = Array.from({ length: 40 }, (_, at) => `"03.11.2026";"a; b ${at}";"5,00"`);
    const cut = Buffer.from(`"Datum";"Verwendungszweck";"Betrag"\n${rows.join('\n')}`).subarray(0, -3);
    expect(looksLikeBankCsv(cut)).toBe(true);
    expect(problemOf(() => readTable(cut))).toMatch(/quotation mark that isn’t closed/);
  });
});
