import { z } from 'zod';
import { fieldText } from '../../billing/group/billing-fields.ts';
import { countryName } from '../../billing/group/country.ts';
import type { PaymentMethod } from '../../billing/group/payment-method.ts';
import { toFixedMinor } from '../../billing/money/money.ts';
import { changeGroup, createGroupWith, type GroupChanges } from '../../services/groups/group-change.ts';
import { type GroupDetails, groupDetails, listGroupDetails } from '../../services/groups/group-details.ts';
import { deleteGroup } from '../../services/groups/groups.ts';
import { nextCursor, partOf } from '../cursor.ts';
import { apiError } from '../errors.ts';
import { resolvedId, shownId } from '../ids.ts';
import { type Caller, callerIn, json, type Reply, type Route, route } from '../route.ts';
import { billingBody, billingInputIn } from '../schemas/billing-fields.ts';
import { idSchema, messageSchema, pagingSchema, time } from '../schemas/common.ts';
import {
  type GroupBody,
  type GroupInput,
  groupAnswer,
  groupChangesSchema,
  groupsAnswer,
  newGroupSchema,
  type PAYMENT_METHODS,
} from '../schemas/group.ts';
import { groupParams } from '../schemas/invoice.ts';

const LIST = 'groups';
const TAG = 'Billing groups';
/** The published API distinguishes billing types, the product doesn't. */
const BILLING_TYPE = 'external';

const METHODS: Readonly<Record<PaymentMethod['kind'], (typeof PAYMENT_METHODS)[number]>> = {
  credit_card: 'card',
  bank_transfer: 'email',
  no_payment_expected: 'no_payment_expected',
  disabled: 'disabled',
};

export const groupRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/billing-group',
    operation: 'listBillingGroups',
    tag: TAG,
    summary: 'The account’s billing groups, by name',
    access: 'billing:read',
    query: pagingSchema,
    answers: { 200: { description: 'The billing groups', schema: groupsAnswer } },
    run: ({ caller, query }) => list(callerIn({ caller }), query),
  }),
  route({
    method: 'get',
    path: '/account/{account_id}/billing-group',
    operation: 'listAccountBillingGroups',
    tag: TAG,
    summary: 'The same list, with the account in the path',
    access: 'billing:read',
    params: z.object({ account_id: idSchema }),
    query: pagingSchema,
    answers: { 200: { description: 'The billing groups', schema: groupsAnswer } },
    run({ caller: sent, params, query }) {
      const caller = callerIn({ caller: sent });
      assertOwn(caller, params.account_id);
      return list(caller, query);
    },
  }),
  route({
    method: 'post',
    path: '/billing-group',
    operation: 'createBillingGroup',
    tag: TAG,
    summary: 'Create a billing group',
    access: 'billing:write',
    body: newGroupSchema,
    answers: { 200: { description: 'The billing group', schema: groupAnswer } },
    async run({ caller: sent, body }) {
      const caller = callerIn({ caller: sent });
      const { ctx, accountId } = caller;
      if (body.account_id !== undefined) assertOwn(caller, body.account_id);
      const { billing, currency, paymentMethodId } = changesIn(body);
      const copyFrom = body.copy_from_billing_group;
      const id = await createGroupWith(ctx, {
        accountId,
        name: body.billing_group_name,
        ...(billing && { billing }),
        ...(currency !== undefined && { currency }),
        ...(paymentMethodId !== undefined && { paymentMethodId }),
        ...(copyFrom !== undefined && { copyFrom: resolvedId('bg', copyFrom) }),
      });
      return one(caller, id);
    },
  }),
  route({
    method: 'get',
    path: '/billing-group/{id}',
    operation: 'getBillingGroup',
    tag: TAG,
    summary: 'One billing group',
    access: 'billing:read',
    params: groupParams,
    answers: { 200: { description: 'The billing group', schema: groupAnswer } },
    run: ({ caller, params }) => one(callerIn({ caller }), resolvedId('bg', params.id)),
  }),
  route({
    method: 'put',
    path: '/billing-group/{id}',
    operation: 'updateBillingGroup',
    tag: TAG,
    summary: 'Update a billing group. Either all fields are changed or none',
    access: 'billing:write',
    params: groupParams,
    body: groupChangesSchema,
    answers: { 200: { description: 'The billing group', schema: groupAnswer } },
    async run({ caller: sent, params, body }) {
      const caller = callerIn({ caller: sent });
      if (body.account_id !== undefined) assertOwn(caller, body.account_id);
      const billingGroupId = resolvedId('bg', params.id);
      await changeGroup(caller.ctx, { accountId: caller.accountId, billingGroupId }, changesIn(body));
      return one(caller, billingGroupId);
    },
  }),
  route({
    method: 'delete',
    path: '/billing-group/{id}',
    operation: 'deleteBillingGroup',
    tag: TAG,
    summary: 'Delete a billing group that has no projects',
    access: 'billing:write',
    params: groupParams,
    answers: { 200: { description: 'Deleted', schema: messageSchema } },
    async run({ caller, params }) {
      const { ctx, accountId } = callerIn({ caller });
      await deleteGroup(ctx, { accountId, billingGroupId: resolvedId('bg', params.id) });
      return json({ message: 'deleted' });
    },
  }),
];

async function list(
  { ctx, accountId }: Caller,
  query: { limit?: number | undefined; cursor?: string | undefined },
): Promise<Reply> {
  const part = partOf(LIST, query);
  const { items, next } = await listGroupDetails(ctx, accountId, part);
  return json({ billing_groups: items.map(groupBody), ...nextCursor(LIST, part, next) });
}

async function one({ ctx, accountId }: Caller, billingGroupId: string): Promise<Reply> {
  return json({ billing_group: groupBody(await groupDetails(ctx, accountId, billingGroupId)) });
}

/** Another account doesn't exist for the caller. */
function assertOwn({ accountId }: Caller, given: string): void {
  if (resolvedId('acc', given) !== accountId) throw apiError(404, 'account_not_found', 'Account not found.');
}

/** A body's changes, as the services expect them; null clears a field. */
function changesIn(body: GroupInput): GroupChanges {
  const { billing_group_name: name, billing_currency: currency, card_id: card } = body;
  const billing = billingInputIn(body);
  return {
    ...(name !== undefined && { name }),
    ...(Object.keys(billing).length > 0 && { billing }),
    ...(currency !== undefined && { currency }),
    ...(card !== undefined && { paymentMethodId: card === null ? null : resolvedId('pm', card) }),
  };
}

/** GROUP in the published API. */
function groupBody(group: GroupDetails): GroupBody {
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

function cardBody({ id, method }: GroupDetails['method']): GroupBody['card_info'] {
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
