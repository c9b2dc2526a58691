import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface Call {
  /** `chat.postMessage`, or `response_url` for a post to such an address. */
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly token: string | undefined;
  /** The whole path, which tells addresses like those of responses and uploads apart. */
  readonly path: string;
  readonly body: Buffer;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface SlackApiStandIn {
  /** For `slackApiUrl`. */
  readonly url: string;
  readonly responseUrl: string;
  readonly calls: readonly Call[];
  /** A method's answer from now on. */
  answer(method: string, answer: Answer | ((call: Call) => Answer)): void;
  /** A method's calls so far. */
  callsOf(method: string): readonly Call[];
  /** A method's next call that hasn't been taken yet, now or when it arrives. */
  next(method: string): Promise<Call>;
  close(): Promise<void>;
}

export const TEAM = 'T0001';
export const BOT_USER = 'UBOT';

const IDENTITY = {
  ok: true,
  url: 'https://acme.example/',
  team: 'Acme',
  team_id: TEAM,
  user: 'billing',
  user_id: BOT_USER,
  bot_id: 'BBOT',
};

/** A Slack Web API that records every call and answers with success. */
export async function startSlackApi(): Promise<SlackApiStandIn> {
  const calls: Call[] = [];
  const taken = new Set<Call>();
  const waiting: { method: string; resolve: (call: Call) => void }[] = [];
  const answers = new Map<string, Answer | ((call: Call) => Answer)>([
    ['auth.test', { body: IDENTITY, headers: { 'x-oauth-scopes': 'chat:write,commands' } }],
    ['views.open', { body: { ok: true, view: { id: 'VOPENED' } } }],
    ['views.push', { body: { ok: true, view: { id: 'VPUSHED' } } }],
  ]);

  const server = createServer(async (request, response) => {
    const call = await readCall(request);
    calls.push(call);
    const first = waiting.findIndex(({ method }) => method === call.method);
    const answer = answers.get(call.method) ?? { body: { ok: true } };
    send(response, typeof answer === 'function' ? answer(call) : answer);
    if (first < 0) return;
    taken.add(call);
    for (const { resolve } of waiting.splice(first, 1)) resolve(call);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  return {
    url: `http://127.0.0.1:${port}/api/`,
    responseUrl: `http://127.0.0.1:${port}/respond/1`,
    calls,
    answer: (method, answer) => void answers.set(method, answer),
    callsOf: (method) => calls.filter((call) => call.method === method),
    next(method) {
      const call = calls.find((one) => one.method === method && !taken.has(one));
      if (call) {
        taken.add(call);
        return Promise.resolve(call);
      }
      return new Promise((resolve) => waiting.push({ method, resolve }));
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readCall(request: IncomingMessage): Promise<Call> {
  const body = await buffer(request);
  const text = body.toString();
  const path = request.url ?? '';
  const token = request.headers.authorization?.replace('Bearer ', '');
  if (path.startsWith('/respond/')) return { method: 'response_url', args: JSON.parse(text), token, path, body };
  const args = Object.fromEntries(
    [...new URLSearchParams(isForm(request) ? text : '')].map(([key, value]) => [key, parsed(value)]),
  );
  return { method: path.replace('/api/', ''), args, token, path, body };
}

/** Uploads have no form. */
function isForm({ headers }: IncomingMessage): boolean {
  return (headers['content-type'] ?? '').includes('form-urlencoded');
}

/** The client sends blocks and views as JSON in a form. */
function parsed(value: string): unknown {
  if (!/^[[{]/.test(value)) return value;
  const json: unknown = JSON.parse(value);
  return json;
}

function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
  response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
}
