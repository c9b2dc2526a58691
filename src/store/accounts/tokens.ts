import mongoose from 'mongoose';
import type { TokenScope } from '../../billing/account/token.ts';
import { instant, maybeInstant, text } from '../kit/schema-fields.ts';

/** A token of the Invoice API as stored. The secret, which is shown once, can't be derived from it. */
export interface TokenDoc {
  readonly _id: string;
  readonly accountId: string;
  readonly name: string;
  readonly nameKey: string;
  /** SHA-256 of the token in hex. It has 256 random bits, so no slower hash is needed. */
  readonly hash: string;
  readonly scope: TokenScope;
  readonly createdBy: string;
  readonly createdAt: Date;
  /** When it was revoked; null if it wasn’t. */
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  /** To the minute. */
  readonly lastUsedAt: Date | null;
}

/** A secret shared by all processes of the product and known to nobody else. */
export interface SecretDoc {
  /** Its purpose. */
  readonly _id: string;
  readonly value: string;
}

const { Schema } = mongoose;

const tokenSchema = new Schema<TokenDoc>(
  {
    _id: text,
    accountId: text,
    name: text,
    nameKey: text,
    hash: text,
    scope: text,
    createdBy: text,
    createdAt: instant,
    expiresAt: maybeInstant,
    revokedAt: maybeInstant,
    lastUsedAt: maybeInstant,
  },
  { collection: 'api_tokens', versionKey: false },
)
  .index({ hash: 1 }, { unique: true, name: 'token_hash' })
  // a revoked token's name stays taken, because the log refers to tokens by name
  .index({ accountId: 1, nameKey: 1 }, { unique: true, name: 'token_name' })
  .index({ accountId: 1, createdAt: -1, _id: 1 }, { name: 'tokens_of_account' });

const secretSchema = new Schema<SecretDoc>({ _id: text, value: text }, { collection: 'secrets', versionKey: false });

export const Tokens = mongoose.model('ApiToken', tokenSchema);
export const Secrets = mongoose.model('Secret', secretSchema);
