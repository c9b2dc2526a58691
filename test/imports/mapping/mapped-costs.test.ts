import { describe, expect, it } from '@jest/globals';
import type { CostMapping } from '../../../src/billing/cost/cost-mapping.ts';
import { whyNotFocus } from '../../../src/imports/file/sniff.ts';
import { GERMAN, GERMAN_BILL, type ReadFile, readMapped, shown, windows1252 } from './mapped-file.ts';

const text = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n`;
const bill = (...lines: readonly string[]): string => text(GERMAN_BILL[0] as string, ...lines);
const withOther = (changes: Partial<CostMapping>): CostMapping => ({ ...GERMAN, ...changes });

async function problemOf(reading: Promise<ReadFile>): Promise<string> {
  try {
    await reading;
  } catch (error) {
    const { code, data } = error as { code: string; data: { problem: string; remedy?: string } };
    expect(code).toBe('focus_file');
    return [data.problem, data.remedy].join(' ');
  }
  throw new Error('The file was read');
}

describe('a German bill', () => {
  it.each([
    ['in Windows-1252', windows1252(text(...GERMAN_BILL))],
    ['in UTF-8', Buffer.from(text(...GERMAN_BILL))],
    ['in UTF-8 with a byte order mark', Buffer.from(`\uFEFF${text(...GERMAN_BILL)}`)],
    ['in UTF-16', Buffer.from(`\uFEFF${text(...GERMAN_BILL)}`, 'utf16le')],
  ])('%s is read', async (_, bytes) => {
    for (const size of [3, 1000]) {
      const found = await readMapped(bytes, [GERMAN], {}, size);
      expect(shown(found)).toEqual(['1234.56', '-1', '-1', '-1']);
      expect(found.rows[0]).toMatchObject({
        currency: 'EUR',
        subAccountId: 'Käufer',
        serviceName: 'Server groß',
        billingMonth: '2026-10',
        source: 'Rechenzentrum',
        // midnight in Berlin
        begin: new Date('2026-10-30T23:00:00Z'),
        end: new Date('2026-10-31T23:00:00Z'),
      });
      expect(found.rows[3]).toMatchObject({ serviceName: 'Rabatt; "groß" €', columns: { Betrag: '(1,00)' } });
      expect(found.notes.at(-1)?.reason).toBe(
        'The file is read with the mapping “Rechenzentrum”. The amounts are from Betrag.',
      );
    }
  });

  it('in Windows-1252 is refused with the row and what to do, unless the mapping names it', async () => {
    const utf8 = withOther({ encoding: 'utf-8' });
    const problem = await problemOf(readMapped(windows1252(text(...GERMAN_BILL)), [utf8]));
    expect(problem).toContain('The file isn’t in UTF-8: line 1, ');
    expect(problem).toContain('or choose the encoding Windows-1252 in its mapping');
  });

  it('has the same hashes in any encoding', async () => {
    const [one, other] = await Promise.all(
      [windows1252(text(...GERMAN_BILL)), Buffer.from(text(...GERMAN_BILL))].map(async (bytes) =>
        (await readMapped(bytes, [GERMAN])).rows.map((row) => row.kind === 'row' && row.hash),
      ),
    );
    expect(one).toEqual(other);
    expect(new Set(one).size).toBe(4);
  });

  it('may end with a letter that isn’t ASCII, without a line break', async () => {
    const mapping = withOther({ header: [...GERMAN.header, 'Ort'], tags: ['Ort'] });
    const bytes = windows1252(`${GERMAN_BILL[0]};Ort\n31.10.2026;P;S;EUR;1,00;Café`);
    const { rows } = await readMapped(bytes, [mapping]);
    expect(rows).toMatchObject([{ kind: 'row', tags: { Ort: 'Café' } }]);
  });
});

describe('a mapping', () => {
  it('is found by the columns, in any order and case, with columns added later', async () => {
    const added = text('BETRAG;neu;Projekt;Datum;Leistung;Währung', '1,5;x;P;31.10.2026;S;EUR');
    expect(shown(await readMapped(added, [GERMAN]))).toEqual(['1.5']);
    expect(whyNotFocus(Buffer.from(added), { mappings: [GERMAN] })).toBeUndefined();
    expect(whyNotFocus(Buffer.from(added))).toBeDefined();
    const missing = text('Projekt;Datum;Leistung;Betrag', 'P;31.10.2026;S;1,5');
    expect(await problemOf(readMapped(missing, [GERMAN]))).toContain('This is not a FOCUS cost file');
    // its separator is part of it
    const commas = text('Datum,Projekt,Leistung,Währung,Betrag', '31.10.2026,P,S,EUR,"1,5"');
    expect(await problemOf(readMapped(commas, [GERMAN]))).toContain('This is not a FOCUS cost file');
  });

  it('with more columns is preferred', async () => {
    const narrow = withOther({ name: 'A', source: 'A', header: ['Datum', 'Betrag'], project: null, service: null });
    const { rows } = await readMapped(bill('31.10.2026;P;S;EUR;1,00'), [narrow, GERMAN]);
    expect(rows).toMatchObject([{ source: 'Rechenzentrum' }]);
  });

  it('applies below what a program wrote above the columns', async () => {
    const above = ['Rechnung, Nummer 7, vom 5.11.2026', '', '"Kunde, mehrere\r\nZeilen"', ...GERMAN_BILL];
    expect(shown(await readMapped(text(...above), [GERMAN], {}, 7))).toEqual(['1234.56', '-1', '-1', '-1']);
  });

  it('skips totals, with a note', async () => {
    const found = await readMapped(
      bill('31.10.2026;P;S;EUR;1,00', ';;;;', ';Summe:;;EUR;1,00', 'Gesamt EUR;;;;1,00', '30.10.2026;Total;S;EUR;2,00'),
      [GERMAN],
    );
    // a project may have that name
    expect(shown(found)).toEqual(['1', '2']);
    expect(found.notes.map(({ line }) => line)).toEqual([1, 4, 5]);
  });

  it('skips totals of bills without dates and projects, too', async () => {
    const month = { month: '2026-10' };
    const bare = withOther({ date: null, dateFormat: null, project: null });
    const lines = [';;Server;EUR;1,00', ';;Total;EUR;1,00'];
    expect(shown(await readMapped(bill(...lines), [bare], month))).toEqual(['1']);
    const named = withOther({ date: null, dateFormat: null, project: null, projectName: 'Projekt' });
    expect(shown(await readMapped(bill(';Shop;Server;EUR;1,00', ...lines), [named], month))).toEqual(['1', '1']);
  });

  it('rejects what can’t be read, with the file’s name of the column and an example', async () => {
    const found = await readMapped(
      bill(
        '10/31/2026;P;S;EUR;1,00',
        '31.10.2026;P;S;EUR;1.00',
        '31.10.2026;P;S;EUR;',
        '31.10.2026;P;S;;1,00',
        '31.10.2026;P;S;Euro;1,00',
        '31.10.2026;P;S;EUR;$1,00',
        '31.10.2026;1,23E+11;S;EUR;1,00',
        '31.10.2026;####;S;EUR;1,00',
        '31.10.2026;#NV;S;EUR;1,00',
        '31.09.2026;P;S;EUR;1,00',
        '31.10.2023;P;S;EUR;1,00',
        '31.10.2027;P;S;EUR;1,00',
        `31.10.2026;P;S;EUR;${'1'.repeat(29)}`,
        `31.10.2026;P;S;EUR;0,${'1'.repeat(19)}`,
        'x;y',
      ),
      [GERMAN],
    );
    expect(shown(found)).toEqual([
      '2 Datum: This date can’t be read. The mapping expects dates such as 31.10.2026.',
      '3 Betrag: This amount can’t be read. The mapping expects amounts such as 1.234,56.',
      '4 Betrag: The row has no amount.',
      '5 Währung: The row has no currency.',
      '6 Währung: This currency can’t be read. Use a three-letter code, such as EUR.',
      '7 Betrag: This amount is in $, but the row’s currency is EUR.',
      expect.stringMatching(/^8 Projekt: A spreadsheet shortened this ID/),
      expect.stringMatching(/^9 Projekt: A spreadsheet replaced this ID with number signs/),
      expect.stringMatching(/^10 Projekt: A spreadsheet replaced this ID with an error value/),
      expect.stringMatching(/^11 Datum: This date can’t be read/),
      '1',
      expect.stringMatching(/^13 Datum: The charge begins more than 62 days in the future/),
      '14 Betrag: The amount has more than 28 digits before the decimal point.',
      '15 Betrag: The amount has more than 18 digits after the decimal point.',
      expect.stringMatching(/^16 \(row\): The row has 2 cells, the header 5/),
    ]);
  });

  it('reads 28 digits before and 18 after the decimal comma, and scientific notation', async () => {
    const found = await readMapped(
      bill(
        `31.10.2026;P;S;EUR;${'9'.repeat(28)}`,
        `31.10.2026;P;S;EUR;0,${'0'.repeat(17)}1`,
        '31.10.2026;P;S;EUR;1,5E-7',
        '31.10.2026;P;S;EUR;1.234.567,891 €',
      ),
      [GERMAN],
    );
    expect(shown(found)).toEqual(['9'.repeat(28), `0.${'0'.repeat(17)}1`, '0.00000015', '1234567.891']);
  });

  it('reads words for no value as none: the cost goes to the source itself', async () => {
    const { rows } = await readMapped(bill('31.10.2026;(null);n/a;EUR;1,00', '31.10.2026;\\N;S;EUR;1,00'), [GERMAN]);
    expect(rows).toMatchObject([
      { subAccountId: 'Rechenzentrum', serviceName: 'Unknown service' },
      { subAccountId: 'Rechenzentrum', serviceName: 'S' },
    ]);
  });

  it('counts days in its time zone', async () => {
    const mapping = withOther({ timeZone: 'America/New_York' });
    const { rows } = await readMapped(bill('01.11.2026;P;S;EUR;1,00'), [mapping]);
    expect(rows).toMatchObject([{ billingMonth: '2026-11', begin: new Date('2026-11-01T04:00:00Z') }]);
  });

  it('reads a fixed currency, a last day, a payer, names and tags', async () => {
    const mapping = withOther({
      header: ['Von', 'Bis', 'Kunde', 'Nr', 'Name', 'Text', 'Team', 'Ort', 'Preis'],
      date: 'Von',
      lastDay: 'Bis',
      payer: 'Kunde',
      project: 'Nr',
      projectName: 'Name',
      service: null,
      description: 'Text',
      tags: ['Team', 'Ort'],
      amount: 'Preis',
      currency: null,
      fixedCurrency: 'CHF',
      numberFormat: ".'",
    });
    const { rows } = await readMapped(
      text('Von;Bis;Kunde;Nr;Name;Text;Team;Ort;Preis', "1.10.2026;31.10.2026;K1;7;Shop;Miete;web;-;CHF 1'234.50"),
      [mapping],
    );
    expect(rows).toMatchObject([
      {
        source: 'Rechenzentrum (K1)',
        begin: new Date('2026-09-30T22:00:00Z'),
        end: new Date('2026-10-31T23:00:00Z'),
        subAccountId: '7',
        subAccountName: 'Shop',
        serviceName: 'Rechenzentrum',
        description: 'Miete',
        tags: { Team: 'web' },
        currency: 'CHF',
      },
    ]);
  });

  it('without a date column needs the month of the file', async () => {
    const mapping = withOther({ date: null, dateFormat: null });
    expect(await problemOf(readMapped(bill('x;P;S;EUR;1,00'), [mapping]))).toContain(
      'Choose the month for this import',
    );
    const { rows } = await readMapped(bill('x;P;S;EUR;1,00'), [mapping], { month: '2026-10' });
    expect(rows).toMatchObject([
      { billingMonth: '2026-10', begin: new Date('2026-09-30T22:00:00Z'), end: new Date('2026-10-31T23:00:00Z') },
    ]);
  });
});
