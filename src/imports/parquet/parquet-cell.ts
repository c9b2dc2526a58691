import type { CellForm } from './parquet-schema.ts';

const DAY_MS = 86_400_000;
/** With this many digits, any two floating-point numbers of 32 bits differ. */
const FLOAT_DIGITS = 9;

/**
 * A value as the text that a CSV file would have: decimals with all their digits, instants with every digit of the
 * fraction, floating-point numbers in their shortest form. A missing value is an empty text.
 */
export function cellText(form: CellForm, value: unknown): string {
  if (value === null || value === undefined) return '';
  switch (form.kind) {
    case 'decimal':
      return decimalText(integerOf(value), form.scale);
    case 'timestamp':
      return instantText(integerOf(value), form);
    case 'day':
      return new Date(Number(value) * DAY_MS).toISOString().slice(0, 10);
    case 'float':
      return shortestFloat(Number(value));
    case 'opaque':
      return '';
    case 'nested':
      return JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? String(inner) : inner));
    default:
      return String(value);
  }
}

/** A stored integer: a number, or the bytes of a signed one, the most significant first. */
function integerOf(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (!(value instanceof Uint8Array)) return BigInt(Number(value));
  if (value.length === 0) return 0n;
  const unsigned = BigInt(`0x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`);
  return BigInt.asIntN(value.length * 8, unsigned);
}

function decimalText(unscaled: bigint, scale: number): string {
  if (scale <= 0) return String(unscaled * 10n ** BigInt(-scale));
  const sign = unscaled < 0n ? '-' : '';
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const fraction = digits.slice(-scale).replace(/0+$/, '');
  return `${sign}${digits.slice(0, -scale)}${fraction === '' ? '' : `.${fraction}`}`;
}

function instantText(count: bigint, { perSecond, isUtc }: Extract<CellForm, { kind: 'timestamp' }>): string {
  const rest = ((count % perSecond) + perSecond) % perSecond;
  const date = new Date(Number((count - rest) / perSecond) * 1000);
  if (Number.isNaN(date.getTime())) return String(count);
  const seconds = date.toISOString().slice(0, -5);
  const fraction = String(rest)
    .padStart(String(perSecond).length - 1, '0')
    .replace(/0+$/, '');
  return `${seconds}${fraction === '' ? '' : `.${fraction}`}${isUtc ? 'Z' : ''}`;
}

function shortestFloat(value: number): string {
  for (let digits = 1; digits < FLOAT_DIGITS; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(FLOAT_DIGITS)));
}
