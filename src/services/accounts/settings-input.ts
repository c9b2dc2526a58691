import { z } from 'zod';
import {
  type AccountSettings,
  INVOICE_PREFIX,
  MOST_ADDRESS_LINES,
  MOST_APPROVALS,
  MOST_CLOSE_DELAY_HOURS,
  MOST_EXPIRY_DAYS,
  MOST_REMINDER_HOURS,
  SELLER_LIMITS,
  type SettingName,
} from '../../billing/account/account-settings.ts';
import { colourFault } from '../../billing/account/colour.ts';
import { compact, isBic, isIban } from '../../billing/account/seller.ts';
import { electronicAddressSchema, isEmail } from '../../billing/group/billing-schemas.ts';
import { isCountry } from '../../billing/group/country.ts';
import { cleanName, nameLength } from '../../billing/group/names.ts';
import { SMALL_AMOUNT_POLICIES } from '../../billing/group/payment-method.ts';
import { FURTHEST_REMINDER_DAYS, MOST_REMINDERS } from '../../billing/invoice/invoice-life.ts';
import { isCurrency } from '../../billing/money/currency.ts';
import { APPROVING } from '../../billing/move/approval.ts';
import { isTimeZone } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import { countryOfVatId, judgeVatId } from '../../billing/tax/vat-id.ts';
import { accountNameSchema } from './accounts.ts';

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
    electronicAddress: electronicAddressSchema(),
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

/**
 * With the VAT ID as it is kept, checked as strictly as a customer's whenever it or its country changes; one that was
 * stored before stays as it is. A tax number that is to be sufficient has to be there. @throws {Refusal} `invalid_input`
 */
export function withVatId(before: AccountSettings, after: AccountSettings): AccountSettings {
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
