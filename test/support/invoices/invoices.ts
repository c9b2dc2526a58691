import { Readable } from 'node:stream';
import { toPeriod } from '../../../src/billing/period/period.ts';
import { importFocus } from '../../../src/services/costs/imports.ts';
import { closeInvoice } from '../../../src/services/invoicing/close.ts';
import type { Ctx } from '../../../src/services/kit/context.ts';
import { addCard, setMethod } from '../../../src/services/settlement/payment-methods.ts';
import { type AccountDoc, Accounts } from '../../../src/store/accounts/accounts.ts';
import { type GroupDoc, Groups } from '../../../src/store/groups/groups.ts';
import { type InvoiceDoc, Invoices } from '../../../src/store/invoicing/invoices.ts';
import { anAccount } from '../context.ts';

export const FOCUS_HEAD =
  'BillingAccountId,BillingCurrency,BilledCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId,ChargeDescription';

export const OCTOBER = toPeriod('2026-10');

/** A row of a FOCUS file. */
export function costRow(
  cost: string,
  { currency = 'EUR', service = 'Compute', project = 'p1', day = '2026-10-10' } = {},
): string {
  return `b1,${currency},${cost},Usage,${day},${day},${service},${project},a charge of ${cost}`;
}

/** A seller's account in a country, and the group that pays for imported costs. */
export async function groupWithCosts(
  ctx: Ctx,
  rows: readonly string[],
  { countryCode = 'DE', currency = 'EUR', timeZone = 'Etc/UTC' } = {},
): Promise<{ account: AccountDoc; group: GroupDoc }> {
  const account = await anAccount(ctx, { currency, timeZone });
  await Accounts.updateOne({ _id: account._id }, { $set: { 'seller.countryCode': countryCode } });
  const open = () => Readable.from([Buffer.from(`${[FOCUS_HEAD, ...rows].join('\n')}\n`)]);
  await importFocus(ctx, { accountId: account._id, fileName: 'x.csv', replace: false, open });
  return { account, group: await Groups.findOne({ accountId: account._id }).orFail().lean() };
}

/** An issued invoice for October; by card if the provider's token is given. */
export async function issuedFor(
  ctx: Ctx,
  rows: readonly string[],
  { card, ...of }: { countryCode?: string; currency?: string; timeZone?: string; card?: string } = {},
): Promise<{ account: AccountDoc; group: GroupDoc; invoice: InvoiceDoc }> {
  const { account, group } = await groupWithCosts(ctx, rows, of);
  if (card !== undefined) await payByCard(ctx, group, card);
  await closeInvoice(ctx, group, OCTOBER);
  return {
    account,
    group,
    invoice: await Invoices.findOne({ billingGroupId: group._id, period: OCTOBER }).orFail().lean(),
  };
}

/** Makes a group pay by card. */
export async function payByCard(ctx: Ctx, group: Pick<GroupDoc, '_id' | 'accountId'>, token: string): Promise<void> {
  const { accountId, _id: billingGroupId } = group;
  const card = { token, brand: 'Visa', last4: '4242', expMonth: 12, expYear: 2030 };
  const { id } = await addCard(ctx, accountId, card);
  await setMethod(ctx, { accountId, billingGroupId, paymentMethodId: id });
}
