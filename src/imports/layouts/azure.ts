import type { ExportMapping } from './export-mapping.ts';

/** Unused reservations appear only in amortized costs, which bill nothing: those rows are rejected. */
const CATEGORIES = {
  Usage: 'Usage',
  Purchase: 'Purchase',
  Refund: 'Credit',
  Tax: 'Tax',
  Adjustment: 'Adjustment',
  RoundingAdjustment: 'Adjustment',
} as const;

/** https://learn.microsoft.com/azure/cost-management-billing/dataset-schema/cost-usage-details-ea */
export const AZURE_EA: ExportMapping = {
  name: 'Azure cost export (Enterprise Agreement, actual cost)',
  recognizedBy: ['SubscriptionId', 'CostInBillingCurrency', 'BillingCurrencyCode', 'ChargeType', 'Date'],
  costColumn: 'CostInBillingCurrency',
  cells: {
    AvailabilityZone: [{ column: 'AvailabilityZone' }],
    BilledCost: [{ column: 'CostInBillingCurrency' }],
    BillingAccountId: [{ column: 'BillingAccountId' }],
    BillingAccountName: [{ column: 'BillingAccountName' }],
    BillingCurrency: [{ column: 'BillingCurrencyCode' }],
    BillingPeriodStart: [{ column: 'BillingPeriodStartDate', day: 'begin' }],
    BillingPeriodEnd: [{ column: 'BillingPeriodEndDate', day: 'end' }],
    ChargeCategory: [{ column: 'ChargeType', words: CATEGORIES }],
    ChargeDescription: [{ column: 'ProductName' }, { column: 'MeterName' }],
    ChargePeriodStart: [{ column: 'Date', day: 'begin' }],
    ChargePeriodEnd: [{ column: 'Date', day: 'end' }],
    ConsumedQuantity: [{ column: 'Quantity' }],
    ConsumedUnit: [{ column: 'UnitOfMeasure' }],
    ProviderName: [{ constant: 'Microsoft' }],
    PublisherName: [{ column: 'PublisherName' }],
    RegionId: [{ column: 'ResourceLocation' }],
    ResourceId: [{ column: 'ResourceId' }],
    ResourceName: [{ column: 'ResourceName' }],
    ServiceCategory: [{ column: 'ServiceFamily' }],
    ServiceName: [{ column: 'MeterCategory' }, { column: 'ConsumedService' }],
    SkuId: [{ column: 'MeterId' }],
    SubAccountId: [{ column: 'SubscriptionId' }],
    SubAccountName: [{ column: 'SubscriptionName' }],
    Tags: [{ column: 'Tags' }],
  },
};

/** https://learn.microsoft.com/azure/cost-management-billing/dataset-schema/cost-usage-details-mca */
export const AZURE_MCA: ExportMapping = {
  name: 'Azure cost export (Microsoft Customer Agreement, actual cost)',
  recognizedBy: [
    'SubscriptionId',
    'costInBillingCurrency',
    'billingCurrency',
    'billingProfileId',
    'chargeType',
    'date',
  ],
  costColumn: 'costInBillingCurrency',
  cells: {
    ...AZURE_EA.cells,
    BillingCurrency: [{ column: 'billingCurrency' }],
    // reservations and marketplace purchases may have no subscription
    SubAccountId: [{ column: 'SubscriptionId' }, { column: 'invoiceSectionId' }],
    SubAccountName: [{ column: 'subscriptionName' }, { column: 'invoiceSectionName' }],
  },
};

/** The same as the portal and the API have written it since 2021: the amounts in a column Cost. */
export const AZURE_EA_COST: ExportMapping = {
  ...AZURE_EA,
  recognizedBy: ['SubscriptionId', 'Cost', 'BillingCurrency', 'ChargeType', 'Date', 'MeterCategory'],
  costColumn: 'Cost',
  cells: {
    ...AZURE_EA.cells,
    BilledCost: [{ column: 'Cost' }],
    BillingCurrency: [{ column: 'BillingCurrency' }],
    ChargeDescription: [{ column: 'Product' }, { column: 'MeterName' }],
    // reservations have no subscription
    SubAccountId: [{ column: 'SubscriptionId' }, { column: 'InvoiceSectionId' }],
    SubAccountName: [{ column: 'SubscriptionName' }, { column: 'InvoiceSection' }],
  },
};

/** https://learn.microsoft.com/azure/cost-management-billing/dataset-schema/cost-usage-details-pay-as-you-go */
export const AZURE_PAY_AS_YOU_GO: ExportMapping = {
  ...AZURE_EA,
  name: 'Azure cost export (pay-as-you-go, actual cost)',
  recognizedBy: ['SubscriptionId', 'CostInBillingCurrency', 'BillingCurrency', 'ChargeType', 'Date'],
  cells: { ...AZURE_EA.cells, BillingCurrency: [{ column: 'BillingCurrency' }] },
};

/**
 * Usage details of subscriptions that are paid as they go, as exports have had them since 2019: one subscription per
 * file, without its billing period, and with usage only.
 */
export const AZURE_USAGE: ExportMapping = {
  name: 'Azure usage details (pay-as-you-go)',
  recognizedBy: ['SubscriptionGuid', 'UsageDateTime', 'PreTaxCost', 'Currency', 'MeterCategory'],
  costColumn: 'PreTaxCost',
  cells: {
    BilledCost: [{ column: 'PreTaxCost' }],
    BillingAccountId: [{ column: 'SubscriptionGuid' }],
    BillingCurrency: [{ column: 'Currency' }],
    ChargeCategory: [{ constant: 'Usage' }],
    ChargeDescription: [{ column: 'MeterName' }],
    ChargePeriodStart: [{ column: 'UsageDateTime', day: 'begin' }],
    ChargePeriodEnd: [{ column: 'UsageDateTime', day: 'end' }],
    ConsumedQuantity: [{ column: 'UsageQuantity' }],
    ConsumedUnit: [{ column: 'UnitOfMeasure' }],
    ProviderName: [{ constant: 'Microsoft' }],
    RegionId: [{ column: 'ResourceLocation' }],
    ResourceId: [{ column: 'InstanceId' }],
    ServiceName: [{ column: 'ServiceName' }, { column: 'MeterCategory' }],
    SkuId: [{ column: 'MeterId' }],
    SubAccountId: [{ column: 'SubscriptionGuid' }],
    Tags: [{ column: 'Tags' }],
  },
};
