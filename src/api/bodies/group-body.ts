import { fieldText } from '../../billing/group/billing-fields.ts';
import { countryName } from '../../billing/group/country.ts';
import type { PaymentMethod } from '../../billing/group/payment-method.ts';
import { toFixedMinor } from '../../billing/money/money.ts';
import type { GroupDetails } from '../../services/groups/group-details.ts';
import { shownId } from '../ids.ts';
import { billingBody } from '../schemas/billing-fields.ts';
import { time } from '../schemas/common.ts';
import type { GroupBody, PAYMENT_METHODS } from '../schemas/group.ts';

/** The published API distinguishes billing types, the product doesn't. */
const BILLING_TYPE = 'external';

const METHODS: Readonly<Record<PaymentMethod['kind'], (typeof PAYMENT_METHODS)[number]>> = {
  credit_card: 'card',
  bank_transfer: 'email',
  no_payment_expected: 'no_payment_expected',
  disabled: 'disabled',
};

/** GROUP in the published API. */
export function groupBody(group: GroupDetails): GroupBody {
  const { billing, method, currency } = group;
  return {
    billing_group_id: shownId(group.id),
    billing_group_name: group.name,
    account_id: shownId(group.account._id),
    account_name: group.account.name,
    ...billingBody(billing),
    country: fieldText(billing, 'countryCode'),
    billing_currency: currency,
    billing_type: BILLING_TYPE,
    payment_method: METHODS[method.method.kind],
    card_info: cardBody(method),
    create_time: time(group.createdAt),
    billing_address_id: null,
    shipping_address_id: null,
    estimated_balance_local: toFixedMinor(group.estimate, currency),
    estimated_balance_usd: group.estimateUsd && toFixedMinor(group.estimateUsd, 'USD'),
  };
}

/** A card as the published API shows it; null for any other payment method. */
export function cardBody({ id, method }: Pick<GroupDetails['method'], 'id' | 'method'>): GroupBody['card_info'] {
  if (method.kind !== 'credit_card' || id === null) return null;
  return {
    brand: method.brand,
    card_id: shownId(id),
    country: method.countryCode === '' ? '' : countryName(method.countryCode),
    country_code: method.countryCode,
    exp_month: method.expMonth,
    exp_year: method.expYear,
    last4: method.last4,
    name: method.name,
    // no user: a card belongs to the account
    user_email: '',
  };
}
