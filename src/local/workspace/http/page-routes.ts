import type { Core } from '../core.ts';
import { SlackRefusal } from '../errors.ts';
import { isFields, parseJson } from '../json.ts';
import { showsPicture } from '../pictures.ts';
import type { FileRecord } from '../types.ts';
import { pageBundle } from './bundle.ts';
import { actAs, uploadAs } from './page-acts.ts';
import { jsonReply, type Reply, type Route, type WebRequest } from './server.ts';
import { stream } from './sse.ts';

const SECURITY = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; connect-src 'self'; " +
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Local workspace</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css">
<script type="module" src="/page.js"></script>
</head>
<body></body>
</html>
`;

/** Files the page shows by itself; every other type is only handed out as a download. */
const SHOWN_TYPES = new Set(['text/csv', 'text/plain', 'image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** The page, and what it calls. Only pages of this same origin may call it. */
export function pageRoutes(core: Core): Route[] {
  return [
    { method: 'GET', path: /^\/(?:archives\/.*)?$/, handle: () => text(HTML, 'text/html', SECURITY) },
    { method: 'GET', path: /^\/page\.js$/, handle: async () => text((await pageBundle()).script, 'text/javascript') },
    { method: 'GET', path: /^\/page\.css$/, handle: async () => text((await pageBundle()).style, 'text/css') },
    { method: 'GET', path: /^\/-\/stream$/, handle: (request) => ownOrigin(request, () => stream(core, request)) },
    {
      method: 'GET',
      path: /^\/-\/file\/(F\w+)$/,
      handle: (request, [id = '']) => ownOrigin(request, () => showFile(core, request, id)),
    },
    {
      method: 'POST',
      path: /^\/-\/upload$/,
      handle: (request) => ownOrigin(request, () => refusable(() => uploadAs(core, request))),
    },
    {
      method: 'POST',
      path: /^\/-\/act\/([\w-]+)$/,
      handle: (request, [act = '']) => ownOrigin(request, () => refusable(() => actFrom(core, request, act))),
    },
  ];
}

/**
 * Lets through what our own page asks, and programs that are no browsers. A POST must say where it comes from;
 * of a GET the browser tells by Sec-Fetch-Site.
 */
async function ownOrigin(request: WebRequest, carryOut: () => Promise<Reply> | Reply): Promise<Reply> {
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const foreign = origin !== undefined ? origin !== `http://${host}` : request.method === 'POST';
  if (foreign || (site !== undefined && site !== 'same-origin' && site !== 'none')) {
    return jsonReply({ ok: false, error: 'wrong_origin' }, 403);
  }
  return carryOut();
}

async function refusable(carryOut: () => Promise<object>): Promise<Reply> {
  try {
    return jsonReply({ ok: true, ...(await carryOut()) });
  } catch (error) {
    if (error instanceof SlackRefusal) return jsonReply(error.body(), 400);
    if (error instanceof Error) return jsonReply({ ok: false, error: error.message }, 400);
    throw error;
  }
}

async function actFrom(core: Core, request: WebRequest, act: string): Promise<object> {
  if (!request.headers['content-type']?.startsWith('application/json')) throw new SlackRefusal('json_expected');
  const body = parseJson((await request.body()).toString());
  return actAs(core, act, isFields(body) ? body : {});
}

async function showFile(core: Core, request: WebRequest, id: string): Promise<Reply> {
  const file = core.state.files.get(id);
  const bytes = await core.bytes.get(id);
  if (!file || !bytes || !maySee(core, request.query.get('as') ?? '', file)) return jsonReply({ ok: false }, 404);
  const shown = SHOWN_TYPES.has(file.mimetype) && !request.query.has('download');
  const disposition = `${shown ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(file.name)}`;
  const type = file.mimetype === 'text/csv' ? 'text/plain' : file.mimetype;
  const headers = { 'content-disposition': disposition, 'content-security-policy': "sandbox; default-src 'none'" };
  return { status: 200, headers: { 'content-type': `${type}; charset=utf-8`, ...headers }, body: bytes };
}

/** Files of the channels they see, and pictures in the blocks before their eyes. */
function maySee({ state }: Core, userId: string, file: FileRecord): boolean {
  const channels = state.visibleTo(userId);
  if (channels.some((channel) => file.channels.includes(channel.id))) return true;
  const messages = [
    ...channels.flatMap((channel) => state.history(channel.id)),
    ...state.ephemerals.filter((message) => message.ephemeral_to === userId),
  ];
  const home = state.homes.get(userId);
  return [...messages, ...state.views(userId), ...(home ? [home] : [])].some((it) => showsPicture(it.blocks, file.id));
}

function text(body: string, type: string, headers: Record<string, string> = {}): Reply {
  return { status: 200, headers: { 'content-type': `${type}; charset=utf-8`, ...headers }, body };
}
