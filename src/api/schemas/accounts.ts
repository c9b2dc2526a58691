import { z } from 'zod';
import { idSchema, moneySchema, timeSchema } from './common.ts';
import { cardSchema } from './group.ts';
import { actorIdSchema, actorSchema, creditSchema } from './lists.ts';

// what published clients ask for before they reach billing groups

export const accountSchema = z
  .object({
    account_id: z.string(),
    account_name: z.string(),
    account_owner_team_id: z.string().meta({ description: 'The Slack workspace' }),
    create_time: timeSchema,
    update_time: timeSchema,
    is_account_owner: z.boolean(),
    organization_id: z.string().meta({ description: 'The same as account_id' }),
    primary_billing_group_id: z.string().meta({ description: 'Empty for none' }),
    root_account_id: z.string(),
  })
  .meta({ id: 'Account' });
export const accountAnswer = z.object({ account: accountSchema });
export const accountsAnswer = z.object({ accounts: z.array(accountSchema) });
export const accountParams = z.object({ account_id: idSchema.meta({ description: 'The token’s own account' }) });

const MEMBERSHIPS = ['operator', 'read_only'] as const;
const membershipShape = {
  project_membership: z.record(z.string(), z.enum(MEMBERSHIPS)),
  project_memberships: z.record(z.string(), z.array(z.enum(MEMBERSHIPS))),
};

export const userAnswer = z.object({
  user: z
    .object({
      user: z.string().meta({ description: 'The token’s name: a token isn’t a person' }),
      user_id: z.string(),
      real_name: z.string(),
      state: z.literal('active'),
      tenant: z.string(),
      token_validity_begin: timeSchema.meta({ description: 'No token of the account is older' }),
      auth: z.array(z.string()),
      invitations: z.array(z.object({})).max(0),
      projects: z.array(z.string()),
      ...membershipShape,
    })
    .meta({ id: 'User' }),
});

export const cardsAnswer = z.object({ cards: z.array(cardSchema) });

const emailsSchema = z.array(z.object({ email: z.string() }));
export const fullProjectSchema = z
  .object({
    project_name: z.string(),
    account_id: z.string(),
    account_name: z.string(),
    organization_id: z.string(),
    billing_group_id: z.string(),
    billing_group_name: z.string(),
    billing_address: z.string().meta({ description: 'All lines of the address of the billing group' }),
    billing_currency: z.string(),
    billing_emails: emailsSchema,
    billing_extra_text: z.string(),
    card_info: cardSchema.nullable(),
    country: z.string(),
    country_code: z.string(),
    default_cloud: z.string().meta({ description: 'Always empty' }),
    estimated_balance: z.string().meta({ description: 'In US dollars. Empty when no exchange rate is known' }),
    estimated_balance_local: moneySchema,
    payment_method: z.string(),
    vat_id: z.string(),
    tags: z.object({}),
    tech_emails: emailsSchema,
  })
  .meta({ id: 'Project' });
export const fullProjectAnswer = z.object({ project: fullProjectSchema });
export const fullProjectsAnswer = z.object({ projects: z.array(fullProjectSchema), ...membershipShape });
export const projectParams = z.object({ project: idSchema.meta({ description: 'The project’s name' }) });

/** Sent by clients of the published API along with every new project. Only without a value, since projects have none. */
const nothing = (what: string) => z.union([z.null(), z.literal('')], `Projects have no ${what}.`).optional();
export const newProjectSchema = z
  .strictObject({
    project: idSchema,
    account_id: idSchema.optional(),
    billing_group_id: idSchema.optional().meta({ description: 'By default the account’s primary billing group' }),
    copy_from_project: idSchema.optional().meta({ description: 'With use_source_project_billing_group' }),
    use_source_project_billing_group: z.boolean().optional(),
    cloud: nothing('cloud'),
    tech_emails: z.array(z.unknown()).max(0, 'Projects have no technical contacts.').optional(),
  })
  .meta({ id: 'NewProject' });

export const projectCreditsAnswer = z.object({ credits: z.array(creditSchema) });
export const projectEventsAnswer = z.object({
  events: z.array(
    z
      .object({
        id: z.string().meta({ example: '1042' }),
        actor: actorSchema,
        actor_id: actorIdSchema,
        event_desc: z.string(),
        event_type: z.string(),
        service_name: z.string(),
        time: timeSchema,
      })
      .meta({ id: 'ProjectEvent' }),
  ),
});
