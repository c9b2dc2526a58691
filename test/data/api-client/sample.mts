// A program that uses the API with nothing but the types generated from its description: API_URL, API_TOKEN, API_GROUP.
import createClient, { type Middleware } from 'openapi-fetch';
import type { components, paths } from './schema.js';

type Group = components['schemas']['BillingGroup'];
type Line = components['schemas']['InvoiceLine'];

const { API_URL: url = '', API_TOKEN: token = '', API_GROUP: knownGroup = '' } = process.env;
const withToken: Middleware = {
  onRequest({ request }) {
    request.headers.set('authorization', `Bearer ${token}`);
    return request;
  },
};
const client = createClient<paths>({ baseUrl: `${url}/v1` });
client.use(withToken);

/** @throws {Error} for an answer without data */
function dataOf<T>({ data, error }: { readonly data?: T; readonly error?: unknown }): T {
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
}

async function groupNamed(name: string): Promise<Group> {
  const { billing_groups: groups } = dataOf(await client.GET('/billing-group'));
  const found = groups.find((one) => one.billing_group_name === name);
  if (!found) throw new Error(`No billing group ${name}`);
  return found;
}

async function linesOf(id: string): Promise<Line[]> {
  const path = { id };
  const { invoices } = dataOf(await client.GET('/billing-group/{id}/invoice', { params: { path } }));
  const lines: Line[] = [];
  for (const { invoice_number: number } of invoices) {
    const params = { path: { id, number } };
    lines.push(...dataOf(await client.GET('/billing-group/{id}/invoice/{number}/lines', { params })).lines);
  }
  return lines;
}

async function allEvents(): Promise<number[]> {
  const numbers: number[] = [];
  for (;;) {
    const query = { limit: 5, after: numbers.at(-1) ?? 0 };
    const { events } = dataOf(await client.GET('/events', { params: { query } }));
    if (events.length === 0) return numbers;
    numbers.push(...events.map((one) => one.log_entry_id));
  }
}

const created = dataOf(
  await client.POST('/billing-group', {
    params: { header: { 'Idempotency-Key': 'sample-1' } },
    body: { billing_group_name: 'Generated', billing_currency: 'EUR', country_code: 'FI' },
  }),
).billing_group;
const group = await groupNamed('Generated');
const path = { id: group.billing_group_id };
// what was read is valid for a change
const changed = dataOf(
  await client.PUT('/billing-group/{id}', { params: { path }, body: { ...group, city: 'Oulu' } }),
).billing_group;
const missing = await client.GET('/billing-group/{id}', { params: { path: { id: 'nobody' } } });
const deleted = dataOf(await client.DELETE('/billing-group/{id}', { params: { path } }));
const reported = dataOf(await client.GET('/invoices', { params: { query: { state: 'estimate', limit: 1 } } }));
const lines = await linesOf(knownGroup);

process.stdout.write(
  JSON.stringify({
    isSame: created.billing_group_id === group.billing_group_id,
    city: changed.city,
    missing: [missing.response.status, missing.error?.errors[0]?.error_code],
    deleted: deleted.message,
    reported: reported.invoices.map((one) => one.state),
    hasNext: reported.next_cursor !== null,
    lines: lines.map((one) => one.line_total_local),
    events: (await allEvents()).length,
  }),
);
