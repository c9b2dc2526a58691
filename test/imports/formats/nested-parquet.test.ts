import { expect, it } from '@jest/globals';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { readCosts } from '../../../src/imports/costs/cost-file.ts';
import { chunks } from '../focus-file.ts';

type SchemaElement = NonNullable<Parameters<typeof parquetWriteBuffer>[0]['schema']>[number];

const text = (name: string): SchemaElement => ({
  ...{ name, type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL', converted_type: 'UTF8' },
});
const double = (name: string): SchemaElement => ({ name, type: 'DOUBLE', repetition_type: 'OPTIONAL' });
const instant = (name: string): SchemaElement => ({
  ...{ name, type: 'INT64', repetition_type: 'OPTIONAL', converted_type: 'TIMESTAMP_MICROS' },
});
const struct = (name: string, ...children: SchemaElement[]): SchemaElement[] => [
  { name, repetition_type: 'OPTIONAL', num_children: children.length },
  ...children,
];
const list = (name: string, ...children: SchemaElement[]): SchemaElement[] => [
  { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  ...struct('element', ...children),
];

const SCHEMA: SchemaElement[] = [
  { name: 'root', num_children: 12 },
  text('billing_account_id'),
  ...struct('service', text('id'), text('description')),
  ...struct('sku', text('id'), text('description')),
  instant('usage_start_time'),
  instant('usage_end_time'),
  ...struct('project', text('id'), text('name')),
  ...list('labels', text('key'), text('value')),
  double('cost'),
  text('currency'),
  ...list('credits', text('name'), double('amount')),
  ...struct('invoice', text('month')),
  text('cost_type'),
];

it('Google’s export with its nested columns, as BigQuery writes it in Parquet, is read like the flattened one', async () => {
  const [began, ended] = [new Date('2026-10-20T07:00:00Z'), new Date('2026-10-20T08:00:00Z')];
  const columns: Readonly<Record<string, unknown[]>> = {
    billing_account_id: ['01A', '01A'],
    service: [
      { id: 's', description: 'Compute Engine' },
      { id: 't', description: 'Storage' },
    ],
    sku: [
      { id: 'k', description: 'Core' },
      { id: 'l', description: 'GB' },
    ],
    usage_start_time: [began, began],
    usage_end_time: [ended, ended],
    project: [{ id: 'shop', name: 'Shop' }, null],
    labels: [[{ key: 'env', value: 'prod' }], []],
    cost: [0.3, 1e-7],
    currency: ['EUR', 'EUR'],
    credits: [
      [
        { name: 'a', amount: -0.1 },
        { name: 'b', amount: -1.5e-7 },
      ],
      [],
    ],
    invoice: [{ month: '202610' }, { month: '202610' }],
    cost_type: ['regular', 'tax'],
  };
  const columnData = Object.entries(columns).map(([name, data]) => ({ name, data }));
  const bytes = Buffer.from(parquetWriteBuffer({ schema: SCHEMA, columnData }));
  const rows = [];
  for await (const row of readCosts({ bytes: chunks(bytes), again: () => chunks(bytes) })) rows.push(row);
  expect(rows.map((row) => row.kind === 'row' && row.amount.toFixed())).toEqual(['0.19999985', '0.0000001']);
  expect(rows).toMatchObject([
    {
      ...{ subAccountId: 'shop', subAccountName: 'Shop', serviceName: 'Compute Engine', description: 'Core' },
      ...{ billingMonth: '2026-10', tags: { env: 'prod' }, begin: began, end: ended, lineType: 'service_charge' },
    },
    // a charge to the billing account itself
    { subAccountId: '01A', serviceName: 'Storage', lineType: 'extra_charge' },
  ]);
});
