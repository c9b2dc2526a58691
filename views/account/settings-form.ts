import type { InputBlockElement, KnownBlock, ModalView } from '@slack/types';
import {
  ACCOUNT_SETTINGS,
  type AccountSettings,
  SETTING_NAMES,
  type SettingName,
  settingOf,
} from '../../src/billing/account/account-settings.ts';
import type { Setting, SettingKind, SettingSection } from '../../src/billing/account/setting.ts';
import { COUNTRIES, countryName } from '../../src/billing/group/country.ts';
import { capitalized } from '../../src/billing/normalized.ts';
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
/** Shown above each part of the form. */
const HEADERS: Readonly<Record<SettingSection, string>> = {
  account: '',
  seller: 'Seller',
  invoices: 'Invoices',
  moves: 'Project moves',
};

/** What a person typed and uploaded. */
export interface TypedSettings {
  readonly settings: Partial<AccountSettings>;
  /** Slack's ID of an image to be used as the logo. */
  readonly logoFile: string | undefined;
}

/** All settings that an owner can change. The origin remembers the version that the form is based on. */
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
    blocks: SECTIONS.flatMap((section) => sectionBlocks(section, filled, timeZoneFixed)),
  });
}

/**
 * The form's values. Missing fields stay unchanged.
 *
 * @throws {Refusal} `invalid_input` with a sentence for each invalid field
 */
export function readSettings(values: FormValues): TypedSettings {
  const [logoFile] = Array.isArray(values.logo) ? values.logo : [];
  const isWithoutLogo = Array.isArray(values.logoNone) && values.logoNone.length > 0;
  return { settings: { ...typedSettings(values), ...(isWithoutLogo && { logo: '' }) }, logoFile };
}

function typedSettings(values: FormValues): Partial<AccountSettings> {
  return checkedSettings(
    Object.fromEntries(
      SETTING_NAMES.flatMap((name) => {
        const setting = settingOf(name);
        const value = values[setting.block?.id ?? name];
        const read = READ[setting.kind];
        return value === undefined || read === null ? [] : [[name, read(value, name)]];
      }),
    ),
  );
}

type FormValue = FormValues[string];

const textIn = (value: FormValue) => (typeof value === 'string' ? value : '');

/** How a form's value is read for each kind of setting; null for values that are read elsewhere. */
const READ: Readonly<Record<SettingKind, ((value: FormValue, name: SettingName) => unknown) | null>> = {
  line: textIn,
  lines: (value) => textIn(value).split('\n'),
  number: (value) => Number(textIn(value) || Number.NaN),
  days: (value) =>
    textIn(value)
      .split(/[\s,;]+/)
      .filter((day) => day !== '')
      .map(Number),
  yes: (value, name) => Array.isArray(value) && value.includes(name),
  channel: (value) => textIn(value) || null,
  currency: textIn,
  time_zone: textIn,
  country: (value) => (value === NO_COUNTRY.value ? '' : textIn(value)),
  choice: textIn,
  logo: null,
};

type ElementOf = (actionId: string, value: AccountSettings[SettingName], setting: Setting) => InputBlockElement;

const typedText: ElementOf = (actionId, value, { maxLength, placeholder }) =>
  textInput(actionId, {
    initial: Array.isArray(value) ? value.join(', ') : String(value),
    ...(maxLength !== undefined && { maxLength }),
    ...(placeholder !== undefined && { placeholder }),
  });

/** The input for each kind of setting. */
const ELEMENTS: Readonly<Record<Exclude<SettingKind, 'yes' | 'logo'>, ElementOf>> = {
  line: typedText,
  lines: (actionId, value, { maxLength = 3_000 }) =>
    textInput(actionId, { initial: Array.isArray(value) ? value.join('\n') : '', multiline: true, maxLength }),
  number: (actionId, value) => numberInput(actionId, { decimal: false, initial: String(value) }),
  days: typedText,
  channel: (actionId, value) => conversationsSelect(actionId, typeof value === 'string' ? value : undefined),
  currency: (_id, value) => externalSelect(CURRENCY_MENU, { initial: currencyChoice(String(value)) }),
  time_zone: (_id, value) => externalSelect(ZONE_MENU, { initial: zoneChoice(String(value)) }),
  country: (_id, value) =>
    externalSelect(COUNTRY_MENU, { initial: value === '' ? NO_COUNTRY : countryChoice(String(value)) }),
  choice: (actionId, value, setting) => {
    const choices = choicesOf(setting);
    return staticSelect(actionId, choices, { initial: choices.find((one) => one.value === value) });
  },
};

const SECTIONS = Object.keys(HEADERS) as readonly SettingSection[];

function sectionBlocks(
  section: SettingSection,
  filled: AccountSettings,
  timeZoneFixed: SettingsNow['timeZoneFixed'],
): KnownBlock[] {
  const names = SETTING_NAMES.filter((name) => settingOf(name).section === section);
  const title = HEADERS[section];
  return [
    ...(title === '' ? [] : [header(title)]),
    ...names.flatMap((name) => {
      if (name === 'timeZone' && timeZoneFixed !== undefined) return fixedZone(filled.timeZone, timeZoneFixed);
      return settingBlocks(name, filled);
    }),
  ];
}

function settingBlocks(name: SettingName, filled: AccountSettings): KnownBlock[] {
  const setting = settingOf(name);
  const { kind, label, hint, isRequired } = setting;
  if (kind === 'yes') return statements(name, filled);
  if (kind === 'logo') return logoBlocks(filled.logo !== '');
  const element = ELEMENTS[kind](`settings.${name}`, filled[name], setting);
  return [input(name, label, element, { optional: !isRequired, ...(hint !== undefined && { hint }) })];
}

function fixedZone(zone: string, because: NonNullable<SettingsNow['timeZoneFixed']>): KnownBlock[] {
  return [context(`*Time zone:* ${escapeMrkdwn(zoneChoice(zone).text)}. ${NO_TIME_ZONE_CHANGE[because]}`)];
}

/** The checkboxes for all settings of a block, at its first setting's place. */
function statements(name: SettingName, filled: AccountSettings): KnownBlock[] {
  const { block } = settingOf(name);
  if (!block) throw new Error(`The setting ${name} has no block`);
  const names = SETTING_NAMES.filter((one) => settingOf(one).block?.id === block.id);
  if (names[0] !== name) return [];
  const choices = names.map((one) => ({ text: settingOf(one).label, value: one }));
  const boxes = checkboxes(
    `settings.${block.id}`,
    choices,
    choices.filter(({ value }) => filled[value] === true),
  );
  return [input(block.id, block.label, boxes, { optional: true, hint: block.hint })];
}

function logoBlocks(hasLogo: boolean): KnownBlock[] {
  const { label, hint } = ACCOUNT_SETTINGS.logo;
  const logo = fileInput('settings.logo', { filetypes: ['png', 'jpg', 'jpeg'], maxFiles: 1 });
  const current = checkboxes('settings.logo_none', [NO_LOGO]);
  return [
    input('logo', hasLogo ? 'New logo' : label, logo, { optional: true, hint }),
    ...(hasLogo ? [input('logoNone', 'Current logo', current, { optional: true })] : []),
  ];
}

function choicesOf({ choices = {} }: Setting): Choice[] {
  return Object.entries(choices).map(([value, name]) => ({
    text: capitalized(name),
    value,
  }));
}

function zoneChoice(zone: string): Choice {
  return { text: zone.replaceAll('_', ' '), value: zone };
}

function countryChoice(code: string): Choice {
  return { text: `${countryName(code)} (${code})`, value: code };
}
