import { createHash } from 'node:crypto';
import mongoose from 'mongoose';
import { count, instant, text } from '../kit/schema-fields.ts';
import { isDuplicateKey } from '../kit/transaction.ts';

/** Identifies the bytes of an issued document in one format. */
export interface DocumentKey {
  readonly accountId: string;
  /** The ID of the invoice or credit memo. */
  readonly documentId: string;
  /** Such as `pdf`. */
  readonly format: string;
  /** The version of its content. */
  readonly version: string;
}

/** A part of a document's bytes. Most documents have one; larger ones are split because of MongoDB's 16 MB limit. */
interface DocumentPartDoc extends DocumentKey {
  /** From 0. */
  readonly part: number;
  readonly parts: number;
  /** SHA-256 of the whole document, in hex. Parts with the same hash belong together. */
  readonly digest: string;
  readonly bytes: Buffer;
  readonly createdAt: Date;
}

const PART_BYTES = 8 * 1024 * 1024;

const { Schema } = mongoose;

const partSchema = new Schema<DocumentPartDoc>(
  {
    ...{ accountId: text, documentId: text, format: text, version: text },
    ...{ part: count, parts: count, digest: text },
    bytes: { type: Buffer, required: true },
    createdAt: instant,
  },
  { collection: 'document_parts', versionKey: false },
).index(
  { accountId: 1, documentId: 1, format: 1, version: 1, part: 1 },
  { unique: true, name: 'part_of_document_version' },
);

export const DocumentParts = mongoose.model('DocumentPart', partSchema);

/** A stored document; undefined if there is none, or if a crash left only some of its parts. */
export async function storedDocument(key: DocumentKey): Promise<Buffer | undefined> {
  const { accountId, documentId, format, version } = key;
  // hydrated documents, because lean ones have the driver's own binary type
  const found = await DocumentParts.find({ accountId, documentId, format, version });
  // sorted here: the database would need memory for all the bytes
  const parts = found.toSorted((a, b) => a.part - b.part);
  const [first] = parts;
  if (!first || parts.length !== first.parts) return undefined;
  const bytes = Buffer.concat(parts.map((one) => one.bytes));
  return digestOf(bytes) === first.digest ? bytes : undefined;
}

/**
 * Stores a document and removes its other versions. If several processes store the same one, the first wins, so all
 * readers get the same bytes. Safe to repeat.
 *
 * @returns the stored bytes
 */
export async function storeDocument(key: DocumentKey, bytes: Buffer, now: Date): Promise<Buffer> {
  const parts = partsOf(key, bytes, now);
  for (const part of parts) await insertPart(part);
  let stored = await storedDocument(key);
  if (!stored) {
    for (const part of parts) await replacePart(part);
    stored = bytes;
  }
  const { accountId, documentId, format, version } = key;
  await DocumentParts.deleteMany({ accountId, documentId, format, version: { $ne: version } });
  return stored;
}

function partsOf(key: DocumentKey, bytes: Buffer, createdAt: Date): DocumentPartDoc[] {
  const { accountId, documentId, format, version } = key;
  const parts = Math.max(1, Math.ceil(bytes.length / PART_BYTES));
  const digest = digestOf(bytes);
  return Array.from({ length: parts }, (_, part) => ({
    ...{ accountId, documentId, format, version, part, parts, digest, createdAt },
    bytes: bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES),
  }));
}

async function insertPart(part: DocumentPartDoc): Promise<void> {
  try {
    await DocumentParts.create([part]);
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
}

/** Overwrites what a crash left behind. */
async function replacePart({ accountId, documentId, format, version, part, ...rest }: DocumentPartDoc): Promise<void> {
  await DocumentParts.updateOne({ accountId, documentId, format, version, part }, { $set: rest }, { upsert: true });
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
