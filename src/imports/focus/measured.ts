import { Decimal } from '../../billing/money/money.ts';
import type { KnownColumn } from './focus-columns.ts';
import { parseDecimal } from './focus-values.ts';

/** How much of what a row charges for. */
export interface Measured {
  /** What has a price: the SKU, or else its price or description. */
  readonly item: string;
  /** Empty if the file doesn't say. */
  readonly unit: string;
  readonly quantity: Decimal;
}

/** Priced quantities come first, since prices are for these: usage in seconds can be priced by the hour. */
const QUANTITIES = [
  { quantity: 'PricingQuantity', unit: 'PricingUnit' },
  { quantity: 'ConsumedQuantity', unit: 'ConsumedUnit' },
] as const;
const ITEMS = ['SkuId', 'SkuPriceId', 'ChargeDescription'] as const;
const MOST_CHARACTERS = 200;
/** Far more than any quantity; a cell with more is no quantity. */
const MOST_DIGITS = 30;

/** A row's quantity; undefined if it has none that can be read. It is never a reason to reject a row. */
export function measuredOf(row: { text(column: KnownColumn): string | null }): Measured | undefined {
  const item = ITEMS.map((column) => row.text(column)).find((text) => text !== null);
  if (item === undefined || item === null) return undefined;
  for (const { quantity, unit } of QUANTITIES) {
    const parts = parseDecimal(row.text(quantity) ?? '');
    if (parts === null || parts.digits === 0 || parts.digits + Math.abs(parts.exponent) > MOST_DIGITS) continue;
    const measured = new Decimal(parts.canonical);
    return {
      item: item.slice(0, MOST_CHARACTERS),
      unit: (row.text(unit) ?? '').slice(0, MOST_CHARACTERS),
      quantity: measured,
    };
  }
  return undefined;
}
