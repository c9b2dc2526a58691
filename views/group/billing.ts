import { may } from '../../src/billing/account/role.ts';
import { methodName } from '../../src/billing/group/payment-method.ts';
import { currencyName } from '../../src/billing/money/currency.ts';
import { billingOf } from '../../src/services/groups/billing-information.ts';
import { methodFor } from '../../src/services/settlement/payment-methods.ts';
import { actions, button } from '../../src/slack/blocks/blocks.ts';
import { target } from '../kit/action-target.ts';
import { billingRows, factRow } from './billing-rows.ts';
import type { Tab } from './tab.ts';

/** Opens the billing information form. Its value is a target with account and group. */
export const BILLING_EDIT = 'billing.edit.open';
/** Opens the form that changes the currency. The same value. */
export const CURRENCY_EDIT = 'billing.currency.open';
/** Opens the form that chooses the group's payment method. The same value. */
export const PAYMENT_CHOOSE = 'payment.choose.open';

/** The buyer and recipients of a group's invoices, and its payment method. */
export const billingTab: Tab = async ({ ctx, place, group }) => {
  const of = await billingOf(ctx, place.account, group.id);
  const method = await methodFor(of);
  const { billing, currency } = of;
  const { role } = ctx.known;
  const mayEdit = group.state === 'active' && (role === null || may(role, 'edit_groups'));
  const value = target({ account: place.account, group: group.id });
  const blocks = billingRows(billing, {
    'VAT ID': factRow('Currency', `${currency} · ${currencyName(currency)}`),
    Contacts: factRow('Payment', methodName(method)),
  });
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
