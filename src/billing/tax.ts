import { createRequire } from 'node:module';
import type { VatState } from './billing-information.ts';
import { Decimal, roundToMinor, sum, ZERO } from './money.ts';
import type { Period } from './period.ts';

/** EN 16931's categories: S standard, Z zero, E exempt, AE reverse charge, G export, O outside the scope of VAT. */
export const TAX_CATEGORIES = ['S', 'Z', 'E', 'AE', 'G', 'O'] as const;
export type TaxCategory = (typeof TAX_CATEGORIES)[number];

/** How something is taxed. */
export interface TaxRule {
  readonly category: TaxCategory;
  /** A percentage, such as 19. */
  readonly rate: Decimal;
  /** Why there is no tax, for the buyer to read; null where there is, and for a rate of zero (BR-Z-10). */
  readonly reason: string | null;
  /** How it was decided, for whoever asks. */
  readonly why: string;
}

/** The rate that an account says holds, in place of the table's. */
export interface TaxOverride {
  /** ISO 3166-1 alpha-2: the seller's country that it holds in. */
  readonly country: string;
  readonly category: 'S' | 'Z' | 'E';
  /** A percentage in digits; 0 unless the category is S. */
  readonly rate: string;
  /** YYYY-MM-DD: the first day. */
  readonly from: string;
  /** For this service alone; null for everything. */
  readonly serviceName: string | null;
  /** Of an exemption: the law, for the buyer to read. */
  readonly reason: string | null;
}

export interface TaxFacts {
  readonly sellerCountry: string;
  readonly buyerCountry: string;
  readonly buyerVatState: VatState;
  /** YYYY-MM-DD: the day whose rates hold. */
  readonly date: string;
  readonly overrides: readonly TaxOverride[];
}

/** How what was supplied up to one day is taxed: everything alike, except services with a rule of their own. */
export interface TaxTerms {
  readonly rule: TaxRule;
  readonly services: ReadonlyMap<string, TaxRule>;
  /** Late costs, by their own period: its last day is their tax point (domain.md, Money 8). */
  readonly late?: ReadonlyMap<Period, TaxTerms>;
}

/** What is taxed alike, added up. */
export interface TaxAmount extends TaxRule {
  readonly base: Decimal;
  readonly amount: Decimal;
}

const TABLE: {
  readonly countries: Readonly<
    Record<string, { readonly rates: readonly { readonly from: string; readonly standard: string }[] }>
  >;
} = createRequire(import.meta.url)('./vat-rates.json');

const EU = new Set('AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' '));

const OUTSIDE = 'Outside the scope of VAT';
const REVERSE = 'Reverse charge: the recipient is liable for the VAT (Article 196 of Directive 2006/112/EC)';
const EXPORT = 'Supplied to a recipient abroad: not subject to VAT here';
const EXEMPT = 'Exempt from VAT';

/** Where the seller has said nothing of taxes: none. */
export const NO_TAX: TaxTerms = {
  rule: {
    category: 'O',
    rate: ZERO,
    reason: OUTSIDE,
    why: 'The account’s seller has no country, so no tax is reckoned.',
  },
  services: new Map(),
};

export function isEu(country: string): boolean {
  return EU.has(country);
}

/** The standard rate in a country on a day; undefined where the table has none. */
export function standardRate(country: string, date: string): Decimal | undefined {
  const held = TABLE.countries[country]?.rates.filter(({ from }) => from <= date).at(-1);
  return held && new Decimal(held.standard);
}

/**
 * How a seller's supply to a buyer is taxed on a day (domain.md, Money 3). A buyer whose country is not known is taxed as
 * one of the seller's own, so that tax is never forgotten; so is, within the EU, one whose VAT ID is not confirmed.
 */
export function taxTerms(facts: TaxFacts): TaxTerms {
  const { sellerCountry: seller, date } = facts;
  if (seller === '') return NO_TAX;
  const buyer = facts.buyerCountry === '' ? seller : facts.buyerCountry;
  const abroad = buyer !== seller;
  if (abroad && !isEu(seller) && !standardRate(seller, date)) {
    const why = `Seller in ${seller}: there is no tax rate for it.`;
    return { rule: { category: 'O', rate: ZERO, reason: OUTSIDE, why }, services: new Map() };
  }
  if (abroad && isEu(seller) && isEu(buyer) && facts.buyerVatState === 'valid') {
    const why = `Seller in ${seller}, buyer in ${buyer} with a confirmed VAT ID: reverse charge.`;
    return { rule: { category: 'AE', rate: ZERO, reason: REVERSE, why }, services: new Map() };
  }
  if (abroad && !(isEu(seller) && isEu(buyer))) {
    const why = `Seller in ${seller}, buyer in ${buyer}${isEu(seller) ? ', outside the EU' : ''}: export.`;
    return { rule: { category: 'G', rate: ZERO, reason: EXPORT, why }, services: new Map() };
  }
  const because = abroad
    ? `buyer in ${buyer} without a confirmed VAT ID`
    : facts.buyerCountry === ''
      ? 'buyer’s country not known'
      : 'buyer in the same country';
  return domestic(seller, date, facts.overrides, `Seller in ${seller}, ${because}`);
}

/** The rule for a line at its tax point: its service's own, otherwise the one for everything. */
export function ruleFor(terms: TaxTerms, line: { serviceName: string; lateFrom: Period | null }): TaxRule {
  const held = (line.lateFrom !== null && terms.late?.get(line.lateFrom)) || terms;
  return held.services.get(line.serviceName) ?? held.rule;
}

/** What is taxed alike has the same key. */
export function taxKey(rule: Pick<TaxRule, 'category' | 'rate'>): string {
  return `${rule.category} ${rule.rate.toFixed()}`;
}

/**
 * Tax once for each category and rate, half up, on the sum of what is taxed so (EN 16931 BR-CO-17); in the order of the
 * categories, the higher rate first. Where supplies of one category and rate have different reasons, such as two
 * exemptions, the amount names all of them: EN 16931 has one reason for each category and rate.
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
      const rule = joined(parts.map((part) => part.rule));
      const base = sum(parts.map((part) => part.base));
      return { ...rule, base, amount: taxOn(base, rule.rate, currency) };
    })
    .sort(
      (a, b) => TAX_CATEGORIES.indexOf(a.category) - TAX_CATEGORIES.indexOf(b.category) || b.rate.comparedTo(a.rate),
    );
}

/** Rules of one category and rate as one, with each different reason once. */
function joined(rules: readonly TaxRule[]): TaxRule {
  const [first] = rules;
  if (!first) throw new Error('There is no rule to join');
  const each = (texts: readonly string[], separator: string) => [...new Set(texts)].join(separator);
  const reasons = rules.flatMap(({ reason }) => reason ?? []);
  return {
    ...first,
    reason: reasons.length === 0 ? null : each(reasons, '; '),
    why: each(
      rules.map(({ why }) => why),
      ' ',
    ),
  };
}

/** The tax on a base, half up to the currency's minor unit. */
export function taxOn(base: Decimal, rate: Decimal, currency: string): Decimal {
  return roundToMinor(base.times(rate).div(100), currency);
}

function domestic(country: string, date: string, overrides: readonly TaxOverride[], because: string): TaxTerms {
  const held = overrides
    .filter((one) => one.country === country && one.from <= date)
    .sort((a, b) => (a.from < b.from ? -1 : 1));
  const services = new Map(
    held.flatMap((one) => (one.serviceName === null ? [] : [[one.serviceName, overridden(one, because)] as const])),
  );
  const own = held.filter(({ serviceName }) => serviceName === null).at(-1);
  if (own) return { rule: overridden(own, because), services };
  const rate = standardRate(country, date);
  if (rate === undefined) {
    const why = `${because}: there is no tax rate for ${country}.`;
    return { rule: { category: 'O', rate: ZERO, reason: OUTSIDE, why }, services };
  }
  if (rate.isZero()) return { rule: { category: 'Z', rate, reason: null, why: `${because}: rate of zero.` }, services };
  const why = `${because}: the standard rate of ${country}, ${rate.toFixed()} %.`;
  return { rule: { category: 'S', rate, reason: null, why }, services };
}

function overridden({ category, rate, reason, from, serviceName }: TaxOverride, because: string): TaxRule {
  const of = serviceName === null ? '' : ` for ${serviceName}`;
  const why = `${because}: the account’s own rate${of} since ${from}.`;
  if (category === 'S') return { category, rate: new Decimal(rate), reason: null, why };
  return { category, rate: ZERO, reason: category === 'E' ? (reason ?? EXEMPT) : null, why };
}
