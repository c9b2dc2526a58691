import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { withExamples } from './openapi-examples.ts';
import type { Answer, Route } from './route.ts';
import { errorSchema } from './schemas/common.ts';

type OpenApi = ReturnType<OpenApiGeneratorV31['generateDocument']>;
type Responses = RouteConfig['responses'];

const TOKEN = 'token';
const PASSWORD = 'password';

/** What belongs together. */
const TAGS: Readonly<Record<string, string>> = {
  Accounts: 'The token and its account',
  'Billing groups': 'Who pays, and how',
  Credits: 'What pays before the payment method does',
  Downloads: 'Files of invoices, with a link that expires',
  Events: 'What was changed, by whom and when',
  FOCUS: 'Costs in the format of the FinOps Foundation',
  Invoices: 'Invoices and open estimates of a billing group',
  Organizations: 'Billing groups, addresses and projects in the published organization generation',
  'Organization invoices': 'Invoices and credit memos in the published organization generation',
  'Organization payment methods': 'Payment methods in the published organization generation',
  Projects: 'What costs are booked to',
  Reporting: 'Lists of the whole account, for tools that read them again and again',
};

/** The errors that every route can return. */
const ERRORS: Readonly<Record<number, string>> = {
  400: 'Invalid request. Each invalid field is named',
  401: 'Missing, unknown, expired or revoked token',
  403: 'The token or link doesn’t give access to this',
  404: 'Not found, or not visible to this token',
  405: 'The path doesn’t have this method: see Allow',
  409: 'In conflict with the current state, or an Idempotency-Key of another request',
  412: 'Changed since the response with the ETag in If-Match',
  413: 'The body is larger than 1 MB',
  415: 'The body isn’t JSON, or has an unsupported encoding',
  429: 'Too many requests: see Retry-After',
  500: 'Internal error',
  503: 'Too many documents are being generated: see Retry-After',
};

/** The API's description in OpenAPI 3.1, generated from the schemas that check its requests and answers. */
export function openApi(routes: readonly Route[]): OpenApi {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', TOKEN, {
    type: 'http',
    scheme: 'bearer',
    description:
      'A token created by an account owner in Slack with /billing token create. The scheme aivenv1 is accepted too.',
  });
  registry.registerComponent('securitySchemes', PASSWORD, {
    type: 'http',
    scheme: 'basic',
    description: 'For tools that support nothing else: any user, and the token as the password.',
  });
  for (const route of routes) registry.registerPath(pathOf(route));
  const described = new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Invoice API',
      contact: { name: 'The owners of the account in Slack' },
      license: { name: 'Proprietary', identifier: 'LicenseRef-Proprietary' },
      version: '1',
      description:
        'Billing groups, their projects, credits, events and invoices. Amounts are decimal strings, times ISO 8601 in UTC. ' +
        'Lists are complete unless limit or cursor is sent. Responses have an ETag for If-None-Match.',
    },
    servers: [{ url: '/v1' }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name, description: TAGS[name] ?? name })),
  });
  return withExamples(described);
}

function pathOf(route: Route): RouteConfig {
  const { method, path, operation: operationId, tag, summary, access, body } = route;
  return {
    ...{ method, path, operationId, summary },
    description: `${summary}. Needs ${access === 'link' ? 'a token, or a link' : `a token with ${access}`}.`,
    tags: [tag],
    security: [{ [TOKEN]: [] }, { [PASSWORD]: [] }, ...(access === 'link' ? [{}] : [])],
    request: {
      params: route.params,
      query: route.query,
      headers: requestHeaders(route),
      ...(body && { body: { required: true, content: { 'application/json': { schema: body } } } }),
    },
    responses: { ...responsesOf(route), ...notChanged(route), ...errors() },
  } as RouteConfig;
}

/** What a client may send apart from its token. */
function requestHeaders({ method, path }: Route) {
  if (method === 'get')
    return z.object({ 'If-None-Match': optional('An ETag: what hasn’t changed is answered with 304') });
  if (method === 'post') {
    return z.object({
      'Idempotency-Key': optional('The same request with the same key has one effect within 24 hours'),
    });
  }
  if (!path.includes('billing-group')) return undefined;
  return z.object({ 'If-Match': optional('An ETag: what has changed since is answered with 412') });
}

function optional(description: string) {
  return z.string().optional().meta({ description });
}

function responsesOf(route: Route): Responses {
  return Object.fromEntries(
    Object.entries(route.answers).map(([status, answer]) => [
      status,
      { ...responseOf(answer), headers: headersOf(route, Number(status)) },
    ]),
  );
}

function responseOf({ description, schema, contentType }: Answer): Responses[string] {
  if (!schema && contentType === undefined) return { description };
  if (schema) return { description, content: { 'application/json': { schema } } };
  const types = [contentType ?? ''].flat();
  return { description, content: Object.fromEntries(types.map((type) => [type, { schema: fileSchema(type) }])) };
}

/** How a file is described: text, or bytes. */
function fileSchema(type: string) {
  return type.startsWith('text/') ? { type: 'string' as const } : { type: 'string' as const, format: 'binary' };
}

type Header = { readonly description: string; readonly schema: { readonly type: 'string' } };

function header(description: string): Header {
  return { description, schema: { type: 'string' } };
}

const LIMITS = {
  RateLimit: header('The limit, the requests that are left, and the seconds until they are counted again'),
  'RateLimit-Policy': header('The limit and its seconds'),
} as const;

function headersOf({ method, query }: Route, status: number): Record<string, Header> {
  return {
    ...LIMITS,
    ...(method === 'get' && { ETag: header('For If-None-Match, and If-Match of a change') }),
    ...('cursor' in query.shape && { Link: header('The next page, with rel="next"') }),
    ...(status === 202 && { Location: header('Where the request reports its state') }),
  };
}

/** What a GET answers has an ETag, if it can be known before it is made. */
function notChanged({ method, answers }: Route): Responses {
  if (method !== 'get' || !answers[200]) return {};
  return { 304: { description: 'Not changed since the response with this ETag' } };
}

/** Headers of errors that say what to do. */
const ERROR_HEADERS: Readonly<Record<number, Record<string, Header>>> = {
  405: { Allow: header('The methods of this path') },
  429: { ...LIMITS, 'Retry-After': header('In how many seconds to try again') },
  503: { 'Retry-After': header('In how many seconds to try again') },
};

function errors(): Responses {
  const content = { 'application/json': { schema: errorSchema } };
  return Object.fromEntries(
    Object.entries(ERRORS).map(([status, description]) => {
      const headers = ERROR_HEADERS[Number(status)];
      return [status, { description, content, ...(headers && { headers }) }];
    }),
  );
}
