import { type Decimal, toFixedMinor } from '../../billing/money/money.ts';
import { leaf, type XmlElement } from './xml.ts';

/** An amount with its currency and the currency's decimals. */
export function amount(name: string, value: Decimal, currency: string): XmlElement | null {
  return leaf(name, toFixedMinor(value, currency), { currencyID: currency });
}
