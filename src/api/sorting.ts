import { compare } from '../billing/invoice/line.ts';
import { Decimal } from '../billing/money/money.ts';
import { nameOfInvoice } from '../services/invoicing/group-invoices.ts';
import type { InvoiceSummary } from '../services/invoicing/invoice-reading.ts';
import { apiError } from './errors.ts';
import type { Sort } from './schemas/invoice.ts';

/** The sort order of a list of invoices. */
export interface Order {
  readonly sort?: Sort | undefined;
  readonly order?: 'asc' | 'desc' | undefined;
}

type Key = string | Decimal;

/** An invoice's place in an order: its key, and its ID to break ties. */
interface Place {
  readonly key: string;
  readonly id: string;
}

/**
 * Sorts as requested, by default the newest period first. Ties are sorted by ID, so that the order is always the same.
 */
export function inOrder<T extends InvoiceSummary>(invoices: readonly T[], order: Order): T[] {
  const ways = direction(order);
  return [...invoices].sort((a, b) => ways * (compareKeys(keyOf(a, order), keyOf(b, order)) || compare(a.id, b.id)));
}

/** An invoice's place, for a cursor. */
export function placeOf(invoice: InvoiceSummary, order: Order): string {
  const key = keyOf(invoice, order);
  return JSON.stringify([typeof key === 'string' ? key : key.toFixed(), invoice.id]);
}

/** The invoices after a place. @throws {ApiError} 400 for an invalid place */
export function behind<T extends InvoiceSummary>(invoices: readonly T[], place: string, order: Order): T[] {
  const { key, id } = readPlace(place);
  const ways = direction(order);
  return invoices.filter((invoice) => {
    const own = keyOf(invoice, order);
    const other = typeof own === 'string' ? key : toDecimal(key);
    return ways * (compareKeys(own, other) || compare(invoice.id, id)) > 0;
  });
}

function direction({ sort, order }: Order): 1 | -1 {
  return (order ?? (sort === undefined ? 'desc' : 'asc')) === 'asc' ? 1 : -1;
}

function keyOf(invoice: InvoiceSummary, { sort }: Order): Key {
  switch (sort) {
    case 'invoice_number':
      // numbers increase with their periods, and PREFIX-10 comes after PREFIX-9
      return nameOfInvoice(invoice).startsWith('estimate-') ? `~${invoice.period}` : naturally(nameOfInvoice(invoice));
    case 'state':
      return invoice.state === 'draft' ? 'estimate' : invoice.state;
    case 'currency':
      return invoice.currency;
    case 'total_inc_vat':
      return invoice.total;
    case 'total_vat_zero':
      return invoice.net;
    default:
      return invoice.period;
  }
}

/** Pads digits with zeros, so that texts compare as their numbers do. */
function naturally(text: string): string {
  return text.replace(/\d+/g, (digits) => digits.padStart(12, '0'));
}

function compareKeys(a: Key, b: Key): number {
  if (typeof a === 'string' || typeof b === 'string') return compare(String(a), String(b));
  return a.comparedTo(b);
}

function toDecimal(text: string): Decimal {
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw noCursor();
  return new Decimal(text);
}

function readPlace(text: string): Place {
  try {
    const [key, id]: unknown[] = JSON.parse(text);
    if (typeof key === 'string' && typeof id === 'string') return { key, id };
  } catch {
    // rejected below
  }
  throw noCursor();
}

function noCursor() {
  return apiError(400, 'invalid_input', 'cursor: Not a valid cursor for this list.');
}
