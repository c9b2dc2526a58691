import type { KnownBlock } from '@slack/types';
import { may } from '../../src/billing/account/role.ts';
import type { BillingInformation, VatState } from '../../src/billing/group/billing-information.ts';
import { countryName } from '../../src/billing/group/country.ts';
import { electronicAddressOf } from '../../src/billing/group/electronic-address.ts';
import { methodName } from '../../src/billing/group/payment-method.ts';
import { currencyName } from '../../src/billing/money/currency.ts';
import { billingOf } from '../../src/services/groups/billing-information.ts';
import { methodFor } from '../../src/services/settlement/payment-methods.ts';
import { actions, button, fields, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import { target } from '../kit/action-target.ts';
import type { Tab } from './tab.ts';

/** Opens the form of the billing information; its value is a target with account and group. */
export const BILLING_EDIT = 'billing.edit.open';
/** Opens the form that changes the currency; the same value. */
export const CURRENCY_EDIT = 'billing.currency.open';
/** Opens the choice of the group's payment method; the same value. */
export const PAYMENT_CHOOSE = 'payment.choose.open';

const VAT_WORDS: Readonly<Record<VatState, string>> = {
  none: '',
  unconfirmed: 'not confirmed yet',
  valid: 'confirmed',
  invalid: 'refused by the tax office',
};

/** Who a group's invoices are made out to, who gets them, and how they are paid. */
export const billingTab: Tab = async ({ ctx, place, group }) => {
  const of = await billingOf(ctx, place.account, group.id);
  const method = await methodFor(of);
  const { billing, currency } = of;
  const { role } = ctx.known;
  const mayEdit = group.state === 'active' && (role === null || may(role, 'edit_groups'));
  const value = target({ account: place.account, group: group.id });
  const address = [
    ...billing.addressLines,
    [billing.zipCode, billing.city].filter(Boolean).join(' '),
    billing.state,
    billing.countryCode === '' ? '' : countryName(billing.countryCode),
  ].filter(Boolean);
  const vat = billing.vatId === '' ? '' : `${billing.vatId} (${VAT_WORDS[billing.vatState]})`;
  const blocks: KnownBlock[] = [
    fields([
      `*Company*\n${said(billing.company)}`,
      `*Address*\n${said(address.join('\n'))}`,
      `*VAT ID*\n${said(vat)}`,
      `*Currency*\n${currency} · ${escapeMrkdwn(currencyName(currency))}`,
      `*Invoices go to*\n${said(billing.billingEmails.join('\n'))}`,
      `*Contacts*\n${said(billing.contactEmails.join('\n'))}`,
      `*Payment*\n${escapeMrkdwn(methodName(method))}`,
    ]),
    section(`*Printed on the invoice*\n${said(billing.extraText)}`),
    fields([
      `*Buyer reference*\n${said(billing.buyerReference ?? '')}`,
      `*Purchase order*\n${said(billing.orderNumber ?? '')}`,
      `*Electronic address*\n${said(addressText(billing))}`,
    ]),
  ];
  if (!mayEdit) return blocks;
  return [
    ...blocks,
    actions([
      button('Edit', BILLING_EDIT, { value, style: 'primary', label: 'Edit the billing information' }),
      button('Payment method', PAYMENT_CHOOSE, { value }),
      button('Currency', CURRENCY_EDIT, { value }),
    ]),
  ];
};

/** What was entered, or what follows from the VAT ID. */
function addressText(billing: BillingInformation): string {
  const address = electronicAddressOf(billing);
  return address ? `${address.scheme}:${address.id}` : '';
}

function said(text: string): string {
  return text === '' ? '_not set_' : escapeMrkdwn(text);
}
