import { count } from '../../billing/money/count.ts';
import { isCurrency } from '../../billing/money/currency.ts';
import { parseEcb } from '../../billing/money/ecb.ts';
import { ZERO } from '../../billing/money/money.ts';
import { MANUAL, type Rate } from '../../billing/money/rate.ts';
import { readRate } from '../../billing/money/typed-number.ts';
import { dayIn, dayName, isDay } from '../../billing/period/day.ts';
import { Refusal } from '../../billing/refusal.ts';
import { countRates, ratePage, storeRates } from '../../store/costs/rates.ts';
import { toDecimal128 } from '../../store/kit/decimal.ts';
import type { Tx } from '../../store/kit/transaction.ts';
import { admit } from '../access/rights.ts';
import { touchOpenEstimates } from '../invoicing/estimates.ts';
import { toRate } from '../invoicing/invoice-terms.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { type Page, type PageRequest, pageOf } from '../kit/page.ts';

/** How many rates one transaction stores. 90 days have about 2,800. */
const MOST_AT_ONCE = 5_000;
/** The maximum number of characters of a file. 90 days have 200,000. */
const LONGEST_FILE = 2_000_000;

export interface ManualRate {
  readonly accountId: string;
  /** The base currency, one unit of which is worth `rate` of the currency; the euro by default. */
  readonly base?: string;
  readonly currency: string;
  /** The rate as typed. */
  readonly rate: string;
  /** YYYY-MM-DD; today by default. */
  readonly date?: string;
}

/** An account's rates, latest day first. */
export async function listRates(ctx: Ctx, accountId: string, request: PageRequest): Promise<Page<Rate>> {
  await admit(ctx, accountId, 'see');
  const page = await pageOf(
    request,
    () => countRates(accountId),
    (part) => ratePage(accountId, part),
  );
  return { ...page, items: page.items.map(toRate) };
}

/**
 * Enters a manual rate, which takes precedence over a published one for its day. Safe to repeat: an unchanged rate
 * causes no event.
 *
 * @throws {Refusal} `invalid_input` with the field at fault, `role_needed`
 */
export async function setRate(ctx: Ctx, input: ManualRate): Promise<Rate> {
  return inChange(ctx, input.accountId, 'issue', async (tx, { account }) => {
    const rate = checked(input, dayIn(tx.clock.now(), account.timeZone));
    const changed = await store(tx, account._id, [rate]);
    if (changed === 0) return rate;
    await tx.record({
      accountId: account._id,
      type: 'rates_changed',
      description: `Set the exchange rate for ${dayName(rate.date)}: 1 ${rate.base} = ${rate.rate.toFixed()} ${rate.currency}`,
      after: {
        base: rate.base,
        currency: rate.currency,
        rate: rate.rate.toFixed(),
        date: rate.date,
        source: rate.source,
      },
    });
    await touchOpenEstimates(tx, { accountId: account._id });
    tx.nudge('estimates');
    return rate;
  });
}

/**
 * Imports rates from a file of the European Central Bank. Safe to repeat: existing rates stay, and a file without new
 * rates causes no event.
 *
 * @param input.text the file, or a function that fetches it, only called if the caller may import it
 * @returns how many rates the file contains, for which days, and how many are new
 * @throws {Refusal} `rates_not_understood`, `file_too_large`, `role_needed`
 */
export async function importRates(
  ctx: Ctx,
  input: { readonly accountId: string; readonly text: string | (() => Promise<string>) },
): Promise<{ read: number; changed: number; from: string; to: string }> {
  await admit(ctx, input.accountId, 'issue');
  const text = typeof input.text === 'string' ? input.text : await input.text();
  if (text.length > LONGEST_FILE) throw tooLarge();
  const rates = parseEcb(text);
  if (rates.length > MOST_AT_ONCE) throw tooLarge();
  const days = rates.map(({ date }) => date).sort();
  const [from = '', to = ''] = [days[0], days.at(-1)];
  const changed = await inChange(ctx, input.accountId, 'issue', async (tx, { account }) => {
    const number = await store(tx, account._id, rates);
    if (number === 0) return 0;
    await tx.record({
      accountId: account._id,
      type: 'rates_changed',
      description: `Imported ${count(number, 'rate')} from the European Central Bank, ${from === to ? dayName(from) : `${dayName(from)} to ${dayName(to)}`}`,
      after: { source: 'ECB', rates: number, from, to },
    });
    await touchOpenEstimates(tx, { accountId: account._id });
    tx.nudge('estimates');
    return number;
  });
  return { read: rates.length, changed, from, to };
}

/** @returns how many were new or changed */
async function store(tx: Tx, accountId: string, rates: readonly Rate[]): Promise<number> {
  return storeRates(
    tx,
    accountId,
    rates.map(({ rate, ...day }) => ({ ...day, rate: toDecimal128(rate) })),
  );
}

function checked({ base: typedBase = 'EUR', currency, rate, date: typedDate }: ManualRate, today: string): Rate {
  const base = typedBase.toUpperCase();
  const date = typedDate ?? today;
  const fields: Record<string, string> = {};
  if (!isCurrency(base)) fields.base = `“${typedBase}” isn’t a currency code. Use one such as EUR.`;
  if (!isCurrency(currency.toUpperCase()))
    fields.currency = `“${currency}” isn’t a currency code. Use one such as USD.`;
  else if (currency.toUpperCase() === base) fields.currency = `Choose a currency other than ${base}.`;
  const read = readRate(rate);
  if ('fault' in read) fields.rate = read.fault;
  if (!isDay(date)) fields.date = `“${date}” isn’t a valid date. Use a date such as ${today}.`;
  else if (date > today) fields.date = 'The date can’t be in the future.';
  if (Object.keys(fields).length > 0) throw new Refusal('invalid_input', { fields });
  return { base, currency: currency.toUpperCase(), rate: 'value' in read ? read.value : ZERO, date, source: MANUAL };
}

function tooLarge(): Refusal {
  return new Refusal('too_many_rates');
}
