import { expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { Decimal, ZERO } from '../../src/billing/money/money.ts';
import { toPeriod } from '../../src/billing/period/period.ts';
import { csvName, invoiceCsv } from '../../src/documents/csv/document-csv.ts';
import type { InvoiceSummary, LineSummary } from '../../src/services/invoicing/invoice-reading.ts';

const invoice: InvoiceSummary = {
  id: 'inv_1',
  accountId: 'acc_1',
  number: 'ACME-1',
  billingGroupId: 'bg_1',
  billingGroupName: 'Team "Blue", north',
  period: toPeriod('2026-10'),
  periodBegin: new Date('2026-10-01T00:00:00Z'),
  periodEnd: new Date('2026-11-01T00:00:00Z'),
  state: 'mailed',
  currency: 'EUR',
  net: new Decimal('-1.5'),
  tax: new Decimal(0),
  total: new Decimal('-1.5'),
  amountDue: new Decimal(0),
  storedLines: { accountId: 'acc_1', invoiceId: 'inv_1', version: 0 },
  lineCount: 1,
  recordCount: 1,
  computedAt: null,
  issuedAt: null,
  issuedDay: null,
  breakdown: { costs: ZERO, adjustments: ZERO, commitments: ZERO, credits: ZERO },
  leftOut: [],
  dueAt: null,
  dueDay: null,
  daysOverdue: 0,
  overdueFrom: null,
  heldBack: null,
  taxes: [],
  prepaid: [],
  conversions: [],
  paid: new Decimal(0),
  credited: new Decimal(0),
  open: new Decimal(0),
  failure: null,
  notCharged: null,
};

function line(over: Partial<LineSummary>): LineSummary {
  return {
    place: 1,
    lineType: 'service_charge',
    description: 'Compute',
    projectName: 'p1',
    projectLabel: null,
    serviceName: 'Compute',
    serviceType: null,
    servicePlan: null,
    cloudName: null,
    lateFrom: null,
    begin: new Date('2026-10-01T00:00:00Z'),
    end: new Date('2026-10-02T00:00:00Z'),
    exact: new Decimal('-1.50000001'),
    total: new Decimal('-1.5'),
    preDiscount: new Decimal('-1.5'),
    taxCategory: 'S',
    taxRate: new Decimal('19.00'),
    records: 1,
    ...over,
  };
}

async function rowsOf(...lines: LineSummary[]): Promise<Record<string, string>[]> {
  let text = '';
  const each = async function* () {
    yield* lines;
  };
  for await (const piece of invoiceCsv(each(), invoice)) text += piece;
  expect(text.endsWith('\r\n')).toBe(true);
  return parse(text, { columns: true, bom: true, record_delimiter: '\r\n' });
}

it('CSV keeps names with quotation marks, commas and line breaks, and amounts with the currency’s decimals', async () => {
  const [row] = await rowsOf(line({ description: 'two\nlines' }));
  expect(row).toMatchObject({
    invoice_number: 'ACME-1',
    billing_group: 'Team "Blue", north',
    description: 'two\nlines',
    line_pre_discount_local: '-1.50',
    line_total_local: '-1.50',
    tax_category: 'S',
    tax_rate: '19',
    line_exact_local: '-1.50000001',
    timestamp_begin: '2026-10-01T00:00:00.000Z',
  });
});

it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\n=1', '＝1+1'])(
  'CSV is safe against spreadsheet formulas: %p',
  async (text) => {
    const [row] = await rowsOf(line({ projectName: text, description: text }));
    expect([row?.project_name, row?.description]).toEqual([`'${text}`, `'${text}`]);
  },
);

it.each([
  ['a;=1+1', "a;'=1+1"],
  ['a; =1+1', "a; '=1+1"],
  ['a;;@SUM(A1)', "a;;'@SUM(A1)"],
  ['a;b\t=1', "a;b\t'=1"],
  ['a;b\n=1', "a;b\n'=1"],
  ['a=1; b-2', 'a=1; b-2'],
])('CSV is safe in spreadsheets that split rows at semicolons: %j', async (text, safe) => {
  const [row] = await rowsOf(line({ description: text }));
  expect(row?.description).toBe(safe);
});

it('CSV starts with a byte order mark, which tells spreadsheets the encoding', async () => {
  let text = '';
  const each = async function* () {
    yield line({ projectName: 'Müller & Söhne' });
  };
  for await (const piece of invoiceCsv(each(), invoice)) text += piece;
  const bytes = Buffer.from(text);
  expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  expect(bytes.indexOf(Buffer.from([0xef, 0xbb, 0xbf]), 1)).toBe(-1);
  expect(text).toContain('Müller & Söhne');
});

it('CSV has no character that a terminal interprets or XML forbids', async () => {
  const all = String.fromCharCode(...Array.from({ length: 0xa0 }, (_, code) => code));
  const name = `Wi\u0002Fi \u001b[31mred\ufffe\uffff \u202Egpj.exe\u2066 ${all}`;
  const [row] = await rowsOf(line({ serviceName: name, description: name }));
  for (const cell of Object.values(row ?? {})) {
    expect(cell).not.toMatch(/(?![\t\r\n])[\p{Cc}\uFFFE\uFFFF\u202A-\u202E\u2066-\u2069]/u);
  }
  expect(row?.service_name).toContain('WiFi [31mred gpj.exe \t\n\r !');
});

it('CSV never has a negative zero', async () => {
  const [row] = await rowsOf(line({ total: new Decimal('-0.001'), preDiscount: new Decimal('-0') }));
  expect([row?.line_total_local, row?.line_pre_discount_local]).toEqual(['0.00', '0.00']);
});

it('a CSV file is named after the invoice, or after an estimate’s month', () => {
  expect(csvName(invoice)).toBe('ACME-1.csv');
  expect(csvName({ ...invoice, number: null })).toBe('estimate-2026-10.csv');
});
