import { electronicAddressOf } from '../../billing/group/electronic-address.ts';
import { minorUnits } from '../../billing/money/currency.ts';
import type { BillingDocument, DocumentBuyer, DocumentSeller } from '../document.ts';
import { registerNumber, vatIdOf } from './party.ts';

/** What prevents a valid electronic invoice, and who can fix it. */
export interface Obstacle {
  readonly of: 'seller' | 'buyer' | 'document';
  /** A sentence that ends with the rule. */
  readonly text: string;
}

/** The data that the rules check. A document that isn't issued yet can be checked too. */
export type Judged = Pick<BillingDocument, 'kind' | 'isPreview' | 'seller' | 'buyer' | 'currency' | 'taxes' | 'total'>;

/** A rule is broken when its first element is true. */
type Check = readonly [isBroken: boolean, of: Obstacle['of'], text: string];

/** DE-R-028. */
const GERMAN_EMAIL =
  /^[\w!#$%&"*+/=?^`{|}~-]+(\.[\w!#$%&"*+/=?^`{|}~-]+)*@([a-z\d]([a-z\d-]*[a-z\d])?\.)+[a-z\d]([a-z\d-]*[a-z\d])?$/i;
/** SE-R-006. */
const SWEDISH_RATES: readonly string[] = ['25', '12', '6'];

/** Why no valid file can be created from a document, in sentences; empty if it can. */
export function ublObstacles(document: Judged): string[] {
  return obstacles(document).map(({ text }) => text);
}

/**
 * What a document lacks for EN 16931 and PEPPOL BIS Billing 3.0, with the national rules of the seller's country. The
 * file follows all other rules for any document.
 */
export function obstacles(document: Judged): Obstacle[] {
  return [...european(document), ...national(document)]
    .filter(([isBroken]) => isBroken)
    .map(([, of, text]) => ({ of, text }));
}

function european({ isPreview, seller, buyer, currency, taxes }: Judged): Check[] {
  const has = (category: string) => taxes.some((tax) => tax.category === category);
  const isTaxed = taxes.some(({ category }) => category !== 'O');
  const hasNoId = seller.vatId === '' && seller.email === '' && registerNumber(seller) === null;
  return [
    [isPreview === true, 'document', 'It hasn’t been issued yet, so it has no number (BR-02).'],
    [
      seller.vatId === '' && (seller.taxNumber ?? '') === '' && isTaxed,
      'seller',
      'The seller has no tax number (BR-S-02 and others).',
    ],
    [vatIdOf(seller.vatId) === '' && has('AE'), 'seller', 'The seller has no VAT ID (BR-AE-02).'],
    [buyer.vatId === '' && has('AE'), 'buyer', 'The buyer has no VAT ID (BR-AE-02).'],
    [has('O') && isTaxed, 'document', 'Charges outside the scope of VAT need a separate invoice (BR-O-11).'],
    [
      minorUnits(currency) > 2,
      'document',
      `EN 16931 allows two decimals, ${currency} has ${minorUnits(currency)} (BR-DEC-09).`,
    ],
    [seller.countryCode === '', 'seller', 'The seller has no country (BR-09).'],
    [buyer.countryCode === '', 'buyer', 'The buyer has no country (BR-11).'],
    [hasNoId, 'seller', 'The seller has neither a VAT ID nor an email address (BR-CO-26).'],
    [electronicAddressOf(seller) === null, 'seller', 'The seller has no electronic address (PEPPOL-EN16931-R020).'],
    [electronicAddressOf(buyer) === null, 'buyer', 'The buyer has no electronic address (PEPPOL-EN16931-R010).'],
  ];
}

/** Rules for sellers in one country, some only between its own parties. */
function national(document: Judged): Check[] {
  const { seller, buyer } = document;
  const rules: Readonly<Record<string, (document: Judged, isDomestic: boolean) => Check[]>> = {
    ...{ DE: german, DK: danish, GR: greek, IS: icelandic, IT: italian, NL: dutch, NO: norwegian, SE: swedish },
  };
  return Object.entries(rules).flatMap(([country, rule]) =>
    isFrom(seller, country) ? rule(document, isFrom(buyer, country)) : [],
  );
}

function german({ seller, buyer }: Judged, isDomestic: boolean): Check[] {
  if (!isDomestic) return [];
  const { contactName = '', phone = '', email } = seller;
  return [
    [contactName === '', 'seller', 'The seller has no contact (DE-R-005).'],
    [!/\d(.*\d){2}/.test(phone), 'seller', 'The seller has no phone number (DE-R-006, DE-R-027).'],
    [email === '', 'seller', 'The seller has no email address (DE-R-007).'],
    [
      email !== '' && !GERMAN_EMAIL.test(email),
      'seller',
      'The seller’s email address has characters that aren’t allowed (DE-R-028).',
    ],
    [seller.city === '', 'seller', 'The seller has no city (DE-R-003).'],
    [seller.zipCode === '', 'seller', 'The seller has no postal code (DE-R-004).'],
    [buyer.city === '', 'buyer', 'The buyer has no city (DE-R-008).'],
    [buyer.zipCode === '', 'buyer', 'The buyer has no postal code (DE-R-009).'],
  ];
}

function danish({ kind, seller, total }: Judged, isDomestic: boolean): Check[] {
  const isNegativeMemo = isDomestic && kind === 'credit_memo' && total.isNegative() && !total.isZero();
  return [
    [registerNumber(seller) === null, 'seller', 'The seller has no CVR number (DK-R-002).'],
    [isNegativeMemo, 'document', 'A credit memo in Denmark can’t have a total below zero (DK-R-016).'],
  ];
}

/** Each document needs a mark from the tax office's platform, which the product doesn't request. */
function greek(): Check[] {
  return [[true, 'seller', 'A Greek seller’s invoices need a MARK number from myDATA (GR-R-001, GR-R-004).']];
}

function icelandic({ seller, buyer }: Judged, isDomestic: boolean): Check[] {
  return [
    [registerNumber(seller) === null, 'seller', 'The seller has no kennitala as electronic address (IS-R-002).'],
    [!hasStreet(seller) || seller.zipCode === '', 'seller', 'The seller has no street and postal code (IS-R-003).'],
    [
      isDomestic && registerNumber(buyer) === null,
      'buyer',
      'The buyer has no kennitala as electronic address (IS-R-004).',
    ],
    [
      isDomestic && (!hasStreet(buyer) || buyer.zipCode === ''),
      'buyer',
      'The buyer has no street and postal code (IS-R-005).',
    ],
  ];
}

function italian({ seller }: Judged): Check[] {
  const taxNumber = vatIdOf(seller.vatId) === '' ? seller.vatId || (seller.taxNumber ?? '') : '';
  const isOdd = taxNumber !== '' && !/^[A-Z0-9]{11,16}$/.test(taxNumber);
  return [
    [isOdd, 'seller', 'The seller’s tax number must have 11 to 16 characters (IT-R-001).'],
    [!hasStreet(seller), 'seller', 'The seller has no street (IT-R-002).'],
    [seller.city === '', 'seller', 'The seller has no city (IT-R-003).'],
    [seller.zipCode === '', 'seller', 'The seller has no postal code (IT-R-004).'],
  ];
}

function dutch({ seller, buyer }: Judged, isDomestic: boolean): Check[] {
  const text = (who: string, rule: string) => `The ${who}’s address needs a street, postal code and city (${rule}).`;
  return [
    [!isFull(seller), 'seller', text('seller', 'NL-R-002')],
    [isDomestic && !isFull(buyer), 'buyer', text('buyer', 'NL-R-004')],
  ];
}

function norwegian({ seller }: Judged): Check[] {
  const { vatId } = seller;
  const isRight = electronicAddressOf({ vatId })?.scheme === '0192' && /^NO\d{9}MVA$/.test(vatId);
  const text = 'The seller’s VAT ID must be NO, an organization number and MVA (NO-R-001).';
  return [[vatId.startsWith('NO') && !isRight, 'seller', text]];
}

function swedish({ seller, taxes }: Judged): Check[] {
  const { vatId } = seller;
  const isOdd = taxes.some(({ category, rate }) => category === 'S' && !SWEDISH_RATES.includes(rate.toFixed()));
  return [
    [
      vatId.startsWith('SE') && !/^SE\d{12}$/.test(vatId),
      'seller',
      'The seller’s VAT ID must have 12 digits (SE-R-001, SE-R-002).',
    ],
    [vatId.startsWith('SE') && isOdd, 'document', 'A Swedish seller’s tax rates must be 25, 12 or 6% (SE-R-006).'],
  ];
}

function isFrom({ countryCode, vatId }: DocumentSeller | DocumentBuyer, country: string): boolean {
  const prefix = country === 'GR' ? 'EL' : country;
  return countryCode === country || (vatIdOf(vatId) !== '' && vatId.startsWith(prefix));
}

function isFull(party: DocumentSeller | DocumentBuyer): boolean {
  return hasStreet(party) && party.city !== '' && party.zipCode !== '';
}

function hasStreet({ addressLines }: DocumentSeller | DocumentBuyer): boolean {
  return (addressLines[0] ?? '').trim() !== '';
}
