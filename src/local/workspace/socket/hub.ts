import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { isFields, parseJson, textOf } from '../json.ts';
import { APP_ID } from '../state.ts';
import type { Fields } from '../types.ts';
import { CLOSE, FrameReader, frame, PING, PONG, TEXT } from './frames.ts';

/** What Slack sends over a WebSocket instead of an HTTP request. */
export interface Envelope {
  type: 'slash_commands' | 'interactive' | 'events_api';
  payload: Fields;
  /** For an event that is sent again. */
  retry?: { attempt: number; reason: string };
}

/** RFC 6455, section 1.3. */
const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const PATH = '/link/';
/** How long an address from apps.connections.open can be used. */
const TICKET_MS = 30_000;
const PING_EVERY_MS = 10_000;
/** The WebSocket close code 1000, for a normal closure. */
const NORMAL = Buffer.from([0x03, 0xe8]);
/** How long an app may take to close its end. */
const FAREWELL_MS = 500;

/** Socket Mode: apps request an address, connect to it, and get envelopes that they acknowledge by ID. */
export class SocketHub {
  readonly #appToken: string | undefined;
  readonly #tickets = new Map<string, number>();
  readonly #sockets: Duplex[] = [];
  #opened = 0;
  readonly #waiting = new Map<string, (payload: unknown) => void>();

  /** @param appToken the token (xapp-…) that may connect; without one, nobody may */
  constructor(appToken: string | undefined) {
    this.#appToken = appToken;
  }

  get isConnected(): boolean {
    return this.#sockets.length > 0;
  }

  /** How many connections have been opened since the start. */
  get opened(): number {
    return this.#opened;
  }

  takes(token: string): boolean {
    return this.#appToken !== undefined && token === this.#appToken;
  }

  /** An address for one connection. @param url where the workspace listens */
  address(url: string): string {
    const ticket = randomBytes(16).toString('hex');
    this.#tickets.set(ticket, Date.now() + TICKET_MS);
    return `${url.replace(/^http/, 'ws')}${PATH}?ticket=${ticket}&app_id=${APP_ID}`;
  }

  /** Accepts a connection with a valid ticket. Closes any other. */
  upgrade(request: IncomingMessage, socket: Duplex): void {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const until = this.#tickets.get(url.searchParams.get('ticket') ?? '');
    const key = request.headers['sec-websocket-key'];
    if (url.pathname !== PATH || until === undefined || until < Date.now() || key === undefined) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#tickets.delete(url.searchParams.get('ticket') ?? '');
    const accept = createHash('sha1').update(`${key}${HANDSHAKE_GUID}`).digest('base64');
    const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
    socket.write([...head, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'));
    this.#keep(socket);
    socket.write(frame(TEXT, JSON.stringify(this.#hello())));
  }

  /**
   * Sends an envelope over the latest connection.
   * @param signal stops waiting
   * @returns the app's acknowledgement
   */
  async deliver(envelope: Envelope, signal: AbortSignal): Promise<unknown> {
    const socket = this.#sockets.at(-1);
    if (!socket) throw new Error('No app is connected over Socket Mode');
    const id = randomBytes(16).toString('hex');
    const { type, payload, retry } = envelope;
    const retries = retry ? { retry_attempt: retry.attempt, retry_reason: retry.reason } : {};
    const takesAnswer = { accepts_response_payload: type !== 'events_api' };
    try {
      return await new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        this.#waiting.set(id, resolve);
        socket.once('close', () => reject(new Error('The app has disconnected')));
        socket.write(frame(TEXT, JSON.stringify({ envelope_id: id, type, payload, ...takesAnswer, ...retries })));
      });
    } finally {
      this.#waiting.delete(id);
    }
  }

  /** Asks every app to reconnect, as Slack does from time to time. */
  refresh(): void {
    const words = JSON.stringify({ type: 'disconnect', reason: 'refresh_requested', debug_info: { host: 'local' } });
    for (const socket of this.#sockets) socket.write(frame(TEXT, words));
  }

  stop(): void {
    for (const socket of [...this.#sockets]) {
      if (!socket.writableEnded) socket.end(frame(CLOSE, NORMAL));
      setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
    }
  }

  #hello(): Fields {
    return {
      type: 'hello',
      num_connections: this.#sockets.length,
      connection_info: { app_id: APP_ID },
      debug_info: { host: 'local', approximate_connection_time: 18_060 },
    };
  }

  #keep(socket: Duplex): void {
    this.#sockets.push(socket);
    this.#opened += 1;
    const pings = setInterval(() => socket.write(frame(PING, 'ping')), PING_EVERY_MS);
    pings.unref();
    socket.on('close', () => {
      clearInterval(pings);
      this.#sockets.splice(this.#sockets.indexOf(socket), 1);
    });
    socket.on('error', () => socket.destroy());
    const reader = new FrameReader();
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const { opcode, payload } of reader.push(chunk)) this.#take(socket, opcode, payload);
      } catch {
        socket.destroy();
      }
    });
  }

  #take(socket: Duplex, opcode: number, payload: Buffer): void {
    if (opcode === PING) socket.write(frame(PONG, payload));
    if (opcode === CLOSE) socket.end(frame(CLOSE, payload));
    if (opcode !== TEXT) return;
    const message = parseJson(payload.toString());
    if (!isFields(message)) return;
    this.#waiting.get(textOf(message, 'envelope_id') ?? '')?.(message.payload);
  }
}
