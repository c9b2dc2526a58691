import type { Seller } from '../account/seller.ts';
import type { BillingInformation } from '../group/billing-information.ts';
import { countryName } from '../group/country.ts';
import { type Decimal, sum } from '../money/money.ts';
import { dayName } from '../period/day.ts';
import { staleSince } from '../tax/standard-rates.ts';
import { taxPlace } from '../tax/tax-place.ts';
import { RATE_REVIEW_DUE } from '../tax/tax-words.ts';

/** What closing a group's period would produce, based on the current estimate. */
export interface DryRunFigures {
  readonly currency: string;
  readonly net: Decimal;
  readonly tax: Decimal;
  readonly total: Decimal;
  /** Why it would stay an estimate; null if it would be issued. */
  readonly heldBack: string | null;
}

/** What would be issued in one currency. */
export interface DryRunTotal {
  readonly currency: string;
  readonly invoices: number;
  readonly net: Decimal;
  readonly tax: Decimal;
  readonly total: Decimal;
}

/** How many calendar days before a close its dry run is announced, at the same time of day (our rule). */
export const DRY_RUN_DAYS_AHEAD = 3;

/** What would be issued, by currency. Doesn't include what would be held back. */
export function dryRunTotals(all: readonly DryRunFigures[]): DryRunTotal[] {
  const issued = all.filter(({ heldBack }) => heldBack === null);
  const currencies = [...new Set(issued.map(({ currency }) => currency))].sort();
  return currencies.map((currency) => {
    const own = issued.filter((one) => one.currency === currency);
    return {
      currency,
      invoices: own.length,
      net: sum(own.map(({ net }) => net)),
      tax: sum(own.map(({ tax }) => tax)),
      total: sum(own.map(({ total }) => total)),
    };
  });
}

/**
 * What a group's invoice would lack, each item as words for a list. None of it holds an invoice back (domain.md, Money:
 * only a missing rate does), but an issued invoice can't be changed. An invoice of zero needs nothing.
 */
export function missingBuyerDetails(buyer: BillingInformation, total: Decimal): string[] {
  if (total.isZero()) return [];
  const { company, addressLines, city, countryCode, billingEmails, contactEmails, vatId, vatState } = buyer;
  return [
    company.trim() === '' && 'no company',
    (addressLines.length === 0 || city === '') && 'incomplete address',
    countryCode === '' && 'no country: taxed as in the seller’s country',
    billingEmails.length + contactEmails.length === 0 && 'no email address',
    vatId !== '' && vatState === 'unconfirmed' && 'VAT ID not confirmed yet: taxed as without one',
    vatId !== '' && vatState === 'invalid' && 'VAT ID not valid: taxed as without one',
  ].filter((one): one is string => typeof one === 'string');
}

export interface SellerFacts {
  readonly day?: string;
  readonly hasOwnRate?: boolean;
  readonly isTaxNumberSufficient?: boolean;
}

/**
 * What every invoice would lack because of its seller.
 *
 * @param of the period's last day (YYYY-MM-DD), without which rates aren't checked; whether the account has its own
 * rate on that day; whether it charges tax without a VAT ID
 */
export function missingSellerDetails(
  seller: Required<Seller>,
  { day = '', hasOwnRate = false, isTaxNumberSufficient = false }: SellerFacts = {},
): string[] {
  const { legalName, addressLines, city, countryCode, vatId, iban } = seller;
  return [
    legalName.trim() === '' && 'no legal name',
    (addressLines.length === 0 || city === '') && 'incomplete address',
    countryCode === '' && 'no country: no tax is calculated',
    vatId === '' && (isTaxNumberSufficient ? 'no VAT ID' : 'no VAT ID: no tax is charged'),
    !hasOwnRate && staleRate(seller, day),
    iban === '' && 'no IBAN: invoices can’t be paid by bank transfer',
  ].filter((one): one is string => typeof one === 'string');
}

/** A standard rate that hasn't been reviewed for two years, with what to do about it. */
function staleRate({ countryCode, zipCode, city }: Required<Seller>, day: string): string | undefined {
  const { rates } = taxPlace({ countryCode, zipCode, city });
  const reviewed = staleSince(rates, day);
  if (reviewed === undefined) return undefined;
  return `the tax rate of ${countryName(countryCode)} was last reviewed on ${dayName(reviewed)}: ${RATE_REVIEW_DUE}`;
}
