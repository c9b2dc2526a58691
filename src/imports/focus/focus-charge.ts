import type { LineType } from '../../billing/invoice/invoice.ts';
import { BoundedCache } from '../file/bounded-cache.ts';
import type { KnownColumn } from './focus-columns.ts';

/** The line types of domain.md for a provider's charges. */
export type FocusLineType = Extract<LineType, 'service_charge' | 'extra_charge' | 'support_charge' | 'other_event'>;

/** The cells of a row by column. */
export interface RowCells {
  /** The trimmed value; null if the row or the file has none. */
  text(column: KnownColumn): string | null;
}

/**
 * ChargeCategory's five values in FOCUS 1.0 to 1.4. Tax and Adjustment (anything in no other category) are charged on
 * top of services. A Credit lowers the provider's bill: it is a negative cost rather than one of our credits, so it
 * gets a separate, visible line instead of `credit_consumption`.
 */
const LINE_TYPES: ReadonlyMap<string, FocusLineType> = new Map([
  ['usage', 'service_charge'],
  ['purchase', 'service_charge'],
  ['tax', 'extra_charge'],
  ['adjustment', 'extra_charge'],
  ['credit', 'other_event'],
]);

/** Prefixes of provider names, and the short names of their clouds. */
const CLOUDS: readonly (readonly [start: string, short: string])[] = [
  ['aws', 'aws'],
  ['amazon', 'aws'],
  ['microsoft', 'azure'],
  ['azure', 'azure'],
  ['google', 'google'],
  ['gcp', 'google'],
  ['oracle', 'oracle'],
  ['oci', 'oracle'],
  ['alibaba', 'alibaba'],
  ['ibm', 'ibm'],
  ['digitalocean', 'do'],
];

const clouds = new BoundedCache(2048, (providerAndRegion) => {
  const [provider = '', region = ''] = providerAndRegion.split('\n');
  return [shortName(provider), slug(region)].filter((part) => part !== '').join('-');
});

/**
 * The line type of a charge; null if its category isn't one of FOCUS's. Usage and purchases count as support if the
 * file says so: FOCUS has had the ServiceSubcategory "Support" since 1.1. A service's name isn't enough.
 */
export function lineType(category: string, row: RowCells): FocusLineType | null {
  const type = LINE_TYPES.get(category.toLowerCase());
  if (
    type === 'service_charge' &&
    (isSupport(row.text('ServiceSubcategory')) || isSupport(row.text('ServiceCategory')))
  ) {
    return 'support_charge';
  }
  return type ?? null;
}

/**
 * Provider and region, such as `aws-us-west-2`; null without a region. Up to 1.3, ProviderName was also the cloud on
 * which a marketplace's service ran. HostProviderName replaces it for those.
 */
export function cloudName(row: RowCells): string | null {
  const region = row.text('RegionId');
  if (region === null) return null;
  const provider = row.text('ProviderName') ?? row.text('HostProviderName') ?? row.text('ServiceProviderName');
  return clouds.get(`${provider ?? ''}\n${region}`);
}

function isSupport(value: string | null): boolean {
  return value?.toLowerCase() === 'support';
}

function shortName(provider: string): string {
  const name = slug(provider);
  return CLOUDS.find(([start]) => name === start || name.startsWith(`${start}-`))?.[1] ?? name;
}

function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
}
