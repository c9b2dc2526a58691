import { randomUUID } from 'node:crypto';
import compression from 'compression';
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import type { Clock } from '../billing/period/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { measure } from '../platform/telemetry.ts';
import type { Tick } from '../services/kit/context.ts';
import { bearerIn, callerOf } from './auth.ts';
import { cors } from './cors.ts';
import { apiError, toApiError } from './errors.ts';
import { limits } from './limits.ts';
import { openApi } from './openapi.ts';
import { pages } from './page.ts';
import type { Base, Route } from './route.ts';
import { type DownloadSource, downloadRoutes } from './routes/downloads.ts';
import { focusRoutes } from './routes/focus.ts';
import { groupRoutes } from './routes/groups.ts';
import { invoiceRoutes } from './routes/invoices.ts';
import { listRoutes } from './routes/lists.ts';
import { send, sendError } from './send.ts';

/** The path prefix of the API. */
export const API_PREFIX = '/v1';
const BODY_LIMIT = '1mb';
/** Plain HTTP stays possible without a proxy: on the machine itself. */
const HEADERS = { contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } };
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
}

/** Every row of the API's route table. Fixed paths come before those with a cookie in their place. */
export function apiRoutes(downloads: DownloadSource): readonly Route[] {
  return [...groupRoutes, ...listRoutes, ...invoiceRoutes, ...downloadRoutes(downloads), ...focusRoutes];
}

/** The Invoice API: `/v1/…`, `/openapi.json` and `/docs`, to be mounted or served directly. */
export function createApi(options: ApiOptions): Express {
  const routes = apiRoutes(options.downloads);
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing');
  app.set('trust proxy', options.trustProxy ?? false);
  app.use(requestId, helmet(HEADERS), cors(options.corsOrigins ?? []), compression());
  app.use(pages(openApi(routes)));
  app.use(API_PREFIX, logged(options.log), measured, recognised(options), ...limits(options.perMinute));
  const body = express.json({ limit: BODY_LIMIT, type: ['application/json', 'application/*+json'] });
  for (const route of routes) {
    const path = API_PREFIX + route.path.replace(/\{(\w+)\}/g, ':$1');
    app[route.method](path, identified(route), ...(route.body ? [body] : []), answering(route));
  }
  app.use((_request, _response, next) => next(apiError(404, 'path_not_found', 'Unknown path.')));
  app.use(failing(options.log));
  return app;
}

/** Gives a request an ID for the log and the answer: the client's own, if it sent a suitable one. */
const requestId: RequestHandler = (request, response, next) => {
  const given = request.get('x-request-id');
  const id = given !== undefined && REQUEST_ID.test(given) ? given : randomUUID();
  response.locals.requestId = id;
  response.set('x-request-id', id);
  next();
};

/** Logs a line per answer with the route's pattern, since addresses can contain links that work like tokens. */
function logged(log: Logger): RequestHandler {
  return (request, response, next) => {
    const began = performance.now();
    response.once('close', () => {
      const { requestId: id, operation, actor } = response.locals;
      const ms = Math.round(performance.now() - began);
      log.info({ requestId: id, method: request.method, operation, actor, status: response.statusCode, ms }, 'api');
    });
    next();
  };
}

/** Measures each answer under its operation name, since addresses can contain links that work like tokens. */
const measured: RequestHandler = (request, response, next) => {
  const work = measure('api', 'unknown', {
    'billing.request_id': response.locals.requestId,
    'http.request.method': request.method,
  });
  response.once('close', () => {
    const { operation: name, errorCode: code } = response.locals;
    const { statusCode: status } = response;
    work.end({ name, code, isFault: status >= 500, attributes: { 'http.response.status_code': status } });
  });
  next();
};

/** Checks a request's token before anything is counted. */
function recognised({ clock, log, nudge, chargesCards = false }: ApiOptions): RequestHandler {
  return async (request, response, next) => {
    const own = log.child({ requestId: response.locals.requestId });
    const base: Base = { clock, log: own, nudge, chargesCards };
    response.locals.base = base;
    response.locals.bearer = await bearerIn(request, base);
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

function answering(route: Route): RequestHandler {
  return async (request, response) => {
    const { base, caller } = response.locals;
    const { params, query, body } = request;
    const sent = { base, caller, params, query, body };
    await send(route, await route.handle(sent), request, response);
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
