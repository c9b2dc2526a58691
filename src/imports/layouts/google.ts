import type { ExportMapping } from './export-mapping.ts';

const CATEGORIES = {
  regular: 'Usage',
  tax: 'Tax',
  adjustment: 'Adjustment',
  rounding_error: 'Adjustment',
} as const;

/**
 * The columns of a nested export, as in Parquet, are JSON objects.
 * https://cloud.google.com/billing/docs/how-to/export-data-bigquery-tables/standard-usage
 */
export const GOOGLE_EXPORT: ExportMapping = {
  name: 'Google Cloud billing export',
  recognizedBy: ['billing_account_id', 'usage_start_time', 'usage_end_time', 'cost', 'currency'],
  costColumn: 'cost',
  costNote: 'cost, plus the amounts in credits',
  cells: {
    BilledCost: [{ column: 'cost', plus: { column: 'credits', key: 'amount' } }],
    BillingAccountId: [{ column: 'billing_account_id' }],
    BillingCurrency: [{ column: 'currency' }],
    BillingPeriodStart: [
      { column: 'invoice_month', month: true },
      { column: 'invoice.month', month: true },
      { column: 'invoice', key: 'month', month: true },
    ],
    ChargeCategory: [{ column: 'cost_type', words: CATEGORIES }, { constant: 'Usage' }],
    ChargeDescription: [
      { column: 'sku_description' },
      { column: 'sku.description' },
      { column: 'sku', key: 'description' },
    ],
    ChargePeriodStart: [{ column: 'usage_start_time' }],
    ChargePeriodEnd: [{ column: 'usage_end_time' }],
    ProviderName: [{ constant: 'Google Cloud' }],
    RegionId: [{ column: 'location_region' }, { column: 'location.region' }, { column: 'location', key: 'region' }],
    ResourceId: [
      { column: 'resource_global_name' },
      { column: 'resource.global_name' },
      { column: 'resource', key: 'global_name' },
    ],
    ServiceName: [
      { column: 'service_description' },
      { column: 'service.description' },
      { column: 'service', key: 'description' },
    ],
    SkuId: [{ column: 'sku_id' }, { column: 'sku.id' }, { column: 'sku', key: 'id' }],
    SubAccountId: [{ column: 'project_id' }, { column: 'project.id' }, { column: 'project', key: 'id' }],
    SubAccountName: [{ column: 'project_name' }, { column: 'project.name' }, { column: 'project', key: 'name' }],
    Tags: [{ column: 'labels', pairs: true }],
  },
};
