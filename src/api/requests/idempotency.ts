import type { Request } from 'express';
import { type KeyedRequest, KeyReused, keyedRequest } from '../../services/kit/keyed-requests.ts';
import { apiError } from '../errors.ts';
import type { Caller, Reply, Route, Sent } from '../route.ts';

type JsonReply = Extract<Reply, { kind: 'json' }>;

/** Printable ASCII. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * Handles a request. A POST with an Idempotency-Key has one effect and one answer, however often and wherever it is sent
 * within 24 hours. An error has no effect, so the key can be used again.
 *
 * @throws {ApiError} 409 if the key was used for another request; 400 for an unusable key
 */
export async function handled(route: Route, request: Request, sent: Omit<Sent, 'once'>): Promise<Reply> {
  const keyed = route.method === 'post' && sent.caller ? keyOf(request, sent.caller) : undefined;
  if (!keyed) return route.handle({ ...sent, once: (change) => change() });
  try {
    const before = await keyed.answer();
    if (before !== undefined) return JSON.parse(before) as JsonReply;
    const reply = await route.handle({ ...sent, once: keyed.once });
    return JSON.parse(await keyed.keep(JSON.stringify(reply))) as JsonReply;
  } catch (error) {
    if (!(error instanceof KeyReused)) throw error;
    throw apiError(409, 'idempotency_key_reused', 'This Idempotency-Key was used for another request.');
  }
}

function keyOf(request: Request, { ctx }: Caller): KeyedRequest | undefined {
  const key = request.get('idempotency-key');
  if (key === undefined) return undefined;
  if (!KEY.test(key)) {
    throw apiError(400, 'invalid_input', 'Idempotency-Key: Use 1 to 255 printable ASCII characters without spaces.');
  }
  const { actor } = ctx;
  const client = actor.kind === 'token' ? actor.tokenId : actor.kind;
  const asked = [request.method, request.originalUrl, request.body ?? null];
  return keyedRequest(ctx, { client, key, request: JSON.stringify(asked) });
}
