import { z } from 'zod';
import { cleanName, NAME_LIMITS, nameLength } from '../group/names.ts';
import { DEFAULT_SMALL_AMOUNT_POLICY, SMALL_AMOUNT_NAMES, SMALL_AMOUNT_POLICIES } from '../group/payment-method.ts';
import { DEFAULT_REMINDER_DAYS, FURTHEST_REMINDER_DAYS, MOST_REMINDERS } from '../invoice/invoice-life.ts';
import { isCurrency } from '../money/currency.ts';
import {
  API_MOVES,
  APPROVING,
  type ApiMoves,
  DEFAULT_API_MOVES,
  DEFAULT_EXPIRY_DAYS,
  DEFAULT_REMINDER_HOURS,
} from '../move/approval.ts';
import { isTimeZone } from '../period/period.ts';
import { colorFault } from './color.ts';
import {
  DEFAULT_ELECTRONIC_INVOICE_POLICY,
  ELECTRONIC_INVOICE_NAMES,
  ELECTRONIC_INVOICE_POLICIES,
} from './electronic-invoices.ts';
import { MOST_PICTURE_BYTES } from './picture.ts';
import { SELLER_CONTACT_SETTINGS, SELLER_NAME_SETTINGS } from './seller-settings.ts';
import { channelSchema, type Setting, wholeNumber } from './setting.ts';

const MAX_CLOSE_DELAY_HOURS = 240;
const MAX_APPROVALS = 5;
const MAX_REMINDER_HOURS = 168;
const MAX_EXPIRY_DAYS = 90;
const DEFAULT_ANOMALY_FLOOR = 25;
const MAX_ANOMALY_FLOOR = 1_000_000_000;
const MOST_PERCENT = 10_000;
/** The invoice number prefix. */
export const INVOICE_PREFIX = /^[A-Z0-9-]{1,12}$/;

export const APPROVING_NAMES: Readonly<Record<(typeof APPROVING)[number], string>> = {
  receiving: 'the receiving group’s approvers',
  both: 'approvers of both groups',
  nobody: 'no approval: moves take effect immediately',
};

export const API_MOVES_NAMES: Readonly<Record<ApiMoves, string>> = {
  at_once: 'are made immediately',
  refuse: 'are refused',
  ask: 'open an approval request',
};

export const COST_REVIEWS = ['off', 'ask'] as const;
export const COST_REVIEW_NAMES: Readonly<Record<(typeof COST_REVIEWS)[number], string>> = {
  off: 'aren’t sent',
  ask: 'are sent when an invoice is issued',
};

/** An account name, cleaned. */
export const accountNameSchema = z
  .string()
  .transform(cleanName)
  .refine((name) => name.length > 0, 'Enter a name for the account.')
  .refine(
    (name) => nameLength(name) <= NAME_LIMITS.account,
    `A name can have at most ${NAME_LIMITS.account} characters.`,
  );

/** The seller's tax statements, shown as one group of checkboxes. */
const STATEMENT = {
  kind: 'yes',
  section: 'seller',
  isTaxed: true,
  schema: z.boolean(),
  initial: false,
  block: {
    id: 'taxStatements',
    label: 'Tax',
    hint: 'Without a VAT ID, no tax is charged unless the tax number is sufficient.',
  },
} as const;

/**
 * The settings of an account, in the order of the form. The form, the subcommand, the store and the event log all use
 * this list: a new setting needs an entry here and the service that uses it.
 */
export const ACCOUNT_SETTINGS = {
  name: {
    ...{ kind: 'line', section: 'account', isRequired: true, word: 'name' },
    schema: accountNameSchema,
    logName: 'name',
    ...{ label: 'Account name', fact: 'Account' },
    maxLength: NAME_LIMITS.account,
  },
  /** ISO 4217. The default for new groups. */
  currency: {
    ...{ kind: 'currency', section: 'account', isRequired: true, word: 'currency' },
    schema: z.string().refine(isCurrency, 'Choose a currency from the list.'),
    logName: 'default currency',
    ...{ label: 'Currency', hint: 'For new billing groups.', fact: 'Currency' },
  },
  /** IANA name. */
  timeZone: {
    ...{ kind: 'time_zone', section: 'account', isRequired: true, word: 'time_zone' },
    schema: z.string().refine(isTimeZone, 'Choose a time zone from the list.'),
    logName: 'time zone',
    ...{ label: 'Time zone', hint: 'Months begin and end in this time zone.', fact: 'Time zone' },
  },
  financeChannelId: {
    ...{ kind: 'channel', section: 'account', word: 'finance_channel' },
    schema: channelSchema,
    logName: 'finance channel',
    ...{ label: 'Finance channel', hint: 'Notifications start as soon as you save.', fact: 'Finance channel' },
  },
  /** How far a service's cost on a day has to be from what was expected to be reported, in the account's currency. */
  anomalyFloor: {
    ...{ kind: 'number', section: 'account', isRequired: true, word: 'unusual_costs_from' },
    schema: wholeNumber(1, MAX_ANOMALY_FLOOR),
    initial: DEFAULT_ANOMALY_FLOOR,
    logName: 'difference from which unusual costs are reported',
    ...{ label: 'Report unusual costs from', fact: 'Unusual costs are reported from' },
    hint: 'A day’s difference from the expected costs of a service, in the account’s currency.',
  },
  ...SELLER_NAME_SETTINGS,
  /** Supplies to buyers outside the EU are exports of goods, not services. */
  exportsGoods: {
    ...{ ...STATEMENT, word: 'exports_goods' },
    logName: 'exports of goods',
    label: 'We export goods to buyers outside the EU',
  },
  /** Consumers in other EU countries are charged their own country's rate. */
  isOssRegistered: {
    ...{ ...STATEMENT, word: 'one_stop_shop' },
    logName: 'EU One Stop Shop registration',
    label: 'We are registered for the EU One Stop Shop (OSS)',
  },
  /** The tax number is sufficient to charge tax without a VAT ID (Directive 2006/112/EC, Article 203). */
  isTaxNumberSufficient: {
    ...{ ...STATEMENT, word: 'tax_number_sufficient' },
    logName: 'charging tax by tax number',
    label: 'Our tax number is sufficient to charge tax',
  },
  ...SELLER_CONTACT_SETTINGS,
  invoicePrefix: {
    ...{ kind: 'line', section: 'invoices', isRequired: true, word: 'prefix' },
    schema: z.string().trim().regex(INVOICE_PREFIX, 'Use 1 to 12 capital letters, digits and hyphens.'),
    logName: 'invoice prefix',
    ...{ label: 'Invoice number prefix', fact: 'Invoice number prefix' },
    hint: 'Capital letters, digits and hyphens. Applies to new invoices. The sequence continues.',
    maxLength: 12,
  },
  /** When unpaid invoices get a reminder, in days from the due date. Negative numbers are days before it. */
  reminderDays: {
    ...{ kind: 'days', section: 'invoices' },
    schema: z
      .array(wholeNumber(-FURTHEST_REMINDER_DAYS, FURTHEST_REMINDER_DAYS))
      .max(MOST_REMINDERS, `Enter at most ${MOST_REMINDERS} reminders.`)
      .transform((days) => [...new Set(days)].sort((a, b) => a - b)),
    initial: DEFAULT_REMINDER_DAYS,
    logName: 'reminder days',
    label: 'Reminders for unpaid invoices',
    hint: 'Days relative to the due date, such as -3 for three days before. Leave empty for no reminders.',
    placeholder: '-3, 0, 7, 14',
    maxLength: 60,
  },
  /** What happens to amounts below the minimum card charge. */
  smallCardAmounts: {
    ...{ kind: 'choice', section: 'invoices', isRequired: true, word: 'small_card_amounts' },
    schema: z.enum(SMALL_AMOUNT_POLICIES, 'Choose what to do with small amounts.'),
    choices: SMALL_AMOUNT_NAMES,
    initial: DEFAULT_SMALL_AMOUNT_POLICY,
    logName: 'amounts below the minimum card charge',
    ...{ label: 'Amounts below the minimum card charge', fact: 'Small card amounts' },
    hint: 'Amounts that can’t be charged to a card exactly are always requested by bank transfer.',
  },
  /** Whether an invoice waits until its electronic form can be made. */
  electronicInvoices: {
    ...{ kind: 'choice', section: 'invoices', isRequired: true, word: 'electronic_invoices' },
    schema: z.enum(ELECTRONIC_INVOICE_POLICIES, 'Choose when electronic invoices are required.'),
    choices: ELECTRONIC_INVOICE_NAMES,
    initial: DEFAULT_ELECTRONIC_INVOICE_POLICY,
    logName: 'electronic invoices',
    ...{ label: 'Electronic invoices', fact: 'Electronic invoices' },
    hint: 'If required, an invoice is held back until nothing is missing for its XML file.',
  },
  /** Hours between the end of a period and its close. */
  closeDelayHours: {
    ...{ kind: 'number', section: 'invoices', isRequired: true, word: 'close_delay' },
    schema: wholeNumber(0, MAX_CLOSE_DELAY_HOURS),
    logName: 'hours until a month closes',
    ...{ label: 'Hours until a month closes', fact: 'Months close' },
    hint: `Leaves time for late costs: 0 to ${MAX_CLOSE_DELAY_HOURS} hours after the month ends.`,
  },
  /** Whether approvers and leads are asked to look at each invoice's costs. */
  costReviews: {
    ...{ kind: 'choice', section: 'invoices', isRequired: true, word: 'cost_reviews' },
    schema: z.enum(COST_REVIEWS, 'Choose whether people are asked to review costs.'),
    choices: COST_REVIEW_NAMES,
    initial: 'off',
    logName: 'cost reviews',
    ...{ label: 'Cost reviews', fact: 'Cost reviews' },
    hint: 'When an invoice is issued, the group’s approvers and the leads of its projects get a summary to confirm.',
  },
  /** In percent of the month before: a larger change has to be explained in a cost review. */
  explainAbove: {
    ...{ kind: 'number', section: 'invoices', isRequired: true, word: 'explain_above' },
    schema: wholeNumber(0, MOST_PERCENT),
    initial: 25,
    logName: 'percentage above which a change has to be explained',
    ...{ label: 'Changes to explain, in percent', fact: 'Changes to explain, in percent' },
    hint: 'In a cost review, a larger change from the month before needs an explanation.',
  },
  /** The color of documents: `#rrggbb`, or empty. Issued documents keep their color and logo. */
  colour: {
    ...{ kind: 'line', section: 'invoices', word: 'accent_color', isEmptiable: true },
    schema: z
      .string()
      .transform((color) => color.trim().toLowerCase())
      .superRefine((color, issues) => {
        const fault = color === '' ? undefined : colorFault(color);
        if (fault !== undefined) issues.addIssue({ code: 'custom', message: fault });
      }),
    logName: 'document color',
    ...{ label: 'Invoice color', fact: 'Color' },
    hint: 'As #RRGGBB. It must be dark enough to read on white.',
    placeholder: '#1f4a3d',
    maxLength: 7,
  },
  /** The hash of a stored picture, or empty. */
  logo: {
    ...{ kind: 'logo', section: 'invoices', word: 'logo', isEmptiable: true },
    schema: z.string().regex(/^([0-9a-f]{64})?$/, 'This isn’t an image.'),
    logName: 'logo',
    ...{ label: 'Logo', fact: 'Logo' },
    hint: `PNG or JPEG, up to ${MOST_PICTURE_BYTES / 1024} kB. Applies to new invoices.`,
  },
  approvalsWho: {
    ...{ kind: 'choice', section: 'moves', isRequired: true, word: 'approvals' },
    schema: z.enum(APPROVING, 'Choose who approves moves.'),
    choices: APPROVING_NAMES,
    logName: 'who approves moves',
    ...{ label: 'Approved by', fact: 'Approved by' },
  },
  approvalsNeeded: {
    ...{ kind: 'number', section: 'moves', isRequired: true, word: 'approvals_needed' },
    schema: wholeNumber(1, MAX_APPROVALS),
    logName: 'required approvals',
    ...{ label: 'Required approvals', fact: 'Required approvals' },
    hint: `For each group involved: 1 to ${MAX_APPROVALS}.`,
  },
  approvalsChannelId: {
    ...{ kind: 'channel', section: 'moves', word: 'approvals_channel' },
    schema: channelSchema,
    logName: 'approvals channel',
    ...{ label: 'Approvals channel', fact: 'Approvals channel' },
    hint: 'Approval requests are posted here. Leave empty to send them by direct message.',
  },
  /** Hours until approvers are reminded of a pending move. */
  moveReminderHours: {
    ...{ kind: 'number', section: 'moves', isRequired: true, word: 'move_reminder_hours' },
    schema: wholeNumber(1, MAX_REMINDER_HOURS),
    initial: DEFAULT_REMINDER_HOURS,
    logName: 'hours until approvers are reminded',
    label: 'Hours until approvers are reminded',
  },
  /** Days until an undecided move request expires. */
  moveExpiryDays: {
    ...{ kind: 'number', section: 'moves', isRequired: true, word: 'move_expiry_days' },
    schema: wholeNumber(1, MAX_EXPIRY_DAYS),
    initial: DEFAULT_EXPIRY_DAYS,
    logName: 'days until a move request expires',
    label: 'Days until an undecided move request expires',
  },
  /** What the API's assignment calls do where a move needs approval. */
  apiMoves: {
    ...{ kind: 'choice', section: 'moves', isRequired: true, word: 'api_moves' },
    schema: z.enum(API_MOVES, 'Choose what happens to moves through the API.'),
    choices: API_MOVES_NAMES,
    initial: DEFAULT_API_MOVES,
    logName: 'API moves that need approval',
    ...{ label: 'Moves through the API that need approval', fact: 'API moves that need approval' },
    hint: 'Immediate moves require that the creator of the token can approve moves.',
  },
} as const satisfies Record<string, Setting>;

type Settings = typeof ACCOUNT_SETTINGS;
export type SettingName = keyof Settings;

/** The settings that an owner can change, by name. */
export type AccountSettings = { readonly [K in SettingName]: Readonly<z.output<Settings[K]['schema']>> };

/** Settings missing from accounts of earlier versions. They are stored with the account under their own names. */
export type LaterSetting = {
  [K in SettingName]: Settings[K] extends { readonly initial: unknown } ? K : never;
}[SettingName];

export const SETTING_NAMES = Object.keys(ACCOUNT_SETTINGS) as readonly SettingName[];

/** The setting's entry. Properties that it doesn't have are undefined. */
export function settingOf(name: SettingName): Setting {
  return ACCOUNT_SETTINGS[name];
}

export const LATER_SETTINGS = SETTING_NAMES.filter(
  (name): name is LaterSetting => settingOf(name).initial !== undefined,
);

/** Checks and cleans any of the settings. */
export const settingsSchema = z
  .object(
    // the schema of each setting in the list
    Object.fromEntries(SETTING_NAMES.map((name) => [name, ACCOUNT_SETTINGS[name].schema])) as {
      [K in SettingName]: Settings[K]['schema'];
    },
  )
  .partial();

/** A setting's value in words: the name of a choice, `none` if it is empty. */
export function settingText(name: SettingName, value: AccountSettings[SettingName]): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const text = Array.isArray(value) ? value.join(', ') : String(value ?? '');
  return text === '' ? 'none' : (settingOf(name).choices?.[text] ?? text);
}

/** The names of the settings that differ. */
export function changedSettings(before: AccountSettings, after: AccountSettings): SettingName[] {
  return SETTING_NAMES.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}
