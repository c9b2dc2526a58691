import { z } from 'zod';
import {
  type AccountSettings,
  changedSettings,
  INVOICE_PREFIX,
  MOST_ADDRESS_LINES,
  MOST_APPROVALS,
  MOST_CLOSE_DELAY_HOURS,
  MOST_EXPIRY_DAYS,
  MOST_REMINDER_HOURS,
  SELLER_LIMITS,
  SETTING_LABELS,
  type SettingName,
  settingText,
} from '../../billing/account/account-settings.ts';
import { colourFault } from '../../billing/account/colour.ts';
import { compact, completeSeller, isBic, isIban } from '../../billing/account/seller.ts';
import { addressInput, isEmail } from '../../billing/group/billing-input.ts';
import { isCountry } from '../../billing/group/country.ts';
import { cleanName, nameKey, nameLength } from '../../billing/group/names.ts';
import { DEFAULT_SMALL_AMOUNT_POLICY, SMALL_AMOUNT_POLICIES } from '../../billing/group/payment-method.ts';
import { DEFAULT_REMINDER_DAYS, FURTHEST_REMINDER_DAYS, MOST_REMINDERS } from '../../billing/invoice/invoice-life.ts';
import { DEFAULT_NUMBERING } from '../../billing/invoice/numbering.ts';
import { isCurrency } from '../../billing/money/currency.ts';
import { APPROVING, DEFAULT_EXPIRY_DAYS, DEFAULT_REMINDER_HOURS } from '../../billing/move/approval.ts';
import { isTimeZone, periodAt, spanOf } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { RefusalData } from '../../billing/refusals/index.ts';
import { countryOfVatId, judgeVatId } from '../../billing/tax/vat-id.ts';
import { setSettings } from '../../store/accounts/account-writes.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import { hasPicture } from '../../store/accounts/pictures.ts';
import { hasImports } from '../../store/costs/import-queries.ts';
import { hasLoads } from '../../store/costs/loads.ts';
import { lastEntryNumber } from '../../store/events/events.ts';
import { activeGroupCurrencies } from '../../store/groups/group-reads.ts';
import { beginWithAtLatest } from '../../store/groups/group-writes.ts';
import { hasInvoices, invoicedPeriods } from '../../store/invoicing/invoice-reads.ts';
import { setPeriodSpan } from '../../store/invoicing/invoice-writes.ts';
import type { Tx } from '../../store/kit/transaction.ts';
import { beginSubscription, endSubscription } from '../../store/notices/subscriptions.ts';
import { admit } from '../access/rights.ts';
import { touchEstimates, touchOpenEstimates } from '../invoicing/estimates.ts';
import { assertNumbersFree } from '../invoicing/numbers-taken.ts';
import { inAccountChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import type { Change } from '../kit/transaction.ts';
import { reconsiderCarriedOver } from '../settlement/uncharged-amounts.ts';
import { accountNameSchema, assertAccountNameFree } from './accounts.ts';

/** The settings as they stand. */
export interface SettingsNow {
  readonly settings: AccountSettings;
  /** Changes with every change: to be named by anyone who changes what they saw before. */
  readonly version: number;
  /** Why the time zone can't be changed any more; undefined while it can. */
  readonly timeZoneFixed: RefusalData<'time_zone_fixed'>['because'] | undefined;
  readonly mayChange: boolean;
}

export interface SettingsChange {
  readonly settings: Partial<AccountSettings>;
  /** The version that the person saw; where it is absent, whatever stands there is changed. */
  readonly version?: number;
}

const text = (most: number, what: string) =>
  z
    .string()
    .transform(cleanName)
    .refine((value) => nameLength(value) <= most, `${what} can have at most ${most} characters.`);
const whole = (least: number, most: number) => {
  const sentence = `Enter a whole number from ${least} to ${most}.`;
  return z.number(sentence).int(sentence).min(least, sentence).max(most, sentence);
};
const channel = z.string().min(1).nullable();

const settingsSchema = z
  .object({
    name: accountNameSchema,
    currency: z.string().refine(isCurrency, 'Choose a currency from the list.'),
    timeZone: z.string().refine(isTimeZone, 'Choose a time zone from the list.'),
    closeDelayHours: whole(0, MOST_CLOSE_DELAY_HOURS),
    financeChannelId: channel,
    legalName: text(SELLER_LIMITS.legalName, 'The legal name').refine((name) => name !== '', 'Enter the legal name.'),
    addressLines: z
      .array(text(SELLER_LIMITS.addressLine, 'A line of the address'))
      .transform((lines) => lines.filter((line) => line !== ''))
      .refine(
        (lines) => lines.length <= MOST_ADDRESS_LINES,
        `An address can have at most ${MOST_ADDRESS_LINES} lines.`,
      ),
    zipCode: text(SELLER_LIMITS.zipCode, 'A postal code'),
    city: text(SELLER_LIMITS.city, 'A city'),
    countryCode: z
      .string()
      .transform((code) => code.trim().toUpperCase())
      .refine((code) => code === '' || isCountry(code), 'Choose a country from the list.'),
    // judged together with the country, which may have been set before
    vatId: z
      .string()
      .transform(compact)
      .refine((id) => /^[A-Z0-9+*]*$/.test(id), 'A VAT ID can only have letters and digits.')
      .refine((id) => id.length <= SELLER_LIMITS.vatId, `A VAT ID can have at most ${SELLER_LIMITS.vatId} characters.`),
    taxNumber: text(SELLER_LIMITS.taxNumber, 'A tax number'),
    isTaxNumberSufficient: z.boolean(),
    isOssRegistered: z.boolean(),
    exportsGoods: z.boolean(),
    iban: z
      .string()
      .transform(compact)
      .refine((iban) => iban === '' || isIban(iban), 'This isn’t a valid IBAN. Check it for typing errors.'),
    bic: z
      .string()
      .transform(compact)
      .refine((bic) => bic === '' || isBic(bic), 'A BIC has 8 or 11 letters and digits.'),
    bankName: text(SELLER_LIMITS.bankName, 'A bank’s name'),
    email: z
      .string()
      .trim()
      .refine((address) => address === '' || isEmail(address), 'This isn’t a valid email address.'),
    contactName: text(SELLER_LIMITS.contactName, 'A contact’s name'),
    phone: text(SELLER_LIMITS.phone, 'A phone number').refine(
      // DE-R-027: three digits at least
      (phone) => phone === '' || /\d(.*\d){2}/.test(phone),
      'Enter a phone number with its digits, such as +49 30 1234567.',
    ),
    electronicAddress: addressInput(),
    colour: z
      .string()
      .transform((colour) => colour.trim().toLowerCase())
      .superRefine((colour, issues) => {
        const fault = colour === '' ? undefined : colourFault(colour);
        if (fault !== undefined) issues.addIssue({ code: 'custom', message: fault });
      }),
    logo: z.string().regex(/^([0-9a-f]{64})?$/, 'This isn’t an image.'),
    invoicePrefix: z.string().trim().regex(INVOICE_PREFIX, 'Use 1 to 12 capital letters, digits and hyphens.'),
    approvalsWho: z.enum(APPROVING, 'Choose who approves moves.'),
    approvalsNeeded: whole(1, MOST_APPROVALS),
    approvalsChannelId: channel,
    moveReminderHours: whole(1, MOST_REMINDER_HOURS),
    moveExpiryDays: whole(1, MOST_EXPIRY_DAYS),
    reminderDays: z
      .array(whole(-FURTHEST_REMINDER_DAYS, FURTHEST_REMINDER_DAYS))
      .max(MOST_REMINDERS, `Enter at most ${MOST_REMINDERS} reminders.`)
      .transform((days) => [...new Set(days)].sort((a, b) => a - b)),
    smallCardAmounts: z.enum(SMALL_AMOUNT_POLICIES, 'Choose what to do with small amounts.'),
  })
  .partial();

/** The account's settings, for anyone who belongs to it; five queries at most. @throws {Refusal} `account_not_found` */
export async function settingsNow(ctx: Ctx, accountId: string): Promise<SettingsNow> {
  const { account, role } = await admit(ctx, accountId, 'see');
  return {
    settings: settingsOf(account),
    version: account.settingsVersion ?? 0,
    timeZoneFixed: await whyTimeZoneStays(account._id),
    mayChange: role === null || role === 'owner',
  };
}

/**
 * Changes settings; each that changes is an event of its own, with before and after. Safe to repeat: what is as wanted
 * already stays without an event. A new invoice prefix is for later numbers alone.
 *
 * @returns the names of what changed
 * @throws {Refusal} `role_needed`, `invalid_input` with the fields at fault, `account_name_taken`, `time_zone_fixed`,
 * `numbers_taken` for a prefix that would give numbers a second time,
 * `settings_changed` with what differs, for a version that is not the present one
 */
export async function updateSettings(ctx: Ctx, accountId: string, change: SettingsChange): Promise<SettingName[]> {
  const wanted = checkedSettings(change.settings);
  return inAccountChange(ctx, accountId, 'administer', async (tx, { account }) => {
    const before = settingsOf(account);
    const after = withVatId(before, { ...before, ...wanted });
    const names = changedSettings(before, after);
    if (change.version !== undefined && change.version !== (account.settingsVersion ?? 0)) {
      throw changedMeanwhile(before, names);
    }
    if (names.length === 0) return names;
    if (names.includes('logo') && after.logo !== '' && !(await hasPicture(after.logo))) {
      throw new Refusal('invalid_input', { fields: { logo: 'Upload the logo as a PNG or JPEG picture.' } });
    }
    if (names.includes('name') && nameKey(after.name) !== account.nameKey) {
      await assertAccountNameFree(tx, account.teamId, after.name);
    }
    if (names.includes('invoicePrefix')) {
      const { numbering = DEFAULT_NUMBERING } = account;
      await assertNumbersFree(tx, accountId, { numbering, invoicePrefix: after.invoicePrefix }, 'invoicePrefix');
    }
    await setSettings(tx, accountId, stored(after));
    // what is open is taxed by where the seller is
    if (names.some((name) => TAXED_BY.has(name))) await touchOpenEstimates(tx, { accountId });
    if (names.includes('smallCardAmounts')) {
      await reconsiderCarriedOver(tx, { accountId });
      tx.nudge('charges');
    }
    if (names.includes('timeZone')) await moveTimeZone(tx, { ...account, timeZone: after.timeZone });
    if (names.includes('financeChannelId'))
      await moveNews(tx, accountId, before.financeChannelId, after.financeChannelId);
    for (const name of names) await recordChange(tx, accountId, name, before, after);
    return names;
  });
}

/** Settings that decide on the tax of open estimates. */
const TAXED_BY: ReadonlySet<SettingName> = new Set([
  ...(['countryCode', 'zipCode', 'city', 'vatId'] as const),
  ...(['isTaxNumberSufficient', 'isOssRegistered', 'exportsGoods'] as const),
]);

/**
 * With the VAT ID as it is kept, checked as strictly as a customer's whenever it or its country changes; one that was
 * stored before stays as it is. A tax number that is to be sufficient has to be there. @throws {Refusal} `invalid_input`
 */
function withVatId(before: AccountSettings, after: AccountSettings): AccountSettings {
  const isNew = before.taxNumber !== '' || !before.isTaxNumberSufficient;
  if (after.isTaxNumberSufficient && after.taxNumber === '' && isNew) {
    throw faultAt('taxNumber', 'Enter the tax number that is sufficient to charge tax.');
  }
  if (after.vatId === before.vatId && after.countryCode === before.countryCode) return after;
  // a seller may give its VAT ID first: its prefix says how to check it
  const judged = judgeVatId(after.vatId, after.countryCode || countryOfVatId(after.vatId));
  if ('fault' in judged) throw faultAt('vatId', judged.fault);
  return { ...after, vatId: judged.vatId };
}

function faultAt(field: SettingName, sentence: string): Refusal {
  return new Refusal('invalid_input', { fields: { [field]: sentence } });
}

/** Settings as they are kept, however they were typed. Pure. @throws {Refusal} `invalid_input` with a sentence for each wrong field */
export function checkedSettings(settings: Partial<AccountSettings>): Partial<AccountSettings> {
  const parsed = settingsSchema.safeParse(settings);
  if (parsed.success) return JSON.parse(JSON.stringify(parsed.data));
  const fields: Record<string, string> = {};
  for (const { path, message } of parsed.error.issues) fields[String(path[0] ?? 'name')] ??= message;
  throw new Refusal('invalid_input', { fields });
}

function settingsOf(account: AccountDoc): AccountSettings {
  const { name, currency, timeZone, closeDelayHours, financeChannelId, invoicePrefix, approvalsChannelId } = account;
  const { who: approvalsWho, needed: approvalsNeeded } = account.approvalPolicy;
  return {
    ...{ name, currency, timeZone, closeDelayHours, financeChannelId, invoicePrefix, approvalsChannelId },
    ...{ approvalsWho, approvalsNeeded },
    moveReminderHours: account.moveReminderHours ?? DEFAULT_REMINDER_HOURS,
    moveExpiryDays: account.moveExpiryDays ?? DEFAULT_EXPIRY_DAYS,
    reminderDays: account.reminderDays ?? DEFAULT_REMINDER_DAYS,
    isTaxNumberSufficient: account.isTaxNumberSufficient ?? false,
    isOssRegistered: account.isOssRegistered ?? false,
    exportsGoods: account.exportsGoods ?? false,
    smallCardAmounts: account.smallCardAmounts ?? DEFAULT_SMALL_AMOUNT_POLICY,
    ...completeSeller(account.seller),
  };
}

function stored(settings: AccountSettings): Partial<AccountDoc> {
  const { name, currency, timeZone, closeDelayHours, financeChannelId, invoicePrefix, approvalsChannelId } = settings;
  const { legalName, addressLines, zipCode, city, countryCode, vatId, iban, bic, bankName } = settings;
  const { email, colour, logo, taxNumber, isTaxNumberSufficient, isOssRegistered, exportsGoods } = settings;
  const { contactName, phone, electronicAddress } = settings;
  return {
    ...{ name, currency, timeZone, closeDelayHours, financeChannelId, invoicePrefix, approvalsChannelId },
    nameKey: nameKey(name),
    seller: {
      ...{ legalName, addressLines, zipCode, city, countryCode, vatId, taxNumber },
      ...{ iban, bic, bankName, email, colour, logo },
      ...{ contactName, phone, electronicAddress },
    },
    ...{ isTaxNumberSufficient, isOssRegistered, exportsGoods },
    approvalPolicy: { who: settings.approvalsWho, needed: settings.approvalsNeeded },
    moveReminderHours: settings.moveReminderHours,
    moveExpiryDays: settings.moveExpiryDays,
    reminderDays: settings.reminderDays,
    smallCardAmounts: settings.smallCardAmounts,
  };
}

/** A form that was opened on older values must not undo, unseen, what somebody else has done since. */
function changedMeanwhile(now: AccountSettings, names: readonly SettingName[]): Refusal {
  const differing = names.map((name) => [
    name,
    name === 'logo' ? 'The logo has changed.' : `The ${SETTING_LABELS[name]} is now ${settingText(now[name])}.`,
  ]);
  return new Refusal('settings_changed', { fields: Object.fromEntries(differing) });
}

async function recordChange(
  tx: Change,
  accountId: string,
  name: SettingName,
  before: AccountSettings,
  after: AccountSettings,
): Promise<void> {
  const description = changeText(name, before, after);
  const values = { before: { [name]: before[name] }, after: { [name]: after[name] } };
  await tx.record({ accountId, type: 'account_updated', description, ...values });
}

function changeText(name: SettingName, before: AccountSettings, after: AccountSettings): string {
  if (name === 'name') return `Renamed account "${before.name}" to "${after.name}"`;
  if (name === 'logo') return after.logo === '' ? 'Removed the logo' : 'Changed the logo';
  return `Set ${SETTING_LABELS[name]} to ${settingText(after[name])}`;
}

/** Every cost lies in a month of the time zone, and every invoice was made by it. */
async function whyTimeZoneStays(accountId: string): Promise<SettingsNow['timeZoneFixed']> {
  if (await hasInvoices(accountId)) return 'invoices';
  if (await hasLoads(accountId)) return 'costs';
  if (await hasImports(accountId, ['queued', 'running', 'unconfirmed'])) return 'imports';
  return undefined;
}

/** The open months begin and end by the new zone. A group whose first month has not begun there begins with the one before. */
async function moveTimeZone(tx: Change, account: AccountDoc): Promise<void> {
  const accountId = account._id;
  const because = await whyTimeZoneStays(accountId);
  if (because) throw new Refusal('time_zone_fixed', { because });
  const period = periodAt(tx.clock.now(), account.timeZone);
  await beginWithAtLatest(tx, accountId, period);
  for (const open of await invoicedPeriods(accountId)) {
    const { begin, end } = spanOf(open, account.timeZone);
    await setPeriodSpan(tx, accountId, open, { periodBegin: begin, periodEnd: end });
  }
  const groups = await activeGroupCurrencies(accountId);
  if (groups.length > 0) await touchEstimates(tx, account, period, groups);
}

/** The old channel hears no more, and the new one what comes from now on. */
async function moveNews(tx: Tx, accountId: string, from: string | null, to: string | null): Promise<void> {
  if (from !== null) await endSubscription(tx, { accountId, channelId: from });
  if (to !== null)
    await beginSubscription(tx, { accountId, channelId: to, position: await lastEntryNumber(accountId) });
}
