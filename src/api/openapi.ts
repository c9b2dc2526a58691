import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import type { Answer, Route } from './route.ts';
import { errorSchema } from './schemas/common.ts';

type OpenApi = ReturnType<OpenApiGeneratorV31['generateDocument']>;
type Responses = RouteConfig['responses'];

const TOKEN = 'token';

/** The errors that every route can return. */
const ERRORS: Readonly<Record<number, string>> = {
  400: 'Invalid request. Each invalid field is named',
  401: 'Missing, unknown, expired or revoked token',
  403: 'The token or link doesn’t give access to this',
  404: 'Not found, or not visible to this token',
  409: 'In conflict with the current state',
  413: 'The body is larger than 1 MB',
  415: 'Unsupported encoding of the body',
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
  for (const route of routes) registry.registerPath(pathOf(route));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Invoice API',
      version: '1',
      description:
        'Billing groups, their projects, credits, events and invoices. Amounts are decimal strings, times ISO 8601 in UTC. ' +
        'Lists are complete unless limit or cursor is sent. Responses have an ETag for If-None-Match.',
    },
    servers: [{ url: '/v1' }],
  });
}

function pathOf(route: Route): RouteConfig {
  const { method, path, operation: operationId, tag, summary, access, body } = route;
  return {
    ...{ method, path, operationId, summary },
    tags: [tag],
    security: access === 'link' ? [{ [TOKEN]: [] }, {}] : [{ [TOKEN]: [access] }],
    request: {
      params: route.params,
      query: route.query,
      ...(body && { body: { required: true, content: { 'application/json': { schema: body } } } }),
    },
    responses: { ...responsesOf(route.answers), ...notChanged(route), ...errors() },
  } as RouteConfig;
}

function responsesOf(answers: Route['answers']): Responses {
  return Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, responseOf(answer)]));
}

function responseOf({ description, schema, contentType }: Answer): Responses[string] {
  if (schema) return { description, content: { 'application/json': { schema } } };
  return { description, content: { [contentType ?? 'application/octet-stream']: { schema: { type: 'string' } } } };
}

function notChanged({ method, answers }: Route): Responses {
  if (method !== 'get' || !answers[200]?.schema) return {};
  return { 304: { description: 'Not changed since the response with this ETag' } };
}

function errors(): Responses {
  const content = { 'application/json': { schema: errorSchema } };
  return Object.fromEntries(Object.entries(ERRORS).map(([status, description]) => [status, { description, content }]));
}
