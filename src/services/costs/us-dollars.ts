import { Decimal, roundToMinor } from '../../billing/money/money.ts';
import { rateOn } from '../../billing/money/rate.ts';
import { dayIn } from '../../billing/period/day.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { ratesFor } from '../invoicing/invoice-terms.ts';
import { SharedReads } from '../kit/shared-reads.ts';

const USD = 'USD';
/** Enough to show every digit of a rate. */
const A_BILLION = new Decimal(1e9);

const rateReads = new SharedReads<Awaited<ReturnType<typeof ratesFor>>>();

/** An amount in US dollars, rounded to cents; null if there is no rate. */
export type ToUsd = (amount: Decimal, currency: string) => Decimal | null;

/**
 * Converts amounts in these currencies to US dollars, for information, at the rate of an instant's day in the account's
 * time zone. One query, shared by requests at the same time, or none if all of them are dollars.
 */
export async function usdOf(
  account: Pick<AccountDoc, '_id' | 'timeZone'>,
  currencies: readonly string[],
  instant: Date,
): Promise<ToUsd> {
  const foreign = [...new Set(currencies)].filter((code) => code !== USD);
  const day = dayIn(instant, account.timeZone);
  const read = () => ratesFor(account._id, day);
  const rates = foreign.length === 0 ? [] : await rateReads.get(JSON.stringify([account._id, day]), read);
  const rateOf = new Map(foreign.map((code) => [code, rateOn(rates, code, USD, day)?.rate]));
  return (amount, currency) => {
    if (currency === USD) return amount;
    const rate = rateOf.get(currency);
    return rate ? roundToMinor(amount.times(rate), USD) : null;
  };
}

/** The same as long as the rates are. */
export function ratesStamp(toUsd: ToUsd, currencies: readonly string[]): string {
  return JSON.stringify(currencies.map((currency) => [currency, toUsd(A_BILLION, currency)]));
}
