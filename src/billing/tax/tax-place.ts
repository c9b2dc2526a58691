import { createRequire } from 'node:module';
import { countryName } from '../group/country.ts';
import { normalized } from '../normalized.ts';

/** The parts of an address that tax depends on. Unknown parts are empty. */
export interface TaxAddress {
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string;
  readonly state?: string;
  readonly city?: string;
  readonly zipCode?: string;
}

/** An address's place for VAT, which can differ from its country. */
export interface TaxPlace {
  /** The country whose VAT area it is in, or a separate code for a territory outside it, such as ES-CN. */
  readonly area: string;
  readonly name: string;
  readonly isEu: boolean;
  /** The area in the table of rates. */
  readonly rates: string;
  /** For a region with different rates: whether the buyer's or the seller's location decides. */
  readonly ratesBy: 'buyer' | 'seller' | null;
  /** A tax charged here instead of VAT, such as the IGIC of the Canary Islands. */
  readonly ownTax: string | null;
}

interface Territory {
  readonly name: string;
  readonly codes: readonly string[];
  readonly vatIds?: string;
  readonly country: string;
  readonly postcodes: string | null;
  readonly names: readonly string[];
  readonly area: string;
  readonly rates?: string;
  readonly ratesBy?: 'buyer' | 'seller';
  readonly ownTax?: string;
}

const TABLE: { readonly territories: readonly Territory[] } = createRequire(import.meta.url)('./tax-territories.json');
const EU = new Set('AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' '));

const TERRITORIES = TABLE.territories.map((territory) => ({
  ...territory,
  postcodes: territory.postcodes === null ? null : new RegExp(`^(?:${territory.postcodes})$`),
  names: new Set(territory.names.map(plain)),
}));
const BY_CODE = new Map(TERRITORIES.flatMap((one) => one.codes.map((code) => [code, one] as const)));

/** Whether a country is a member state. Its territories may still be outside the EU's VAT area: see `taxPlace`. */
export function isEu(country: string): boolean {
  return EU.has(country);
}

/** The place of an address for VAT (tax-territories.json, with the source of each rule). */
export function taxPlace(address: TaxAddress): TaxPlace {
  const { countryCode } = address;
  const territory = territoryOf(address);
  const area = territory?.area ?? countryCode;
  return {
    area,
    name: territory?.name ?? countryName(countryCode),
    isEu: isEu(area),
    rates: territory?.rates ?? area,
    ratesBy: territory?.ratesBy ?? null,
    ownTax: territory?.ownTax ?? null,
  };
}

/** The country whose VAT IDs businesses in a country or territory use: France for Monaco and Martinique. */
export function vatIdCountry(countryCode: string): string {
  return BY_CODE.get(countryCode)?.vatIds ?? countryCode;
}

function territoryOf({
  countryCode,
  state = '',
  city = '',
  zipCode = '',
}: TaxAddress): (typeof TERRITORIES)[number] | undefined {
  const byCode = BY_CODE.get(countryCode);
  if (byCode) return byCode;
  const inCountry = TERRITORIES.filter(({ country }) => country === countryCode);
  const postcode = plainPostcode(zipCode, countryCode);
  if (/\d/.test(postcode)) return inCountry.find(({ postcodes }) => postcodes?.test(postcode));
  return inCountry.find(({ names }) => names.has(plain(state)) || names.has(plain(city)));
}

/** A postcode without spaces, hyphens and a leading country code (D-27498). British postcodes start with letters. */
function plainPostcode(zipCode: string, countryCode: string): string {
  const compact = normalized(zipCode, 'NFKC')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '');
  return countryCode === 'GB' ? compact : compact.replace(/^[A-Z]+/, '');
}

function plain(name: string): string {
  return normalized(name, 'NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}
