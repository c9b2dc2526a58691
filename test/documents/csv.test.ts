import { expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { Decimal } from '../../src/billing/money.ts';
import { toPeriod } from '../../src/billing/period.ts';
import { csvName, invoiceCsv } from '../../src/documents/csv.ts';
import type { InvoiceSummary, LineSummary } from '../../src/services/reading.ts';

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
  lineCount: 1,
  recordCount: 1,
  computedAt: null,
  issuedAt: null,
  dueAt: null,
  heldBack: null,
  taxes: [],
  prepaid: [],
  conversions: [],
  paid: new Decimal(0),
  credited: new Decimal(0),
  open: new Decimal(0),
  failure: null,
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
  return parse(text, { columns: true, record_delimiter: '\r\n' });
}

it('keeps names with quotation marks, commas and line breaks, and amounts with the currency’s decimals', async () => {
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

it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '＝1+1'])(
  'is safe against formulas in spreadsheets: %p',
  async (text) => {
    const [row] = await rowsOf(line({ projectName: text, description: text }));
    expect([row?.project_name, row?.description]).toEqual([`'${text}`, `'${text}`]);
  },
);

it('is named after the invoice, or after the month of an estimate', () => {
  expect(csvName(invoice)).toBe('ACME-1.csv');
  expect(csvName({ ...invoice, number: null })).toBe('estimate-2026-10.csv');
});
