/** Symbols of currencies, with the currencies that use them. The first is meant if a column has nothing else. */
const SYMBOLS: Readonly<Record<string, readonly string[]>> = {
  '€': ['EUR'],
  '£': ['GBP', 'EGP', 'GIP', 'FKP', 'SHP', 'LBP', 'SYP'],
  '₹': ['INR'],
  '₩': ['KRW'],
  '₺': ['TRY'],
  '₽': ['RUB'],
  '₴': ['UAH'],
  '₪': ['ILS'],
  '₫': ['VND'],
  '₱': ['PHP'],
  '฿': ['THB'],
  '₦': ['NGN'],
  '₸': ['KZT'],
  zł: ['PLN'],
  Kč: ['CZK'],
  Ft: ['HUF'],
  lei: ['RON', 'MDL'],
  'Fr.': ['CHF'],
  R$: ['BRL'],
  US$: ['USD'],
  A$: ['AUD'],
  AU$: ['AUD'],
  C$: ['CAD'],
  CA$: ['CAD'],
  HK$: ['HKD'],
  NZ$: ['NZD'],
  S$: ['SGD'],
  NT$: ['TWD'],
  'CN¥': ['CNY'],
  'JP¥': ['JPY'],
};
/** Symbols that several currencies share: only together with another statement. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  $: ['USD', 'CAD', 'AUD', 'NZD', 'SGD', 'HKD', 'MXN', 'ARS', 'CLP', 'COP', 'TWD', 'UYU', 'JMD', 'BBD', 'BSD', 'TTD'],
  '¥': ['JPY', 'CNY'],
  '￥': ['JPY', 'CNY'],
  kr: ['SEK', 'NOK', 'DKK', 'ISK'],
  'kr.': ['DKK', 'SEK', 'NOK', 'ISK'],
};

/** The currency of a text: its code, or a symbol that means only one. @returns undefined if it isn't clear */
export function currencyOf(text: string): string | undefined {
  const code = text.trim();
  if (/^[a-z]{3}$/i.test(code) && !(code in SYMBOLS)) return code.toUpperCase();
  return SYMBOLS[code]?.[0];
}

/** Whether a code or symbol beside an amount can mean a currency. */
export function canMean(unit: string, currency: string): boolean {
  if (unit.toUpperCase() === currency) return true;
  return (SYMBOLS[unit] ?? SHARED[unit] ?? []).includes(currency);
}
