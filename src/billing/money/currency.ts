import { createRequire } from 'node:module';

/** ISO 4217 list one of 2024-06-25: each active currency with the number of its decimals. */
const MINOR_UNITS: Readonly<Record<string, { readonly minorUnits: number | null }>> = createRequire(import.meta.url)(
  './iso4217-minor-units.json',
);

/** Codes of all currencies with a minor unit, in alphabetical order (XAU, XDR and similar codes have none). */
export const CURRENCIES: readonly string[] = Object.keys(MINOR_UNITS)
  .filter((code) => typeof MINOR_UNITS[code]?.minorUnits === 'number')
  .sort();

const names = new Intl.DisplayNames(['en'], { type: 'currency' });

/** Whether invoices can be in this currency. */
export function isCurrency(code: string): boolean {
  return typeof MINOR_UNITS[code]?.minorUnits === 'number';
}

/**
 * Whether ISO 4217 lists the code without a minor unit: gold (XAU), special drawing rights (XDR), tests (XTS), no
 * currency (XXX).
 */
export function isWithoutUnits(code: string): boolean {
  return MINOR_UNITS[code]?.minorUnits === null;
}

/** The number of decimals of a currency (JPY 0, EUR 2, KWD 3). @throws {RangeError} for a code ISO 4217 does not list */
export function minorUnits(code: string): number {
  const units = MINOR_UNITS[code]?.minorUnits;
  if (typeof units !== 'number') throw new RangeError(`Not an ISO 4217 currency: ${code}`);
  return units;
}

/** The English name of a currency, such as "Euro". */
export function currencyName(code: string): string {
  return names.of(code) ?? code;
}
