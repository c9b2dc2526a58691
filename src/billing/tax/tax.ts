import type { VatState } from '../group/billing-information.ts';
import { countryName } from '../group/country.ts';
import { Decimal, roundToMinor, sum, ZERO } from '../money/money.ts';
import { dayName } from '../period/day.ts';
import type { Period } from '../period/period.ts';
import { rateOfDay } from './standard-rates.ts';
import { type TaxAddress, type TaxPlace, taxPlace } from './tax-place.ts';
import { OUTSIDE_NOT_ALONE, RATE_UNKNOWN } from './tax-words.ts';

export { standardRate } from './standard-rates.ts';
export { isEu } from './tax-place.ts';

/** EN 16931's categories: S standard, Z zero, E exempt, AE reverse charge, G export, O outside the scope of VAT. */
export const TAX_CATEGORIES = ['S', 'Z', 'E', 'AE', 'G', 'O'] as const;
export type TaxCategory = (typeof TAX_CATEGORIES)[number];

/** How a supply is taxed. */
export interface TaxRule {
  readonly category: TaxCategory;
  /** A percentage, such as 19. */
  readonly rate: Decimal;
  /** Why there is no tax, for the buyer to read; null if there is tax, and for a zero rate (BR-Z-10). */
  readonly reason: string | null;
  /** How the rule was chosen, for the explanation of the invoice. */
  readonly why: string;
  /** Why the invoice can't be issued, with what to do; absent if it can. */
  readonly blocker?: string;
}

/** A rate set by the account that replaces the table's. */
export interface TaxOverride {
  /** ISO 3166-1 alpha-2: the seller's country where it applies. */
  readonly country: string;
  readonly category: 'S' | 'Z' | 'E';
  /** A percentage in digits; 0 unless the category is S. */
  readonly rate: string;
  /** YYYY-MM-DD: the first day. */
  readonly from: string;
  /** The only service it applies to; null for everything. */
  readonly serviceName: string | null;
  /** For an exemption: the law, for the buyer to read. */
  readonly reason: string | null;
}

export interface TaxFacts {
  /** ISO 3166-1 alpha-2, or empty. */
  readonly sellerCountry: string;
  readonly buyerCountry: string;
  /** The rest of both addresses, which shows whether a special territory of the country is meant. */
  readonly sellerAddress?: Omit<TaxAddress, 'countryCode'>;
  readonly buyerAddress?: Omit<TaxAddress, 'countryCode'>;
  readonly buyerVatId?: string;
  readonly buyerVatState: VatState;
  /** The seller's tax statements. If absent, it may charge tax and has made no other statement. */
  readonly statements?: TaxStatements;
  /** YYYY-MM-DD: the tax point, which decides the rates. */
  readonly date: string;
  readonly overrides: readonly TaxOverride[];
}

/** The seller's tax statements, and their effect on tax. */
export interface TaxStatements {
  /**
   * It has a VAT ID or states that its tax number is sufficient. Without either, it must not charge tax (article 203).
   */
  readonly mayChargeTax: boolean;
  /** It supplies goods: supplies to buyers outside the EU are exports (G). Services are outside the scope (O). */
  readonly exportsGoods: boolean;
  /** It is registered for the EU's One Stop Shop: consumers are charged their own country's rate. */
  readonly isOssRegistered: boolean;
}

/** How supplies up to a day are taxed: all alike, except services with a separate rule. */
export interface TaxTerms {
  readonly rule: TaxRule;
  readonly services: ReadonlyMap<string, TaxRule>;
  /** Late costs, by their own period, whose last day is their tax point (domain.md, Money 8). */
  readonly late?: ReadonlyMap<Period, TaxTerms>;
}

/** The total of everything taxed alike. */
export interface TaxAmount extends TaxRule {
  readonly base: Decimal;
  readonly amount: Decimal;
}

const OUTSIDE = 'Outside the scope of VAT';
const ABROAD = `${OUTSIDE}: supplied to a recipient abroad`;
const ABROAD_EU = `${ABROAD} (Article 44 of Directive 2006/112/EC)`;
const NOT_REGISTERED = `${OUTSIDE}: the seller isn’t registered for VAT`;
const REVERSE = 'Reverse charge: the recipient is liable for the VAT (Article 196 of Directive 2006/112/EC)';
const EXPORT = 'Export of goods to a recipient abroad: exempt from VAT';
const EXEMPT = 'Exempt from VAT';

/** A seller that has made no tax statements. */
export const NO_TAX: TaxTerms = untaxed('O', OUTSIDE, 'The seller’s country isn’t set, so no tax is calculated.');

/**
 * How a seller's supply to a buyer is taxed at its tax point (domain.md, Money 3 and 8). A buyer in an unknown country
 * is taxed like a domestic one, so that tax is never missed. So is an EU buyer without a confirmed VAT ID. If the
 * supply can't be invoiced, the blocker says why.
 */
export function taxTerms(facts: TaxFacts): TaxTerms {
  const { sellerCountry, buyerCountry, statements = CHARGES_TAX } = facts;
  if (sellerCountry === '') return NO_TAX;
  const seller = taxPlace({ ...facts.sellerAddress, countryCode: sellerCountry });
  const isKnown = buyerCountry !== '';
  const buyer = isKnown ? taxPlace({ ...facts.buyerAddress, countryCode: buyerCountry }) : seller;
  const from = `Seller in ${seller.name}`;
  if (!statements.mayChargeTax) return untaxed('O', NOT_REGISTERED, `${from}, without a VAT ID: no tax is charged.`);
  if (buyer.area === seller.area) {
    const because = isKnown
      ? `buyer in ${buyer.name === seller.name ? 'the same country' : buyer.name}`
      : 'buyer’s country not known';
    return atRate(
      ratesAtHome(seller, buyer),
      facts,
      [sellerCountry, seller.area],
      `${from}, ${because}`,
      seller.ownTax,
    );
  }
  const to = `${from}, buyer in ${buyer.name}`;
  if (!(seller.isEu && buyer.isEu)) return abroad(facts, statements, { seller, buyer }, to);
  if (facts.buyerVatState === 'valid') {
    return untaxed('AE', REVERSE, `${to} with a confirmed VAT ID: reverse charge.`);
  }
  const because = `${to} without a confirmed VAT ID`;
  return statements.isOssRegistered
    ? atRate(
        buyer.ratesBy === 'seller' ? buyer.area : buyer.rates,
        facts,
        [buyerCountry, buyer.area],
        `${because}, seller registered for the One Stop Shop`,
      )
    : atRate(seller.rates, facts, [sellerCountry, seller.area], because);
}

const CHARGES_TAX: TaxStatements = { mayChargeTax: true, exportsGoods: false, isOssRegistered: false };

/** Services abroad are outside the scope: taxed where the recipient is, under local law. Goods are exports. */
function abroad(
  facts: TaxFacts,
  { exportsGoods }: TaxStatements,
  { seller, buyer }: { readonly seller: TaxPlace; readonly buyer: TaxPlace },
  to: string,
): TaxTerms {
  if (!exportsGoods || rateOfDay(seller.rates, facts.date).kind === 'no_tax') {
    return untaxed('O', seller.isEu ? ABROAD_EU : ABROAD, `${to}: services are outside the scope of VAT.`);
  }
  if (seller.isEu && isNorthernIrish(facts, buyer)) {
    return untaxed('G', EXPORT, `${to}: goods.`, NORTHERN_IRELAND);
  }
  return untaxed('G', EXPORT, `${to}: the account exports goods.`);
}

const NORTHERN_IRELAND =
  'Goods for Northern Ireland are an intra-Community supply, which can’t be invoiced here. If these are services, turn off exports of goods in the settings.';

/** Northern Ireland is in the EU's VAT area for goods only. Its VAT IDs start with XI. */
function isNorthernIrish({ buyerCountry, buyerVatId = '' }: TaxFacts, buyer: TaxPlace): boolean {
  return buyerCountry === 'GB' && (buyerVatId.startsWith('XI') || buyer.isEuForGoods);
}

/** Regions with different rates: in Portugal the buyer's location decides, in Austria the seller's. */
function ratesAtHome(seller: TaxPlace, buyer: TaxPlace): string {
  return [buyer, seller].some(({ ratesBy }) => ratesBy === 'buyer') ? buyer.rates : seller.rates;
}

/** The rule for a line at its tax point: its service's rule, otherwise the general one. */
export function ruleFor(terms: TaxTerms, line: { serviceName: string; lateFrom: Period | null }): TaxRule {
  const held = (line.lateFrom !== null && terms.late?.get(line.lateFrom)) || terms;
  return held.services.get(line.serviceName) ?? held.rule;
}

/** Rules with the same key are taxed together. */
export function taxKey(rule: Pick<TaxRule, 'category' | 'rate'>): string {
  return `${rule.category} ${digitsOf(rule.rate)}`;
}

/** The digits of rates. Few rates are shared by very many lines. */
const digits = new WeakMap<Decimal, string>();

function digitsOf(rate: Decimal): string {
  const known = digits.get(rate);
  if (known !== undefined) return known;
  const text = rate.toFixed();
  digits.set(rate, text);
  return text;
}

/**
 * Tax for each category and rate, rounded half up, on the sum of everything taxed at it (EN 16931 BR-CO-17). Sorted by
 * category, then by rate, higher first. If supplies of the same category and rate have different reasons, such as two
 * exemptions, the amount lists all of them: EN 16931 allows one reason per category and rate.
 */
export function taxAmounts(
  bases: readonly { readonly rule: TaxRule; readonly base: Decimal }[],
  currency: string,
): TaxAmount[] {
  const byKey = new Map<string, { rule: TaxRule; base: Decimal }[]>();
  for (const part of bases) {
    const same = byKey.get(taxKey(part.rule));
    if (same) same.push(part);
    else byKey.set(taxKey(part.rule), [part]);
  }
  return [...byKey.values()]
    .map((parts) => {
      const rule = joined([...new Set(parts.map((part) => part.rule))]);
      const base = sum(parts.map((part) => part.base));
      return { ...rule, base, amount: taxOn(base, rule.rate, currency) };
    })
    .sort(
      (a, b) => TAX_CATEGORIES.indexOf(a.category) - TAX_CATEGORIES.indexOf(b.category) || b.rate.comparedTo(a.rate),
    );
}

/** Merges the rules of a category and rate, with each different reason once. */
function joined(rules: readonly TaxRule[]): TaxRule {
  const [first] = rules;
  if (!first) throw new Error('No rule to apply');
  const each = (texts: readonly string[], separator: string) => [...new Set(texts)].join(separator);
  const reasons = rules.flatMap(({ reason }) => reason ?? []);
  const [blocker] = rules.flatMap((rule) => rule.blocker ?? []);
  return {
    ...first,
    ...(blocker !== undefined && { blocker }),
    reason: reasons.length === 0 ? null : each(reasons, '; '),
    why: each(
      rules.map(({ why }) => why),
      ' ',
    ),
  };
}

/**
 * The rules of an invoice's lines as it states them. Supplies outside the scope (O) stand alone on an invoice (EN 16931,
 * BR-O-11). Where O and other categories only meet because the lines of one kind are all 0, those lines, which charge
 * nothing, are stated like the others. Otherwise the invoice can't be issued: see `taxBlockers`.
 */
export function statedRules(lines: readonly { readonly rule: TaxRule; readonly total: Decimal }[]): TaxRule[] {
  const rules = lines.map(({ rule }) => rule);
  const isOutside = (rule: TaxRule) => rule.category === 'O';
  const charged = lines.filter(({ total }) => !total.isZero()).map(({ rule }) => rule);
  const model = charged[0] ?? rules[0];
  if (!model || charged.some((rule) => isOutside(rule) !== isOutside(model))) return rules;
  return rules.map((rule) => (isOutside(rule) === isOutside(model) ? rule : model));
}

/**
 * Why an invoice taxed like this can't be issued, as sentences that say what to do; empty if it can. A category whose
 * lines cancel each other still counts: it is stated with a base of 0.
 */
export function taxBlockers(taxes: readonly TaxAmount[]): string[] {
  const charged = taxes.filter(({ base }) => !base.isZero());
  const blockers = new Set(charged.flatMap(({ blocker }) => blocker ?? []));
  const isOutside = ({ category }: TaxAmount) => category === 'O';
  if (blockers.size === 0 && taxes.some(isOutside) && !taxes.every(isOutside)) blockers.add(OUTSIDE_NOT_ALONE);
  return [...blockers];
}

/** The tax on a base, rounded half up to the currency's minor unit. */
export function taxOn(base: Decimal, rate: Decimal, currency: string): Decimal {
  return roundToMinor(base.times(rate).div(100), currency);
}

function untaxed(category: 'O' | 'AE' | 'G', reason: string, why: string, blocker?: string): TaxTerms {
  return {
    rule: { category, rate: ZERO, reason, why, ...(blocker !== undefined && { blocker }) },
    services: new Map(),
  };
}

/**
 * The tax at the account's own rates for a country, otherwise at the table's.
 *
 * @param area in the table of rates
 * @param countries whose overrides apply: the country of the address, and the one it belongs to for tax
 * @param ownTax a tax other than VAT; EN 16931 has a category for it that isn't supported
 */
function atRate(
  area: string,
  { date, overrides }: TaxFacts,
  countries: readonly string[],
  because: string,
  ownTax: string | null = null,
): TaxTerms {
  const held = overrides
    .filter((one) => countries.includes(one.country) && one.from <= date)
    .sort((a, b) => (a.from < b.from ? -1 : 1));
  const services = new Map(
    held.flatMap((one) => (one.serviceName === null ? [] : [[one.serviceName, overridden(one, because)] as const])),
  );
  const own = held.filter(({ serviceName }) => serviceName === null).at(-1);
  if (ownTax !== null) {
    const blocker = `${ownTax} applies there instead of VAT and can’t be invoiced yet.`;
    return untaxed('O', OUTSIDE, `${because}: ${ownTax} instead of VAT.`, blocker);
  }
  return { rule: own ? overridden(own, because) : byTable(area, date, because), services };
}

function byTable(area: string, date: string, because: string): TaxRule {
  const found = rateOfDay(area, date);
  switch (found.kind) {
    case 'no_tax':
      return { category: 'O', rate: ZERO, reason: OUTSIDE, why: `${because}: there is no VAT in ${area}.` };
    case 'unknown':
      return {
        ...{ category: 'O', rate: ZERO, reason: OUTSIDE, why: `${because}: the rate of ${area} isn’t known.` },
        blocker: `The tax rate of ${countryName(area)} on ${dayName(date)} ${RATE_UNKNOWN}`,
      };
    case 'rate': {
      const { rate } = found;
      if (rate.isZero()) return { category: 'Z', rate, reason: null, why: `${because}: rate of zero.` };
      const why = `${because}: the standard rate of ${area}, ${rate.toFixed()}%.`;
      return { category: 'S', rate, reason: null, why };
    }
  }
}

function overridden({ category, rate, reason, from, serviceName }: TaxOverride, because: string): TaxRule {
  const of = serviceName === null ? '' : ` for ${serviceName}`;
  const why = `${because}: the account’s own rate${of} since ${from}.`;
  if (category === 'S') return { category, rate: new Decimal(rate), reason: null, why };
  return { category, rate: ZERO, reason: category === 'E' ? (reason ?? EXEMPT) : null, why };
}
