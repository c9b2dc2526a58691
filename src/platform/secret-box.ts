import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** AES-256-GCM, whose nonces are random: 96 bits are enough for 2^32 values under one key. */
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'v1';
/** How many hex digits of a key's hash are its ID. */
const KEY_ID_DIGITS = 8;

/** A stored secret can't be read: its key is missing, it was changed, or it belongs elsewhere. */
export class UnreadableSecret extends Error {
  override readonly name = 'UnreadableSecret';
}

interface Key {
  readonly id: string;
  readonly bytes: Buffer;
}

/**
 * Encrypts secrets that are stored in the database, such as tokens and credentials. Each value names its key, so that
 * keys can be replaced: the first key encrypts, and all of them decrypt.
 */
export class SecretBox {
  private readonly newest: Key;
  private readonly keys: ReadonlyMap<string, Key>;

  /** @param keys 32 bytes each, the newest first @throws {RangeError} without a key, or for one of another length */
  constructor(keys: readonly Buffer[]) {
    const all = keys.map((bytes) => ({ id: idOf(bytes), bytes }));
    const [newest] = all;
    if (!newest || keys.some(({ length }) => length !== KEY_BYTES))
      throw new RangeError(`Secrets need keys of ${KEY_BYTES} bytes`);
    this.newest = newest;
    this.keys = new Map(all.map((key) => [key.id, key]));
  }

  /**
   * @param place where the value is stored, such as the document's ID and field. It can't be read for another place, so
   *   a value that was copied elsewhere in the database is worthless there
   * @returns text that can be stored
   */
  seal(secret: string, place: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.newest.bytes, nonce, { authTagLength: TAG_BYTES });
    const head = `${VERSION}.${this.newest.id}`;
    cipher.setAAD(Buffer.from(`${head} ${place}`));
    const content = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return `${head}.${Buffer.concat([nonce, cipher.getAuthTag(), content]).toString('base64url')}`;
  }

  /** @param place as for `seal` @throws {UnreadableSecret} */
  open(sealed: string, place: string): string {
    const { version, keyId, body } = partsOf(sealed);
    const key = this.keys.get(keyId);
    if (version !== VERSION || !key) throw new UnreadableSecret(`No key in SECRETS_KEY has the ID ${keyId}`);
    try {
      const decipher = createDecipheriv(CIPHER, key.bytes, body.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(`${version}.${keyId} ${place}`));
      decipher.setAuthTag(body.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      const content = body.subarray(NONCE_BYTES + TAG_BYTES);
      return Buffer.concat([decipher.update(content), decipher.final()]).toString('utf8');
    } catch (error) {
      throw new UnreadableSecret('A stored secret was changed, or belongs elsewhere', { cause: error });
    }
  }

  /** Whether a value was encrypted with an older key, which can only be removed once the value has been sealed again. */
  isOutdated(sealed: string): boolean {
    return partsOf(sealed).keyId !== this.newest.id;
  }
}

/** Keys as they are set in the environment: 32 bytes in base64 or hex each, separated by commas. */
export function readSecretKeys(text: string): readonly Buffer[] | undefined {
  const keys = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(keyOf);
  return keys.length > 0 && keys.every((key) => key !== undefined) ? keys : undefined;
}

function keyOf(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  return /^[\w+/-]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}

function idOf(key: Buffer): string {
  return createHash('sha256').update(key).digest('hex').slice(0, KEY_ID_DIGITS);
}

function partsOf(sealed: string) {
  const [version = '', keyId = '', body = ''] = sealed.split('.');
  return { version, keyId, body: Buffer.from(body, 'base64url') };
}
