import { Readable } from 'node:stream';
import type { Seller } from '../../../src/billing/account/seller.ts';
import { type BillingInformation, NO_BILLING_INFORMATION } from '../../../src/billing/group/billing-information.ts';
import { type Period, toPeriod } from '../../../src/billing/period/period.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import type { Ctx } from '../../../src/services/kit/context.ts';
import { Accounts } from '../../../src/store/accounts/accounts.ts';
import { Groups } from '../../../src/store/groups/groups.ts';
import { type InvoiceDoc, Invoices } from '../../../src/store/invoicing/invoices.ts';

const HEAD =
  'BillingAccountId,BillingCurrency,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId,ChargeDescription';

export const GERMAN_SELLER: Seller = {
  legalName: 'Northwind Cloud GmbH',
  addressLines: ['Friedrichstraße 68'],
  ...{ zipCode: '10117', city: 'Berlin', countryCode: 'DE', vatId: 'DE136695976' },
  ...{ iban: 'DE89370400440532013000', bic: 'COBADEFFXXX', bankName: 'Handelsbank' },
  ...{ email: 'billing@northwind.example', contactName: 'Billing team', phone: '+49 30 1234567' },
};
export const GERMAN_BUYER: BillingInformation = {
  ...NO_BILLING_INFORMATION,
  ...{ company: 'Zolta GmbH', city: 'Köln', zipCode: '50667', addressLines: ['Hohe Straße 12'] },
  ...{ countryCode: 'DE', vatId: 'DE129273398', vatState: 'valid', extraText: 'PO-1' },
  billingEmails: ['rechnung@zolta.example'],
};

/** A cost on a day in October 2026, as a line of a FOCUS file. */
export function costRow(
  cost: string,
  { currency = 'EUR', service = 'Compute', project = 'web-shop', day = '2026-10-10' } = {},
): string {
  return `b1,${currency},${cost},Usage,${day}T00:00:00Z,${day}T10:00:00Z,${service},${project},a charge`;
}

/** Imports costs. Projects without a group join the account's primary one. */
export async function importCosts(ctx: Ctx, accountId: string, rows: readonly string[], fileName = 'costs.csv') {
  const open = () => Readable.from([Buffer.from(`${[HEAD, ...rows].join('\n')}\n`)]);
  return importFocus(ctx, { accountId, fileName, replace: false, open });
}

/** Sets seller and buyer directly in the database. */
export async function setParties(
  accountId: string,
  { seller = GERMAN_SELLER, buyer = GERMAN_BUYER }: { seller?: Seller; buyer?: BillingInformation } = {},
): Promise<void> {
  await Accounts.updateOne({ _id: accountId }, { $set: { seller } });
  await Groups.updateMany({ accountId }, { $set: { billing: buyer } });
}

/** Closes the account's only group for a month. @throws {Error} when it is held back */
export async function closeOnly(
  ctx: Ctx,
  accountId: string,
  period: Period = toPeriod('2026-10'),
): Promise<InvoiceDoc> {
  const group = await Groups.findOne({ accountId }).orFail().lean();
  const result = await closeInvoice(ctx, group, period);
  if (result.outcome === 'held_back') throw new Error(result.reason);
  return Invoices.findById(result.invoice._id).orFail().lean();
}
