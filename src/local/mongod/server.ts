/** The TCP side: each connection's messages are answered one by one, in the order received. */
import { createServer, type Server, type Socket } from 'node:net';
import { asMongoError } from './errors.ts';
import { decodeMessage, encodeReply, type Fields, type Message, type Reply } from './wire.ts';

export type Answer = (command: Fields) => Promise<Reply>;

const LENGTH_BYTES = 4;
const TRACE = process.env.MONGOD_TRACE === '1';

/** A server for MongoDB's wire protocol, not listening yet. */
export function createMongoServer(answer: Answer): Server {
  return createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => {}); // 'close' follows
    let queue = Promise.resolve();
    eachMessage(socket, (bytes) => {
      queue = queue.then(() => answerOne(socket, bytes, answer));
    });
  });
}

/** Splits the stream into messages. Each starts with its length. */
function eachMessage(socket: Socket, onMessage: (bytes: Buffer) => void): void {
  let chunks: Buffer[] = [];
  let size = 0;
  let expected = LENGTH_BYTES;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size < expected) return; // avoids joining a long message's chunks repeatedly
    let rest = Buffer.concat(chunks);
    while (rest.length >= LENGTH_BYTES && rest.length >= rest.readInt32LE(0)) {
      const length = rest.readInt32LE(0);
      if (length < LENGTH_BYTES) return void socket.destroy();
      onMessage(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    chunks = [rest];
    size = rest.length;
    expected = rest.length >= LENGTH_BYTES ? rest.readInt32LE(0) : LENGTH_BYTES;
  });
}

async function answerOne(socket: Socket, bytes: Buffer, answer: Answer): Promise<void> {
  let message: Message;
  try {
    message = decodeMessage(bytes);
  } catch {
    socket.destroy();
    return;
  }
  const reply = await replyTo(message.command, answer);
  if (message.silent || socket.destroyed) return;
  socket.write(encodeReply(message.requestId, reply, message.legacy));
}

async function replyTo(command: Fields, answer: Answer): Promise<Reply> {
  try {
    return await answer(command);
  } catch (error) {
    const failure = asMongoError(error);
    if (TRACE) console.error(Object.keys(command)[0], failure.code, failure.message);
    return failure.toReply();
  }
}
