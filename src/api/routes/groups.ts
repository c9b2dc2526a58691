import type { z } from 'zod';
import { Refusal } from '../../billing/refusal.ts';
import { changeGroup, createGroupWith, type GroupChanges } from '../../services/groups/group-change.ts';
import { type GroupDetails, groupDetails, listGroupDetails } from '../../services/groups/group-details.ts';
import { deleteGroup } from '../../services/groups/groups.ts';
import { groupBody } from '../bodies/group-body.ts';
import { nextCursor, partOf } from '../cursor.ts';
import { apiError } from '../errors.ts';
import { resolvedId } from '../ids.ts';
import { groupCheck } from '../requests/group-check.ts';
import { assertOwn } from '../requests/own-account.ts';
import { type Caller, callerIn, json, type Reply, type Route, route } from '../route.ts';
import { accountParams } from '../schemas/accounts.ts';
import { billingInputIn } from '../schemas/billing-fields.ts';
import { messageSchema, pagingSchema } from '../schemas/common.ts';
import { type GroupInput, groupAnswer, groupChangesSchema, groupsAnswer, newGroupSchema } from '../schemas/group.ts';
import { groupParams } from '../schemas/invoice.ts';

const LIST = 'groups';
const TAG = 'Billing groups';

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
    params: accountParams,
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
    async run({ caller: sent, body, once }) {
      const caller = callerIn({ caller: sent });
      const { ctx, accountId } = caller;
      if (body.account_id !== undefined) assertOwn(caller, body.account_id);
      const { billing, currency, paymentMethodId } = changesIn(body);
      const copyFrom = body.copy_from_billing_group;
      const wanted = {
        accountId,
        name: body.billing_group_name,
        ...(billing && { billing }),
        ...(currency !== undefined && { currency }),
        ...(paymentMethodId !== undefined && { paymentMethodId }),
        ...(copyFrom !== undefined && { copyFrom: resolvedId('bg', copyFrom) }),
      };
      const id = await withCardField(once(() => createGroupWith(ctx, wanted)));
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
    async run({ caller: sent, params, body, ifMatch }) {
      const caller = callerIn({ caller: sent });
      if (body.account_id !== undefined) assertOwn(caller, body.account_id);
      const billingGroupId = resolvedId('bg', params.id);
      const of = { accountId: caller.accountId, billingGroupId };
      const check = await groupCheck(ifMatch, of, caller, groupAnswerOf);
      await withCardField(changeGroup(caller.ctx, of, changesIn(body), check));
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
    async run({ caller: sent, params, ifMatch }) {
      const caller = callerIn({ caller: sent });
      const of = { accountId: caller.accountId, billingGroupId: resolvedId('bg', params.id) };
      await deleteGroup(caller.ctx, of, await groupCheck(ifMatch, of, caller, groupAnswerOf));
      return json({ message: 'deleted' });
    },
  }),
];

async function list(
  { ctx, accountId }: Caller,
  query: { limit?: number | undefined; cursor?: string | undefined },
): Promise<Reply> {
  const part = partOf(LIST, query);
  const { stamp, read } = await listGroupDetails(ctx, accountId, part);
  return {
    kind: 'kept',
    question: JSON.stringify([accountId, part.limit, part.after]),
    stamp,
    read() {
      const { items, next } = read();
      return { billing_groups: items.map(groupBody), ...nextCursor(LIST, part, next) };
    },
  };
}

async function one({ ctx, accountId }: Caller, billingGroupId: string): Promise<Reply> {
  return json(groupAnswerOf(await groupDetails(ctx, accountId, billingGroupId)));
}

function groupAnswerOf(details: GroupDetails): z.output<typeof groupAnswer> {
  return { billing_group: groupBody(details) };
}

/** An unknown card is a fault of its field, not a path that doesn't exist. @throws {ApiError} 400 */
async function withCardField<T>(change: Promise<T>): Promise<T> {
  try {
    return await change;
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'payment_method_not_found') throw error;
    throw apiError(400, error.code, 'card_id: The account has no such card.');
  }
}

/** A body's changes, as the services expect them; null clears a field. */
function changesIn(body: GroupInput): GroupChanges {
  const { billing_group_name: name, billing_currency: currency, card_id: card } = body;
  const billing = billingInputIn(body);
  return {
    ...(name !== undefined && { name }),
    ...(Object.keys(billing).length > 0 && { billing }),
    ...(currency !== undefined && { currency }),
    ...(card !== undefined && { paymentMethodId: card ? resolvedId('pm', card) : null }),
  };
}
