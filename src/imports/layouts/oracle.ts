import type { ExportMapping } from './export-mapping.ts';

/** https://docs.oracle.com/iaas/Content/Billing/Concepts/costusagereportsoverview.htm */
export const OCI_COST_REPORT: ExportMapping = {
  name: 'Oracle Cloud (OCI) cost report',
  recognizedBy: [
    'lineItem/tenantId',
    'lineItem/intervalUsageStart',
    'lineItem/intervalUsageEnd',
    'cost/myCost',
    'cost/currencyCode',
  ],
  costColumn: 'cost/myCost',
  cells: {
    AvailabilityZone: [{ column: 'product/availabilityDomain' }],
    BilledCost: [{ column: 'cost/myCost' }],
    BillingAccountId: [{ column: 'lineItem/tenantId' }],
    BillingCurrency: [{ column: 'cost/currencyCode' }],
    ChargeCategory: [{ constant: 'Usage' }],
    ChargeDescription: [{ column: 'product/Description' }],
    ChargePeriodStart: [{ column: 'lineItem/intervalUsageStart' }],
    ChargePeriodEnd: [{ column: 'lineItem/intervalUsageEnd' }],
    ConsumedQuantity: [{ column: 'usage/billedQuantity' }],
    ConsumedUnit: [{ column: 'cost/skuUnitDescription' }, { column: 'cost/billingUnitReadable' }],
    ProviderName: [{ constant: 'Oracle' }],
    RegionId: [{ column: 'product/region' }],
    ResourceId: [{ column: 'product/resourceId' }],
    ServiceName: [{ column: 'product/service' }],
    SkuId: [{ column: 'cost/productSku' }],
    SubAccountId: [{ column: 'product/compartmentId' }],
    SubAccountName: [{ column: 'product/compartmentName' }],
  },
  tagColumns: 'tags/',
};
