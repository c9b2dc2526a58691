import { type Decimal, toFixedMinor } from '../money/money.ts';
import { readAmount } from '../money/typed-amount.ts';
import { normalizedInput } from '../money/typed-number.ts';
import { Refusal } from '../refusal.ts';
import { checkedThresholds } from './budget.ts';

/** A budget as typed in a command, without its group. */
export interface TypedBudget {
  /** The amount as typed. */
  readonly amount: string;
  /** In percent; absent for the defaults. */
  readonly thresholds?: readonly number[];
}

interface Split extends TypedBudget {
  readonly value: Decimal;
}

/**
 * Reads an amount and optional thresholds: `500`, `EUR 500`, `1 500.00 80 100`. Because a space can also separate
 * thousands, `1 500` could be an amount or an amount and a threshold. It is rejected with both readings.
 *
 * @throws {Refusal} `ambiguous_amount` with both readings
 */
export function readBudgetWords(words: readonly string[], currency: string): TypedBudget {
  const splits: Split[] = [];
  for (let at = 1; at <= words.length; at++) {
    const amount = words.slice(0, at).join(' ');
    const read = readAmount(amount, currency);
    const rest = words.slice(at).join(' ');
    const thresholds = rest === '' ? undefined : readThresholds(rest);
    if ('value' in read && (thresholds === undefined || checkedThresholds(thresholds)))
      splits.push({ amount, value: read.value, ...(thresholds && { thresholds }) });
  }
  const [one, other] = splits;
  if (one && other) throw ambiguous(one, other, currency);
  if (one) return { amount: one.amount, ...(one.thresholds && { thresholds: one.thresholds }) };
  // no reading fits: split the amount and the thresholds as usual, and let their own checks report the fault
  const isUnitFirst = /^\P{N}+$/u.test(words[0] ?? '');
  const [amount, rest] = [words.slice(0, isUnitFirst ? 2 : 1), words.slice(isUnitFirst ? 2 : 1)];
  return { amount: amount.join(' '), ...(rest.length > 0 && { thresholds: readThresholds(rest.join(' ')) }) };
}

/** `50, 80 100 %` as whole numbers. Anything else becomes NaN, which `checkedThresholds` rejects. */
export function readThresholds(typed: string): number[] {
  return normalizedInput(typed)
    .split(/[\s,;%]+/)
    .filter((part) => part !== '')
    .map((part) => (/^\d{1,4}$/.test(part) ? Number(part) : Number.NaN));
}

function ambiguous(one: Split, other: Split, currency: string): Refusal {
  const text = ({ value, thresholds }: Split) => {
    const warned = thresholds ? ` with a warning at ${thresholds.join(', ')}%` : '';
    return `${currency} ${toFixedMinor(value, currency)}${warned}`;
  };
  const percents = `${one.thresholds?.join('%, ') ?? '80'}%`;
  return new Refusal('ambiguous_amount', {
    ...{ readings: [text(one), text(other)], percents },
    amount: toFixedMinor(other.value, currency),
  });
}
