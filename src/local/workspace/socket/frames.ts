/** The frames of a WebSocket (RFC 6455, section 5), as a server reads and writes them. */

export const TEXT = 0x1;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

const FINAL = 0x80;
const CONTINUED = 0x0;
/** The markers for a length in two more bytes, or eight. */
const LENGTH_16 = 126;
const LENGTH_64 = 127;
/** Longer than any acknowledgement from an app. */
const MAX_BYTES = 16 * 1024 * 1024;

/** A complete message. */
export interface Received {
  opcode: number;
  payload: Buffer;
}

/** A frame for a client. A server's frames are never masked. */
export function frame(opcode: number, payload: Buffer | string = ''): Buffer {
  const bytes = Buffer.from(payload);
  return Buffer.concat([Buffer.from([FINAL | opcode]), lengthOf(bytes.length), bytes]);
}

/** Reassembles frames that the network split, and messages that were split into frames. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);
  #begun: Received | undefined;

  /** @throws Error for a frame that is too long, or not masked as a client's must be */
  push(chunk: Buffer): Received[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const received: Received[] = [];
    for (let next = takeFrame(this.#rest); next; next = takeFrame(this.#rest)) {
      this.#rest = this.#rest.subarray(next.size);
      const whole = this.#joined(next);
      if (whole) received.push(whole);
    }
    return received;
  }

  #joined({ opcode, payload, isFinal }: Frame): Received | undefined {
    if (opcode >= CLOSE) return { opcode, payload };
    const before = opcode === CONTINUED ? this.#begun : undefined;
    const message = before ? { ...before, payload: Buffer.concat([before.payload, payload]) } : { opcode, payload };
    if (message.payload.length > MAX_BYTES) throw new Error('A WebSocket message that is too long');
    this.#begun = isFinal ? undefined : message;
    return isFinal ? message : undefined;
  }
}

interface Frame extends Received {
  isFinal: boolean;
  size: number;
}

function lengthOf(length: number): Buffer {
  if (length < LENGTH_16) return Buffer.from([length]);
  if (length < 65_536) return Buffer.from([LENGTH_16, length >> 8, length & 0xff]);
  const long = Buffer.alloc(9);
  long.writeUInt8(LENGTH_64, 0);
  long.writeBigUInt64BE(BigInt(length), 1);
  return long;
}

/** The frame at the start of the buffer, once it is complete. */
function takeFrame(buffer: Buffer): Frame | undefined {
  if (buffer.length < 2) return undefined;
  const [first, second] = [buffer.readUInt8(0), buffer.readUInt8(1)];
  const short = second & 0x7f;
  if ((second & 0x80) === 0) throw new Error('A WebSocket client has to mask its frames');
  const wide = short === LENGTH_16 ? 2 : short === LENGTH_64 ? 8 : 0;
  const start = 2 + wide + 4;
  if (buffer.length < start) return undefined;
  const length = wide === 0 ? short : wide === 2 ? buffer.readUInt16BE(2) : Number(buffer.readBigUInt64BE(2));
  if (length > MAX_BYTES) throw new Error('A WebSocket frame that is too long');
  if (buffer.length < start + length) return undefined;
  const mask = buffer.subarray(start - 4, start);
  const payload = buffer.subarray(start, start + length).map((byte, i) => byte ^ (mask[i % 4] ?? 0));
  return { opcode: first & 0x0f, isFinal: (first & FINAL) !== 0, payload: Buffer.from(payload), size: start + length };
}
