const GROUP = '4b2c9f0e-7a55-4f0d-9a41-2d9d1c6f8a10';
const ACCOUNT = '0d5a1c1e-51f7-4c7e-8f5c-6a1b7c3f2e90';
const PROJECT = '9e1f6a2b-3c4d-4e5f-8a6b-7c8d9e0f1a2b';
const ADDRESS = '6f1c2d3e-4a5b-4c6d-9e7f-8a9b0c1d2e3f';
const OTHER = 'c3d4e5f6-a7b8-4c9d-8e0f-1a2b3c4d5e6f';

/** What fields and parameters look like, by their names, unless their own schemas say so. */
const EXAMPLES: Readonly<Record<string, string | number>> = {
  ...{ account_id: ACCOUNT, organization_id: ACCOUNT, parent_id: ACCOUNT, root_account_id: ACCOUNT },
  ...{ account_name: 'Acme', organization_name: 'Acme', account_owner_team_id: 'T024BE7LD', tenant: 'Acme' },
  ...{ actor: 'Max Member', actor_id: 'U024BE7LH', requested_by: 'U024BE7LH', decided_by: 'U024BE7LJ' },
  ...{ user: 'Power BI', real_name: 'Power BI', user_id: `tok_${OTHER}`, user_email: 'max@acme.example' },
  ...{ billing_group_id: GROUP, primary_billing_group_id: GROUP, copy_from_billing_group: GROUP },
  ...{
    from_billing_group_id: OTHER,
    billing_group_ids: GROUP,
    billing_group_name: 'Production',
    billing_type: 'normal',
  },
  ...{ billing_address_id: ADDRESS, shipping_address_id: ADDRESS, address_id: ADDRESS, id: GROUP },
  ...{ company: 'Acme Ltd', billing_address: 'Acme Ltd, Main Street 1, Helsinki', city: 'Helsinki', zip_code: '00100' },
  ...{ state: 'Uusimaa', country: 'Finland', country_code: 'FI', vat_id: 'FI12345678', email: 'billing@acme.example' },
  ...{ billing_extra_text: 'Cost center 42', custom_invoice_text: 'Cost center 42', buyer_reference: '04011000-1234' },
  ...{ purchase_order: 'PO-2026-117', electronic_address: '0216:003712345678' },
  ...{ currency: 'EUR', billing_currency: 'EUR', local_currency: 'EUR' },
  ...{ brand: 'Visa', last4: '4242', exp_month: 12, exp_year: 2030, name: 'Max Member', card_id: OTHER },
  ...{ payment_method: 'email', payment_method_id: OTHER, payment_terms_days: 14 },
  ...{ project: 'web-shop', project_name: 'web-shop', copy_from_project: 'web-shop', project_id: PROJECT },
  ...{ total_project_count: 12, label: 'Web shop', default_cloud: '', estimated_balance: '1234.50' },
  ...{ service: 'Kafka', service_name: 'Kafka', service_id: 'Kafka', service_type: 'kafka', service_plan: 'startup-2' },
  ...{ plan: 'startup-2', cloud: 'aws-eu-central-1', cloud_name: 'aws-eu-central-1', commitment_name: 'Minimum 2026' },
  ...{ description: 'Kafka, startup-2', tag: 'team' },
  ...{ invoice_number: 'ACME-1', invoice_id: OTHER, line_id: OTHER, issue_date: '2026-11-02', due_date: '2026-11-16' },
  ...{ download_cookie: 'eyJhIjoi…', cookie: 'eyJhIjoi…', source: 'ECB', date: '2026-10-31', code: 'SPRING-26' },
  ...{ credit_memo_id: OTHER, credit_memo_number: 'ACME-CN-1', payment_id: OTHER, reference: 'ACME-1' },
  ...{ budget_id: GROUP, budget_used_up_on: '2026-11-24', complete_until: '2026-11-10', subject: 'Production' },
  ...{ anomaly_id: OTHER, since: '2026-10-12', peak: '2026-10-14', assignee: 'U024BE7LH' },
  ...{ period: '2026-10', from: '2026-10-01', until: '2026-10-31' },
  ...{ anomaly_id: OTHER, since: '2026-11-11', peak: '2026-11-12', assignee: 'U024BE7LH' },
  ...{ starting_date: '2026-10-01', ending_date: '2026-10-31' },
  ...{ log_entry_id: 1042, after: 1042, event_type: 'project_moved', request_id: OTHER },
  ...{ event_desc: 'Moved project web-shop from billing group "Development" to "Production"' },
  ...{ reason: 'The web shop has gone live', outcome: 'Wait for the next month' },
  ...{ message: 'Billing group not found.', status: 404, error_code: 'billing_group_not_found' },
  ...{ limit: 100, cursor: 'cHJvamVjdHM6d2ViLXNob3A', next_cursor: 'cHJvamVjdHM6d2ViLXNob3A' },
  'If-None-Match': 'W/"2jmj7l5rSw0yVb_vlWAYkK_YBwk"',
  'If-Match': 'W/"2jmj7l5rSw0yVb_vlWAYkK_YBwk"',
  'Idempotency-Key': '8e03978e-40d5-43e8-bc93-6894a57f9324',
};

type Json = unknown;
type Node = Readonly<Record<string, Json>>;

/** The same description with an example for every text and number that has none. */
export function withExamples<T>(described: T): T {
  return exemplified(described) as T;
}

function exemplified(value: Json): Json {
  if (Array.isArray(value)) return value.map(exemplified);
  if (typeof value !== 'object' || value === null) return value;
  const node = value as Node;
  const all = Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, exemplified(inner)]));
  if (isNode(all.properties)) return { ...all, properties: named(all.properties) };
  if (typeof all.in === 'string' && isNode(all.schema)) return { ...all, schema: shown(String(all.name), all.schema) };
  return all;
}

function named(properties: Node): Node {
  const shownAs = ([name, schema]: [string, Json]) => [name, isNode(schema) ? shown(name, schema) : schema];
  return Object.fromEntries(Object.entries(properties).map(shownAs as (entry: [string, Json]) => [string, Json]));
}

/** A schema with the example of its name, if it describes a text or a number that could be anything. */
function shown(name: string, schema: Node): Node {
  const example = EXAMPLES[name];
  const types = [schema.type].flat();
  const isFree = types.includes('string') || types.includes('integer');
  if (example === undefined || !isFree || 'enum' in schema || 'example' in schema || 'const' in schema) return schema;
  return { ...schema, example };
}

function isNode(value: Json): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
