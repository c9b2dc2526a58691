import { taxPlace } from '../tax/tax-place.ts';

/** EU members that kept a currency of their own; Bulgaria has had the euro since 2026. */
const OWN: Readonly<Record<string, string>> = { CZ: 'CZK', DK: 'DKK', HU: 'HUF', PL: 'PLN', RO: 'RON', SE: 'SEK' };
/** Others whose VAT law asks for the tax in their own currency too. */
const OTHERS: Readonly<Record<string, string>> = { CH: 'CHF', GB: 'GBP', NO: 'NOK' };
const EURO = new Set('AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK'.split(' '));

/**
 * The currency in which a seller's country, or the one that its territory counts as, requires the tax, whatever the invoice is in (Directive 2006/112/EC,
 * Article 230); undefined where we know of no such rule.
 */
export function homeCurrency(countryCode: string): string | undefined {
  const country = taxPlace({ countryCode }).rates;
  return EURO.has(country) ? 'EUR' : (OWN[country] ?? OTHERS[country]);
}
