import type { ExportMapping } from './export-mapping.ts';

/**
 * The types of line items. Discounts and negations lower other lines, so they are adjustments with negative amounts:
 * only all of them together are what AWS bills.
 */
const CATEGORIES = {
  Usage: 'Usage',
  DiscountedUsage: 'Usage',
  SavingsPlanCoveredUsage: 'Usage',
  Fee: 'Purchase',
  RIFee: 'Purchase',
  SavingsPlanUpfrontFee: 'Purchase',
  SavingsPlanRecurringFee: 'Purchase',
  Tax: 'Tax',
  Credit: 'Credit',
  Refund: 'Credit',
  SavingsPlanNegation: 'Adjustment',
  BundledDiscount: 'Adjustment',
  EdpDiscount: 'Adjustment',
  PrivateRateDiscount: 'Adjustment',
  RiVolumeDiscount: 'Adjustment',
  DistributorDiscount: 'Adjustment',
} as const;

/** https://docs.aws.amazon.com/cur/latest/userguide/data-dictionary.html */
export const AWS_CUR: ExportMapping = {
  name: 'AWS Cost and Usage Report',
  recognizedBy: ['lineItem/LineItemType', 'lineItem/UsageStartDate', 'lineItem/UnblendedCost', 'lineItem/CurrencyCode'],
  costColumn: 'lineItem/UnblendedCost',
  cells: {
    AvailabilityZone: [{ column: 'lineItem/AvailabilityZone' }],
    BilledCost: [{ column: 'lineItem/UnblendedCost' }],
    BillingAccountId: [{ column: 'bill/PayerAccountId' }],
    BillingCurrency: [{ column: 'lineItem/CurrencyCode' }],
    BillingPeriodStart: [{ column: 'bill/BillingPeriodStartDate' }],
    BillingPeriodEnd: [{ column: 'bill/BillingPeriodEndDate' }],
    ChargeCategory: [{ column: 'lineItem/LineItemType', words: CATEGORIES }],
    ChargeDescription: [{ column: 'lineItem/LineItemDescription' }],
    ChargePeriodStart: [{ column: 'lineItem/UsageStartDate' }],
    ChargePeriodEnd: [{ column: 'lineItem/UsageEndDate' }],
    ConsumedQuantity: [{ column: 'lineItem/UsageAmount' }],
    ConsumedUnit: [{ column: 'pricing/unit' }],
    ProviderName: [{ constant: 'AWS' }],
    PublisherName: [{ column: 'lineItem/LegalEntity' }],
    RegionId: [{ column: 'product/region' }, { column: 'product/regionCode' }],
    ResourceId: [{ column: 'lineItem/ResourceId' }],
    ServiceCategory: [{ column: 'product/productFamily' }],
    ServiceName: [{ column: 'product/ProductName' }, { column: 'lineItem/ProductCode' }],
    SkuId: [{ column: 'product/sku' }],
    SkuPriceId: [{ column: 'lineItem/UsageType' }],
    SubAccountId: [{ column: 'lineItem/UsageAccountId' }],
    SubAccountName: [{ column: 'lineItem/UsageAccountName' }],
  },
  tagColumns: 'resourceTags/user:',
};

/** https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2.html */
export const AWS_CUR_2: ExportMapping = {
  name: 'AWS Cost and Usage Report 2.0',
  recognizedBy: [
    'line_item_line_item_type',
    'line_item_usage_start_date',
    'line_item_unblended_cost',
    'line_item_currency_code',
  ],
  costColumn: 'line_item_unblended_cost',
  cells: {
    AvailabilityZone: [{ column: 'line_item_availability_zone' }],
    BilledCost: [{ column: 'line_item_unblended_cost' }],
    BillingAccountId: [{ column: 'bill_payer_account_id' }],
    BillingAccountName: [{ column: 'bill_payer_account_name' }],
    BillingCurrency: [{ column: 'line_item_currency_code' }],
    BillingPeriodStart: [{ column: 'bill_billing_period_start_date' }],
    BillingPeriodEnd: [{ column: 'bill_billing_period_end_date' }],
    ChargeCategory: [{ column: 'line_item_line_item_type', words: CATEGORIES }],
    ChargeDescription: [{ column: 'line_item_line_item_description' }],
    ChargePeriodStart: [{ column: 'line_item_usage_start_date' }],
    ChargePeriodEnd: [{ column: 'line_item_usage_end_date' }],
    ConsumedQuantity: [{ column: 'line_item_usage_amount' }],
    ConsumedUnit: [{ column: 'pricing_unit' }],
    ProviderName: [{ constant: 'AWS' }],
    PublisherName: [{ column: 'line_item_legal_entity' }],
    RegionId: [{ column: 'product_region_code' }, { column: 'product', key: 'region' }],
    ResourceId: [{ column: 'line_item_resource_id' }],
    ServiceCategory: [{ column: 'product_product_family' }],
    ServiceName: [
      { column: 'product', key: 'product_name' },
      { column: 'product_product_name' },
      { column: 'line_item_product_code' },
    ],
    SkuId: [{ column: 'product_sku' }],
    SkuPriceId: [{ column: 'line_item_usage_type' }],
    SubAccountId: [{ column: 'line_item_usage_account_id' }],
    SubAccountName: [{ column: 'line_item_usage_account_name' }],
    Tags: [{ column: 'resource_tags' }],
  },
  tagColumns: 'resource_tags_user_',
};
