import type { KnownBlock, ModalView } from '@slack/types';
import {
  type AccountSettings,
  APPROVING_NAMES,
  MOST_APPROVALS,
  MOST_CLOSE_DELAY_HOURS,
  SELLER_LIMITS,
  type SettingName,
} from '../../src/billing/account/account-settings.ts';
import { MOST_PICTURE_BYTES } from '../../src/billing/account/picture.ts';
import { MAX_EMAIL_LENGTH } from '../../src/billing/group/billing-schemas.ts';
import { COUNTRIES, countryName } from '../../src/billing/group/country.ts';
import { NAME_LIMITS } from '../../src/billing/group/names.ts';
import { SMALL_AMOUNT_NAMES, SMALL_AMOUNT_POLICIES } from '../../src/billing/group/payment-method.ts';
import { APPROVING } from '../../src/billing/move/approval.ts';
import type { SettingsNow } from '../../src/services/accounts/settings.ts';
import { checkedSettings } from '../../src/services/accounts/settings-input.ts';
import {
  type Choice,
  checkboxes,
  context,
  conversationsSelect,
  externalSelect,
  fileInput,
  header,
  input,
  numberInput,
  staticSelect,
  textInput,
} from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { NO_TIME_ZONE_CHANGE } from '../../src/slack/refusal-texts/account-texts.ts';
import type { FormValues } from '../../src/slack/requests/form-values.ts';
import { currencyChoice } from '../kit/choices.ts';
import { formModal } from '../kit/form.ts';
import type { Origin } from '../kit/origin.ts';

export const SETTINGS = 'settings';
export const SETTINGS_TITLE = 'Settings';
export const ZONE_MENU = 'settings.time_zone';
export const CURRENCY_MENU = 'settings.currency';
export const COUNTRY_MENU = 'settings.country';

const NO_LOGO: Choice = { text: 'Remove', value: 'remove' };
const NO_COUNTRY: Choice = { text: 'None', value: 'none' };
const ZONES: readonly string[] = [...new Set(['Etc/UTC', ...Intl.supportedValuesOf('timeZone')])];

export const ZONE_CHOICES: readonly Choice[] = ZONES.map(zoneChoice);
export const COUNTRY_CHOICES: readonly Choice[] = [NO_COUNTRY, ...COUNTRIES.map(countryChoice)];
const APPROVING_CHOICES: readonly Choice[] = APPROVING.map((who) => ({
  text: APPROVING_NAMES[who].charAt(0).toUpperCase() + APPROVING_NAMES[who].slice(1),
  value: who,
}));

const SMALL_AMOUNT_CHOICES: readonly Choice[] = SMALL_AMOUNT_POLICIES.map((policy) => ({
  text: SMALL_AMOUNT_NAMES[policy].charAt(0).toUpperCase() + SMALL_AMOUNT_NAMES[policy].slice(1),
  value: policy,
}));

/** What a person typed, and what they uploaded. */
export interface TypedSettings {
  readonly settings: Partial<AccountSettings>;
  /** Slack's id of a picture that is to be the logo. */
  readonly logoFile: string | undefined;
}

/** All that an owner can set. The origin remembers on which version the form rests. */
export function settingsForm(
  origin: Origin,
  { version, timeZoneFixed }: Pick<SettingsNow, 'version' | 'timeZoneFixed'>,
  filled: AccountSettings,
  fault?: string,
): ModalView {
  return formModal({
    title: SETTINGS_TITLE,
    callbackId: SETTINGS,
    submit: 'Save',
    close: 'Cancel',
    origin: { ...origin, more: { ...origin.more, version: String(version) } },
    fault,
    blocks: [...account(filled, timeZoneFixed), ...seller(filled), ...invoices(filled), ...moves(filled)],
  });
}

/**
 * What the form says; fields that it does not have are left as they are.
 *
 * @throws {Refusal} `invalid_input` with a sentence for each wrong field
 */
export function readSettings(values: FormValues): TypedSettings {
  const [logoFile] = Array.isArray(values.logo) ? values.logo : [];
  const isWithoutLogo = Array.isArray(values.logoNone) && values.logoNone.length > 0;
  return { settings: { ...typedSettings(values), ...(isWithoutLogo && { logo: '' }) }, logoFile };
}

function typedSettings(values: FormValues): Partial<AccountSettings> {
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : '');
  const number = (name: string) => Number(text(name) || Number.NaN);
  const country = text('countryCode');
  return checkedSettings({
    name: text('name'),
    currency: text('currency'),
    ...('timeZone' in values && { timeZone: text('timeZone') }),
    closeDelayHours: number('closeDelayHours'),
    financeChannelId: text('financeChannelId') || null,
    legalName: text('legalName'),
    addressLines: text('addressLines').split('\n'),
    zipCode: text('zipCode'),
    city: text('city'),
    countryCode: country === NO_COUNTRY.value ? '' : country,
    vatId: text('vatId'),
    ...('taxNumber' in values && { taxNumber: text('taxNumber') }),
    ...(Array.isArray(values.taxStatements) && statements(values.taxStatements)),
    iban: text('iban'),
    bic: text('bic'),
    bankName: text('bankName'),
    ...('email' in values && { email: text('email') }),
    ...('contactName' in values && { contactName: text('contactName') }),
    ...('phone' in values && { phone: text('phone') }),
    ...('electronicAddress' in values && { electronicAddress: text('electronicAddress') }),
    ...('colour' in values && { colour: text('colour') }),
    invoicePrefix: text('invoicePrefix'),
    ...(isApproving(values.approvalsWho) && { approvalsWho: values.approvalsWho }),
    ...(isSmallAmountPolicy(values.smallCardAmounts) && { smallCardAmounts: values.smallCardAmounts }),
    approvalsNeeded: number('approvalsNeeded'),
    approvalsChannelId: text('approvalsChannelId') || null,
    moveReminderHours: number('moveReminderHours'),
    moveExpiryDays: number('moveExpiryDays'),
    reminderDays: text('reminderDays')
      .split(/[\s,;]+/)
      .filter((day) => day !== '')
      .map(Number),
  });
}

/** What the seller states for tax, each as a setting that is on or off. */
const STATEMENTS = [
  { text: 'We export goods to buyers outside the EU', value: 'exportsGoods' },
  { text: 'We are registered for the EU One Stop Shop (OSS)', value: 'isOssRegistered' },
  { text: 'Our tax number is sufficient to charge tax', value: 'isTaxNumberSufficient' },
] as const satisfies readonly (Choice & { readonly value: SettingName })[];

function statements(checked: readonly string[]): Partial<AccountSettings> {
  return Object.fromEntries(STATEMENTS.map(({ value }) => [value, checked.includes(value)]));
}

function account(filled: AccountSettings, timeZoneFixed: SettingsNow['timeZoneFixed']): KnownBlock[] {
  const zone = zoneChoice(filled.timeZone);
  return [
    input('name', 'Account name', textInput('settings.name', { initial: filled.name, maxLength: NAME_LIMITS.account })),
    input('currency', 'Currency', externalSelect(CURRENCY_MENU, { initial: currencyChoice(filled.currency) }), {
      hint: 'For new billing groups.',
    }),
    timeZoneFixed === undefined
      ? input('timeZone', 'Time zone', externalSelect(ZONE_MENU, { initial: zone }), {
          hint: 'Months begin and end in this time zone.',
        })
      : context(`*Time zone:* ${escapeMrkdwn(zone.text)}. ${NO_TIME_ZONE_CHANGE[timeZoneFixed]}`),
    input(
      'financeChannelId',
      'Finance channel',
      conversationsSelect('settings.finance_channel', filled.financeChannelId ?? undefined),
      { optional: true, hint: 'Notifications start as soon as you save.' },
    ),
  ];
}

function seller(filled: AccountSettings): KnownBlock[] {
  const line = (
    name: keyof typeof LABELS,
    value: string,
    options: { maxLength: number; multiline?: boolean; placeholder?: string },
  ) =>
    input(name, LABELS[name], textInput(`settings.${name}`, { initial: value, ...options }), {
      optional: name !== 'legalName',
    });
  const country = filled.countryCode === '' ? NO_COUNTRY : countryChoice(filled.countryCode);
  const address = { maxLength: 3 * SELLER_LIMITS.addressLine + 2, multiline: true };
  return [
    header('Seller'),
    line('legalName', filled.legalName, { maxLength: SELLER_LIMITS.legalName }),
    line('addressLines', filled.addressLines.join('\n'), address),
    line('zipCode', filled.zipCode, { maxLength: SELLER_LIMITS.zipCode }),
    line('city', filled.city, { maxLength: SELLER_LIMITS.city }),
    input('countryCode', 'Country', externalSelect(COUNTRY_MENU, { initial: country }), { optional: true }),
    line('vatId', filled.vatId, { maxLength: SELLER_LIMITS.vatId }),
    line('taxNumber', filled.taxNumber, { maxLength: SELLER_LIMITS.taxNumber }),
    input(
      'taxStatements',
      'Tax',
      checkboxes(
        'settings.tax_statements',
        STATEMENTS,
        STATEMENTS.filter(({ value }) => filled[value]),
      ),
      { optional: true, hint: 'Without a VAT ID, no tax is charged unless the tax number is sufficient.' },
    ),
    line('iban', filled.iban, { maxLength: 42, placeholder: 'DE89 3704 0044 0532 0130 00' }),
    line('bic', filled.bic, { maxLength: 15 }),
    line('bankName', filled.bankName, { maxLength: SELLER_LIMITS.bankName }),
    line('contactName', filled.contactName, { maxLength: SELLER_LIMITS.contactName }),
    line('phone', filled.phone, { maxLength: SELLER_LIMITS.phone, placeholder: '+49 30 1234567' }),
    line('email', filled.email, { maxLength: MAX_EMAIL_LENGTH }),
    line('electronicAddress', filled.electronicAddress, {
      maxLength: SELLER_LIMITS.electronicAddress,
      placeholder: '0106:12345678',
    }),
  ];
}

const LABELS = {
  legalName: 'Legal name',
  addressLines: 'Street and number, up to three lines',
  zipCode: 'Postal code',
  city: 'City',
  vatId: 'VAT ID',
  taxNumber: 'Tax number',
  iban: 'IBAN',
  bic: 'BIC',
  bankName: 'Bank',
  contactName: 'Contact for questions about invoices',
  phone: 'Phone number for questions about invoices',
  email: 'Email address for questions about invoices',
  electronicAddress: 'Electronic address, if not your VAT ID',
} as const;

function invoices(filled: AccountSettings): KnownBlock[] {
  const hours = numberInput('settings.close_delay', { decimal: false, initial: String(filled.closeDelayHours) });
  return [
    header('Invoices'),
    input(
      'invoicePrefix',
      'Invoice number prefix',
      textInput('settings.prefix', { initial: filled.invoicePrefix, maxLength: 12 }),
      {
        hint: 'Capital letters, digits and hyphens. Applies to new invoices. The sequence continues.',
      },
    ),
    input(
      'reminderDays',
      'Reminders for unpaid invoices',
      textInput('settings.reminders', {
        initial: filled.reminderDays.join(', '),
        maxLength: 60,
        placeholder: '-3, 0, 7, 14',
      }),
      {
        optional: true,
        hint: 'Days relative to the due date, such as -3 for three days before. Leave empty for no reminders.',
      },
    ),
    input(
      'smallCardAmounts',
      'Amounts below the minimum card charge',
      staticSelect('settings.small_card_amounts', SMALL_AMOUNT_CHOICES, {
        initial: SMALL_AMOUNT_CHOICES.find(({ value }) => value === filled.smallCardAmounts),
      }),
      { hint: 'Amounts that a card can’t be charged exactly are always requested by bank transfer.' },
    ),
    input('closeDelayHours', 'Hours until a month closes', hours, {
      hint: `Leaves time for late costs: 0 to ${MOST_CLOSE_DELAY_HOURS} hours after the month ends.`,
    }),
    ...look(filled),
  ];
}

/** How documents look; those that were issued keep theirs. */
function look(filled: AccountSettings): KnownBlock[] {
  const logo = fileInput('settings.logo', { filetypes: ['png', 'jpg', 'jpeg'], maxFiles: 1 });
  const hasLogo = filled.logo !== '';
  return [
    input(
      'colour',
      'Invoice color',
      textInput('settings.colour', { initial: filled.colour, maxLength: 7, placeholder: '#1f4a3d' }),
      { optional: true, hint: 'As #RRGGBB. It must be dark enough to read on white.' },
    ),
    input('logo', hasLogo ? 'New logo' : 'Logo', logo, {
      optional: true,
      hint: `PNG or JPEG, up to ${MOST_PICTURE_BYTES / 1024} kB. Applies to new invoices.`,
    }),
    ...(hasLogo
      ? [input('logoNone', 'Current logo', checkboxes('settings.logo_none', [NO_LOGO]), { optional: true })]
      : []),
  ];
}

function moves(filled: AccountSettings): KnownBlock[] {
  const initial = APPROVING_CHOICES.find(({ value }) => value === filled.approvalsWho);
  const needed = numberInput('settings.approvals_needed', { decimal: false, initial: String(filled.approvalsNeeded) });
  return [
    header('Project moves'),
    input('approvalsWho', 'Approved by', staticSelect('settings.approvals_who', APPROVING_CHOICES, { initial })),
    input('approvalsNeeded', 'Required approvals', needed, {
      hint: `For each group involved: 1 to ${MOST_APPROVALS}.`,
    }),
    input(
      'approvalsChannelId',
      'Approvals channel',
      conversationsSelect('settings.approvals_channel', filled.approvalsChannelId ?? undefined),
      { optional: true, hint: 'Approval requests are posted here. Leave empty to send them by direct message.' },
    ),
    input(
      'moveReminderHours',
      'Hours until approvers are reminded',
      numberInput('settings.move_reminder_hours', { decimal: false, initial: String(filled.moveReminderHours) }),
    ),
    input(
      'moveExpiryDays',
      'Days until an undecided move request expires',
      numberInput('settings.move_expiry_days', { decimal: false, initial: String(filled.moveExpiryDays) }),
    ),
  ];
}

function isSmallAmountPolicy(value: unknown): value is AccountSettings['smallCardAmounts'] {
  return SMALL_AMOUNT_POLICIES.some((policy) => policy === value);
}

function isApproving(value: unknown): value is AccountSettings['approvalsWho'] {
  return APPROVING.some((who) => who === value);
}

function zoneChoice(zone: string): Choice {
  return { text: zone.replaceAll('_', ' '), value: zone };
}

function countryChoice(code: string): Choice {
  return { text: `${countryName(code)} (${code})`, value: code };
}
