import { homeCurrency } from '../billing/home-currency.ts';
import { type Decimal, roundToMinor } from '../billing/money.ts';
import { oldestUsable, rateOn } from '../billing/rate.ts';
import type { AccountDoc } from '../store/accounts.ts';
import { toDecimal128 } from '../store/decimal.ts';
import type { InvoiceSnapshot } from '../store/invoices.ts';
import { Rates } from '../store/rates.ts';
import { dayIn, toRate } from './invoice-terms.ts';

/**
 * An invoice's tax in the currency of the seller's country, where the invoice is in another and there is tax (Directive
 * 2006/112/EC, Article 230), at the rate of the day; undefined where there is no rate, which keeps no invoice back.
 */
export async function taxAtHome(
  account: Pick<AccountDoc, '_id' | 'seller' | 'timeZone'>,
  of: { readonly tax: Decimal; readonly currency: string },
  now: Date,
): Promise<InvoiceSnapshot['taxAtHome']> {
  const currency = homeCurrency(account.seller.countryCode ?? '');
  if (currency === undefined || currency === of.currency || of.tax.isZero()) return undefined;
  const today = dayIn(now, account.timeZone);
  const docs = await Rates.find({ accountId: account._id, date: { $lte: today, $gte: oldestUsable(today) } }).lean();
  const found = rateOn(docs.map(toRate), of.currency, currency, today);
  if (!found) return undefined;
  return { currency, amount: toDecimal128(roundToMinor(of.tax.times(found.rate), currency)) };
}
