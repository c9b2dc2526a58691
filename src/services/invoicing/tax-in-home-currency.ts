import { completeSeller } from '../../billing/account/seller.ts';
import { homeCurrency } from '../../billing/money/home-currency.ts';
import { type Decimal, roundToMinor } from '../../billing/money/money.ts';
import { rateOn } from '../../billing/money/rate.ts';
import { dayIn } from '../../billing/period/day.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import type { InvoiceSnapshot } from '../../store/invoicing/invoices.ts';
import { fromDecimal128, toDecimal128 } from '../../store/kit/decimal.ts';
import { ratesOnce } from './invoice-terms.ts';

/** A document's tax in the seller's own currency. */
export interface TaxAtHome {
  /** Absent if the document is already in that currency, or there is no tax. */
  readonly taxAtHome?: NonNullable<InvoiceSnapshot['taxAtHome']>;
  /** Why it can't be calculated: there is no rate. Without it, the document must not be issued. */
  readonly missing?: string;
}

/**
 * A document's tax in the currency of the seller's country, if the document is in another currency and has tax
 * (Directive 2006/112/EC, Article 230), at the rate of the day.
 */
export async function taxAtHome(
  account: Pick<AccountDoc, '_id' | 'seller' | 'timeZone'>,
  of: { readonly tax: Decimal; readonly currency: string },
  now: Date,
  rates = ratesOnce(account, now),
): Promise<TaxAtHome> {
  const currency = homeCurrency(account.seller.countryCode ?? '');
  if (currency === undefined || currency === of.currency || of.tax.isZero()) return {};
  const today = dayIn(now, account.timeZone);
  const found = rateOn(await rates(), of.currency, currency, today);
  if (!found) {
    return {
      missing: `No exchange rate to convert the tax from ${of.currency} into ${currency}, the seller’s currency.`,
    };
  }
  const { rate, date, source } = found;
  const amount = toDecimal128(roundToMinor(of.tax.times(rate), currency));
  return { taxAtHome: { currency, amount, rate: toDecimal128(rate), date, source } };
}

/**
 * A credit memo's tax in the seller's currency, at the invoice's rate, so that memos for the whole invoice credit
 * exactly what it stated; at the rate of the day for an invoice of an earlier version, which stored no rate.
 *
 * @param before the tax of the invoice's earlier memos
 */
export async function memoTaxAtHome(
  account: Pick<AccountDoc, '_id' | 'timeZone'>,
  { snapshot, currency }: { readonly snapshot: InvoiceSnapshot; readonly currency: string },
  of: { readonly tax: Decimal; readonly before: Decimal },
  now: Date,
): Promise<TaxAtHome> {
  const said = snapshot.taxAtHome;
  if (said?.rate === undefined) {
    const seller = completeSeller(snapshot.seller ?? { legalName: snapshot.sellerName });
    return taxAtHome({ ...account, seller }, { tax: of.tax, currency }, now);
  }
  const rate = fromDecimal128(said.rate);
  const upTo = (tax: Decimal) => roundToMinor(tax.times(rate), said.currency);
  const amount = upTo(of.before.plus(of.tax)).minus(upTo(of.before));
  return { taxAtHome: { ...said, amount: toDecimal128(amount) } };
}
