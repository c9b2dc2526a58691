import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';

/** RFC 6455, section 1.3. */
const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 0x1;
const CLOSE = 0x8;

export interface SocketModeStandIn {
  /** For the answer to `apps.connections.open`. */
  readonly url: string;
  /** Sends an envelope once the app has connected, and returns the app's acknowledgement. */
  deliver(envelope: { readonly envelope_id: string } & Readonly<Record<string, unknown>>): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * The server side of Socket Mode for one connection: a WebSocket server that supports short text frames and says hello.
 */
export async function startSocketMode(): Promise<SocketModeStandIn> {
  const waiting = new Map<string, (payload: unknown) => void>();
  let connected: (socket: Duplex) => void = () => undefined;
  const connection = new Promise<Duplex>((resolve) => {
    connected = resolve;
  });

  const server = createServer();
  server.on('upgrade', (request, socket) => {
    const key = String(request.headers['sec-websocket-key']);
    const accept = createHash('sha1')
      .update(key + HANDSHAKE_GUID)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.write(frame(TEXT, JSON.stringify({ type: 'hello' })));
    readFrames(socket, (message) => {
      const { envelope_id: id, payload } = JSON.parse(message);
      waiting.get(id)?.(payload);
    });
    connected(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();

  return {
    url: `ws://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`,
    async deliver(envelope) {
      const socket = await connection;
      return new Promise((resolve) => {
        waiting.set(envelope.envelope_id, resolve);
        socket.write(frame(TEXT, JSON.stringify(envelope)));
      });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function frame(opcode: number, text: string): Buffer {
  const payload = Buffer.from(text);
  const length =
    payload.length < 126
      ? Buffer.from([payload.length])
      : Buffer.from([126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([Buffer.from([0x80 | opcode]), length, payload]);
}

function readFrames(socket: Duplex, onText: (message: string) => void): void {
  let buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (let next = takeFrame(buffer); next; next = takeFrame(buffer)) {
      buffer = buffer.subarray(next.size);
      if (next.opcode === TEXT) onText(next.text);
      if (next.opcode === CLOSE) socket.end(frame(CLOSE, ''));
    }
  });
  socket.on('error', () => socket.destroy());
}

/** A whole frame at the start of the buffer. Clients always mask theirs. */
function takeFrame(buffer: Buffer): { opcode: number; text: string; size: number } | undefined {
  if (buffer.length < 6) return undefined;
  const short = buffer.readUInt8(1) & 0x7f;
  const start = short === 126 ? 4 : 2;
  const length = short === 126 ? buffer.readUInt16BE(2) : short;
  const size = start + 4 + length;
  if (buffer.length < size) return undefined;
  const mask = buffer.subarray(start, start + 4);
  const payload = buffer.subarray(start + 4, size).map((byte, i) => byte ^ (mask[i % 4] ?? 0));
  return { opcode: buffer.readUInt8(0) & 0x0f, text: Buffer.from(payload).toString(), size };
}
