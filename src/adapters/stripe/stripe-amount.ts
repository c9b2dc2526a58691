import { Decimal } from '../../billing/money/money.ts';
import type { CardObstacle } from '../../services/settlement/card-provider.ts';

/** How Stripe counts a currency: in which decimals, and the number of units of which an amount has to be a multiple. */
interface UnitRule {
  readonly decimals: number;
  readonly step: number;
}

/** https://docs.stripe.com/currencies#minor-units: unless a table below says otherwise, whatever ISO 4217 says. */
const TWO_DECIMALS: UnitRule = { decimals: 2, step: 1 };

/** https://docs.stripe.com/currencies#zero-decimal */
const ZERO_DECIMAL: readonly string[] = [
  ...['BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'],
];

/** Sent in hundredths, although only whole units can be charged: https://docs.stripe.com/currencies#special-cases */
const WHOLE_IN_HUNDREDTHS: readonly string[] = ['ISK', 'UGX'];

/** The last of the three digits has to be 0: https://docs.stripe.com/currencies#three-decimal */
const THREE_DECIMAL: readonly string[] = ['BHD', 'JOD', 'KWD', 'OMR', 'TND'];

/**
 * The smallest charge by currency: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts. For other
 * currencies Stripe applies the minimum of the currency that it settles in, which only Stripe can tell.
 */
const MINIMUMS: Readonly<Record<string, string>> = {
  ...{ AED: '2.00', AUD: '0.50', BGN: '1.00', BRL: '0.50', CAD: '0.50', CHF: '0.50', CZK: '15.00', DKK: '2.50' },
  ...{ EUR: '0.50', GBP: '0.30', HKD: '4.00', HUF: '175.00', INR: '0.50', JPY: '50', MXN: '10.00', MYR: '2.00' },
  ...{ NOK: '3.00', NZD: '0.50', PLN: '2.00', RON: '2.00', SEK: '3.00', SGD: '0.50', THB: '10.00', USD: '0.50' },
};

/**
 * An amount as Stripe counts it: a whole number of the currency's smallest unit.
 *
 * @returns undefined for what Stripe can't charge to the unit
 */
export function stripeAmount(amount: Decimal, currency: string): number | undefined {
  const { decimals, step } = ruleOf(currency);
  const units = amount.times(10 ** decimals);
  if (!units.isInteger() || !units.mod(step).isZero()) return undefined;
  return Number.isSafeInteger(units.toNumber()) ? units.toNumber() : undefined;
}

/** Why Stripe would refuse to charge an amount, as far as its tables say. */
export function stripeObstacle(amount: Decimal, currency: string): CardObstacle | undefined {
  if (stripeAmount(amount, currency) === undefined) return { kind: 'not_representable' };
  const minimum = MINIMUMS[currency];
  if (minimum === undefined || amount.gte(minimum)) return undefined;
  return { kind: 'below_minimum', minimum: new Decimal(minimum) };
}

function ruleOf(currency: string): UnitRule {
  if (ZERO_DECIMAL.includes(currency)) return { decimals: 0, step: 1 };
  if (WHOLE_IN_HUNDREDTHS.includes(currency)) return { decimals: 2, step: 100 };
  return THREE_DECIMAL.includes(currency) ? { decimals: 3, step: 10 } : TWO_DECIMALS;
}
