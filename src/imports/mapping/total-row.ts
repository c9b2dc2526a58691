/** What programs write in the row with a table's total, in lower case. */
const TOTALS: ReadonlySet<string> = new Set([
  ...['total', 'totals', 'grand total', 'sub-total', 'subtotal', 'sum', 'sum total', 'total amount', 'invoice total'],
  ...['summe', 'gesamt', 'gesamtsumme', 'gesamtbetrag', 'zwischensumme', 'endsumme', 'endbetrag', 'rechnungsbetrag'],
  ...['total général', 'total general', 'sous-total', 'montant total', 'total ttc', 'total ht'],
  ...[
    'importe total',
    'suma',
    'suma total',
    'totale',
    'totale generale',
    'subtotale',
    'totaal',
    'subtotaal',
    'eindtotaal',
  ],
  ...['totalt', 'summa', 'i alt', 'razem', 'celkem', 'összesen', 'toplam', 'yhteensä'],
]);
const MAX_LENGTH = 30;

/** Whether a cell says that its row is a total, such as “Total:” or “Summe EUR”. */
export function saysTotal(cell: string): boolean {
  const text = cell.trim();
  if (text.length > MAX_LENGTH) return false;
  const words = text
    .toLowerCase()
    .replace(/[:.]$/, '')
    .replace(/\s+(?:in\s+)?\(?(?:[a-z]{3}|\p{Sc})\)?$/u, '')
    .trim();
  return TOTALS.has(words) || TOTALS.has(text.toLowerCase().replace(/\s*:$/, ''));
}
