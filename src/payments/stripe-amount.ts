import { minorUnits } from '../billing/currency.ts';
import type { Decimal } from '../billing/money.ts';

/** Charged in hundredths, though ISO 4217 gives them no decimals: https://docs.stripe.com/currencies#special-cases */
const IN_HUNDREDTHS: readonly string[] = ['ISK', 'UGX'];

/**
 * An amount as Stripe counts it: a whole number of the currency's smallest unit (https://docs.stripe.com/currencies).
 *
 * @returns undefined for what Stripe can't charge to the unit: with three decimals its last digit has to be 0
 */
export function stripeAmount(amount: Decimal, currency: string): number | undefined {
  const decimals = IN_HUNDREDTHS.includes(currency) ? 2 : minorUnits(currency);
  const units = amount.times(10 ** decimals);
  if (!units.isInteger() || (decimals === 3 && !units.mod(10).isZero())) return undefined;
  return Number.isSafeInteger(units.toNumber()) ? units.toNumber() : undefined;
}
