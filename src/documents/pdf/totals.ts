import { breakdownOf } from '../../billing/invoice/breakdown.ts';
import type { Decimal } from '../../billing/money/money.ts';
import type { BillingDocument, DocumentTax } from '../document.ts';
import { categoryName, dayName, figure, percent } from '../document-words.ts';
import type { Block, Part } from './flow.ts';
import { creditLabel, heightOf, say, shownDue } from './head.ts';
import type { Kit } from './kit.ts';
import { BODY, COLORS, LABEL, SMALL, STRONG } from './look.ts';
import { paymentOf } from './payment.ts';
import { type Cell, type Column, headingOf, rowOf, tableElement } from './table.ts';

const SUM_WIDTH = 270;
const FIGURE = 110;
/** Aligns both tops visually. */
const PAYMENT_TOP = 4;

/** Tax by category and rate; from the net to the amount due, with how to pay beside it; the exchange rates. */
export function totalsOf(kit: Kit, document: BillingDocument): Part[] {
  return [
    ...(document.taxes.length === 0 ? [] : [taxTable(kit, document)]),
    { space: 10, blocks: [end(kit, document)] },
    ...(document.conversions.length === 0 ? [] : [conversions(kit, document)]),
    ...(document.note === undefined || hasOwnPlace(document) ? [] : [note(kit, document.note)]),
  ];
}

/** A memo's reason and a preview's note are beside the totals. */
function hasOwnPlace({ kind, isPreview }: BillingDocument): boolean {
  return kind === 'credit_memo' || isPreview === true;
}

function note(kit: Kit, text: string): Part {
  const words = [{ text, style: SMALL }];
  const draw = (y: number) => say(kit, 'P', words, kit.left, y, kit.width);
  return { space: 14, blocks: [{ height: heightOf(kit, words, kit.width), draw }] };
}

function end(kit: Kit, document: BillingDocument): Block {
  const rows = sums(kit, document);
  const payment = paymentOf(kit, document, kit.width - SUM_WIDTH - 24);
  const height = rows.reduce((total, row) => total + row.height, 0);
  return {
    height: Math.max(height, payment.height + PAYMENT_TOP),
    draw(top) {
      let y = top;
      for (const row of rows) {
        row.draw(y);
        y += row.height;
      }
      payment.draw(top + PAYMENT_TOP);
    },
  };
}

function taxTable(kit: Kit, { taxes, currency }: BillingDocument): Part {
  const table = tableElement(kit, 'Tax');
  const number = (title: string, x: number, width: number): Column => ({ title, x, width, align: 'right' });
  const last = kit.width - 6;
  const category: Column = { title: 'Tax', x: 6, width: last - 3 * 96 - 18, align: 'left' };
  const rate = number('Rate', last - 3 * 96 + 36, 60);
  const base = number(`Base (${currency})`, last - 2 * 96, 90);
  const amount = number(`Tax (${currency})`, last - 90, 90);
  const cells = (tax: DocumentTax): Cell[] => [
    {
      column: category,
      texts: [
        { text: `${categoryName(tax.category)} (${tax.category})`, style: BODY },
        ...(tax.reason === null ? [] : [{ text: tax.reason, style: SMALL }]),
      ],
      heads: 'Row',
    },
    { column: rate, texts: [{ text: tax.category === 'O' ? '–' : percent(tax.rate), style: BODY }] },
    { column: base, texts: [{ text: figure(tax.base, currency), style: BODY }] },
    { column: amount, texts: [{ text: figure(tax.amount, currency), style: BODY }] },
  ];
  return {
    space: 14,
    heading: headingOf(kit, table, kit.left, kit.width, [category, rate, base, amount]),
    blocks: taxes.map((tax, at) =>
      rowOf(kit, table, kit.left, kit.width, cells(tax), {
        padding: 3,
        hasRule: at > 0,
        keepsNext: at < taxes.length - 1,
      }),
    ),
  };
}

function sums(kit: Kit, document: BillingDocument): Block[] {
  const { currency, lines, net, tax, taxAtHome, total, prepaid, balance } = document;
  const table = tableElement(kit, 'Totals');
  const left = kit.right - SUM_WIDTH;
  const row = (name: string, amount: Decimal, isLast = false, code = currency, isSoft = false) => {
    const style = isLast ? { ...STRONG, size: 11, color: kit.accentInk } : isSoft ? SMALL : BODY;
    const cells: Cell[] = [
      {
        column: { title: '', x: 6, width: SUM_WIDTH - FIGURE - 16, align: 'left' },
        texts: [{ text: name, style }],
        heads: 'Row',
      },
      {
        column: { title: '', x: SUM_WIDTH - FIGURE - 6, width: FIGURE, align: 'right' },
        texts: [{ text: figure(amount, code), style }],
      },
    ];
    const look = isLast ? { padding: 7, background: COLORS.band } : { padding: 3 };
    return rowOf(kit, table, left, SUM_WIDTH, cells, look);
  };
  return [
    ...partsOf(lines).map(({ name, amount }) => row(name, amount)),
    row('Total before tax', net),
    row('Tax', tax),
    ...(taxAtHome ? [row(`Tax in ${taxAtHome.currency}`, taxAtHome.amount, false, taxAtHome.currency, true)] : []),
    row('Total', total),
    ...prepaid.map(({ code, amount }) => row(`Purchased credit ${code}`, amount.neg())),
    ...(balance ? [row(`Credit balance ${balance.code}`, balance.amount)] : []),
    row(`${lastLabel(document)} (${currency})`, shownDue(document), true),
  ];
}

/** The parts of the total before tax, if there are several, in the same words as on every screen. */
function partsOf(lines: BillingDocument['lines']): { readonly name: string; readonly amount: Decimal }[] {
  const { costs, adjustments, commitments, credits } = breakdownOf(lines);
  const parts = [
    { name: 'Costs', amount: costs },
    { name: 'Adjustments', amount: adjustments },
    { name: 'Commitments', amount: commitments },
    { name: 'Credits', amount: credits },
  ].filter(({ amount }) => !amount.isZero());
  return parts.length > 1 ? parts : [];
}

function lastLabel({ kind, amountDue }: BillingDocument): string {
  return kind === 'invoice' ? 'Amount due' : creditLabel(amountDue);
}

function conversions(kit: Kit, document: BillingDocument): Part {
  const table = tableElement(kit, 'Exchange rates');
  const column: Column = { title: '', x: 0, width: kit.width, align: 'left' };
  const title: Cell = { column, texts: [{ text: 'Exchange rates', style: LABEL }], heads: 'Column' };
  return {
    space: 14,
    blocks: [
      rowOf(kit, table, kit.left, kit.width, [title], { padding: 1, keepsNext: true }),
      ...document.conversions.map(({ from, to, rate, date, source }) => {
        const text = `1 ${from} = ${rate.toFixed()} ${to} (${source}, ${dayName(date)})`;
        return rowOf(kit, table, kit.left, kit.width, [{ column, texts: [{ text, style: SMALL }] }], { padding: 0 });
      }),
    ],
  };
}
