import { describe, expect, it } from '@jest/globals';
import { readSample } from '../../../src/imports/mapping/cost-sample.ts';
import { guessColumns } from '../../../src/imports/mapping/guess-columns.ts';
import { GERMAN_BILL, windows1252 } from './mapped-file.ts';

function guessed(...lines: readonly string[]) {
  const sample = readSample(Buffer.from(`${lines.join('\n')}\n`));
  return sample && guessColumns(sample);
}

describe('the columns of a file', () => {
  it('are proposed by their names and values', () => {
    const sample = readSample(windows1252(`${GERMAN_BILL.join('\r\n')}\r\n`));
    expect(sample).toMatchObject({ separator: ';', encoding: 'windows-1252' });
    expect(sample?.header).toEqual(['Datum', 'Projekt', 'Leistung', 'Währung', 'Betrag']);
    expect(sample?.rows[3]).toEqual(['03.10.2026', 'Shop', 'Rabatt; "groß" €', 'EUR', '(1,00)']);
    expect(sample && guessColumns(sample)).toEqual({
      amount: 'Betrag',
      numberFormat: ',.',
      currency: 'Währung',
      date: 'Datum',
      dateFormat: 'dmy',
      project: 'Projekt',
      service: 'Leistung',
      tags: [],
    });
  });

  it.each([
    [
      'French',
      'Date;Projet;Montant;Devise',
      '31/10/2026;Web;1 234,56;EUR',
      { amount: 'Montant', numberFormat: ', ', dateFormat: 'dmy', currency: 'Devise', project: 'Projet' },
    ],
    [
      'Spanish',
      'Fecha,Proyecto,Importe,Moneda',
      '31/10/2026,Web,"1.234,56",EUR',
      { amount: 'Importe', numberFormat: ',.', date: 'Fecha', currency: 'Moneda' },
    ],
    [
      'Italian',
      'Data;Progetto;Importo;Valuta',
      '31/10/2026;Web;12,5;EUR',
      { amount: 'Importo', date: 'Data', currency: 'Valuta' },
    ],
    [
      'American',
      'Usage Date,Account Name,Account ID,Total Cost,Tax',
      '10/31/2026,Web,7,"$1,234.56",$1.00',
      {
        amount: 'Total Cost',
        numberFormat: '.,',
        dateFormat: 'mdy',
        project: 'Account ID',
        projectName: 'Account Name',
      },
    ],
    [
      'Swiss',
      'Datum;Kostenstelle;Betrag (CHF)',
      "31.10.2026;Web;1'234.50",
      { amount: 'Betrag (CHF)', numberFormat: ".'", fixedCurrency: 'CHF', project: 'Kostenstelle' },
    ],
    [
      'by month',
      'Month,Product,Cost,Currency,tag:team,tag:env',
      '2026-10,VM,1.5,USD,web,prod',
      { date: 'Month', dateFormat: 'month', service: 'Product', tags: ['tag:team', 'tag:env'] },
    ],
    [
      'of DigitalOcean',
      'product,group_description,description,hours,start,end,USD,project_name,category',
      'Droplets,,web (s-1vcpu-1gb),720,2026-10-01 00:00:00 +0000,2026-11-01 00:00:00 +0000,$5.00,Shop,iaas',
      {
        amount: 'USD',
        fixedCurrency: 'USD',
        date: 'start',
        lastDay: 'end',
        projectName: 'project_name',
        service: 'product',
        description: 'description',
      },
    ],
  ])('of a file that is %s', (_, header, row, expected) => {
    expect(guessed(header, row)).toMatchObject(expected);
  });

  it('are left open where the values aren’t clear', () => {
    const found = guessed('Date,Cost,Project', '03/04/2026,"1,234",Web');
    expect(found).toMatchObject({ date: 'Date', amount: 'Cost', project: 'Project' });
    expect(found).not.toHaveProperty('numberFormat');
    expect(found).not.toHaveProperty('dateFormat');
    expect(guessed('Date,Cost,Project', '03/04/2026,"1,234.5",Web', '13/04/2026,1,Web')).toMatchObject({
      numberFormat: '.,',
      dateFormat: 'dmy',
    });
  });

  it('are found below other lines, and above totals', () => {
    const found = guessed(
      'Invoice number: 5, of Acme',
      '',
      'Billing account name,Project ID,Service description,Cost ($)',
      'Acme,shop,Compute Engine,"1,234.50"',
      'Acme,shop,Storage,5.25',
      ',,Total,"1,239.75"',
    );
    expect(found).toMatchObject({ amount: 'Cost ($)', project: 'Project ID', service: 'Service description' });
  });
});

describe('a file', () => {
  it.each(['', 'Lunch at noon\n', 'a\nb\n', '1,2\n3,4\n', 'name,age\n', 'PAR1\0\0\0\0'])('%j isn’t a table', (text) => {
    expect(readSample(Buffer.from(text))).toBeUndefined();
  });

  it('may end anywhere', () => {
    const bytes = windows1252(`${GERMAN_BILL.join('\n')}\n`);
    for (let at = bytes.indexOf('\n') + 40; at < bytes.length; at++) {
      expect(readSample(bytes.subarray(0, at))?.header).toHaveLength(5);
    }
  });
});
