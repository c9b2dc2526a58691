import { SlackRefusal } from '../errors.ts';
import { isFields, parseJson } from '../json.ts';
import type { Fields } from '../types.ts';
import { jsonReply, type Reply, type WebRequest } from './server.ts';

/**
 * Accepts requests from our own page and from programs other than browsers. A POST must have an Origin. For a GET, the
 * browser sends Sec-Fetch-Site.
 */
export async function ownOrigin(request: WebRequest, carryOut: () => Promise<Reply> | Reply): Promise<Reply> {
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const foreign = origin !== undefined ? origin !== `http://${host}` : request.method === 'POST';
  if (foreign || (site !== undefined && site !== 'same-origin' && site !== 'none')) {
    return jsonReply({ ok: false, error: 'wrong_origin' }, 403);
  }
  return carryOut();
}

/** The result, or the reason for a refusal, as JSON. */
export async function refusable(carryOut: () => Promise<object>): Promise<Reply> {
  try {
    return jsonReply({ ok: true, ...(await carryOut()) });
  } catch (error) {
    if (error instanceof SlackRefusal) return jsonReply(error.body(), 400);
    if (error instanceof Error) return jsonReply({ ok: false, error: error.message }, 400);
    throw error;
  }
}

/** The object in a request's body. @throws SlackRefusal json_expected */
export async function jsonBody(request: WebRequest): Promise<Fields> {
  if (!request.headers['content-type']?.startsWith('application/json')) throw new SlackRefusal('json_expected');
  const body = parseJson((await request.body()).toString());
  return isFields(body) ? body : {};
}
