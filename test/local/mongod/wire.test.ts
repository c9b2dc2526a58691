import { describe, expect, it } from '@jest/globals';
import { BSON, Decimal128, Int32, Long } from 'bson';
import { decodeMessage, encodeReply } from '../../../src/local/mongod/wire.ts';

describe('the wire protocol', () => {
  it('a message with a list of documents beside its command is read as one command, with its types', () => {
    const documents = [{ amount: Decimal128.fromString('1.10'), n: new Int32(1), l: Long.fromNumber(2) }];
    const { requestId, command } = decodeMessage(message(7, { insert: 'x', $db: 'd' }, 'documents', documents));
    expect(requestId).toBe(7);
    expect(command).toEqual({ insert: 'x', $db: 'd', documents });
  });

  it('a reply names its request', () => {
    const reply = encodeReply(7, { ok: 1 }, false);
    expect(reply.readInt32LE(0)).toBe(reply.length);
    expect(reply.readInt32LE(8)).toBe(7);
    expect(BSON.deserialize(reply.subarray(21))).toEqual({ ok: 1 });
  });

  it('a message of another kind is rejected', () => {
    const bytes = message(1, { ping: 1 });
    bytes.writeInt32LE(2002, 12);
    expect(() => decodeMessage(bytes)).toThrow('unsupported opcode 2002');
  });
});

/** An OP_MSG, with a section of documents if it has a name. */
function message(requestId: number, command: object, listName?: string, documents: object[] = []): Buffer {
  const body = Buffer.concat([Buffer.from([0]), BSON.serialize(command)]);
  const list = Buffer.concat([Buffer.from(`${listName}\0`), ...documents.map((document) => BSON.serialize(document))]);
  const size = Buffer.alloc(4);
  size.writeInt32LE(list.length + 4);
  const sections = listName === undefined ? [body] : [body, Buffer.from([1]), size, list];
  const head = Buffer.alloc(20);
  const bytes = Buffer.concat([head, ...sections]);
  bytes.writeInt32LE(bytes.length, 0);
  bytes.writeInt32LE(requestId, 4);
  bytes.writeInt32LE(2013, 12);
  return bytes;
}
