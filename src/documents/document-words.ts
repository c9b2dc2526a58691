import { type Decimal, formatMoney } from '../billing/money/money.ts';
import type { TaxCategory } from '../billing/tax/tax.ts';
import type { BillingDocument } from './document.ts';

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];

const CATEGORIES: Readonly<Record<TaxCategory, string>> = {
  S: 'Standard',
  Z: 'Zero rated',
  E: 'Exempt',
  AE: 'Reverse charge',
  G: 'Export',
  O: 'Outside the scope of VAT',
};

/** Shown on every page of a preview. */
export const PREVIEW_BANNER = 'PREVIEW – not an invoice';

export function titleOf(document: Pick<BillingDocument, 'kind' | 'isPreview'>): string {
  if (document.isPreview) return 'Preview';
  return document.kind === 'invoice' ? 'Invoice' : 'Credit memo';
}

/** A document's title on its pages: `Invoice ACME-1`. */
export function fullTitle(document: Pick<BillingDocument, 'kind' | 'isPreview' | 'number'>): string {
  return `${titleOf(document)} ${document.number}`.trim();
}

/** A formatted day: `30 November 2026`. @param day YYYY-MM-DD */
export function dayName(day: string): string {
  const { year, month, date } = partsOf(day);
  return `${date} ${MONTHS[month - 1]} ${year}`;
}

/** A short span of days: `1–30 Nov 2026`, `28 Oct – 3 Nov 2026`, `30 Nov 2026`. */
export function spanName(begin: string, end: string): string {
  const from = partsOf(begin);
  const to = partsOf(end);
  const last = `${to.date} ${short(to.month)} ${to.year}`;
  if (begin === end) return last;
  if (from.year !== to.year) return `${from.date} ${short(from.month)} ${from.year} – ${last}`;
  return from.month === to.month ? `${from.date}–${last}` : `${from.date} ${short(from.month)} – ${last}`;
}

export function categoryName(category: TaxCategory): string {
  return CATEGORIES[category];
}

/** An amount without its currency, for columns whose header names it: `1,234.50`. */
export function figure(amount: Decimal, currency: string): string {
  return formatMoney(amount, currency).slice(currency.length + 1);
}

/** `19%` */
export function percent(rate: Decimal): string {
  return `${rate.toFixed()}%`;
}

/** How a negative total was settled. */
export function balanceText(balance: { readonly code: string; readonly amount: Decimal }, currency: string): string {
  return `${formatMoney(balance.amount, currency)} in your favor, kept as credit ${balance.code}.`;
}

/** An IBAN in groups of four, as on paper (ISO 13616). */
export function grouped(iban: string): string {
  return iban.replace(/(.{4})(?=.)/g, '$1 ');
}

function short(month: number): string {
  return (MONTHS[month - 1] ?? '').slice(0, 3);
}

function partsOf(day: string): { year: number; month: number; date: number } {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  return { year, month, date };
}
