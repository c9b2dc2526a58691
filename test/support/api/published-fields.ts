/**
 * The fields of the published organization generation, and of what its clients ask for along the way: facts from its
 * public description. A `?` marks a field that may be absent. None may be null.
 */
export interface PublishedAnswer {
  readonly path: string;
  /** Where the fields are in the answer: a list's items, or the answer itself. */
  readonly at: string;
  readonly fields: Readonly<Record<string, FieldType>>;
}

type Base = 'string' | 'integer' | 'boolean' | 'list' | 'object';
export type FieldType = Base | `${Base}?`;
type Fields = Readonly<Record<string, FieldType>>;

const GROUP: Fields = {
  ...{ billing_address_id: 'string', billing_contact_emails: 'list', billing_emails: 'list' },
  ...{ billing_group_id: 'string', billing_group_name: 'string', create_time: 'string' },
  ...{ custom_invoice_text: 'string?', organization_id: 'string', payment_method: 'object?' },
  ...{ shipping_address_id: 'string', vat_id: 'string?' },
};

const INVOICE: Fields = {
  ...{ billing_group_id: 'string', create_time: 'string', currency: 'string', download_only: 'boolean' },
  ...{ due_date: 'string?', invoice_number: 'string', invoice_period: 'object', issue_date: 'string', net: 'string' },
  ...{ net_usd: 'string', organization_id: 'string', state: 'string', total: 'string', total_usd: 'string' },
};

const LINE: Fields = {
  ...{ begin_time: 'string?', cloud: 'string?', currency: 'string?', description: 'string?', end_time: 'string?' },
  ...{ line_type: 'string', plan: 'string?', project_id: 'string?', service_id: 'string?', service_type: 'string?' },
  ...{ tags: 'object?', total: 'string', total_usd: 'string' },
};

const MEMO: Fields = {
  ...{ create_time: 'string', credit_memo_id: 'string', currency: 'string', invoice_number: 'string' },
  ...{ invoice_period: 'object', issue_time: 'string?', net: 'string', net_usd: 'string', send_time: 'string?' },
  ...{ state: 'string', total: 'string' },
};

const ADDRESS: Fields = {
  ...{ address_id: 'string', address_lines: 'list?', city: 'string?', country_code: 'string', create_time: 'string' },
  ...{ name: 'string', organization_id: 'string', state: 'string?', update_time: 'string', zip_code: 'string?' },
};

const ANY_METHOD: Fields = {
  ...{ create_time: 'string', organization_id: 'string', payment_method_id: 'string', state: 'string' },
  update_time: 'string',
};

const PROJECT: Fields = {
  ...{ account_id: 'string?', billing_group_id: 'string?', end_of_life_extension: 'object', parent_id: 'string' },
  ...{ project_id: 'string', tags: 'object', tech_emails: 'list' },
};

const ORGANIZATION: Fields = {
  ...{ account_id: 'string', create_time: 'string', organization_id: 'string', organization_name: 'string' },
  ...{ tier: 'string', update_time: 'string' },
};

const ACCOUNT: Fields = {
  ...{ account_id: 'string', account_name: 'string', account_owner_team_id: 'string', create_time: 'string' },
  ...{ is_account_owner: 'boolean', organization_id: 'string', primary_billing_group_id: 'string' },
  ...{ root_account_id: 'string', update_time: 'string' },
};

const FULL_PROJECT: Fields = {
  ...{ account_id: 'string', billing_address: 'string', billing_emails: 'list', billing_group_id: 'string' },
  ...{ billing_extra_text: 'string' },
  ...{ billing_group_name: 'string', country: 'string', country_code: 'string', default_cloud: 'string' },
  ...{ estimated_balance: 'string', estimated_balance_local: 'string?', organization_id: 'string' },
  ...{ payment_method: 'string', project_name: 'string', vat_id: 'string', tags: 'object?', tech_emails: 'list?' },
};

/** `{name}` stands for what the test's data has under that name. */
export const PUBLISHED: readonly PublishedAnswer[] = [
  { path: '/organizations', at: 'organizations', fields: ORGANIZATION },
  { path: '/organization/{org}', at: '', fields: ORGANIZATION },
  { path: '/organization/{org}/billing-groups', at: 'billing_groups', fields: GROUP },
  { path: '/organization/{org}/billing-group/{group}', at: '', fields: GROUP },
  { path: '/organization/{org}/invoices', at: 'invoices', fields: INVOICE },
  { path: '/organization/{org}/invoice/{invoice}', at: '', fields: INVOICE },
  { path: '/organization/{org}/invoice/{invoice}/lines', at: 'lines', fields: LINE },
  { path: '/organization/{org}/invoices/{invoice}/lines', at: 'lines', fields: LINE },
  { path: '/organization/{org}/credit-memos', at: 'credit_memos', fields: MEMO },
  { path: '/organization/{org}/credit-memos/{memo}', at: '', fields: MEMO },
  { path: '/organization/{org}/addresses', at: 'addresses', fields: ADDRESS },
  { path: '/organization/{org}/address/{address}', at: '', fields: ADDRESS },
  {
    path: '/organization/{org}/payment-methods',
    at: 'payment_methods',
    fields: { payment_method_id: 'string', payment_method_type: 'string' },
  },
  {
    path: '/organization/{org}/payment-method/bank-transfers',
    at: 'bank_transfers',
    fields: { ...ANY_METHOD, currency: 'string', payment_terms_days: 'integer' },
  },
  {
    path: '/organization/{org}/payment-method/bank-transfer/{transfer}',
    at: '',
    fields: { ...ANY_METHOD, currency: 'string', payment_terms_days: 'integer' },
  },
  {
    path: '/organization/{org}/payment-method/credit-cards',
    at: 'credit_cards',
    fields: {
      ...ANY_METHOD,
      ...{ brand: 'string', exp_month: 'integer', exp_year: 'integer', last4: 'string', name: 'string' },
    },
  },
  {
    path: '/organization/{org}/payment-method/credit-card/{card}',
    at: '',
    fields: { ...ANY_METHOD, brand: 'string', exp_month: 'integer', exp_year: 'integer', last4: 'string' },
  },
  {
    path: '/organization/{org}/payment-method/custom',
    at: 'custom_methods',
    fields: { ...ANY_METHOD, type: 'string' },
  },
  { path: '/organization/{org}/payment-method/custom/{custom}', at: '', fields: { ...ANY_METHOD, type: 'string' } },
  { path: '/organization/{org}/projects', at: 'projects', fields: PROJECT },
  { path: '/organization/{org}/project/p1', at: '', fields: { ...PROJECT, organization_id: 'string' } },
  { path: '/account', at: 'accounts', fields: ACCOUNT },
  { path: '/account/{org}', at: 'account', fields: ACCOUNT },
  { path: '/project', at: 'projects', fields: FULL_PROJECT },
  { path: '/project/p1', at: 'project', fields: FULL_PROJECT },
  {
    path: '/me',
    at: 'user',
    fields: {
      ...{ auth: 'list', invitations: 'list', project_membership: 'object', project_memberships: 'object' },
      ...{ projects: 'list', real_name: 'string', state: 'string', tenant: 'string', user: 'string' },
      ...{ token_validity_begin: 'string', user_id: 'string' },
    },
  },
  {
    path: '/card',
    at: 'cards',
    fields: {
      ...{ brand: 'string', card_id: 'string', country: 'string', country_code: 'string', exp_month: 'integer' },
      ...{ exp_year: 'integer', last4: 'string', name: 'string', user_email: 'string' },
    },
  },
];

/** What an answer lacks, has with another type, or has as null. */
export function differences({ at, fields }: PublishedAnswer, body: Readonly<Record<string, unknown>>): string[] {
  const found = at === '' ? body : body[at];
  const items = Array.isArray(found) ? found : [found];
  if (items.length === 0) return ['has nothing to check'];
  return items.flatMap((item: Record<string, unknown>) =>
    Object.entries(fields).flatMap(([name, type]) => {
      const value = item[name];
      if (value === undefined) return type.endsWith('?') ? [] : [`lacks ${name}`];
      return typeOf(value) === type.replace('?', '') ? [] : [`has ${name} as ${typeOf(value)}`];
    }),
  );
}

function typeOf(value: unknown): Base | 'null' | 'other' {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'other';
  return typeof value === 'string' || typeof value === 'boolean' || typeof value === 'object'
    ? (typeof value as Base)
    : 'other';
}
