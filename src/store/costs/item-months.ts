import type { ItemMonths } from '../../billing/insight/price-volume.ts';
import { sum, ZERO } from '../../billing/money/money.ts';
import type { Period } from '../../billing/period/period.ts';
import { fromDecimal128 } from '../kit/decimal.ts';
import { CostItems, type CostItemsDoc, type StoredItem } from './item-sums.ts';
import { countedLoads } from './loads.ts';

/** A service of a project in the currency of its cost files. */
export interface ItemsOf {
  readonly projectId: string;
  readonly service: string;
  readonly currency: string;
}

/**
 * What services used of each item in two months, by `keyOfItems`; those without quantities are absent. Two queries, or
 * one if nothing is asked for.
 */
export async function itemsInMonths(
  accountId: string,
  of: readonly ItemsOf[],
  { now, before }: { readonly now: Period; readonly before: Period },
): Promise<ReadonlyMap<string, readonly ItemMonths[]>> {
  if (of.length === 0) return new Map();
  const { sumsIds } = await countedLoads(accountId);
  const projectId = { $in: [...new Set(of.map((one) => one.projectId))] };
  const period = { $in: [now, before] };
  const docs = await CostItems.find({ accountId, projectId, period, sumsId: { $in: [...sumsIds] } }).lean<
    CostItemsDoc[]
  >();
  const found = new Map<string, Map<string, ItemMonths>>();
  for (const doc of docs) {
    const key = keyOfItems({ projectId: doc.projectId, service: doc.serviceName, currency: doc.currency });
    const items = found.get(key) ?? new Map<string, ItemMonths>();
    for (const one of doc.items) addTo(items, one, doc.period === now ? 'now' : 'before');
    found.set(key, items);
  }
  return new Map([...found].map(([key, items]) => [key, [...items.values()]]));
}

export function keyOfItems({ projectId, service, currency }: ItemsOf): string {
  return JSON.stringify([projectId, service, currency]);
}

function addTo(items: Map<string, ItemMonths>, { item, unit, ...stored }: StoredItem, month: keyof ItemMonths): void {
  const key = JSON.stringify([item, unit]);
  const months = items.get(key) ?? { now: null, before: null };
  const quantity = sum([months[month]?.quantity ?? ZERO, fromDecimal128(stored.quantity)]);
  const amount = sum([months[month]?.amount ?? ZERO, fromDecimal128(stored.amount)]);
  items.set(key, { ...months, [month]: { quantity, amount } });
}
