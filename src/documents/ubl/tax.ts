import { type Decimal, ZERO } from '../../billing/money/money.ts';
import { taxKey } from '../../billing/tax/tax.ts';
import type { BillingDocument, DocumentLine, DocumentTax, TaxCategory } from '../document.ts';
import { categoryName } from '../document-words.ts';
import { amount } from './amount.ts';
import { group, leaf, type XmlElement } from './xml.ts';

/** VATEX code list: why there is no tax. Exemptions have many legal bases, so they have only a text. */
const REASON_CODES: Partial<Readonly<Record<TaxCategory, string>>> = {
  AE: 'VATEX-EU-AE',
  G: 'VATEX-EU-G',
  O: 'VATEX-EU-O',
};

/** The tax of a document without lines: nothing is supplied. */
const NOTHING_TAXED: DocumentTax = {
  category: 'O',
  rate: ZERO,
  base: ZERO,
  amount: ZERO,
  reason: categoryName('O'),
};

/**
 * BG-23 and, if the seller calculates tax in another currency, BT-111. A rate that none of the lines shown has is left
 * out if its base is zero (BR-S-01 and similar rules).
 */
export function taxTotals(document: BillingDocument, shown: readonly DocumentLine[]): (XmlElement | null)[] {
  const { currency, tax, taxAtHome } = document;
  const used = new Set(shown.map(({ taxCategory: category, taxRate: rate }) => taxKey({ category, rate })));
  const told = document.taxes.filter((one) => !one.base.isZero() || used.has(taxKey(one)));
  const taxes = told.length === 0 ? [NOTHING_TAXED] : told;
  return [
    group(
      'cac:TaxTotal',
      amount('cbc:TaxAmount', tax, currency),
      taxes.map((one) => subtotal(one, document)),
    ),
    group('cac:TaxTotal', taxAtHome && amount('cbc:TaxAmount', taxAtHome.amount, taxAtHome.currency)),
  ];
}

/**
 * BT-151 and BT-152 of a line, BT-95 and BT-96 of an allowance. Outside the scope of VAT there is no rate (BR-O-05).
 */
export function taxCategory(name: string, category: TaxCategory, rate: Decimal): XmlElement | null {
  return group(name, ...categoryContent(category, rate));
}

/** Between German parties the rate is stated even if there is none (DE-R-014). */
function subtotal(tax: DocumentTax, { currency, seller, buyer }: BillingDocument): XmlElement | null {
  const isGerman = seller.countryCode === 'DE' && buyer.countryCode === 'DE';
  const [id, percent, scheme] = categoryContent(tax.category, tax.rate);
  const isTaxed = tax.category === 'S' || tax.category === 'Z';
  return group(
    'cac:TaxSubtotal',
    amount('cbc:TaxableAmount', tax.base, currency),
    amount('cbc:TaxAmount', tax.amount, currency),
    group(
      'cac:TaxCategory',
      id,
      percent ?? (isGerman && leaf('cbc:Percent', tax.rate.toFixed())),
      leaf('cbc:TaxExemptionReasonCode', REASON_CODES[tax.category]),
      !isTaxed && leaf('cbc:TaxExemptionReason', tax.reason ?? categoryName(tax.category)),
      scheme,
    ),
  );
}

function categoryContent(category: TaxCategory, rate: Decimal): (XmlElement | null)[] {
  return [
    leaf('cbc:ID', category),
    category === 'O' ? null : leaf('cbc:Percent', rate.toFixed()),
    group('cac:TaxScheme', leaf('cbc:ID', 'VAT')),
  ];
}
