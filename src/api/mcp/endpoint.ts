import type { Request, RequestHandler, Response } from 'express';
import { callerOf } from '../auth.ts';
import { apiError } from '../errors.ts';
import type { Endpoint } from './tool.ts';

/** The path of the endpoint for assistants. */
export const MCP_PATH = '/mcp';

/** Authenticates the caller before the body is read. A token that only reads may enter: its tools are fewer. */
export const entered: RequestHandler = async (request, response, next) => {
  const { base, bearer } = response.locals;
  response.locals.operation = 'mcp';
  const caller = await callerOf(request, bearer, { access: 'billing:read' }, base);
  response.locals.caller = caller;
  response.locals.actor = caller?.ctx.actor.kind === 'token' ? caller.ctx.actor.name : undefined;
  next();
};

/**
 * Answers one message of the Model Context Protocol (streamable HTTP). Nothing is kept between two requests, so any
 * process can answer the next one. Several messages at once would be one request for the rate limit, so they are refused.
 */
export function answering(endpoint: Endpoint): RequestHandler {
  return async (request: Request, response: Response) => {
    if (Array.isArray(request.body)) throw apiError(400, 'invalid_input', 'Send one message at a time.');
    // loaded with the first request, since most processes never get one
    const { answer } = await import('./server.ts');
    response.set('cache-control', 'no-store');
    await answer(endpoint, request, response);
  };
}
