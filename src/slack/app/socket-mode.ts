import { setTimeout as wait } from 'node:timers/promises';
import type { SocketModeReceiver } from '@slack/bolt';
import type { Logger } from '../../platform/logger.ts';
import { isRateLimited } from '../web-api/api-errors.ts';

type SocketClient = SocketModeReceiver['client'];

/** The pause between attempts to reconnect after the client considers one permanently failed. */
const RECONNECT_MS = 10_000;
/** The longest wait that Slack asks for, in seconds. */
const MAX_WAIT_S = 600;

/**
 * Keeps a process alive through what @slack/socket-mode 3.1.0 leaves unhandled: an envelope whose payload has no event
 * (`app_rate_limited`), a message that fails, and a new connection that can't be opened.
 *
 * @param isStopping whether the connection is being closed on purpose
 */
export function guardSocketMode(client: SocketClient, log: Logger, isStopping: () => boolean): void {
  const handlers = client.listeners('ws_message');
  client.removeAllListeners('ws_message');
  client.on('ws_message', async (data: unknown, isBinary: boolean) => {
    const envelope = isBinary ? undefined : readEnvelope(data);
    try {
      if (envelope?.type === 'events_api' && !hasEvent(envelope.payload)) await dismiss(client, log, envelope);
      else await Promise.all(handlers.map((handle) => handle.call(client, data, isBinary)));
    } catch (error) {
      log.error({ type: envelope?.type, err: error }, 'a Socket Mode message could not be processed');
    }
  });
  keepConnecting(client, log, isStopping);
}

/** Runs a call as soon as Slack allows it, waiting as often as Slack asks. @throws any other error of `ask` */
export async function onceAllowed<T>(log: Logger, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const limit = [error, error instanceof Error ? error.cause : undefined].find(isRateLimited);
      if (!limit) throw error;
      const seconds = Math.min(MAX_WAIT_S, Math.max(1, limit.retryAfter));
      log.warn({ seconds }, 'Slack rate-limits this app. Startup waits');
      await wait(seconds * 1000);
    }
  }
}

interface Envelope {
  readonly type?: unknown;
  readonly envelope_id?: unknown;
  readonly payload?: unknown;
}

/** Acknowledges a message, so that Slack doesn't send it again. */
async function dismiss(client: SocketClient, log: Logger, { envelope_id: id, payload }: Envelope): Promise<void> {
  log.warn({ type: typeOf(payload) }, 'Slack sent something without an event');
  // `send` is private in the client, though Bolt's own acknowledgements use it
  const send: unknown = Reflect.get(client, 'send');
  if (typeof send === 'function' && typeof id === 'string') await send.call(client, id);
}

/** The client restarts itself after a connection has ended, and doesn't handle errors in doing so. */
function keepConnecting(client: SocketClient, log: Logger, isStopping: () => boolean): void {
  const start = client.start.bind(client);
  let hasStarted = false;
  client.start = async () => {
    for (;;) {
      try {
        const answer = await start();
        hasStarted = true;
        return answer;
      } catch (error) {
        if (!hasStarted || isStopping()) throw error;
        log.error({ err: error }, 'Socket Mode could not reconnect. It will be retried');
        await wait(RECONNECT_MS);
      }
    }
  };
}

function readEnvelope(data: unknown): Envelope | undefined {
  try {
    const text = typeof data === 'string' ? data : new TextDecoder().decode(data as ArrayBuffer);
    const envelope: unknown = JSON.parse(text);
    return typeof envelope === 'object' && envelope !== null ? envelope : undefined;
  } catch {
    return undefined;
  }
}

function hasEvent(payload: unknown): boolean {
  if (typeof payload !== 'object' || payload === null || !('event' in payload)) return false;
  return typeOf(payload.event) !== undefined;
}

function typeOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
}
