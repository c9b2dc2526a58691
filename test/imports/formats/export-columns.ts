import type { OwnColumns, OwnRow } from './exact-sums.ts';

const first = (row: OwnRow, ...columns: readonly string[]): string =>
  columns.map((column) => row[column] ?? '').find((cell) => cell !== '') ?? '';
/** The amounts in a JSON list, as they are written. */
const listed = (json: string): string[] =>
  [...json.matchAll(/"amount":\s*(-?[\d.]+(?:[eE][+-]?\d+)?)/g)].map(([, amount = '']) => amount);

const one =
  (column: string) =>
  (row: OwnRow): string =>
    row[column] ?? '';
const amount =
  (column: string) =>
  (row: OwnRow): string[] => [row[column] ?? ''];

/** What project, service and cost are in each export, by its file. */
export const EXPORT_COLUMNS: Readonly<Record<string, OwnColumns>> = {
  'aws-cur.csv': {
    project: one('lineItem/UsageAccountId'),
    service: (row) => first(row, 'product/ProductName', 'lineItem/ProductCode'),
    amounts: amount('lineItem/UnblendedCost'),
  },
  'aws-cur-2.csv': {
    project: one('line_item_usage_account_id'),
    service: (row) =>
      /"product_name":\s*"([^"]+)"/.exec(row.product ?? '')?.[1] ?? first(row, 'line_item_product_code'),
    amounts: amount('line_item_unblended_cost'),
  },
  'azure-ea.csv': {
    project: one('SubscriptionId'),
    service: one('MeterCategory'),
    amounts: amount('CostInBillingCurrency'),
  },
  'azure-ea-cost.csv': {
    project: (row) => first(row, 'SubscriptionId', 'InvoiceSectionId', 'BillingAccountId'),
    service: one('MeterCategory'),
    amounts: amount('Cost'),
  },
  'azure-usage.csv': {
    project: one('SubscriptionGuid'),
    service: (row) => first(row, 'ServiceName', 'MeterCategory'),
    amounts: amount('PreTaxCost'),
  },
  'azure-mca.csv': {
    project: (row) => first(row, 'SubscriptionId', 'invoiceSectionId'),
    service: one('meterCategory'),
    amounts: amount('costInBillingCurrency'),
  },
  'google-export.csv': {
    project: (row) => first(row, 'project_id', 'billing_account_id'),
    service: one('service_description'),
    amounts: (row) => [row.cost ?? '', ...listed(row.credits ?? '')],
  },
  'oci.csv': {
    project: one('product/compartmentId'),
    service: one('product/service'),
    amounts: amount('cost/myCost'),
  },
};
