/**
 * The two messages of the MongoDB wire protocol that drivers still send: OP_MSG, and OP_QUERY for the first handshake.
 * Source: MongoDB manual, "MongoDB Wire Protocol".
 */
import { BSON } from 'bson';

/** A document, or a command, as decoded from BSON. */
export type Fields = Record<string, unknown>;

/** A reply: a document, or one that is BSON already. */
export type Reply = Fields | Buffer;

export interface Message {
  readonly requestId: number;
  readonly command: Fields;
  /** Sent as OP_QUERY, so that the answer must be an OP_REPLY. */
  readonly legacy: boolean;
  /** The sender wants no answer. */
  readonly silent: boolean;
}

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
const HEADER_BYTES = 16;
const AWAIT_CAPABLE = 8;

/** Keeps the BSON types that were sent: an Int32 stays an Int32, a Long stays a Long. */
const AS_SENT = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true };

let lastReplyId = 0;

export function decodeBson(bytes: Uint8Array): Fields {
  return BSON.deserialize(bytes, AS_SENT);
}

export function encodeBson(document: Fields): Buffer {
  return Buffer.from(BSON.serialize(document, { ignoreUndefined: true }));
}

/**
 * Reads one whole message.
 * @throws {Error} when it is neither kind
 */
export function decodeMessage(message: Buffer): Message {
  const requestId = message.readInt32LE(4);
  const opcode = message.readInt32LE(12);
  if (opcode === OP_QUERY) return { requestId, command: decodeQuery(message), legacy: true, silent: false };
  if (opcode !== OP_MSG) throw new Error(`unsupported opcode ${opcode}`);
  const flags = message.readUInt32LE(HEADER_BYTES);
  const end = message.length - (flags & CHECKSUM_PRESENT ? 4 : 0);
  const command = decodeSections(message, HEADER_BYTES + 4, end);
  return { requestId, command, legacy: false, silent: (flags & MORE_TO_COME) !== 0 };
}

/** Writes the reply to the request with that ID. */
export function encodeReply(requestId: number, reply: Reply, legacy: boolean): Buffer {
  const body = Buffer.isBuffer(reply) ? reply : encodeBson(reply);
  const head = Buffer.alloc(legacy ? 36 : 21);
  head.writeInt32LE(head.length + body.length, 0);
  lastReplyId = (lastReplyId + 1) & 0x7fffffff;
  head.writeInt32LE(lastReplyId, 4);
  head.writeInt32LE(requestId, 8);
  head.writeInt32LE(legacy ? OP_REPLY : OP_MSG, 12);
  if (legacy) {
    head.writeInt32LE(AWAIT_CAPABLE, 16);
    head.writeInt32LE(1, 32); // one document
  }
  return Buffer.concat([head, body]);
}

/** OP_QUERY: flags, "database.$cmd" and a zero byte, how many to skip and to return, the command. */
function decodeQuery(message: Buffer): Fields {
  const nameStart = HEADER_BYTES + 4;
  const nameEnd = message.indexOf(0, nameStart);
  const [database] = message.toString('utf8', nameStart, nameEnd).split('.');
  return { ...decodeAt(message, nameEnd + 9), $db: database };
}

/** Sections of kind 0 hold the command; those of kind 1 hold a named list of its documents. */
function decodeSections(message: Buffer, start: number, end: number): Fields {
  let command: Fields = {};
  const lists: Fields = {};
  let position = start;
  while (position < end) {
    const kind = message.readUInt8(position);
    const sectionStart = position + 1;
    const sectionEnd = sectionStart + message.readInt32LE(sectionStart);
    if (kind === 0) {
      command = decodeAt(message, sectionStart);
    } else {
      const nameEnd = message.indexOf(0, sectionStart + 4);
      lists[message.toString('utf8', sectionStart + 4, nameEnd)] = decodeList(message, nameEnd + 1, sectionEnd);
    }
    position = sectionEnd;
  }
  return { ...command, ...lists };
}

function decodeList(message: Buffer, start: number, end: number): Fields[] {
  const documents: Fields[] = [];
  for (let position = start; position < end; position += message.readInt32LE(position)) {
    documents.push(decodeAt(message, position));
  }
  return documents;
}

/** The document that starts there. Its first four bytes are its length. */
function decodeAt(message: Buffer, start: number): Fields {
  return decodeBson(message.subarray(start, start + message.readInt32LE(start)));
}
