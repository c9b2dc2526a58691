import { type Decimal, toFixedMinor } from '../money/money.ts';
import { readAmount } from '../money/typed-amount.ts';
import { normalizedInput } from '../money/typed-number.ts';
import { Refusal } from '../refusal.ts';
import { checkedThresholds } from './budget.ts';

/** A budget as typed in a command, without its group. */
export interface TypedBudget {
  /** As it was typed. */
  readonly amount: string;
  /** In percent; absent for the usual ones. */
  readonly thresholds?: readonly number[];
}

interface Split extends TypedBudget {
  readonly value: Decimal;
}

/**
 * Reads the words of an amount and of thresholds: `500`, `EUR 500`, `1 500.00 80 100`. Since spaces also separate thousands,
 * `1 500` can mean an amount alone or an amount and a threshold, and is rejected with both readings.
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
  // nothing fits, so that the amount and the thresholds are told apart as they usually are, and the fault is said there
  const isUnitFirst = /^\P{N}+$/u.test(words[0] ?? '');
  const [amount, rest] = [words.slice(0, isUnitFirst ? 2 : 1), words.slice(isUnitFirst ? 2 : 1)];
  return { amount: amount.join(' '), ...(rest.length > 0 && { thresholds: readThresholds(rest.join(' ')) }) };
}

/** `50, 80 100 %` as whole numbers; anything else becomes NaN, which `checkedThresholds` does not take. */
export function readThresholds(typed: string): number[] {
  return normalizedInput(typed)
    .split(/[\s,;%]+/)
    .filter((part) => part !== '')
    .map((part) => (/^\d{1,4}$/.test(part) ? Number(part) : Number.NaN));
}

function ambiguous(one: Split, other: Split, currency: string): Refusal {
  const text = ({ value, thresholds }: Split) => {
    const warned = thresholds ? ` with a warning at ${thresholds.join(', ')} %` : '';
    return `${currency} ${toFixedMinor(value, currency)}${warned}`;
  };
  const percents = `${one.thresholds?.join('%, ') ?? '80'}%`;
  return new Refusal('ambiguous_amount', {
    ...{ readings: [text(one), text(other)], percents },
    amount: toFixedMinor(other.value, currency),
  });
}
