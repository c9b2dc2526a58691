import { z } from 'zod';
import { INVOICE_STATES, LINE_TYPES } from '../../billing/invoice/invoice.ts';
import { billingWriteShape } from './billing-fields.ts';
import { currencySchema, idSchema, moneySchema, timeSchema } from './common.ts';
import { nameSchema } from './group.ts';

// the published organization generation: an organization is an account, a project's ID is its name

/** Required there, so it is empty where no exchange rate is known. */
const usdSchema = z
  .string()
  .regex(/^(-?\d+(\.\d+)?)?$/)
  .meta({ description: 'In US dollars. Empty when no exchange rate is known', example: '1234.50' });
const emailsSchema = z.array(z.object({ email: z.string() }));

export const organizationParams = z.object({
  organization_id: idSchema.meta({ description: 'The account’s ID' }),
});
export const orgGroupParams = organizationParams.extend({ id: idSchema.meta({ description: 'billing_group_id' }) });
export const orgInvoiceParams = organizationParams.extend({
  number: idSchema.meta({ description: 'invoice_number', example: 'ACME-1' }),
});
export const orgAddressParams = organizationParams.extend({ id: idSchema.meta({ description: 'address_id' }) });
export const orgProjectParams = organizationParams.extend({
  project: idSchema.meta({ description: 'The project’s name' }),
});
export const orgMethodParams = organizationParams.extend({ id: idSchema.meta({ description: 'payment_method_id' }) });
export const orgMemoParams = organizationParams.extend({ id: idSchema.meta({ description: 'credit_memo_id' }) });

export const organizationSchema = z
  .object({
    organization_id: z.string(),
    organization_name: z.string(),
    account_id: z.string(),
    tier: z.enum(['business', 'personal']),
    create_time: timeSchema,
    update_time: timeSchema,
  })
  .meta({ id: 'Organization' });
export const organizationsAnswer = z.object({ organizations: z.array(organizationSchema) });

const METHOD_TYPES = ['bank_transfer', 'credit_card', 'custom'] as const;
const methodRefSchema = z
  .object({ payment_method_id: z.string(), payment_method_type: z.enum(METHOD_TYPES) })
  .meta({ id: 'PaymentMethodReference' });

export const orgGroupSchema = z
  .object({
    billing_group_id: z.string(),
    billing_group_name: z.string(),
    organization_id: z.string(),
    billing_address_id: z.string().meta({ description: 'Billing groups with the same address have the same ID' }),
    shipping_address_id: z.string().meta({ description: 'Always the same as billing_address_id' }),
    billing_emails: emailsSchema,
    billing_contact_emails: emailsSchema,
    currency: z.string(),
    custom_invoice_text: z.string().optional(),
    payment_method: methodRefSchema.optional().meta({ description: 'Absent for the default terms' }),
    vat_id: z.string().optional(),
    create_time: timeSchema,
  })
  .meta({ id: 'OrganizationBillingGroup' });
export const orgGroupsAnswer = z.object({ billing_groups: z.array(orgGroupSchema) });

const ignored = z.unknown().optional().meta({ description: 'Read-only, ignored.' });
const orgWritable = {
  billing_address_id: idSchema.optional().meta({ description: 'The ID of an address of a billing group' }),
  shipping_address_id: idSchema.optional().meta({ description: 'The same as billing_address_id' }),
  billing_emails: billingWriteShape.billing_emails,
  billing_contact_emails: billingWriteShape.billing_contact_emails,
  currency: currencySchema.optional(),
  custom_invoice_text: billingWriteShape.billing_extra_text,
  vat_id: billingWriteShape.vat_id,
  payment_method: z.strictObject({ payment_method_id: idSchema, payment_method_type: z.enum(METHOD_TYPES) }).optional(),
};
const orgReadOnly = { billing_group_id: ignored, organization_id: ignored, create_time: ignored };

export const newOrgGroupSchema = z
  .strictObject({ billing_group_name: nameSchema, ...orgWritable, billing_address_id: idSchema, ...orgReadOnly })
  .meta({ id: 'NewOrganizationBillingGroup' });
export const orgGroupChangesSchema = z
  .strictObject({ billing_group_name: nameSchema.optional(), ...orgWritable, ...orgReadOnly })
  .meta({ id: 'OrganizationBillingGroupChanges' });
export type OrgGroupInput = z.output<typeof orgGroupChangesSchema>;

export const addressSchema = z
  .object({
    address_id: z.string(),
    organization_id: z.string(),
    name: z.string().meta({ example: 'Acme Ltd' }),
    address_lines: z.array(z.string()),
    city: z.string(),
    state: z.string(),
    zip_code: z.string(),
    country_code: z.string(),
    create_time: timeSchema,
    update_time: timeSchema,
  })
  .meta({ id: 'Address' });
export const addressesAnswer = z.object({ addresses: z.array(addressSchema) });

const periodSchema = z.object({ begin_time: timeSchema, end_time: timeSchema }).meta({ id: 'InvoicePeriod' });
const stateSchema = z.enum(INVOICE_STATES.filter((state) => state !== 'draft') as [string, ...string[]]);

export const orgInvoiceSchema = z
  .object({
    invoice_number: z.string(),
    billing_group_id: z.string(),
    organization_id: z.string(),
    state: stateSchema,
    currency: z.string(),
    invoice_period: periodSchema,
    create_time: timeSchema,
    issue_date: z.string().meta({ description: 'YYYY-MM-DD. Of an estimate, the first day after its period' }),
    due_date: z.string().optional().meta({ description: 'YYYY-MM-DD' }),
    net: moneySchema,
    net_usd: usdSchema,
    total: moneySchema,
    total_usd: usdSchema,
    download_only: z.boolean(),
  })
  .meta({ id: 'OrganizationInvoice' });
export const orgInvoicesAnswer = z.object({ invoices: z.array(orgInvoiceSchema) });

const DAY = z.string().regex(/^\d{4}-\d{2}-\d{2}(T.*)?$/, 'Use a date such as 2026-10-01.');
export const orgInvoicesQuery = z.object({
  billing_group_ids: z.string().max(10_000).optional().meta({ description: 'Comma-separated' }),
  state: z.string().max(200).optional().meta({ description: 'Comma-separated', example: 'due,mailed' }),
  starting_date: DAY.optional().meta({ description: 'Only periods that end on this day or later' }),
  ending_date: DAY.optional().meta({ description: 'Only periods that begin on this day or earlier' }),
});

const PROJECT_ID = { description: 'The project’s name', example: 'web-shop' };
const projectIdSchema = z.string().meta(PROJECT_ID);

export const orgLineSchema = z
  .object({
    line_type: z.enum(LINE_TYPES),
    description: z.string(),
    currency: z.string(),
    total: moneySchema,
    total_usd: usdSchema,
    project_id: projectIdSchema.optional(),
    service_id: z.string().optional(),
    service_type: z.string().optional(),
    plan: z.string().optional(),
    cloud: z.string().optional(),
    begin_time: timeSchema,
    end_time: timeSchema,
    tags: z.record(z.string(), z.string()),
  })
  .meta({ id: 'OrganizationInvoiceLine' });
export const orgLinesAnswer = z.object({ lines: z.array(orgLineSchema) });

export const orgMemoSchema = z
  .object({
    credit_memo_id: z.string(),
    invoice_number: z.string(),
    invoice_period: periodSchema,
    state: z.enum(['draft', 'ready', 'sent']),
    currency: z.string(),
    net: moneySchema,
    net_usd: usdSchema,
    total: moneySchema,
    create_time: timeSchema,
    issue_time: timeSchema.optional(),
    send_time: timeSchema.optional(),
  })
  .meta({ id: 'OrganizationCreditMemo' });
export const orgMemosAnswer = z.object({ credit_memos: z.array(orgMemoSchema) });

export const methodsAnswer = z.object({ payment_methods: z.array(methodRefSchema) });
const anyMethod = {
  payment_method_id: z.string(),
  organization_id: z.string(),
  state: z.string().meta({ example: 'active' }),
  create_time: timeSchema,
  update_time: timeSchema,
};
export const bankTransferSchema = z
  .object({ ...anyMethod, currency: z.string(), payment_terms_days: z.int() })
  .meta({ id: 'BankTransfer' });
export const creditCardSchema = z
  .object({
    ...anyMethod,
    brand: z.string(),
    last4: z.string(),
    exp_month: z.int(),
    exp_year: z.int(),
    name: z.string(),
  })
  .meta({ id: 'CreditCard' });
export const customMethodSchema = z
  .object({ ...anyMethod, type: z.enum(['disabled', 'no_payment_expected', 'partner']) })
  .meta({ id: 'CustomPaymentMethod' });
export const bankTransfersAnswer = z.object({ bank_transfers: z.array(bankTransferSchema) });
export const creditCardsAnswer = z.object({ credit_cards: z.array(creditCardSchema) });
export const customMethodsAnswer = z.object({ custom_methods: z.array(customMethodSchema) });

const orgProject = {
  project_id: projectIdSchema,
  account_id: z.string(),
  billing_group_id: z.string(),
  parent_id: z.string(),
  end_of_life_extension: z.object({}),
  tags: z.object({}),
  tech_emails: emailsSchema,
};
export const orgProjectSchema = z
  .object({ ...orgProject, organization_id: z.string() })
  .meta({ id: 'OrganizationProject' });
export const orgProjectsAnswer = z.object({
  projects: z.array(z.object(orgProject).meta({ id: 'OrganizationProjectInList' })),
  total_project_count: z.int(),
});
/** Only empty: projects have neither of these. */
const none = z.strictObject({}, 'Projects have no tags.').optional();
export const newOrgProjectSchema = z
  .strictObject({
    project_id: idSchema.meta(PROJECT_ID),
    billing_group_id: idSchema,
    parent_id: idSchema.optional(),
    tags: none,
    tech_emails: z.array(z.unknown()).max(0, 'Projects have no technical contacts.').optional(),
  })
  .meta({ id: 'NewOrganizationProject' });

export type OrgGroupBody = z.output<typeof orgGroupSchema>;
export type AddressBody = z.output<typeof addressSchema>;
export type OrgInvoiceBody = z.output<typeof orgInvoiceSchema>;
export type OrgLineBody = z.output<typeof orgLineSchema>;
export type OrgMemoBody = z.output<typeof orgMemoSchema>;
