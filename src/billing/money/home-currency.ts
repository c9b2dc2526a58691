import { taxPlace } from '../tax/tax-place.ts';

/** EU members that don't use the euro. Bulgaria has used it since 2026. */
const OWN: Readonly<Record<string, string>> = { CZ: 'CZK', DK: 'DKK', HU: 'HUF', PL: 'PLN', RO: 'RON', SE: 'SEK' };
/** Other countries whose VAT law requires the tax in local currency, too. */
const OTHERS: Readonly<Record<string, string>> = { CH: 'CHF', GB: 'GBP', NO: 'NOK' };
const EURO = new Set('AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK'.split(' '));

/**
 * The currency in which a seller's country (or the country its territory belongs to for tax) requires the tax, whatever
 * currency the invoice is in (Directive 2006/112/EC, Article 230); undefined if we know of no such rule.
 */
export function homeCurrency(countryCode: string): string | undefined {
  const country = taxPlace({ countryCode }).rates;
  return EURO.has(country) ? 'EUR' : (OWN[country] ?? OTHERS[country]);
}
