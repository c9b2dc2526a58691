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
