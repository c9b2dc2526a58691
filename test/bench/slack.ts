import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

/** A Slack that answers immediately with success, and reports when an answer has arrived. */
export interface QuickSlack {
  readonly apiUrl: string;
  /** The address for a request's private answers. */
  responseUrl(request: string): string;
  /** A person who opens the Home, and whose next Home is this request's answer. */
  visitor(request: string): string;
  /** Resolves when the request has its answer: a post to its address, or a view with content. */
  answered(request: string): Promise<void>;
  close(): Promise<void>;
}

/** @param users who can open the Home. A request is identified by its trigger, which names the view that it opens. */
export async function startQuickSlack(users: readonly string[]): Promise<QuickSlack> {
  const waiting = new Map<string, () => void>();
  const visitors = new Map<string, string>();
  const free = [...users];
  const arrived = (request: string): void => {
    waiting.get(request)?.();
    waiting.delete(request);
  };
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const path = request.url ?? '';
    const args = new URLSearchParams(body);
    let answer: object = { ok: true };
    if (path.endsWith('auth.test')) answer = { ok: true, team_id: 'T1', user_id: 'UBOT', bot_id: 'BBOT' };
    if (path.endsWith('views.open')) answer = { ok: true, view: { id: args.get('trigger_id') } };
    if (path.endsWith('files.getUploadURLExternal'))
      answer = { ok: true, upload_url: `${origin}/upload`, file_id: 'F1' };
    if (path.endsWith('files.completeUploadExternal')) answer = { ok: true, files: [{ id: 'F1' }] };
    if (path.endsWith('files.info')) answer = { ok: true, file: { id: 'F1', mimetype: 'image/png' } };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
    if (path.startsWith('/respond/')) arrived(path.slice('/respond/'.length));
    if (path.endsWith('views.update')) arrived(args.get('view_id') ?? '');
    if (path.endsWith('views.publish')) {
      const user = args.get('user_id') ?? '';
      free.push(user);
      arrived(visitors.get(user) ?? '');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return {
    apiUrl: `${origin}/api/`,
    responseUrl: (request) => `${origin}/respond/${request}`,
    visitor(request) {
      // the one whose last visit is the longest ago: a Home is published once a second at most
      const user = free.shift();
      if (user === undefined) throw new Error('more visits at once than people');
      visitors.set(user, request);
      return user;
    },
    answered: (request) => new Promise((resolve) => waiting.set(request, resolve)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
