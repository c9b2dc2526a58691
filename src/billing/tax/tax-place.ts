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
  /** The same for goods, where Northern Ireland counts as the EU. */
  readonly isEuForGoods: boolean;
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
  /** Postcodes that other places have too. */
  readonly sharedPostcodes?: string;
  readonly names: readonly string[];
  readonly area: string;
  readonly rates?: string;
  readonly ratesBy?: 'buyer' | 'seller';
  readonly isEuForGoods?: boolean;
  readonly ownTax?: string;
}

const TABLE: { readonly territories: readonly Territory[] } = createRequire(import.meta.url)('./tax-territories.json');
const EU = new Set('AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' '));

/** A pattern that no text matches. */
const NEVER = '[]';
/** What separates a place from the rest of its line: `Livigno (SO)`, `Arrecife, Lanzarote`, `Büsingen / Hochrhein`. */
const SEPARATORS = /[,;/|()\n]|\s[-–—]\s/;
/** An Italian or Spanish province after a city: `Livigno SO`. */
const PROVINCE = /\s+[A-Z]{2}$/;
/** What a place is, before its name: `Isla de Tenerife`, `Comune di Livigno`, `Ciudad Autónoma de Ceuta`. */
const KIND =
  /^(?:ciudad autónoma|comune|commune|département|gemeinde|ilha|île|insel|isla|island|islands|municipio|prov\.?|province|provincia|região|region|région|región|territoire|territory)\s+(?:(?:of|de|di|da|do|del|des|d['’])\s*)?/i;
/** A postcode within a city's line, for countries with digits only, and for the United Kingdom. */
const POSTCODE_IN_TEXT = /(?<![\p{L}\p{N}])(?:\p{Lu}{1,2}-)?(\d{4}-\d{3}|\d{3} ?\d{2}|\d{4,5})(?![\p{L}\p{N}])/u;
const BRITISH_POSTCODE_IN_TEXT = /(?<![\p{L}\p{N}])([A-Z]{2}\d[A-Z\d]? ?\d[A-Z]{2})(?![\p{L}\p{N}])/iu;

const TERRITORIES = TABLE.territories.map((territory) => ({
  ...territory,
  postcodes: wholly(territory.postcodes ?? NEVER),
  sharedPostcodes: wholly(territory.sharedPostcodes ?? NEVER),
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
    isEuForGoods: isEu(area) || territory?.isEuForGoods === true,
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
  const named = new Set([state, city].flatMap(namesIn));
  const isNamed = ({ names }: (typeof TERRITORIES)[number]) => [...named].some((name) => names.has(name));
  const postcode = postcodeOf({ countryCode, state, city, zipCode });
  if (postcode === '') return inCountry.find(isNamed);
  return inCountry.find((one) => one.postcodes.test(postcode) || (one.sharedPostcodes.test(postcode) && isNamed(one)));
}

/** The postcode, also one that was typed before the city; empty if there is none. */
function postcodeOf({ countryCode, state, city, zipCode }: Required<TaxAddress>): string {
  const own = plainPostcode(zipCode, countryCode);
  if (/\d/.test(own)) return own;
  const pattern = countryCode === 'GB' ? BRITISH_POSTCODE_IN_TEXT : POSTCODE_IN_TEXT;
  const [, found = ''] = pattern.exec(normalized(`${city}\n${state}`, 'NFKC')) ?? [];
  return plainPostcode(found, countryCode);
}

/** The names that a line can mean: the whole of it, and its parts without a postcode, a province, or what they are. */
function namesIn(line: string): string[] {
  const parts = normalized(line, 'NFKC')
    .split(SEPARATORS)
    .map((part) => part.replace(POSTCODE_IN_TEXT, '').trim());
  const names = [line, ...parts].flatMap((part) => [part, part.replace(PROVINCE, ''), part.replace(KIND, '')]);
  return names.map(plain);
}

/** A postcode without spaces, hyphens and a leading country code (D-27498). British postcodes start with letters. */
function plainPostcode(zipCode: string, countryCode: string): string {
  const compact = normalized(zipCode, 'NFKC')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '');
  return countryCode === 'GB' ? compact : compact.replace(/^[A-Z]+/, '');
}

function wholly(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}

function plain(name: string): string {
  return normalized(name, 'NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}
