import type { SmallAmountPolicy } from '../group/payment-method.ts';
import type { APPROVING } from '../move/approval.ts';

/** What an owner can set, each by its name: the fields of the form and of the log. */
export interface AccountSettings {
  readonly name: string;
  /** ISO 4217: of new groups. */
  readonly currency: string;
  /** IANA name. */
  readonly timeZone: string;
  /** Hours between a period's end and its close. */
  readonly closeDelayHours: number;
  readonly financeChannelId: string | null;
  readonly legalName: string;
  readonly addressLines: readonly string[];
  readonly zipCode: string;
  readonly city: string;
  /** ISO 3166-1 alpha-2, or empty. */
  readonly countryCode: string;
  readonly vatId: string;
  /** Given by the tax office to a seller that has no VAT ID, or in addition to it. */
  readonly taxNumber: string;
  /** The tax number is sufficient to charge tax without a VAT ID (Directive 2006/112/EC, Article 203). */
  readonly isTaxNumberSufficient: boolean;
  /** Consumers in other EU countries pay their own country's rate. */
  readonly isOssRegistered: boolean;
  /** What buyers outside the EU get are exports of goods, not services. */
  readonly exportsGoods: boolean;
  readonly iban: string;
  readonly bic: string;
  readonly bankName: string;
  readonly email: string;
  /** Whom buyers ask for, and by which number. */
  readonly contactName: string;
  readonly phone: string;
  /** Scheme and identifier, or empty for the one that follows from the VAT ID. */
  readonly electronicAddress: string;
  /** Of documents: `#rrggbb`, or empty. */
  readonly colour: string;
  /** The hash of a picture that is kept, or empty. */
  readonly logo: string;
  readonly invoicePrefix: string;
  readonly approvalsWho: (typeof APPROVING)[number];
  readonly approvalsNeeded: number;
  readonly approvalsChannelId: string | null;
  /** Until approvers are reminded of a move. */
  readonly moveReminderHours: number;
  /** Until a move that nobody decides ends. */
  readonly moveExpiryDays: number;
  /** Days from the due date on which is reminded of unpaid invoices; negative ones are before it. */
  readonly reminderDays: readonly number[];
  /** What is done with amounts below the minimum card charge. */
  readonly smallCardAmounts: SmallAmountPolicy;
}

export type SettingName = keyof AccountSettings;

/** As the log and refusals name them. */
export const SETTING_LABELS: Readonly<Record<SettingName, string>> = {
  name: 'name',
  currency: 'default currency',
  timeZone: 'time zone',
  closeDelayHours: 'hours until a month closes',
  financeChannelId: 'finance channel',
  legalName: 'legal name of the seller',
  addressLines: 'address of the seller',
  zipCode: 'postal code of the seller',
  city: 'city of the seller',
  countryCode: 'country of the seller',
  vatId: 'seller’s VAT ID',
  taxNumber: 'tax number of the seller',
  isTaxNumberSufficient: 'charging tax by tax number',
  isOssRegistered: 'EU One Stop Shop registration',
  exportsGoods: 'exports of goods',
  iban: 'IBAN',
  bic: 'BIC',
  bankName: 'bank',
  email: 'email address of the seller',
  contactName: 'contact of the seller',
  phone: 'phone number of the seller',
  electronicAddress: 'electronic address of the seller',
  colour: 'document color',
  logo: 'logo',
  invoicePrefix: 'invoice prefix',
  approvalsWho: 'who approves moves',
  approvalsNeeded: 'required approvals',
  approvalsChannelId: 'approvals channel',
  moveReminderHours: 'hours until approvers are reminded',
  moveExpiryDays: 'days until a move request expires',
  reminderDays: 'reminder days',
  smallCardAmounts: 'amounts below the minimum card charge',
};

/** How long a seller's texts may be, as those of a billing group (domain.md, Entities). */
export const SELLER_LIMITS = {
  legalName: 83,
  addressLine: 83,
  zipCode: 36,
  city: 50,
  vatId: 64,
  taxNumber: 64,
  bankName: 83,
  contactName: 83,
  phone: 40,
  electronicAddress: 60,
} as const;
export const MOST_ADDRESS_LINES = 3;
export const MOST_CLOSE_DELAY_HOURS = 240;
export const MOST_APPROVALS = 5;
export const MOST_REMINDER_HOURS = 168;
export const MOST_EXPIRY_DAYS = 90;
/** What numbers of invoices begin with. */
export const INVOICE_PREFIX = /^[A-Z0-9-]{1,12}$/;

export const APPROVING_NAMES: Readonly<Record<(typeof APPROVING)[number], string>> = {
  receiving: 'the receiving group’s approvers',
  both: 'approvers of both groups',
  nobody: 'no approval: moves take effect immediately',
};

/** A setting's value in words: `none` for what is empty. */
export function settingText(value: AccountSettings[SettingName]): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const text = Array.isArray(value) ? value.join(', ') : String(value ?? '');
  return text === '' ? 'none' : text;
}

/** Which settings differ. */
export function changedSettings(before: AccountSettings, after: AccountSettings): SettingName[] {
  const names = Object.keys(SETTING_LABELS) as SettingName[];
  return names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}
