import { changeGroup, createGroupWith, type GroupChanges } from '../../services/groups/group-change.ts';
import { type GroupDetails, groupDetails, listGroupDetails } from '../../services/groups/group-details.ts';
import { deleteGroup } from '../../services/groups/groups.ts';
import { listMethods } from '../../services/settlement/payment-methods.ts';
import { addressBody, methodType, orgGroupBody } from '../bodies/organization-bodies.ts';
import { apiError } from '../errors.ts';
import { resolvedId } from '../ids.ts';
import { groupCheck } from '../requests/group-check.ts';
import { organizationRoute } from '../requests/organization-route.ts';
import { type Caller, json, type Route } from '../route.ts';
import { billingInputIn } from '../schemas/billing-fields.ts';
import {
  type AddressBody,
  addressesAnswer,
  addressSchema,
  newOrgGroupSchema,
  type OrgGroupInput,
  orgAddressParams,
  orgGroupChangesSchema,
  orgGroupParams,
  orgGroupSchema,
  orgGroupsAnswer,
} from '../schemas/organization.ts';

const TAG = 'Organizations';

export const organizationGroupRoutes: readonly Route[] = [
  organizationRoute({
    method: 'get',
    path: '/billing-groups',
    operation: 'listOrganizationBillingGroups',
    tag: TAG,
    summary: 'The billing groups of an organization',
    answers: { 200: { description: 'The billing groups', schema: orgGroupsAnswer } },
    async run({ caller }) {
      return json({ billing_groups: (await groupsOf(caller)).map(orgGroupBody) });
    },
  }),
  organizationRoute({
    method: 'post',
    path: '/billing-groups',
    operation: 'createOrganizationBillingGroup',
    tag: TAG,
    summary: 'Create a billing group with the address of another one',
    access: 'billing:write',
    body: newOrgGroupSchema,
    answers: { 200: { description: 'The billing group', schema: orgGroupSchema } },
    async run({ caller, body, once }) {
      const { ctx, accountId } = caller;
      const changes = await changesIn(caller, body);
      const { billing_group_name: name } = body;
      const id = await once(() => createGroupWith(ctx, { ...changes, accountId, name }));
      return json(orgGroupBody(await groupDetails(ctx, accountId, id)));
    },
  }),
  organizationRoute({
    method: 'get',
    path: '/billing-group/{id}',
    operation: 'getOrganizationBillingGroup',
    tag: TAG,
    summary: 'One billing group of an organization',
    params: orgGroupParams,
    answers: { 200: { description: 'The billing group', schema: orgGroupSchema } },
    async run({ caller, params }) {
      const { ctx, accountId } = caller;
      return json(orgGroupBody(await groupDetails(ctx, accountId, resolvedId('bg', params.id))));
    },
  }),
  organizationRoute({
    method: 'put',
    path: '/billing-group/{id}',
    operation: 'updateOrganizationBillingGroup',
    tag: TAG,
    summary: 'Update a billing group of an organization. Either all fields are changed or none',
    access: 'billing:write',
    params: orgGroupParams,
    body: orgGroupChangesSchema,
    answers: { 200: { description: 'The billing group', schema: orgGroupSchema } },
    async run({ caller, params, body, ifMatch }) {
      const { ctx, accountId } = caller;
      const of = { accountId, billingGroupId: resolvedId('bg', params.id) };
      const changes = await changesIn(caller, body);
      await changeGroup(ctx, of, changes, await groupCheck(ifMatch, of, caller, orgGroupBody));
      return json(orgGroupBody(await groupDetails(ctx, accountId, of.billingGroupId)));
    },
  }),
  organizationRoute({
    method: 'delete',
    path: '/billing-group/{id}',
    operation: 'deleteOrganizationBillingGroup',
    tag: TAG,
    summary: 'Delete a billing group that has no projects',
    access: 'billing:write',
    params: orgGroupParams,
    answers: { 204: { description: 'Deleted' } },
    async run({ caller, params, ifMatch }) {
      const of = { accountId: caller.accountId, billingGroupId: resolvedId('bg', params.id) };
      await deleteGroup(caller.ctx, of, await groupCheck(ifMatch, of, caller, orgGroupBody));
      return { kind: 'empty' };
    },
  }),
  organizationRoute({
    method: 'get',
    path: '/addresses',
    operation: 'listOrganizationAddresses',
    tag: TAG,
    summary: 'The addresses of an organization’s billing groups, each once',
    answers: { 200: { description: 'The addresses', schema: addressesAnswer } },
    async run({ caller }) {
      const addresses = await addressesOf(caller);
      return json({ addresses: [...addresses.values()] });
    },
  }),
  organizationRoute({
    method: 'get',
    path: '/address/{id}',
    operation: 'getOrganizationAddress',
    tag: TAG,
    summary: 'An address of billing groups',
    params: orgAddressParams,
    answers: { 200: { description: 'The address', schema: addressSchema } },
    async run({ caller, params }) {
      const address = (await addressesOf(caller)).get(params.id);
      if (!address) throw apiError(404, 'address_not_found', 'No billing group has this address.');
      return json(address);
    },
  }),
];

async function groupsOf({ ctx, accountId }: Caller): Promise<readonly GroupDetails[]> {
  return (await listGroupDetails(ctx, accountId, {})).read().items;
}

async function addressesOf(caller: Caller): Promise<ReadonlyMap<string, AddressBody>> {
  const all = (await groupsOf(caller)).map(addressBody);
  // the oldest of the same
  return new Map(all.sort((a, b) => (a.create_time < b.create_time ? 1 : -1)).map((one) => [one.address_id, one]));
}

/** A body's changes, as the services expect them. @throws {ApiError} 400 for an unknown address or payment method */
async function changesIn(caller: Caller, body: OrgGroupInput): Promise<Omit<GroupChanges, 'name'> & { name?: string }> {
  const { billing_group_name: name, currency, custom_invoice_text, payment_method: method } = body;
  const address = await addressIn(caller, body);
  const { billing_emails, billing_contact_emails, vat_id } = body;
  const billing = billingInputIn({
    ...(address && {
      ...{ company: address.name, address_lines: address.address_lines, city: address.city, state: address.state },
      ...{ zip_code: address.zip_code, country_code: address.country_code },
    }),
    ...{ billing_emails, billing_contact_emails, vat_id, billing_extra_text: custom_invoice_text },
  });
  const paymentMethodId = method && (await methodIn(caller, method));
  return {
    ...(name !== undefined && { name }),
    ...(Object.keys(billing).length > 0 && { billing }),
    ...(currency !== undefined && { currency }),
    ...(paymentMethodId !== undefined && { paymentMethodId }),
  };
}

async function addressIn(caller: Caller, body: OrgGroupInput): Promise<AddressBody | undefined> {
  const { billing_address_id: id, shipping_address_id: shipping = id } = body;
  if (shipping !== id) {
    const message = 'shipping_address_id: A billing group has one address, so send the same as billing_address_id.';
    throw apiError(400, 'invalid_input', message);
  }
  if (id === undefined) return undefined;
  const address = (await addressesOf(caller)).get(id);
  if (!address) throw apiError(400, 'address_not_found', 'billing_address_id: No billing group has this address.');
  return address;
}

async function methodIn(
  { ctx, accountId }: Caller,
  { payment_method_id: id, payment_method_type: type }: NonNullable<OrgGroupInput['payment_method']>,
): Promise<string> {
  const found = (await listMethods(ctx, accountId)).find((one) => one.id === resolvedId('pm', id));
  if (found && methodType(found.method.kind) === type) return found.id;
  const message = `payment_method: The account has no such payment method of the type ${type}.`;
  throw apiError(400, 'payment_method_not_found', message);
}
