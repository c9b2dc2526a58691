import { describe, expect, it } from '@jest/globals';
import {
  type AccountSettings,
  changedSettings,
  INVOICE_PREFIX,
  settingText,
} from '../../../src/billing/account/account-settings.ts';
import { assertMayFound } from '../../../src/billing/account/founder.ts';
import { expiryName, methodName } from '../../../src/billing/group/payment-method.ts';
import { Refusal } from '../../../src/billing/refusal.ts';
import { SAMPLE_SETTINGS } from './sample-settings.ts';

const SETTINGS: AccountSettings = {
  ...SAMPLE_SETTINGS,
  ...{ addressLines: ['Street 1'], exportsGoods: false, financeChannelId: null, reminderDays: [-3, 0] },
};

describe('account settings', () => {
  it('are reported as changed when they differ, and lists are compared by their items', () => {
    expect(changedSettings(SETTINGS, { ...SETTINGS, addressLines: ['Street 1'], reminderDays: [-3, 0] })).toEqual([]);
    const changed = { ...SETTINGS, name: 'B', reminderDays: [0, -3], exportsGoods: true, financeChannelId: 'C1' };
    expect(changedSettings(SETTINGS, changed)).toEqual(['name', 'financeChannelId', 'exportsGoods', 'reminderDays']);
  });

  it.each([
    [true, 'yes'],
    [false, 'no'],
    [24, '24'],
    [0, '0'],
    ['EUR', 'EUR'],
    ['', 'none'],
    [null, 'none'],
    [[], 'none'],
    [[-3, 0, 7], '-3, 0, 7'],
  ])('%p is shown as %p', (value, text) => {
    expect(settingText('closeDelayHours', value)).toBe(text);
  });

  it('that is a choice is shown by its name', () => {
    expect(settingText('electronicInvoices', 'required')).toBe('required for all billing groups');
  });

  it.each([
    ['INV', true],
    ['A-1', true],
    ['ABCDEFGHIJKL', true],
    ['ABCDEFGHIJKLM', false],
    ['', false],
    ['inv', false],
    ['A B', false],
  ])('accept or reject %p as a prefix of invoice numbers: %s', (prefix, isOne) => {
    expect(INVOICE_PREFIX.test(prefix)).toBe(isOne);
  });
});

describe('setting up an account', () => {
  it('is allowed only for workspace admins', () => {
    expect(assertMayFound('workspace_admin')).toBeUndefined();
    for (const standing of ['full_member', 'guest', 'outsider', 'deactivated', 'app'] as const) {
      expect(() => assertMayFound(standing)).toThrow(expect.objectContaining({ code: 'set_up_not_allowed' }));
    }
  });
});

describe('a refusal', () => {
  it('has a code, data, the invalid fields, and the people who can help', () => {
    const bare = new Refusal('set_up_needed');
    expect([bare.code, bare.message, bare.name]).toEqual(['set_up_needed', 'set_up_needed', 'Refusal']);
    expect([bare.data, bare.fields, bare.people]).toEqual([{}, [], []]);
    expect(bare).not.toHaveProperty('cause');
    const cause = new Error('duplicate key');
    const full = new Refusal('account_name_taken', { name: 'x' }, { people: ['U1'], cause });
    expect(full).toMatchObject({ data: { name: 'x' }, people: ['U1'], fields: ['name'], cause });
    expect(new Refusal('numbers_taken', { number: 'A-1' }, { fields: ['prefix'] }).fields).toEqual(['prefix']);
  });
});

describe('a payment method', () => {
  it('has a readable name', () => {
    const card = {
      ...{ kind: 'credit_card' as const, brand: 'Visa', last4: '4242', expMonth: 3, expYear: 2029, name: 'Max' },
      countryCode: 'DE',
    };
    expect(methodName(card)).toBe('Visa •••• 4242, until 03/2029');
    expect(methodName({ kind: 'bank_transfer', termsDays: 14, currency: 'EUR' })).toBe('Bank transfer in EUR, 14 days');
    expect(methodName({ kind: 'no_payment_expected' })).toBe('No payment expected');
    expect(methodName({ kind: 'disabled' })).toBe('Disabled');
    expect(expiryName({ expMonth: 12, expYear: 2030 })).toBe('12/2030');
  });
});
