import { Decimal } from '../billing/money/money.ts';

/** A value in the form that is sent to another thread. Prototypes are lost, so amounts are text. */
export type Sent<T> = T extends Decimal
  ? { readonly decimal: string }
  : T extends Uint8Array
    ? T
    : T extends object
      ? { readonly [Key in keyof T]: Sent<T[Key]> }
      : T;

/** Prepares a value for sending, with every digit of an amount. Bytes and plain values stay the same. */
export function toSent<T>(value: T): Sent<T> {
  return mapped(value, (one) => (Decimal.isDecimal(one) ? { decimal: one.valueOf() } : undefined)) as Sent<T>;
}

/** Restores a value that was sent. */
export function fromSent<T>(sent: Sent<T>): T {
  return mapped(sent, (one) => ('decimal' in one ? new Decimal(String(one.decimal)) : undefined)) as T;
}

/** A copy in which `change` replaces the objects it recognizes. */
function mapped(value: unknown, change: (one: object) => object | undefined): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  const changed = change(value);
  if (changed) return changed;
  if (Array.isArray(value)) return value.map((one) => mapped(one, change));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapped(one, change)]));
}
