import type { z } from 'zod';
import { type Decimal, toFixedMinor } from '../../billing/money/money.ts';
import type { Admission } from '../../services/access/admission.ts';
import type { ToUsd } from '../../services/costs/us-dollars.ts';
import type { GroupDetails } from '../../services/groups/group-details.ts';
import { shownId } from '../ids.ts';
import type { Caller } from '../route.ts';
import type { accountSchema, fullProjectSchema } from '../schemas/accounts.ts';
import { time } from '../schemas/common.ts';
import type { organizationSchema } from '../schemas/organization.ts';
import { groupBody } from './group-body.ts';
import { usd } from './organization-bodies.ts';

type Account = Admission['account'];

/** An account as the published API names it. The caller is a program, never an owner. */
export function accountBody({
  _id,
  name,
  teamId,
  createdAt,
  primaryBillingGroupId,
}: Account): z.output<typeof accountSchema> {
  const id = shownId(_id);
  return {
    account_id: id,
    account_name: name,
    account_owner_team_id: teamId,
    create_time: time(createdAt),
    update_time: time(createdAt),
    is_account_owner: false,
    organization_id: id,
    primary_billing_group_id: primaryBillingGroupId === null ? '' : shownId(primaryBillingGroupId),
    root_account_id: id,
  };
}

/** The same account as an organization. */
export function organizationBody({ _id, name, createdAt }: Account): z.output<typeof organizationSchema> {
  return {
    organization_id: shownId(_id),
    organization_name: name,
    account_id: shownId(_id),
    tier: 'business',
    create_time: time(createdAt),
    update_time: time(createdAt),
  };
}

/** A project with its billing group and its costs in the open month, in the group's currency. */
export function fullProjectBody(
  { name, cost }: { readonly name: string; readonly cost: Decimal },
  group: GroupDetails,
  toUsd: ToUsd,
): z.output<typeof fullProjectSchema> {
  const shown = groupBody(group);
  return {
    project_name: name,
    account_id: shown.account_id,
    account_name: shown.account_name,
    organization_id: shown.account_id,
    billing_group_id: shown.billing_group_id,
    billing_group_name: shown.billing_group_name,
    billing_address: [shown.company, ...shown.address_lines, `${shown.zip_code} ${shown.city}`.trim(), shown.country]
      .filter((line) => line !== '')
      .join('\n'),
    billing_currency: shown.billing_currency,
    billing_emails: shown.billing_emails,
    billing_extra_text: shown.billing_extra_text,
    card_info: shown.card_info,
    country: shown.country,
    country_code: shown.country_code,
    default_cloud: '',
    estimated_balance: usd(toUsd(cost, group.currency)),
    estimated_balance_local: toFixedMinor(cost, group.currency),
    payment_method: shown.payment_method,
    vat_id: shown.vat_id,
    tags: {},
    tech_emails: [],
  };
}

/** What a token may do with each project. */
export function membershipBody({ scope }: Pick<Caller, 'scope'>, projects: readonly string[]) {
  const type = scope === 'billing:write' ? ('operator' as const) : ('read_only' as const);
  return {
    project_membership: Object.fromEntries(projects.map((name) => [name, type])),
    project_memberships: Object.fromEntries(projects.map((name) => [name, [type]])),
  };
}
