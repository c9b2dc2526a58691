import type { BillingInformation } from './billing-information.ts';
import { type Decimal, sum } from './money.ts';
import type { Seller } from './seller.ts';

/** What a close would make of a group's period, as the estimate stands. */
export interface DryRunFigures {
  readonly currency: string;
  readonly net: Decimal;
  readonly tax: Decimal;
  readonly total: Decimal;
  /** Why it would stay an estimate; null for one that would be issued. */
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

/** How long before a close the dry run of it is told (ours). */
export const DRY_RUN_AHEAD_MS = 3 * 86_400_000;

/** What would be issued, by currency; what would be held back is not in it. */
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
 * What an invoice of a group would lack, each as words to be read in a row. Nothing of it holds an invoice back (domain.md,
 * Money: only a missing rate does), but an issued one never changes. One of zero needs nothing.
 */
export function buyerLacks(buyer: BillingInformation, total: Decimal): string[] {
  if (total.isZero()) return [];
  const { company, addressLines, city, countryCode, billingEmails, contactEmails, vatId, vatState } = buyer;
  return [
    company.trim() === '' && 'no company',
    (addressLines.length === 0 || city === '') && 'no full address',
    countryCode === '' && 'no country: taxed as in the seller’s',
    billingEmails.length + contactEmails.length === 0 && 'no e-mail address',
    vatId !== '' && vatState === 'unconfirmed' && 'VAT ID not confirmed yet: taxed as without one',
    vatId !== '' && vatState === 'invalid' && 'VAT ID not valid: taxed as without one',
  ].filter((one): one is string => typeof one === 'string');
}

/** What every invoice would lack of its seller. */
export function sellerLacks(seller: Required<Seller>): string[] {
  const { legalName, addressLines, city, countryCode, vatId, iban } = seller;
  return [
    legalName.trim() === '' && 'no legal name',
    (addressLines.length === 0 || city === '') && 'no full address',
    countryCode === '' && 'no country: no tax is reckoned',
    vatId === '' && 'no VAT ID',
    iban === '' && 'no IBAN: nobody can pay by transfer',
  ].filter((one): one is string => typeof one === 'string');
}
