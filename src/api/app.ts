import { randomUUID } from 'node:crypto';
import compression from 'compression';
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import type { Clock } from '../billing/period/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { measure } from '../platform/telemetry.ts';
import type { TokenCache } from '../services/access/tokens.ts';
import type { Tick } from '../services/kit/context.ts';
import { AnswerChecks, type Checks } from './answer-checks.ts';
import { callerOf } from './auth.ts';
import { withoutPorts } from './client-address.ts';
import { cors } from './cors.ts';
import { apiError, toApiError } from './errors.ts';
import { KeptAnswers } from './kept-answers.ts';
import { limits } from './limits.ts';
import { answering as answeringAssistants, entered, MCP_PATH } from './mcp/endpoint.ts';
import { toolsFor } from './mcp/tools.ts';
import { openApi } from './openapi.ts';
import { pages } from './page.ts';
import { handled } from './requests/idempotency.ts';
import type { Base, Route } from './route.ts';
import { accountRoutes } from './routes/accounts.ts';
import { type DownloadSource, downloadRoutes } from './routes/downloads.ts';
import { focusRoutes } from './routes/focus.ts';
import { groupRoutes } from './routes/groups.ts';
import { insightRoutes } from './routes/insight.ts';
import { invoiceRoutes } from './routes/invoices.ts';
import { listRoutes } from './routes/lists.ts';
import { moveRoutes } from './routes/moves.ts';
import { organizationGroupRoutes } from './routes/organization-groups.ts';
import { organizationInvoiceRoutes } from './routes/organization-invoices.ts';
import { organizationMethodRoutes } from './routes/organization-methods.ts';
import { projectRoutes } from './routes/projects.ts';
import { reportingRoutes } from './routes/reporting.ts';
import { reportingInvoiceRoutes } from './routes/reporting-invoices.ts';
import { type Sending, send, sendError } from './send.ts';

/** The path prefix of the API. */
export const API_PREFIX = '/v1';
const BODY_LIMIT = '1mb';
/** Plain HTTP stays possible without a proxy: on the machine itself. */
const HEADERS = { contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } };
const JSON_TYPES = ['application/json', 'application/*+json'];
const REQUEST_ID = /^[\w.-]{1,64}$/;

export interface ApiOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly downloads: DownloadSource;
  nudge(tick: Tick): void;
  /** Whether cards are charged here; false by default. */
  readonly chargesCards?: boolean;
  /** Requests per minute for each token, and for each address without one. */
  readonly perMinute: number;
  /** Whose X-Forwarded-For is trusted, in the form of Express's `trust proxy`; nobody's by default. */
  readonly trustProxy?: number | readonly string[] | undefined;
  /** The origins whose pages may send requests; none by default. */
  readonly corsOrigins?: readonly string[];
  /** Which answers are checked before they are sent; all by default. */
  readonly checks?: Checks;
  /** Tokens as last read; the process's own by default. */
  readonly tokens?: TokenCache;
}

/** Every row of the API's route table. Fixed paths come before those with a cookie in their place. */
export function apiRoutes(downloads: DownloadSource): readonly Route[] {
  return [
    ...groupRoutes,
    ...listRoutes,
    ...moveRoutes,
    ...invoiceRoutes,
    ...downloadRoutes(downloads),
    ...focusRoutes,
    ...insightRoutes,
    ...reportingInvoiceRoutes,
    ...reportingRoutes,
    ...accountRoutes,
    ...projectRoutes,
    ...organizationGroupRoutes,
    ...organizationMethodRoutes,
    ...organizationInvoiceRoutes(downloads),
  ];
}

/** The Invoice API: `/v1/…`, `/mcp`, `/openapi.json` and `/docs`, to be mounted or served directly. */
export function createApi(options: ApiOptions): Express {
  const routes = apiRoutes(options.downloads);
  const sending: Sending = { checks: new AnswerChecks(options.checks ?? 'all'), kept: new KeptAnswers() };
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing');
  app.set('trust proxy', options.trustProxy ?? false);
  app.use(withoutPorts, requestId, helmet(HEADERS), cors(options.corsOrigins ?? []), compression());
  app.use(pages(openApi(routes)));
  app.use([API_PREFIX, MCP_PATH], observed(options.log), based(options), ...limits(options.perMinute, options.tokens));
  const body = express.json({ limit: BODY_LIMIT, type: JSON_TYPES });
  for (const route of routes) {
    app[route.method](
      pathOf(route),
      identified(route),
      ...(route.body ? [jsonOnly, body] : []),
      answering(sending, route),
    );
  }
  for (const [path, allow] of methodsByPath(routes)) app.all(path, otherMethod(allow));
  const endpoint = { tools: toolsFor(routes), checks: sending.checks, log: options.log };
  app.post(MCP_PATH, entered, jsonOnly, body, answeringAssistants(endpoint));
  app.all(MCP_PATH, otherMethod('POST'));
  app.use((_request, _response, next) => next(apiError(404, 'path_not_found', 'Unknown path.')));
  app.use(failing(options.log));
  return app;
}

/** A route's path as Express reads it. */
function pathOf({ path }: Route): string {
  return API_PREFIX + path.replace(/\{(\w+)\}/g, ':$1');
}

/** The methods of each path, as in Allow, in the order of the routes. */
function methodsByPath(routes: readonly Route[]): ReadonlyMap<string, string> {
  const methods = new Map<string, string[]>();
  for (const route of routes) {
    const own = route.method === 'get' ? ['GET', 'HEAD'] : [route.method.toUpperCase()];
    methods.set(pathOf(route), [...(methods.get(pathOf(route)) ?? []), ...own]);
  }
  return new Map([...methods].map(([path, all]) => [path, all.join(', ')]));
}

function otherMethod(allow: string): RequestHandler {
  return (request, response, next) => {
    response.set('allow', allow);
    next(apiError(405, 'method_not_allowed', `${request.method} isn’t possible here. Use ${allow}.`));
  };
}

/** A body in another format would be ignored, as if it had been empty. */
const jsonOnly: RequestHandler = (request, _response, next) => {
  const hasBody = request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length']) > 0;
  if (!hasBody || request.is(JSON_TYPES)) return next();
  return next(apiError(415, 'unsupported_media_type', 'Send the body as JSON, with content-type: application/json.'));
};

/** Gives a request an ID for the log and the answer: the client's own, if it sent a suitable one. */
const requestId: RequestHandler = (request, response, next) => {
  const given = request.get('x-request-id');
  const id = given !== undefined && REQUEST_ID.test(given) ? given : randomUUID();
  response.locals.requestId = id;
  response.set('x-request-id', id);
  next();
};

/** Logs and measures each answer under its operation's name, since addresses can contain links that work like tokens. */
function observed(log: Logger): RequestHandler {
  return (request, response, next) => {
    const { method } = request;
    const { requestId: id } = response.locals;
    const work = measure('api', 'unknown', { 'billing.request_id': id, 'http.request.method': method });
    const began = performance.now();
    // one listener for both: a compressed stream adds eight, and Node warns from eleven on
    response.once('close', () => {
      const { operation, actor, errorCode: code } = response.locals;
      const { statusCode: status } = response;
      log.info({ requestId: id, method, operation, actor, status, ms: Math.round(performance.now() - began) }, 'api');
      const attributes = { 'http.response.status_code': status };
      work.end({ name: operation, code, isFault: status >= 500, attributes });
    });
    next();
  };
}

/** What services need for any request. */
function based({ clock, log, nudge, chargesCards = false }: ApiOptions): RequestHandler {
  return (_request, response, next) => {
    const own = log.child({ requestId: response.locals.requestId });
    const base: Base = { clock, log: own, nudge, chargesCards };
    response.locals.base = base;
    next();
  };
}

/** Authenticates the caller before the body is read. */
function identified(route: Route): RequestHandler {
  return async (request, response, next) => {
    const { base, bearer } = response.locals;
    response.locals.operation = route.operation;
    const caller = await callerOf(request, bearer, route, base);
    response.locals.caller = caller;
    response.locals.actor = caller?.ctx.actor.kind === 'token' ? caller.ctx.actor.name : undefined;
    next();
  };
}

function answering(sending: Sending, route: Route): RequestHandler {
  return async (request, response) => {
    const { base, caller } = response.locals;
    const { params, query, body } = request;
    const sent = { base, caller, params, query, body, ifMatch: request.get('if-match') };
    await send(sending, route, await handled(route, request, sent), request, response);
  };
}

function failing(log: Logger) {
  // Express recognizes error handlers by their four parameters
  return (error: unknown, _request: Request, response: Response, _next: NextFunction): void => {
    const told = toApiError(error);
    const { requestId: id, operation } = response.locals;
    response.locals.errorCode = told.problems[0]?.error_code;
    if (response.headersSent || response.destroyed) {
      log.warn({ err: error, requestId: id, operation }, 'a response was cut off');
      response.destroy();
      return;
    }
    if (told.status === 503) log.warn({ requestId: id, operation }, 'too many documents are being generated');
    else if (told.status >= 500) log.error({ err: error, requestId: id, operation }, 'a request to the API failed');
    sendError(told, response);
  };
}
