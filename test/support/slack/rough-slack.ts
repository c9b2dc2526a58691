import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';

/** An accepted message in its channel. */
export interface Taken {
  readonly channel: string;
  readonly text: string;
  /** Our own key from its metadata. */
  readonly key: string;
  /** When the call arrived, in milliseconds of real time. */
  readonly calledAt: number;
}

export interface RoughSlack {
  readonly apiUrl: string;
  /** In the order in which they were accepted. */
  readonly taken: readonly Taken[];
  /** Calls by outcome. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** From now on every call is answered normally. */
  calm(): void;
  close(): Promise<void>;
}

export interface Roughness {
  /** The share of calls with a fault, 0 to 1. All kinds of fault are equally likely. */
  readonly share: number;
  /** The longest duration of a slow call, in milliseconds. */
  readonly slowestMs: number;
  readonly seed: number;
}

const FAULTS = ['429', '500', '500 after', 'drop before', 'drop after', 'slow'] as const;
const PAGE = 100;

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Slack at its worst: it asks to wait, fails, drops connections before and after accepting a message, and is slow. */
export async function startRoughSlack({ share, slowestMs, seed }: Roughness): Promise<RoughSlack> {
  const random = seeded(seed);
  const taken: (Taken & { ts: string })[] = [];
  const byChannel = new Map<string, (Taken & { ts: string })[]>();
  const outcomes = new Map<string, number>();
  let isCalm = share === 0;

  const post = (args: URLSearchParams, calledAt: number): object => {
    const metadata: { event_payload?: { key?: string } } = JSON.parse(args.get('metadata') ?? '{}');
    const channel = args.get('channel') ?? '';
    // never the same twice, and close to the current time, as in Slack
    const ts = (Math.floor(Date.now() / 1000) + taken.length / 1_000_000).toFixed(6);
    const message = { channel, ts, text: args.get('text') ?? '', key: metadata.event_payload?.key ?? '', calledAt };
    taken.push(message);
    byChannel.set(channel, [message, ...(byChannel.get(channel) ?? [])]);
    return { ok: true, ts, channel };
  };
  const history = (args: URLSearchParams): object => {
    const oldest = Number(args.get('oldest') ?? 0);
    const from = Number(args.get('cursor') ?? 0);
    const all = (byChannel.get(args.get('channel') ?? '') ?? []).filter(({ ts }) => Number(ts) > oldest);
    const messages = all.slice(from, from + PAGE).map(({ ts, text: words, key }) => ({
      ...{ ts, text: words },
      metadata: { event_type: 'billing_news', event_payload: { key } },
    }));
    const next_cursor = all.length > from + PAGE ? String(from + PAGE) : '';
    return { ok: true, messages, response_metadata: { next_cursor } };
  };
  const carryOut = (method: string, args: URLSearchParams, calledAt: number): object => {
    if (method === 'chat.postMessage') return post(args, calledAt);
    if (method === 'conversations.history') return history(args);
    return { ok: true, team_id: 'T1', user_id: 'UBOT', bot_id: 'BBOT' };
  };
  const meet = async (response: ServerResponse, method: string, carry: () => object): Promise<void> => {
    const fault = !isCalm && random() < share ? FAULTS[Math.floor(random() * FAULTS.length)] : undefined;
    const what = `${method}: ${fault ?? 'ok'}`;
    outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
    if (fault === '429') return send(response, 429, { ok: false, error: 'ratelimited' }, { 'retry-after': '1' });
    if (fault === '500') return send(response, 500, {});
    if (fault === 'drop before') return void response.socket?.destroy();
    // accepted even if nobody is waiting for the answer any longer
    if (fault === 'slow') await wait(random() * slowestMs);
    const answer = carry();
    if (fault === '500 after') return send(response, 500, {});
    if (fault === 'drop after') return void response.socket?.destroy();
    send(response, 200, answer);
  };
  const server = createServer(async (request, response) => {
    const calledAt = Date.now();
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return;
    const method = (request.url ?? '').replace('/api/', '');
    await meet(response, method, () => carryOut(method, new URLSearchParams(body), calledAt));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    apiUrl: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/api/`,
    taken,
    outcomes,
    calm() {
      isCalm = true;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
