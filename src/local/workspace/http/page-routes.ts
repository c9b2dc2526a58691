import type { Core, Host } from '../core.ts';

import { showsPicture } from '../files/pictures.ts';
import { textOf } from '../json.ts';
import { teamIn, teamNamed } from '../teams/named.ts';
import type { FileRecord } from '../types.ts';
import { pageBundle } from './bundle.ts';
import { jsonBody, ownOrigin, refusable } from './own-origin.ts';
import { actAs, uploadAs } from './page-acts.ts';
import { jsonReply, type Reply, type Route, type WebRequest } from './server.ts';
import { stream } from './sse.ts';

const SECURITY = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; connect-src 'self'; " +
    "frame-src 'self'; " +
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

/** File types the page shows itself. All others are served only as downloads. */
const SHOWN_TYPES = new Set([
  'application/pdf',
  'text/csv',
  'text/plain',
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
]);

/** The page, and what it calls. Only pages of the same origin may call it. */
export function pageRoutes(host: Host): Route[] {
  return [
    {
      method: 'GET',
      path: /^\/(?:team\/T\w+(?:\/|$))?(?:(?:archives|links)\/.*)?$/,
      handle: () => text(HTML, 'text/html', SECURITY),
    },
    { method: 'GET', path: /^\/page\.js$/, handle: async () => text((await pageBundle()).script, 'text/javascript') },
    { method: 'GET', path: /^\/page\.css$/, handle: async () => text((await pageBundle()).style, 'text/css') },
    {
      method: 'GET',
      path: /^\/-\/stream$/,
      handle: (request) => ownOrigin(request, () => inTeam(host, request, (core) => stream(core, request))),
    },
    {
      method: 'GET',
      path: /^\/-\/file\/(F\w+)$/,
      handle: (request, [id = '']) =>
        ownOrigin(request, () => inTeam(host, request, (core) => showFile(core, request, id))),
    },
    {
      method: 'POST',
      path: /^\/-\/upload$/,
      handle: (request) => ownOrigin(request, () => refusable(() => uploadAs(teamIn(host, request.query), request))),
    },
    {
      method: 'POST',
      path: /^\/-\/act\/([\w-]+)$/,
      handle: (request, [act = '']) => ownOrigin(request, () => refusable(() => actFrom(host, request, act))),
    },
  ];
}

/** Answers from the workspace in the address. */
function inTeam(host: Host, { query }: WebRequest, answer: (core: Core) => Promise<Reply> | Reply) {
  const team = query.get('team');
  if (team !== null && !host.teams.has(team)) return jsonReply({ ok: false, error: 'team_not_found' }, 404);
  return answer(teamIn(host, query));
}

async function actFrom(host: Host, request: WebRequest, act: string): Promise<object> {
  const body = await jsonBody(request);
  const core = teamNamed(host, textOf(body, 'team'));
  const answer = await actAs(core, act, body);
  // if it can't be saved, the page says so
  await core.saving?.stored().catch(() => undefined);
  return answer;
}

async function showFile(core: Core, request: WebRequest, id: string): Promise<Reply> {
  const file = core.state.files.get(id);
  const bytes = await core.bytes.get(id);
  if (!file || !bytes || !maySee(core, request.query.get('as') ?? '', file)) return jsonReply({ ok: false }, 404);
  const shown = SHOWN_TYPES.has(file.mimetype) && !request.query.has('download');
  const disposition = `${shown ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(file.name)}`;
  const type = file.mimetype === 'text/csv' ? 'text/plain' : file.mimetype;
  // the browser's PDF viewer doesn't start in a sandbox, and keeps a PDF's scripts away from the page
  const policy =
    file.mimetype === 'application/pdf' ? "default-src 'none'; object-src 'self'" : "sandbox; default-src 'none'";
  const framed = `${policy}; frame-ancestors 'self'`;
  const headers = { 'content-disposition': disposition, 'content-security-policy': framed };
  return { status: 200, headers: { 'content-type': `${type}; charset=utf-8`, ...headers }, body: bytes };
}

/** Files in the channels they can see, and images in blocks shown to them. */
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
