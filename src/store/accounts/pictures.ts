import { createHash } from 'node:crypto';
import mongoose from 'mongoose';

/**
 * A picture, identified by the hash of its bytes. Pictures are never deleted, because issued documents may show them.
 */
interface PictureDoc {
  /** SHA-256, in hex. */
  readonly _id: string;
  readonly bytes: Buffer;
  readonly createdAt: Date;
}

const { Schema } = mongoose;

const pictureSchema = new Schema<PictureDoc>(
  {
    _id: { type: String, required: true },
    bytes: { type: Buffer, required: true },
    createdAt: { type: Date, required: true },
  },
  { collection: 'pictures', versionKey: false },
);

export const Pictures = mongoose.model('Picture', pictureSchema);

/** Stores a picture. Safe to repeat. @returns its hash */
export async function keepPicture(bytes: Uint8Array, now: Date): Promise<string> {
  const hash = createHash('sha256').update(bytes).digest('hex');
  const picture = { bytes: Buffer.from(bytes), createdAt: now };
  await Pictures.updateOne({ _id: hash }, { $setOnInsert: picture }, { upsert: true });
  return hash;
}

/** A picture by its hash. @throws {Error} if there is none */
export async function pictureBytes(hash: string): Promise<Uint8Array> {
  // a hydrated document, because a lean one has the driver's own binary type
  const picture = await Pictures.findById(hash);
  if (!picture) throw new Error(`There is no picture ${hash}`);
  return new Uint8Array(picture.bytes);
}

export async function hasPicture(hash: string): Promise<boolean> {
  return (await Pictures.exists({ _id: hash })) !== null;
}
