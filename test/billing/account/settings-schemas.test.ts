import { describe, expect, it } from '@jest/globals';
import {
  LATER_SETTINGS,
  SETTING_NAMES,
  type SettingName,
  settingOf,
  settingsSchema,
} from '../../../src/billing/account/account-settings.ts';
import { needsElectronicInvoice } from '../../../src/billing/account/electronic-invoices.ts';
import { channelSchema } from '../../../src/billing/account/setting.ts';

/** What a setting becomes, or the messages of what is wrong with it. */
function read(name: SettingName, value: unknown) {
  const { data, error } = settingsSchema.safeParse({ [name]: value });
  return error ? error.issues.map(({ message }) => message) : data?.[name];
}

const CURRENCY = 'Choose a currency from the list.';
const COUNTRY = 'Choose a country from the list.';
const PREFIX = 'Use 1 to 12 capital letters, digits and hyphens.';
const PHONE = 'Enter a phone number with its digits, such as +49 30 1234567.';

describe('a setting', () => {
  it.each<[SettingName, unknown, unknown]>([
    ['name', '  Acme\u200b  Inc. ', 'Acme Inc.'],
    ['currency', 'EUR', 'EUR'],
    ['timeZone', 'Asia/Tokyo', 'Asia/Tokyo'],
    ['financeChannelId', 'C1', 'C1'],
    ['financeChannelId', null, null],
    ['legalName', ' Acme  GmbH ', 'Acme GmbH'],
    ['addressLines', [' a ', '', ' ', 'b', 'c'], ['a', 'b', 'c']],
    ['zipCode', '', ''],
    ['countryCode', ' de ', 'DE'],
    ['countryCode', '', ''],
    ['vatId', 'de 123 456 788', 'DE123456788'],
    ['iban', 'de89 3704 0044 0532 0130 00', 'DE89370400440532013000'],
    ['iban', '', ''],
    ['bic', 'cobadeff', 'COBADEFF'],
    ['bic', '', ''],
    ['phone', '', ''],
    ['phone', '112', '112'],
    ['phone', '+49 (30) 1', '+49 (30) 1'],
    ['email', ' a@b.de ', 'a@b.de'],
    ['email', '', ''],
    ['electronicAddress', '0106 : 1234 5678', '0106:12345678'],
    ['invoicePrefix', ' A-1 ', 'A-1'],
    ['reminderDays', [7, -3, 7, 0], [-3, 0, 7]],
    ['reminderDays', [], []],
    ['smallCardAmounts', settingOf('smallCardAmounts').initial, settingOf('smallCardAmounts').initial],
    ['electronicInvoices', 'for_addresses', 'for_addresses'],
    ['colour', ' #1F4A3D ', '#1f4a3d'],
    ['colour', ' ', ''],
    ['logo', '', ''],
    ['logo', 'a'.repeat(64), 'a'.repeat(64)],
    ['approvalsWho', 'both', 'both'],
    ['exportsGoods', true, true],
  ])('%s %p is stored as %p', (name, value, stored) => {
    expect(read(name, value)).toEqual(stored);
  });

  it.each<[SettingName, unknown, ...string[]]>([
    ['name', ' ', 'Enter a name for the account.'],
    ['currency', 'XXX', CURRENCY],
    ['currency', 'eur', CURRENCY],
    ['timeZone', 'Mars/Olympus', 'Choose a time zone from the list.'],
    ['legalName', ' ', 'Enter the legal name.'],
    ['addressLines', ['a', 'b', 'c', 'd'], 'An address can have at most 3 lines.'],
    ['countryCode', 'XX', COUNTRY],
    ['vatId', 'DE_1', 'A VAT ID can only have letters and digits.'],
    ['vatId', 'A'.repeat(65), 'A VAT ID can have at most 64 characters.'],
    ['iban', 'DE89 3704 0044 0532 0130 01', 'This isn’t a valid IBAN. Check it for typing errors.'],
    ['bic', 'COBADEF', 'A BIC has 8 or 11 letters and digits.'],
    ['phone', '12, or so', PHONE],
    ['phone', 'none', PHONE],
    ['email', 'a@b', 'This isn’t a valid email address.'],
    ['invoicePrefix', 'inv', PREFIX],
    ['reminderDays', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 'Enter at most 10 reminders.'],
    ['smallCardAmounts', 'never', 'Choose what to do with small amounts.'],
    ['electronicInvoices', 'never', 'Choose when electronic invoices are required.'],
    ['logo', 'a'.repeat(63), 'This isn’t an image.'],
    ['logo', `${'a'.repeat(64)}b`, 'This isn’t an image.'],
    ['logo', ` ${'a'.repeat(64)}`, 'This isn’t an image.'],
    ['approvalsWho', 'everybody', 'Choose who approves moves.'],
  ])('%s %p is refused: %s', (name, value, ...messages) => {
    expect(read(name, value)).toEqual(messages);
  });

  it('that is a color must be readable on white', () => {
    expect(read('colour', '#ffffff')).toEqual([expect.stringContaining('white')]);
    expect(read('colour', 'green')).toHaveLength(1);
  });

  it.each<[SettingName, number, string]>([
    ['name', 83, 'A name'],
    ['legalName', 83, 'The legal name'],
    ['zipCode', 36, 'A postal code'],
    ['city', 50, 'A city'],
    ['taxNumber', 64, 'A tax number'],
    ['bankName', 83, 'A bank’s name'],
    ['contactName', 83, 'A contact’s name'],
    ['phone', 40, 'A phone number'],
  ])('%s can have %d characters, and no more', (name, limit, noun) => {
    const letter = name === 'phone' ? '1' : 'x';
    expect(read(name, letter.repeat(limit))).toBe(letter.repeat(limit));
    expect(read(name, letter.repeat(limit + 1))).toEqual([`${noun} can have at most ${limit} characters.`]);
  });

  it('that is a line of an address can have 83 characters', () => {
    expect(read('addressLines', ['x'.repeat(83)])).toEqual(['x'.repeat(83)]);
    expect(read('addressLines', ['x'.repeat(84)])).toEqual(['A line of the address can have at most 83 characters.']);
  });

  it.each<[SettingName, number, number]>([
    ['closeDelayHours', 0, 240],
    ['approvalsNeeded', 1, 5],
    ['moveReminderHours', 1, 168],
    ['moveExpiryDays', 1, 90],
  ])('%s is a whole number from %d to %d', (name, least, most) => {
    const message = [`Enter a whole number from ${least} to ${most}.`];
    expect([least, most].map((value) => read(name, value))).toEqual([least, most]);
    for (const wrong of [least - 1, most + 1, least + 0.5, 'x', Number.NaN]) expect(read(name, wrong)).toEqual(message);
  });

  it('that is a day of a reminder is at most 365 days from the due date', () => {
    expect(read('reminderDays', [-365, 365])).toEqual([-365, 365]);
    expect(read('reminderDays', [-366])).toEqual(['Enter a whole number from -365 to 365.']);
  });

  it('isn’t required, so that any of them can be changed alone', () => {
    expect(settingsSchema.parse({})).toEqual({});
  });

  it('that accounts of earlier versions lack has a value for them', () => {
    const initial = LATER_SETTINGS.map((name) => settingOf(name).initial);
    expect(initial).not.toContain(undefined);
    const others = SETTING_NAMES.filter((name) => !LATER_SETTINGS.some((later) => later === name));
    expect(others.map((name) => settingOf(name).initial)).toEqual(others.map(() => undefined));
    expect(LATER_SETTINGS).toContain('electronicInvoices');
  });
});

describe('a channel', () => {
  it('has an ID or is null', () => {
    expect(channelSchema.safeParse('').success).toBe(false);
    expect(channelSchema.safeParse('C1').success).toBe(true);
  });
});

describe('an invoice waits for its electronic invoice', () => {
  it.each([
    ['required', '', true],
    ['for_addresses', '', false],
    ['for_addresses', '0106:12345678', true],
    ['if_possible', '0106:12345678', false],
  ] as const)('if %s, with the address %p: %s', (policy, electronicAddress, isNeeded) => {
    expect(needsElectronicInvoice(policy, { electronicAddress })).toBe(isNeeded);
  });

  it('only if that is required, whatever is missing', () => {
    expect(needsElectronicInvoice()).toBe(false);
    expect(needsElectronicInvoice('for_addresses')).toBe(false);
    expect(needsElectronicInvoice('for_addresses', {})).toBe(false);
  });
});
