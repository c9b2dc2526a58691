/** What a column of a cost file may be. */
export const GUESSED_FIELDS = [
  'currency',
  'amount',
  'lastDay',
  'date',
  'projectName',
  'project',
  'payer',
  'service',
  'description',
] as const;
export type GuessedField = (typeof GUESSED_FIELDS)[number];

/**
 * Parts of the names that programs give their columns, in lower case; the surest first. The fields are looked for in the
 * order above, because a column has only one meaning.
 */
export const WORDS: Readonly<Record<GuessedField, readonly string[]>> = {
  currency: ['währung', 'waehrung', 'currency', 'devise', 'divisa', 'moneda', 'valuta', 'munt', 'waluta', 'moeda'],
  amount: [
    ...['billed cost', 'billedcost', 'net amount', 'amount net', 'nettobetrag', 'betrag netto', 'netto', 'total cost'],
    ...['cost', 'kosten', 'betrag', 'amount', 'montant', 'importe', 'importo', 'bedrag', 'belopp', 'beløb', 'kwota'],
    ...['gesamtpreis', 'total', 'charge', 'valor', 'summe', 'preis', 'price', 'prix', 'precio', 'prezzo', 'usd', 'eur'],
  ],
  lastDay: ['end date', 'enddate', 'usage end', 'period end', 'end', 'bis', 'until', 'fin', 'date to', 'hasta', 'to'],
  date: [
    ...['usage start', 'start date', 'startdate', 'period start', 'usage date', 'leistungszeitraum', 'zeitraum'],
    ...[
      'datum',
      'date',
      'start',
      'von',
      'from',
      'fecha',
      'data',
      'tag',
      'day',
      'period',
      'monat',
      'month',
      'mois',
      'mes',
    ],
    ...['mese', 'maand', 'månad', 'dato', 'jour', 'giorno'],
  ],
  projectName: ['project name', 'projektname', 'projectname', 'account name', 'subscription name', 'nom du projet'],
  project: [
    ...['project id', 'projekt-id', 'projektnummer', 'projekt-nr', 'project', 'projekt', 'projet', 'proyecto'],
    ...['progetto', 'projeto', 'kostenstelle', 'cost center', 'cost centre', 'centre de coût', 'account id', 'team'],
    ...['subscription', 'abteilung', 'department', 'tenant', 'workspace', 'resource group', 'account', 'server name'],
  ],
  payer: [
    'customer number',
    'customer id',
    'kundennummer',
    'kunden-nr',
    'vertragsnummer',
    'contract',
    'billing account',
  ],
  service: [
    ...['service', 'produkt', 'product', 'leistung', 'servicio', 'servizio', 'dienst', 'artikel', 'prestation'],
    ...['category', 'kategorie', 'type', 'sku', 'typ'],
  ],
  description: [
    ...['beschreibung', 'description', 'descripción', 'descrizione', 'bezeichnung', 'désignation', 'libellé'],
    ...['omschrijving', 'beskrivelse', 'details', 'text', 'item', 'position', 'note'],
  ],
};

/** Columns with these words hold no cost, although their names may have one of the words above. */
export const NOT_AN_AMOUNT =
  /tax|vat|mwst|ust\b|steuer|tva|iva\b|unit|einzel|rate|discount|rabatt|center|centre|stelle|currency|währung/i;
/** Names of columns with tags. */
export const TAGS = /^(?:tags?|labels?)\b|^(?:tag|label)[:_./]|^(?:user:|resource_?tags)/i;
