import { z } from 'zod';
import type { Route } from '../route.ts';
import { currencySchema, idSchema } from '../schemas/common.ts';
import { nameSchema } from '../schemas/group.ts';
import { anomaliesQuery, comparisonQuery, costsQuery, subjectQuery } from '../schemas/insight.ts';
import { assignInput } from '../schemas/lists.ts';
import { invoiceReportQuery } from '../schemas/reporting.ts';
import { type Tool, tool } from './tool.ts';

/** Few enough that an assistant can read a page. */
const PAGE = 50;
const MOST_ITEMS = 500;

const groupId = { billing_group_id: idSchema.meta({ description: 'From list_billing_groups' }) };
const paging = {
  limit: z.int().min(1).max(MOST_ITEMS).default(PAGE).meta({ description: 'Items on a page' }),
  cursor: z.string().max(1_000).optional().meta({ description: 'next_cursor of the page before' }),
};
const NOTHING_ELSE =
  'Without billing_group_id and project, it is about everything in the account that the token can see.';

/** The API's operations that assistants can use. The answers are those of the API. */
export function toolsFor(routes: readonly Route[]): readonly Tool[] {
  const of = routeNamed(routes);
  return [...costTools(of), ...listTools(of), ...writeTools(of)];
}

type RouteNamed = (operation: string) => Route;

function routeNamed(routes: readonly Route[]): RouteNamed {
  const named = new Map(routes.map((one) => [one.operation, one]));
  return (operation) => {
    const found = named.get(operation);
    if (!found) throw new Error(`the API has no ${operation}`);
    return found;
  };
}

function costTools(of: RouteNamed): Tool[] {
  return [
    tool({
      name: 'get_costs',
      title: 'Costs',
      description: `Usage costs of some days, split by day, service, project or tag, in the currencies of the cost files, before discounts, credits and tax. At most two years. ${NOTHING_ELSE}`,
      route: of('getCosts'),
      input: costsQuery,
      asks: (query) => ({ query }),
    }),
    tool({
      name: 'compare_months',
      title: 'Month comparison',
      description: `Compares a month with the one before it on invoices and estimates, and splits the change into parts that add up to it. The last month that has ended without month. ${NOTHING_ELSE}`,
      route: of('getComparison'),
      input: comparisonQuery,
      asks: (query) => ({ query }),
    }),
    tool({
      name: 'forecast_month',
      title: 'Month-end forecast',
      description: `Where the usage costs of the open month will end, with a low and a high that four of five months stay between, and when the budget will be used up. ${NOTHING_ELSE}`,
      route: of('getForecast'),
      input: subjectQuery,
      asks: (query) => ({ query }),
    }),
    tool({
      name: 'list_anomalies',
      title: 'Anomalies',
      description:
        'Unusual costs of projects and services, with what is expected and what changed inside, and exports that are missing. Those found last come first.',
      route: of('listAnomalies'),
      input: anomaliesQuery.extend(paging),
      asks: ({ state, ...page }) => ({ query: { ...pageOf(page), ...given({ state }) } }),
    }),
  ];
}

function listTools(of: RouteNamed): Tool[] {
  return [
    tool({
      name: 'list_billing_groups',
      title: 'Billing groups',
      description: 'The billing groups by name, with their billing information and the open month so far.',
      route: of('listBillingGroups'),
      input: z.object(paging),
      asks: (page) => ({ query: pageOf(page) }),
    }),
    tool({
      name: 'list_projects',
      title: 'Projects',
      description: 'The projects of the account, each with its billing group.',
      route: of('listAllProjects'),
      input: z.object(paging),
      asks: (page) => ({ query: pageOf(page) }),
    }),
    tool({
      name: 'list_group_projects',
      title: 'Projects of a billing group',
      description: 'The projects of a billing group by name, with their costs in the open month and available credits.',
      route: of('listBillingGroupProjects'),
      input: z.object({ ...groupId, ...paging }),
      asks: ({ billing_group_id: id, ...page }) => ({ params: { id }, query: pageOf(page) }),
    }),
    tool({
      name: 'list_invoices',
      title: 'Invoices',
      description: 'Invoices and estimates of all billing groups, by state and month, with what is still to be paid.',
      route: of('listInvoices'),
      input: invoiceReportQuery.omit({ updated_since: true }).extend(paging),
      asks: ({ state, period_from, period_to, ...page }) => ({
        query: { ...pageOf(page), ...given({ state, period_from, period_to }) },
      }),
    }),
    tool({
      name: 'list_invoice_lines',
      title: 'Invoice lines',
      description: 'The lines of an invoice or estimate, in their order.',
      route: of('listBillingGroupInvoiceLines'),
      input: z.object({
        ...groupId,
        invoice_number: idSchema.meta({ description: 'From list_invoices; estimate-2026-11 for an open month' }),
        ...paging,
      }),
      asks: ({ billing_group_id: id, invoice_number: number, ...page }) => ({
        params: { id, number },
        query: pageOf(page),
      }),
    }),
  ];
}

function writeTools(of: RouteNamed): Tool[] {
  return [
    tool({
      name: 'create_billing_group',
      title: 'Create billing group',
      description: 'Creates a billing group without projects.',
      route: of('createBillingGroup'),
      input: z.object({
        billing_group_name: nameSchema,
        billing_currency: currencySchema.optional(),
        copy_from_billing_group: idSchema
          .optional()
          .meta({ description: 'The ID of a billing group whose billing information is copied' }),
      }),
      asks: (body) => ({ body: given(body) }),
    }),
    tool({
      name: 'assign_projects',
      title: 'Assign projects',
      description:
        'Moves projects to a billing group, all or none. If the account requires an approval, it may only ask for it: then the answer has a request_id.',
      route: of('assignProjects'),
      input: z.object({ ...groupId, ...assignInput.shape }),
      asks: ({ billing_group_id: id, ...body }) => ({ params: { id }, body }),
    }),
  ];
}

/** The API reads numbers from addresses, as text. */
function pageOf({ limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined }) {
  return { limit: String(limit), ...given({ cursor }) };
}

/** Without fields that are undefined. */
function given<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
