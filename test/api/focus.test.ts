import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { Decimal, sum } from '../../src/billing/money/money.ts';
import { importFocus } from '../../src/services/costs/imports.ts';
import { createCampaign } from '../../src/services/credits/credit-campaigns.ts';
import { claimCredit } from '../../src/services/credits/credits.ts';
import { createAdjustment } from '../../src/services/invoicing/adjustments.ts';
import { closeInvoice } from '../../src/services/invoicing/close.ts';
import { refreshEstimates } from '../../src/services/invoicing/estimates.ts';
import { Groups } from '../../src/store/groups/groups.ts';
import { Invoices, Lines } from '../../src/store/invoicing/invoices.ts';
import { fromDecimal128, toDecimal128 } from '../../src/store/kit/decimal.ts';
import { migrate } from '../../src/store/migrations/migrate.ts';
import { type RunningApi, startApi, tokenFor } from '../support/api/api.ts';
import { anAccount, contextAt, person, TestClock } from '../support/context.ts';
import { useDatabase } from '../support/database/database.ts';
import { costRow, FOCUS_HEAD, groupWithCosts, OCTOBER } from '../support/invoices/invoices.ts';

useDatabase(migrate);

const clock = new TestClock('2026-11-10T12:00:00Z');
const ctx = contextAt(clock);
const owner = contextAt(clock, person('U_OWNER'));
let api: RunningApi;
let accountId = '';
let token = '';

/** FOCUS 1.2: the columns that a file must have. */
const MANDATORY = [
  ...['BilledCost', 'BillingAccountId', 'BillingAccountName', 'BillingCurrency', 'BillingPeriodEnd'],
  ...['BillingPeriodStart', 'ChargeCategory', 'ChargeClass', 'ChargeDescription', 'ChargePeriodEnd'],
  ...['ChargePeriodStart', 'ContractedCost', 'EffectiveCost', 'InvoiceIssuerName', 'ListCost', 'PricingQuantity'],
  ...['PricingUnit', 'ProviderName', 'PublisherName', 'ServiceCategory', 'ServiceName'],
];
/** The mandatory columns that can be empty. */
const NULLABLE = ['BillingAccountName', 'ChargeClass', 'ChargeDescription', 'PricingQuantity', 'PricingUnit'];

beforeAll(async () => {
  api = await startApi(clock);
  const rows = [
    ...Array.from({ length: 40 }, (_, at) => costRow(`${at}.333333`, { project: `p${at}`, service: `S${at % 7}` })),
    costRow('-4.445', { project: 'p1', service: 'Refund' }),
    costRow('3.21', { project: 'p1', day: '2026-11-03' }),
  ];
  const { account, group } = await groupWithCosts(ctx, rows);
  accountId = account._id;
  const of = { accountId, billingGroupId: group._id };
  // the next month to be invoiced
  await Groups.updateOne({ _id: group._id }, { $set: { nextPeriod: OCTOBER } });
  const october = { ...of, from: '2026-10' };
  await createAdjustment(ctx, { ...october, kind: 'discount', description: 'Loyal', percentage: '7.5' });
  await createAdjustment(ctx, { ...october, kind: 'charge', description: 'Support', amount: '19.99' });
  await createAdjustment(ctx, { ...october, kind: 'commitment', description: 'Minimum', amount: '1000.00' });
  const { codes } = await createCampaign(owner, accountId, {
    ...{ name: 'Spring', type: 'promotion', value: '33.33', currency: 'EUR' },
    ...{ startDay: '2026-10-01', endDay: null, claimsPerCode: 1, codes: 1, ownCode: null },
  });
  await claimCredit(ctx, { ...of, code: codes[0] ?? '' });
  await closeInvoice(ctx, group, OCTOBER);
  await refreshEstimates(ctx);
  token = await tokenFor(clock, accountId, { scope: 'billing:read' });
});
afterAll(() => api.stop());

async function exported(period = '2026-10'): Promise<Record<string, string>[]> {
  const answer = await api.ask('GET', `/focus?period=${period}`, { token });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-disposition')).toBe(`attachment; filename=focus-${period}.csv`);
  return parse(answer.text, { columns: true });
}

const billed = (rows: readonly Record<string, string>[]) => sum(rows.map((row) => new Decimal(row.BilledCost ?? '')));

describe('GET /focus', () => {
  it('adds up to each invoice’s net, with discounts, charges, fees, credits and rounding', async () => {
    const rows = await exported();
    const invoice = await Invoices.findOne({ accountId, period: OCTOBER }).orFail().lean();
    const types = new Set(rows.map((row) => row.x_LineType));
    for (const type of ['service_charge', 'extra_charge', 'commitment_fee', 'credit_consumption', 'multiplier']) {
      expect(types).toContain(type);
    }
    expect(new Set(rows.map((row) => row.InvoiceId))).toEqual(new Set([invoice.number]));
    expect(billed(rows).toFixed(2)).toBe(fromDecimal128(invoice.net).toFixed(2));
    expect(fromDecimal128(invoice.tax).gt(0)).toBe(true);
    expect(rows).toHaveLength(invoice.lineCount);
  });

  it('has every mandatory column, and no empty cell where a value is required', async () => {
    for (const row of await exported()) {
      for (const column of MANDATORY) {
        expect(Object.keys(row)).toContain(column);
        if (!NULLABLE.includes(column)) expect({ column, value: row[column] }).not.toEqual({ column, value: '' });
      }
      const isPriced = ['Usage', 'Purchase'].includes(row.ChargeCategory ?? '') && row.ChargeClass !== 'Correction';
      expect(row.PricingQuantity).toBe(isPriced ? '1' : '');
      for (const column of ['BilledCost', 'ContractedCost', 'EffectiveCost', 'ListCost']) {
        expect(row[column]).toMatch(/^-?\d+\.\d{2}$/);
      }
      for (const column of ['BillingPeriodStart', 'BillingPeriodEnd', 'ChargePeriodStart', 'ChargePeriodEnd']) {
        expect(row[column]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      }
      expect(['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment']).toContain(row.ChargeCategory);
    }
  });

  it('has the open month without an InvoiceId, and no rows for a month without invoices', async () => {
    const rows = await exported('2026-11');
    expect(rows.length).toBeGreaterThan(0);
    expect(new Set(rows.map((row) => row.InvoiceId))).toEqual(new Set(['']));
    const answer = await api.ask('GET', '/focus?period=2020-01', { token });
    expect(answer.text.split('\r\n')).toHaveLength(2);
  });

  it('gets an explanatory row for the difference if the lines of an old invoice don’t add up', async () => {
    const invoice = await Invoices.findOne({ accountId, period: OCTOBER }).orFail().lean();
    const line = { invoiceId: invoice._id, place: 1 };
    const before = await Lines.findOne(line).orFail().lean();
    const other = fromDecimal128(before.total).plus('0.02');
    await Lines.updateOne(line, { $set: { total: toDecimal128(other) } });
    const rows = await exported();
    expect(rows.filter((row) => row.x_LineType === 'rounding').map((row) => row.BilledCost)).toEqual(['-0.02']);
    expect(billed(rows).toFixed(2)).toBe(fromDecimal128(invoice.net).toFixed(2));
    await Lines.updateOne(line, { $set: { total: before.total } });
  });

  it('has the tags that all costs of a line have, as do the API’s lines and the published CSV', async () => {
    const tagged = (service: string, tags: Record<string, string>) =>
      `${costRow('1.00', { service })},"${JSON.stringify(tags).replaceAll('"', '""')}"`;
    const rows = [
      tagged('Same', { team: 'core', env: 'prod' }),
      tagged('Same', { env: 'prod', team: 'core' }),
      tagged('Partly', { app: 'a', env: 'prod', zone: '=1' }),
      tagged('Partly', { app: 'b', env: 'prod', zone: '=1' }),
      tagged('Partly', { app: 'a', zone: '=1' }),
      tagged('Untagged', { app: 'a' }),
      tagged('Untagged', {}),
    ];
    const { _id } = await anAccount(ctx, { currency: 'EUR' });
    const text = [`${FOCUS_HEAD},Tags`, ...rows].join('\n');
    const open = () => Readable.from([Buffer.from(text)]);
    await importFocus(ctx, { accountId: _id, fileName: 'x.csv', replace: false, open });
    await refreshEstimates(ctx);
    const reader = { token: await tokenFor(clock, _id, { scope: 'billing:read' }) };
    const group = await Groups.findOne({ accountId: _id }).orFail().lean();
    const estimate = `/billing-group/${group._id.slice(3)}/invoice/estimate-2026-10`;
    const { body } = await api.ask('GET', `${estimate}/lines`, reader);
    const lines = body.lines as { service_name: string; tags: unknown }[];
    const expected = { Partly: { zone: '=1' }, Same: { env: 'prod', team: 'core' }, Untagged: {} };
    expect(Object.fromEntries(lines.map((line) => [line.service_name, line.tags]))).toEqual(expected);
    const csv = parse((await api.ask('GET', `${estimate}/csv`, reader)).text) as string[][];
    expect(csv.slice(1).map((row) => [row[1], row[14]])).toEqual([
      ['Partly', 'zone==1'],
      ['Same', 'env=prod;team=core'],
      ['Untagged', ''],
    ]);
    const focus = await api.ask('GET', '/focus?period=2026-10', reader);
    const charges = parse(focus.text, { columns: true }) as Record<string, string>[];
    expect(Object.fromEntries(charges.map((one) => [one.ServiceName, JSON.parse(one.Tags || '{}')]))).toEqual(expected);
  });

  it('covers several months, also as Parquet with the same charges', async () => {
    const range = '/focus?period_from=2026-09&period_to=2026-11';
    const rows: Record<string, string>[] = parse((await api.ask('GET', range, { token })).text, { columns: true });
    expect(rows).toEqual([...(await exported()), ...(await exported('2026-11'))]);
    const file = await fetch(`${api.url}/v1${range}&format=parquet`, { headers: { authorization: `Bearer ${token}` } });
    expect(file.headers.get('content-type')).toBe('application/vnd.apache.parquet');
    expect(file.headers.get('content-disposition')).toBe('attachment; filename=focus-2026-09-to-2026-11.parquet');
    const bytes = await file.arrayBuffer();
    const charges = await parquetReadObjects({ file: bytes });
    const shown = (value: unknown) => {
      if (value instanceof Date) return value.toISOString().replace('.000', '');
      return value === null || value === undefined ? '' : String(value);
    };
    const asNumbers = (row: Record<string, string>) =>
      Object.fromEntries(
        Object.entries(row).map(([column, cell]) => [
          column,
          /Cost|Quantity/.test(column) ? String(Number(cell || NaN)) : cell,
        ]),
      );
    const read = charges.map((row) => Object.fromEntries(Object.entries(row).map(([key, cell]) => [key, shown(cell)])));
    expect(read.map(asNumbers)).toEqual(rows.map(asNumbers));
    const { schema } = await parquetMetadataAsync(bytes);
    expect(schema.find(({ name }) => name === 'BilledCost')).toMatchObject({ converted_type: 'DECIMAL', scale: 4 });
  });

  it('isn’t sent again while nothing has changed', async () => {
    for (const query of ['period=2026-10', 'period_from=2026-10&period_to=2026-11&format=parquet']) {
      const etag = (await api.ask('GET', `/focus?${query}`, { token })).headers.get('etag') ?? '';
      const again = () => api.ask('GET', `/focus?${query}`, { token, headers: { 'if-none-match': etag } });
      expect((await again()).status).toBe(304);
      const { _id, touches } = await Invoices.findOne({ accountId, period: OCTOBER }).orFail().lean();
      await Invoices.updateOne({ _id }, { $inc: { touches: 1 } });
      expect((await again()).status).toBe(200);
      await Invoices.updateOne({ _id }, touches === undefined ? { $unset: { touches: 1 } } : { $set: { touches } });
    }
  });

  it.each([
    '',
    'period_from=2026-10',
    'period=2026-10&period_from=2026-10&period_to=2026-10',
    'period_from=2026-10&period_to=2026-09',
    'period_from=2023-10&period_to=2026-10',
    'period=2026-10&format=xlsx',
  ])('is refused for “%s”', async (query) => {
    expect((await api.ask('GET', `/focus?${query}`, { token })).status).toBe(400);
  });

  it('can be read by the import with the same total', async () => {
    const { text } = await api.ask('GET', '/focus?period=2026-10', { token });
    const { _id: other } = await anAccount(ctx, { currency: 'EUR' });
    const open = () => Readable.from([Buffer.from(text)]);
    const report = await importFocus(ctx, { accountId: other, fileName: 'focus.csv', replace: false, open });
    expect({ rejected: report.rejected, read: report.read }).toEqual({ rejected: 0, read: (await exported()).length });
    expect(new Decimal(report.sums.EUR ?? '').toFixed(2)).toBe(billed(await exported()).toFixed(2));
  });
});
