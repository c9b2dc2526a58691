import { z } from 'zod';
import { NAME_LIMITS } from '../../billing/group/names.ts';
import { billingReadShape, billingWriteShape } from './billing-fields.ts';
import { currencySchema, ID_LIMIT, idSchema, lineSchema, moneySchema, nextCursorSchema, timeSchema } from './common.ts';

export const PAYMENT_METHODS = ['accrual', 'card', 'disabled', 'email', 'no_payment_expected', 'partner'] as const;

export const cardSchema = z
  .object({
    brand: z.string(),
    card_id: z.string(),
    country: z.string(),
    country_code: z.string(),
    exp_month: z.int(),
    exp_year: z.int(),
    last4: z.string(),
    name: z.string(),
    user_email: z.string(),
  })
  .meta({ id: 'CardInfo' });

const NO_ADDRESS_ID = 'Always null: a billing group has its address itself';

export const groupSchema = z
  .object({
    billing_group_id: z.string(),
    billing_group_name: z.string(),
    account_id: z.string(),
    account_name: z.string(),
    ...billingReadShape,
    country: z.string(),
    billing_currency: z.string(),
    billing_type: z.string(),
    payment_method: z.enum(PAYMENT_METHODS),
    card_info: cardSchema.nullable(),
    create_time: timeSchema,
    billing_address_id: z.string().nullable().meta({ description: NO_ADDRESS_ID }),
    shipping_address_id: z.string().nullable().meta({ description: NO_ADDRESS_ID }),
    estimated_balance_local: moneySchema.meta({ description: 'The open month so far, before tax' }),
    estimated_balance_usd: moneySchema.nullable().meta({ description: 'Null when no exchange rate is known' }),
  })
  .meta({ id: 'BillingGroup' });

export const groupAnswer = z.object({ billing_group: groupSchema });
export const groupsAnswer = z.object({ billing_groups: z.array(groupSchema), next_cursor: nextCursorSchema });

/** Part of an object that a client got and sends back, without effect. */
const ignored = z.unknown().optional().meta({ description: 'Read-only, ignored.' });

/**
 * A billing group has its address itself, so an ID would have no effect. Described with the type of what is read, because
 * generated clients have none for a field that is only null.
 */
const noAddressId = z
  .null('Addresses have no IDs of their own. Send company, address_lines, zip_code, city, state and country_code.')
  .optional()
  .meta({ type: ['string', 'null'], description: NO_ADDRESS_ID });

const writable = {
  ...billingWriteShape,
  billing_currency: currencySchema.optional(),
  card_id: z
    .string()
    .max(ID_LIMIT, `At most ${ID_LIMIT} characters.`)
    .nullable()
    .optional()
    .meta({ description: 'One of the account’s cards. Empty or null for the default terms' }),
  billing_address_id: noAddressId,
  shipping_address_id: noAddressId,
  account_id: idSchema.optional().meta({ description: 'The token’s own account' }),
};

const readOnly = {
  billing_group_id: ignored,
  account_name: ignored,
  country: ignored,
  billing_type: ignored,
  payment_method: ignored,
  card_info: ignored,
  create_time: ignored,
  estimated_balance_local: ignored,
  estimated_balance_usd: ignored,
};

export const nameSchema = lineSchema(NAME_LIMITS.billingGroup).refine((name) => name.trim() !== '', 'Enter a name.');

export const newGroupSchema = z
  .strictObject({
    billing_group_name: nameSchema,
    ...writable,
    copy_from_billing_group: idSchema
      .optional()
      .meta({ description: 'Fields that are absent are copied from this group' }),
    ...readOnly,
  })
  .meta({ id: 'NewBillingGroup' });

export const groupChangesSchema = z
  .strictObject({ billing_group_name: nameSchema.optional(), ...writable, ...readOnly })
  .meta({ id: 'BillingGroupChanges' });

export type GroupBody = z.output<typeof groupSchema>;
export type GroupInput = z.output<typeof groupChangesSchema>;
