import type { AccountSettings } from '../../../src/billing/account/account-settings.ts';

/** A value for each setting that differs from the initial one. */
export const SAMPLE_SETTINGS: AccountSettings = {
  ...{ name: 'Acme', currency: 'USD', timeZone: 'Asia/Tokyo', financeChannelId: 'C0FINANCE', legalName: 'Acme Ltd' },
  ...{ addressLines: ['Street 1', 'Floor 2'], zipCode: '10115', city: 'Berlin', countryCode: 'DE', taxNumber: '21/8' },
  ...{ vatId: 'DE136695976', exportsGoods: true, isOssRegistered: true, isTaxNumberSufficient: true },
  ...{ iban: 'DE89370400440532013000', bic: 'COBADEFF', bankName: 'Bank', contactName: 'Billing', phone: '+49 30 12' },
  ...{ email: 'a@b.example', electronicAddress: '0106:12345678', invoicePrefix: 'AC-1', reminderDays: [-2, 5] },
  ...{
    smallCardAmounts: 'bank_transfer',
    electronicInvoices: 'required',
    closeDelayHours: 30,
    costReviews: 'ask',
    explainAbove: 40,
    colour: '#1f4a3d',
    logo: 'a'.repeat(64),
  },
  ...{ approvalsWho: 'both', approvalsNeeded: 2, approvalsChannelId: 'C0APPROVE', moveReminderHours: 5 },
  ...{ moveExpiryDays: 9, apiMoves: 'ask', anomalyFloor: 40 },
};
