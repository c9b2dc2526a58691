import { completeSeller } from '../../billing/account/seller.ts';
import { isCountry } from '../../billing/group/country.ts';
import { checkedNumbering, DEFAULT_NUMBERING, type Numbering } from '../../billing/invoice/numbering.ts';
import type { Decimal } from '../../billing/money/money.ts';
import { readPercentage } from '../../billing/money/typed-number.ts';
import { dayIn, dayName, isDay } from '../../billing/period/day.ts';
import { Refusal } from '../../billing/refusal.ts';
import { type RateOfDay, rateOfDay } from '../../billing/tax/standard-rates.ts';
import type { TaxOverride } from '../../billing/tax/tax.ts';
import { taxPlace } from '../../billing/tax/tax-place.ts';
import { accountOrFail } from '../../store/accounts/account-reads.ts';
import { setSettings } from '../../store/accounts/account-writes.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { admit } from '../access/rights.ts';
import { touchOpenEstimates } from '../invoicing/estimates.ts';
import { nextNumber } from '../invoicing/invoice-numbers.ts';
import { assertNumbersFree } from '../invoicing/numbers-taken.ts';
import { inAccountChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';

const MOST_RATE_DECIMALS = 4;

/** A number format, and the next invoice's number. */
export interface NumberingNow extends Numbering {
  readonly next: string;
}

/** How an account's invoices are numbered, and the next number for the current year in the account's time zone. */
export async function numberingNow(ctx: Ctx, accountId: string): Promise<NumberingNow> {
  const { account } = await admit(ctx, accountId, 'see');
  return shown(ctx, account, account.numbering ?? DEFAULT_NUMBERING);
}

/**
 * Changes how future invoices are numbered. Issued ones keep their numbers. Safe to repeat.
 *
 * @throws {Refusal} `invalid_input` with the field at fault; `numbers_taken` if the count would restart and repeat
 * numbers that were already used; `role_needed`
 */
export async function setNumbering(ctx: Ctx, accountId: string, wanted: Numbering): Promise<NumberingNow> {
  const numbering = checkedNumbering(wanted);
  const changed = await inAccountChange(ctx, accountId, 'administer', async (tx, { account }) => {
    const before = account.numbering ?? DEFAULT_NUMBERING;
    if (before.format === numbering.format && before.isYearly === numbering.isYearly) return account;
    await assertNumbersFree(tx, accountId, { numbering, invoicePrefix: account.invoicePrefix }, 'format');
    await setSettings(tx, accountId, { numbering });
    await tx.record({
      accountId,
      type: 'account_updated',
      description: `Set invoice numbers to ${numbering.format}${numbering.isYearly ? ', restarting each year' : ''}`,
      before: { numbering: { ...before } },
      after: { numbering: { ...numbering } },
    });
    return account;
  });
  return shown(ctx, changed, numbering);
}

/** The tax rates of an account's seller at home: the table's current rate, and the account's overrides, latest last. */
export interface TaxesNow {
  /** ISO 3166-1 alpha-2, or empty. */
  readonly country: string;
  readonly standard: Decimal | undefined;
  /** Why there is no standard rate: there is no such tax, or the table doesn't cover it. */
  readonly kind: RateOfDay['kind'];
  readonly overrides: readonly TaxOverride[];
  /** The account's own rates for other countries, which apply to consumers there (One Stop Shop). */
  readonly elsewhere: readonly TaxOverride[];
  /** YYYY-MM-DD, in the account's time zone. */
  readonly today: string;
}

/** The tax rates of an account's seller at home. @throws {Refusal} `account_not_found` */
export async function taxesNow(ctx: Ctx, accountId: string): Promise<TaxesNow> {
  const { account } = await admit(ctx, accountId, 'see');
  // recent changes must be visible
  const { taxRates = [], seller, timeZone } = await accountOrFail(account._id);
  const { countryCode: country } = completeSeller(seller);
  const today = dayIn(ctx.clock.now(), timeZone);
  const inOrder = [...taxRates].sort((a, b) => (a.from < b.from ? -1 : 1));
  const overrides = inOrder.filter((one) => one.country === country);
  const elsewhere = inOrder.filter((one) => one.country !== country);
  const { rates } = taxPlace({ ...completeSeller(seller), countryCode: country });
  const { kind, ...found } = rateOfDay(rates, today);
  return { country, today, overrides, elsewhere, kind, standard: 'rate' in found ? found.rate : undefined };
}

/**
 * Sets a tax rate that replaces the table's from a day on, for everything or for one service. It replaces an earlier
 * override for the same country, service and day. Safe to repeat.
 *
 * @throws {Refusal} `invalid_input` with the fields at fault, `role_needed`
 */
export async function setTaxRate(ctx: Ctx, accountId: string, wanted: TaxOverride): Promise<void> {
  const override = checkedOverride(wanted);
  await inAccountChange(ctx, accountId, 'administer', async (tx, { account }) => {
    const before = account.taxRates ?? [];
    const taxRates = [...before.filter((one) => placeOf(one) !== placeOf(override)), override];
    if (before.some((one) => JSON.stringify(one) === JSON.stringify(override))) return;
    await setSettings(tx, accountId, { taxRates });
    const { country, category, rate, from, serviceName } = override;
    await tx.record({
      accountId,
      type: 'account_updated',
      description: `Set tax in ${country}${serviceName === null ? '' : ` on ${serviceName}`} to ${category} ${rate}% from ${dayName(from)}`,
      before: before.filter((one) => placeOf(one) === placeOf(override)).map((one) => ({ ...one }))[0] ?? null,
      after: { ...override },
    });
    await touchOpenEstimates(tx, { accountId });
    tx.nudge('estimates');
  });
}

async function shown(ctx: Ctx, account: AccountDoc, numbering: Numbering): Promise<NumberingNow> {
  return { ...numbering, next: await nextNumber({ ...account, numbering }, 'invoice', ctx.clock.now()) };
}

function checkedOverride({ country, category, rate, from, serviceName, reason }: TaxOverride): TaxOverride {
  const fields: Record<string, string> = {};
  if (!isCountry(country)) fields.country = `“${country}” isn’t a country. Use a code such as DE.`;
  const read = readPercentage(rate, MOST_RATE_DECIMALS, `“${rate}” isn’t a valid rate. Use a percentage such as 19.`);
  if ('fault' in read) fields.rate = read.fault;
  else if (read.value.isZero() !== (category !== 'S')) {
    fields.rate =
      category === 'S' ? 'For a rate of 0, use category Z or E.' : `The rate must be 0 for category ${category}.`;
  }
  if (!isDay(from)) fields.from = `“${from}” isn’t a valid date. Use a date such as 2026-07-01.`;
  if (Object.keys(fields).length > 0) throw new Refusal('invalid_input', { fields });
  return { country, category, rate: 'value' in read ? read.value.toFixed() : rate, from, serviceName, reason };
}

function placeOf({ country, serviceName, from }: TaxOverride): string {
  return JSON.stringify([country, serviceName, from]);
}
