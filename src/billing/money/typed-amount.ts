import { CURRENCIES, isCurrency, minorUnits } from './currency.ts';
import { type Decimal, toFixedMinor } from './money.ts';
import {
  bothReadings,
  digitFault,
  isTooLarge,
  normalizedInput,
  type Read,
  type Reading,
  readingsOf,
} from './typed-number.ts';

export interface AmountRules {
  /** Whether 0 is accepted. If not, the amount must be positive. */
  readonly canBeZero?: boolean;
}

/** An amount with three decimals as it is printed after its currency's code, which could also be thousands. */
const PRINTED_THOUSANDTHS = /^\d{1,3}\.\d{3}$/;
/** The text before the first digit, the number, and the text after the last digit. */
const PARTS = /^(\P{N}*?) ?(\p{N}(?:.*\p{N})?) ?(\P{N}*)$/su;
const SIGN_LENGTH_SHOWN = 12;
/** The symbols of all currencies, such as `$`, which several share. Built on first use. */
let shortSigns: ReadonlyMap<string, string> | undefined;

/**
 * Reads an amount typed by a person (domain.md, Money 10). All forms and commands use this function. It accepts digits,
 * one decimal separator, thousands in groups of three, and the expected currency's code or symbol before or after. Text
 * that can be read in two ways is rejected with both readings, and so are more decimals than the currency has. Amounts
 * printed by the product are read back unchanged, also in currencies with three decimals, where only the code before
 * `KWD 1.234` tells it from `1.234`, which is rejected like `1,234`: one of both would be wrong by a factor of 1000.
 *
 * @param currency ISO 4217: the expected one
 * @returns an amount with at most the currency's decimals, or a sentence that says what to change
 */
export function readAmount(typed: string, currency: string, rules: AmountRules = {}): Read {
  const wanted = wantedText(currency, rules);
  const parts = PARTS.exec(normalizedInput(typed));
  if (!parts) return { fault: wanted };
  const [, before = '', number = '', after = ''] = parts;
  const fault = digitFault(
    before + number + after,
    `${rules.canBeZero ? 'Enter an amount' : 'Enter an amount above 0,'} without a sign.`,
  );
  if (fault !== undefined) return { fault };
  const wrongUnit = unitFault(before, after, currency, wanted);
  if (wrongUnit !== undefined) return { fault: wrongUnit };
  const [one, other] = isAsPrinted(number, before, currency) ? decimalReadingOf(number) : readingsOf(number);
  if (!one) return { fault: /[^\d .,']/.test(number) ? wanted : groupingText(currency) };
  const decimals = minorUnits(currency);
  // without decimals, a separator can only separate thousands
  if (other && decimals > 0) return { fault: ambiguityText(one.value, other.value, { number, currency, wanted }) };
  if (one.decimals > decimals) return { fault: wanted };
  if (isTooLarge(one.value)) return { fault: 'This amount is too large.' };
  if (one.value.isZero() && !rules.canBeZero) return { fault: wanted };
  return { value: one.value };
}

/**
 * An amount as prefilled in a form, so that `readAmount` reads the same amount again. In currencies with three
 * decimals, the code before an amount below 1,000 marks its separator as decimal: `KWD 12.345`.
 */
export function amountToType(amount: Decimal, currency: string): string {
  const text = toFixedMinor(amount, currency);
  return readingsOf(text).length > 1 ? `${currency} ${text}` : text;
}

/**
 * Whether a number that could also mean thousands is written the way the product prints amounts with three decimals:
 * the code, a point and three decimals.
 */
function isAsPrinted(number: string, before: string, currency: string): boolean {
  return minorUnits(currency) === 3 && before === currency && PRINTED_THOUSANDTHS.test(number);
}

function decimalReadingOf(number: string): Reading[] {
  return readingsOf(number).filter(({ isGrouped }) => !isGrouped);
}

function wantedText(currency: string, { canBeZero }: AmountRules): string {
  const decimals = minorUnits(currency);
  const above = canBeZero ? '' : ' above 0,';
  return `Enter an amount${above} ${decimals === 0 ? 'without' : `with at most ${decimals}`} decimals.`;
}

function groupingText(currency: string): string {
  const example = minorUnits(currency) === 0 ? '1,234,567' : `1,234,567.${'89'.padEnd(minorUnits(currency), '0')}`;
  return `Separate thousands in groups of three and use one decimal separator, such as ${example}.`;
}

function ambiguityText(
  grouped: Decimal,
  plain: Decimal,
  { number, currency, wanted }: { readonly number: string; readonly currency: string; readonly wanted: string },
): string {
  const decimals = minorUnits(currency);
  const whole = grouped.toFixed(decimals);
  if (plain.decimalPlaces() > decimals) {
    // most people read a point before three digits as a decimal point, so the number of decimals is what's wrong
    if (number.includes('.')) return wanted;
    return `${bothReadings(whole, plain.toFixed())} ${currency} has at most ${decimals} decimals.`;
  }
  const part = plain.toFixed(decimals);
  const question = bothReadings(whole, part);
  return decimals < 3
    ? question
    : `${question} Type ${whole}, or ${amountToType(plain, currency)} for the smaller amount.`;
}

/** What is wrong with the text around the number, which may contain the expected currency once. */
function unitFault(before: string, after: string, currency: string, wanted: string): string | undefined {
  const unit = before + after;
  if (unit === '') return undefined;
  if (unit.includes('%')) return 'Enter an amount, not a percentage.';
  if (/^[.,' ]+$/.test(unit)) return wanted;
  const isOnce = before === '' || after === '';
  if (isOnce && unitsOf(currency).has(unit.toUpperCase())) return undefined;
  const code = unit.toUpperCase();
  if (isCurrency(code) && code !== currency) return `Enter the amount in ${currency}, not in ${code}.`;
  const shown = [...unit].slice(0, SIGN_LENGTH_SHOWN).join('');
  return `“${shown}” isn’t the expected currency. Enter the amount alone, or with ${currency}.`;
}

/** The code and the symbols that unambiguously mean the currency, in capital letters. */
function unitsOf(currency: string): ReadonlySet<string> {
  shortSigns ??= new Map(CURRENCIES.map((one) => [one, signOf(one, 'narrowSymbol')]));
  const short = shortSigns.get(currency) ?? currency;
  const isOnlyOne = [...shortSigns].every(([one, sign]) => one === currency || sign !== short);
  // a shared symbol means the currency it usually stands for in English; the others need their country: `CA$`
  const units = [
    currency,
    signOf(currency, 'symbol'),
    `${currency.slice(0, 2)}${short}`,
    ...(isOnlyOne ? [short] : []),
  ];
  return new Set(units.map((unit) => unit.toUpperCase()));
}

function signOf(currency: string, currencyDisplay: 'symbol' | 'narrowSymbol'): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay });
  return format.formatToParts(0).find(({ type }) => type === 'currency')?.value ?? currency;
}
