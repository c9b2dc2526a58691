import { describe, expect, it } from '@jest/globals';
import type { CsvMapping } from '../../src/billing/statement/csv-mapping.ts';
import { readBankCsv } from '../../src/imports/bank/bank-csv.ts';
import { looksLikeCamt, readCamt } from '../../src/imports/bank/camt.ts';
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
import { FOCUS_HEAD } from '../support/invoices/invoices.ts';

const read = (xml: string) => finished(readCamt(Buffer.from(xml)));

describe('a bank statement in CAMT.053', () => {
  it('gives its incoming payments and leaves out outgoing, reversed and pending ones', () => {
    const xml = camt([
      { amount: '119.00', purpose: 'ACME-1', name: 'Müller &amp; Söhne GmbH' },
      { amount: '5.00', purpose: 'fee', direction: 'DBIT' },
      { amount: '7.00', purpose: 'back', isReversal: true },
      { amount: '8.00', purpose: 'soon', status: 'PDNG' },
    ]);
    const statement = read(xml);
    expect(shownLines(statement)).toEqual([['2026-11-20', '119', 'EUR', 'Müller & Söhne GmbH', 'ACME-1']]);
    expect(statement).toMatchObject({ bankAccount: 'DE02120300000000202051', leftOut: 3 });
    expect(looksLikeCamt(Buffer.from(xml))).toBe(true);
  });

  it('is read with a namespace prefix, in version 2, and in ISO 8859-1', () => {
    const old = camt([{ amount: '1.50', purpose: 'Größe', name: '' }])
      .replace(/<(\/?)(?=[A-Z])/g, '<$1ns:')
      .replace('xmlns=', 'xmlns:ns=')
      .replace('001.08', '001.02')
      .replace('UTF-8', 'ISO-8859-1')
      .replace('<ns:Sts><ns:Cd>BOOK</ns:Cd></ns:Sts>', '<ns:Sts>BOOK</ns:Sts>');
    expect(shownLines(finished(readCamt(Buffer.from(old, 'latin1'))))).toEqual([
      ['2026-11-20', '1.5', 'EUR', '', 'Größe'],
    ]);
  });

  it('splits a batch into its payments only if their amounts add up', () => {
    const batch = (second: string) =>
      camt([{ amount: '30.00', purpose: 'x' }]).replace(
        /<TxDtls>[\s\S]*<\/TxDtls>/,
        `<TxDtls><Amt Ccy="EUR">10.00</Amt><RmtInf><Ustrd>A</Ustrd></RmtInf></TxDtls>
         <TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">${second}</Amt></TxAmt></AmtDtls><RmtInf><Ustrd>B</Ustrd></RmtInf></TxDtls>`,
      );
    expect(shownLines(read(batch('20.00'))).map(([, amount, , , purpose]) => [amount, purpose])).toEqual([
      ['10', 'A'],
      ['20', 'B'],
    ]);
    expect(shownLines(read(batch('19.00'))).map(([, amount]) => amount)).toEqual(['30']);
  });

  it('is refused with its reason if it is something else', () => {
    expect(problemOf(() => read('<a><b></a>'))).toMatch(/isn’t valid XML/);
    expect(problemOf(() => read(camt([{ amount: '1.00', purpose: '<!here> x' }])))).toMatch(/entities/);
    expect(problemOf(() => read(`<!DOCTYPE x [<!ENTITY a "aaaa">]>${camt([])}`))).toMatch(/entities/);
    expect(problemOf(() => read(camt([]).replaceAll('BkToCstmrStmt', 'BkToCstmrAcctRpt')))).toMatch(/CAMT\.052/);
    expect(problemOf(() => read('<Document><Other/></Document>'))).toMatch(/no bank statement/);
    expect(problemOf(() => read(camt([{ amount: '1,00', purpose: 'x' }])))).toMatch(/Entry 1 has no valid amount/);
    expect(problemOf(() => read(camt([{ amount: '1', purpose: 'x', day: '2026-02-30' }])))).toMatch(/Entry 1 .*date/);
    const two = camt([]).replace(
      '</Stmt>',
      '</Stmt><Stmt><Acct><Id><IBAN>NL91ABNA0417164300</IBAN></Id></Acct></Stmt>',
    );
    expect(problemOf(() => read(two))).toMatch(/several bank accounts/);
  });
});

const GERMAN = `"Kontoauszug";"DE02120300000000202051"

Buchungstag;Valuta;Buchungstext;Verwendungszweck;Begünstigter/Zahlungspflichtiger;Betrag;Währung
20.11.2026;20.11.2026;GUTSCHRIFT;"Rechnung ACME-1; danke";Müller GmbH;1.119,00;EUR
21.11.2026;21.11.2026;LASTSCHRIFT;Strom;Stadtwerke;-80,50;EUR
`;

describe('a bank statement in CSV', () => {
  const mappingOf = (bytes: Buffer): CsvMapping => {
    const table = readTable(bytes);
    const columns = guessColumns(table.header);
    return {
      ...{ date: columns.date ?? '', amount: columns.amount ?? '', name: columns.name ?? null },
      ...{ purpose: columns.purpose ?? null, currency: columns.currency ?? null },
      dateOrder: guessDateOrder(columnOf(table, columns.date)) ?? 'ymd',
      decimal: guessDecimal(columnOf(table, columns.amount)) ?? '.',
    };
  };

  it.each([
    ['UTF-8', Buffer.from(GERMAN)],
    ['Windows-1252', Buffer.from(GERMAN, 'latin1')],
    ['UTF-16', Buffer.from(`\uFEFF${GERMAN}`, 'utf16le')],
    ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${GERMAN}`)],
  ])('is read with guessed columns: German, %s', (_name, bytes) => {
    expect(looksLikeBankCsv(bytes)).toBe(true);
    const statement = readBankCsv(readTable(bytes), mappingOf(bytes), 'USD');
    expect(shownLines(statement)).toEqual([['2026-11-20', '1119', 'EUR', 'Müller GmbH', 'Rechnung ACME-1; danke']]);
    expect(statement.leftOut).toBe(1);
  });

  it('is read in American form, in the account’s currency', () => {
    const bytes = Buffer.from(
      'Date,Description,Amount,Balance\n11/20/2026,ACME-7,"1,234.50","9,000.00"\n11/21/2026,Rent,-500.00,1\n',
    );
    expect(shownLines(readBankCsv(readTable(bytes), mappingOf(bytes), 'USD'))).toEqual([
      ['2026-11-20', '1234.5', 'USD', '', 'ACME-7'],
    ]);
  });

  it('doesn’t guess what can’t be told', () => {
    expect([guessDateOrder(['03/04/2026']), guessDateOrder(['13/04/2026']), guessDateOrder(['04/13/26'])]).toEqual([
      undefined,
      'dmy',
      'mdy',
    ]);
    expect([guessDateOrder(['2026-04-13']), guessDateOrder(['13/04/2026', '04/13/2026'])]).toEqual(['ymd', undefined]);
    expect([['1,000'], ['1,00'], ['1.000,5'], ['1,000,000'], ['1.50', '1,50'], ['100']].map(guessDecimal)).toEqual([
      undefined,
      ',',
      ',',
      '.',
      undefined,
      undefined,
    ]);
  });

  it('names the line that can’t be read with the chosen columns', () => {
    const table = readTable(
      Buffer.from('Date;Purpose;Amount\n2026-11-20;x;5,00\n2026-11-21;y;5.00.00\n2026-13-01;z;1\n'),
    );
    const mapping = { date: 'Date', amount: 'Amount', name: null, purpose: 'Purpose', currency: null };
    const comma = { ...mapping, dateOrder: 'ymd', decimal: ',' } as const;
    expect(problemOf(() => readBankCsv(table, comma, 'EUR'))).toBe('Line 3: “5.00.00” isn’t a valid amount.');
    const dates = readTable(Buffer.from('Date;Purpose;Amount\n2026-13-01;z;1\n'));
    expect(problemOf(() => readBankCsv(dates, comma, 'EUR'))).toBe('Line 2: “2026-13-01” isn’t a valid date.');
  });

  it('isn’t found in cost files, and files without a table are refused', () => {
    expect(looksLikeBankCsv(Buffer.from(`${FOCUS_HEAD}\n`))).toBe(false);
    expect(looksLikeBankCsv(Buffer.from('Dear all,\nthe date of the amount\n'))).toBe(false);
    expect(problemOf(() => readTable(Buffer.from('hello')))).toMatch(/no table/);
  });
});
