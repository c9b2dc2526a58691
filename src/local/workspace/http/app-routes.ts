import { callMethod } from '../api/index.ts';
import type { Core, Host } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import { isFields, parseJson, textOf } from '../json.ts';
import { respond } from '../respond.ts';
import { installationFor } from '../teams/installed.ts';
import { workspaceMeant } from '../teams/route-call.ts';
import { faulty } from './faulty.ts';
import { argumentsOf, jsonReply, type Reply, type Route, type WebRequest } from './server.ts';

/** What the app calls: the Web API, response URLs, and file contents. */
export function appRoutes(host: Host): Route[] {
  return [
    { method: 'ANY', path: /^\/api\/([\w.]+)$/, handle: (request, [method = '']) => api(host, request, method) },
    {
      method: 'POST',
      path: /^\/response\/(T\w+)\/([\w-]+)$/,
      handle: (request, [team = '', key = '']) =>
        inTeam(host, team, (core) =>
          faulty(core, 'response_url', () => stored(core, () => response(core, request, key))),
        ),
    },
    {
      method: 'POST',
      path: /^\/upload\/(T\w+)-(F\w+)$/,
      handle: (request, [team = '', id = '']) =>
        inTeam(host, team, (core) => faulty(core, 'upload', () => takeBytes(core, request, id))),
    },
    {
      method: 'GET',
      path: /^\/files\/(T\w+)-(F\w+)\/(?:download\/)?[^/]+$/,
      handle: (request, [team = '', id = '']) =>
        inTeam(host, team, (core) => faulty(core, 'download', () => giveBytes(core, request, id))),
    },
  ];
}

function inTeam(host: Host, teamId: string, handle: (core: Core) => Promise<Reply>): Promise<Reply> | Reply {
  const core = host.teams.get(teamId);
  return core ? handle(core) : { status: 404, body: 'not_found' };
}

/** Saves a call's changes before it is answered, since the app relies on them from then on. */
async function stored(core: Core, carryOut: () => Promise<Reply>): Promise<Reply> {
  const before = core.saving?.revision;
  const reply = await carryOut();
  if (core.saving?.revision === before) return reply;
  try {
    await core.saving?.stored();
    return reply;
  } catch {
    // it may be saved later: the app has to check before it retries
    return jsonReply({ ok: false, error: 'internal_error' });
  }
}

async function api(host: Host, request: WebRequest, method: string): Promise<Reply> {
  const args = await argumentsOf(request);
  const token = bearer(request) ?? textOf(args, 'token');
  const core = workspaceMeant(host, method, token, args);
  return faulty(core, method, () =>
    stored(core, async () => {
      const wait = core.rates.take(method, args);
      if (wait !== undefined) {
        return jsonReply({ ok: false, error: 'ratelimited' }, 429, { 'retry-after': String(wait) });
      }
      // an ended installation has no scopes, and one with the token in the settings doesn't say
      const scopes = host.installations.holderIfAny(token)?.scopes ?? [];
      const headers: Record<string, string> = scopes.length > 0 ? { 'x-oauth-scopes': scopes.join() } : {};
      return jsonReply(await callMethod(host, method, { token, basic: basicOf(request) }, args), 200, headers);
    }),
  );
}

async function response(core: Core, request: WebRequest, key: string): Promise<Reply> {
  const body = parseJson((await request.body()).toString());
  try {
    respond(core, key, isFields(body) ? body : {});
    return jsonReply({ ok: true });
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    return jsonReply(error.body(), error.code.endsWith('_url') ? 404 : 400);
  }
}

/** The second step of an upload: the bytes, either raw or as the file in a multipart form, under any field name. */
async function takeBytes(core: Core, request: WebRequest, id: string): Promise<Reply> {
  const file = core.state.files.get(id);
  if (!file) return { status: 404, body: 'no such upload' };
  const isForm = request.headers['content-type']?.startsWith('multipart/form-data') ?? false;
  const bytes = isForm ? await formFile(request) : await request.body();
  if (!bytes || bytes.length !== file.size) return { status: 400, body: 'length does not match' };
  await core.bytes.put(id, bytes);
  return { status: 200, body: `OK - ${bytes.length}` };
}

async function formFile(request: WebRequest): Promise<Buffer | undefined> {
  const blob = Object.values(await argumentsOf(request)).find((value) => value instanceof Blob);
  return blob && Buffer.from(await blob.arrayBuffer());
}

/** Without the app's token, Slack answers with its sign-in page, so an app must check what it gets. */
async function giveBytes(core: Core, request: WebRequest, id: string): Promise<Reply> {
  const file = core.state.files.get(id);
  const bytes = await core.bytes.get(id);
  if (!file || !bytes) return { status: 404, body: 'file_not_found' };
  const holder = core.host.installations.holderIfAny(bearer(request));
  if (!holder || holder !== installationFor(core)) {
    return { status: 200, headers: { 'content-type': 'text/html' }, body: '<!DOCTYPE html><title>Sign in</title>' };
  }
  const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`;
  return { status: 200, headers: { 'content-type': file.mimetype, 'content-disposition': disposition }, body: bytes };
}

/** The app's credentials. */
function basicOf(request: WebRequest): { id: string; secret: string } | undefined {
  const encoded = /^Basic\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [id = '', secret = ''] = Buffer.from(encoded, 'base64').toString().split(':');
  return { id, secret };
}

function bearer(request: WebRequest): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}
