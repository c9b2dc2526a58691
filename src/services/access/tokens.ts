import { createHash, randomBytes } from 'node:crypto';
import { DateTime } from 'luxon';
import { z } from 'zod';
import {
  isReservedName,
  MOST_TOKEN_DAYS,
  roleOfScope,
  TOKEN_NAME_LIMIT,
  TOKEN_SCOPES,
  type TokenScope,
  type TokenStanding,
  tokenStanding,
} from '../../billing/account/token.ts';
import { cleanName, nameKey, nameLength } from '../../billing/group/names.ts';
import { dayIn } from '../../billing/period/day.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { AccountDoc } from '../../store/accounts/accounts.ts';
import {
  countGoodTokens,
  countTokens,
  insertToken,
  isTokenNameTaken,
  noteTokenUse,
  revokeToken as storeRevocation,
  tokenByHash,
  tokenById,
  tokenHashesAmong,
  tokenOf,
  tokenPage,
} from '../../store/accounts/token-queries.ts';
import type { TokenDoc } from '../../store/accounts/tokens.ts';
import { takeTurn } from '../../store/kit/holds.ts';
import { newId } from '../../store/kit/ids.ts';
import { inAccountChange, inChange } from '../kit/account-change.ts';
import { BriefCache } from '../kit/brief-cache.ts';
import { type Actor, actorName, type Ctx } from '../kit/context.ts';
import { type Page, type PageRequest, pageOf } from '../kit/page.ts';
import { admit } from './rights.ts';

/** The maximum number of valid tokens in an account. */
const MOST_TOKENS = 100;
/** The prefix of a token, so that people who find one know what it is. */
const BEGINNING = 'bgt_';
const RANDOM_BYTES = 32;
/** The last use is stored to the minute, so that a hundred requests per second don't cause a hundred writes. */
const NOTED_MS = 60_000;

/** How many valid tokens a process keeps. */
const MOST_KEPT = 10_000;
/**
 * How long a process trusts what it has read about a token, in milliseconds: another process's revocation counts here
 * within five seconds (scale.md).
 */
export const TRUSTED_MS = 4_000;

/** Tokens as last read, by their hash. */
export type TokenCache = BriefCache<TokenDoc>;

/** @param elapsed milliseconds that only go forward; the process's own by default */
export function tokenCache(elapsed?: () => number): TokenCache {
  return new BriefCache({ most: MOST_KEPT, keptMs: TRUSTED_MS, ...(elapsed && { elapsed }) });
}

const trusted = tokenCache();

/** A token in a list. Its secret is never shown again. */
export interface TokenSummary {
  readonly id: string;
  readonly name: string;
  readonly scope: TokenScope;
  readonly standing: TokenStanding;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  /** The day of expiry, YYYY-MM-DD in the account's time zone. */
  readonly expiresOn: string | null;
  readonly lastUsedAt: Date | null;
}

export const newTokenSchema = z.object({
  name: z
    .string()
    .transform(cleanName)
    .refine((name) => name !== '', 'Enter a name for the token.')
    .refine((name) => nameLength(name) <= TOKEN_NAME_LIMIT, `A name can have at most ${TOKEN_NAME_LIMIT} characters.`)
    .refine((name) => !isReservedName(name), 'This name could be mistaken for someone else in the event log.'),
  scope: z.enum(TOKEN_SCOPES, 'Choose what the token can do.'),
  /** Days from now; null if it doesn't expire. */
  days: z
    .number('Enter the days as a number.')
    .int('Enter whole days.')
    .min(1, 'Enter at least one day.')
    .max(MOST_TOKEN_DAYS, `Enter at most ${MOST_TOKEN_DAYS} days.`)
    .nullable(),
});
export type NewToken = z.input<typeof newTokenSchema>;

/**
 * Creates a token for the Invoice API. Only its hash is stored, so `secret` is returned only once. Safe to repeat: the
 * name is unique in the account forever, because the log refers to tokens by name.
 *
 * @throws {Refusal} `token_name_taken`, `invalid_input` with the fields at fault, `too_many_tokens`, `role_needed`
 */
export async function createToken(
  ctx: Ctx,
  accountId: string,
  input: NewToken,
): Promise<{ token: TokenSummary; secret: string }> {
  const { account } = await admit(ctx, accountId, 'administer');
  const { name, scope, days } = checked(input);
  const secret = `${BEGINNING}${randomBytes(RANDOM_BYTES).toString('base64url')}`;
  const now = ctx.clock.now();
  const token: TokenDoc = {
    _id: newId('tok'),
    accountId,
    name,
    nameKey: nameKey(name),
    hash: tokenHash(secret),
    scope,
    createdBy: actorName(ctx.actor),
    createdAt: now,
    expiresAt: days === null ? null : DateTime.fromJSDate(now, { zone: 'utc' }).plus({ days }).toJSDate(),
    revokedAt: null,
    lastUsedAt: null,
  };
  await inChange(ctx, accountId, 'administer', async (tx) => {
    await takeTurn(tx, `tokens:${accountId}`);
    await assertNameFree(accountId, name);
    if ((await countGoodTokens(accountId, now)) >= MOST_TOKENS) {
      throw new Refusal('too_many_tokens', { limit: MOST_TOKENS });
    }
    await insertToken(tx, token);
    await tx.record({
      accountId,
      type: 'token_created',
      description: `Created API token "${name}" for ${scope}`,
      after: { tokenId: token._id, name, scope, expiresAt: token.expiresAt?.toISOString() ?? null },
    });
  });
  return { token: summaryOf(token, now, account), secret };
}

/**
 * Revokes a token: in this process at once, in others within five seconds. Whatever it would change is refused at once
 * everywhere. Safe to repeat. @throws {Refusal} `token_not_found`, `role_needed` */
export async function revokeToken(ctx: Ctx, accountId: string, of: { id: string } | { name: string }): Promise<string> {
  const wanted = 'id' in of ? { _id: of.id } : { nameKey: nameKey(of.name) };
  const { name, hash } = await inAccountChange(ctx, accountId, 'administer', async (tx) => {
    const token = await tokenOf(accountId, wanted);
    if (!token) {
      throw new Refusal('token_not_found');
    }
    if (token.revokedAt) return token;
    await storeRevocation(tx, accountId, token._id, tx.clock.now());
    await tx.record({
      accountId,
      type: 'token_revoked',
      description: `Revoked API token "${token.name}"`,
      before: { tokenId: token._id, state: 'active' },
      after: { tokenId: token._id, state: 'revoked' },
    });
    return token;
  });
  trusted.forget(hash);
  return name;
}

/** An account's tokens, newest first, including revoked ones. @throws {Refusal} `role_needed` */
export async function listTokens(ctx: Ctx, accountId: string, request: PageRequest): Promise<Page<TokenSummary>> {
  const { account } = await admit(ctx, accountId, 'administer');
  const page = await pageOf(
    request,
    () => countTokens(accountId),
    ({ skip, size }) => tokenPage(accountId, { skip, limit: size }),
  );
  return { ...page, items: page.items.map((doc) => summaryOf(doc, ctx.clock.now(), account)) };
}

/** What is stored of a secret. */
export function tokenHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** The hashes of tokens that exist, valid or not, of any number of hashes. One query. */
export async function existingTokens(hashes: readonly string[]): Promise<ReadonlySet<string>> {
  return new Set(await tokenHashesAmong(hashes));
}

/** A program that acts with a token. */
export type TokenCaller = Extract<Actor, { kind: 'token' }>;

/** A caller with a valid token. */
export type Bearer = TokenCaller & { readonly scope: TokenScope };

/**
 * The owner of a secret, whose use is recorded; undefined if it is unknown, revoked or expired. One query every few
 * seconds: a token expires at its instant, and is revoked as `revokeToken` says.
 *
 * @param cache the process's own by default
 */
export async function bearerOf(
  ctx: Omit<Ctx, 'actor'>,
  secret: string,
  cache: TokenCache = trusted,
): Promise<Bearer | undefined> {
  const hash = tokenHash(secret);
  const token = await cache.get(hash, () => tokenByHash(hash));
  const now = ctx.clock.now();
  if (!token || tokenStanding(token, now) !== 'active') return undefined;
  if (!token.lastUsedAt || now.getTime() - token.lastUsedAt.getTime() >= NOTED_MS) {
    cache.replace(hash, { ...token, lastUsedAt: now });
    await noteTokenUse(token, now);
  }
  return { ...callerOf(token), scope: token.scope };
}

/** The caller behind a valid token; undefined if it is unknown, revoked or expired. */
export async function callerOfToken(ctx: Pick<Ctx, 'clock'>, tokenId: string): Promise<TokenCaller | undefined> {
  const token = await tokenById(tokenId);
  return token && tokenStanding(token, ctx.clock.now()) === 'active' ? callerOf(token) : undefined;
}

function callerOf({ _id: tokenId, accountId, name, scope }: TokenDoc): TokenCaller {
  return { kind: 'token', tokenId, accountId, name, role: roleOfScope(scope) };
}

function checked(input: NewToken): z.output<typeof newTokenSchema> {
  const parsed = newTokenSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const fields: Record<string, string> = {};
  for (const issue of parsed.error.issues) fields[String(issue.path[0])] ??= issue.message;
  throw new Refusal('invalid_input', { fields });
}

async function assertNameFree(accountId: string, name: string): Promise<void> {
  if (!(await isTokenNameTaken(accountId, nameKey(name)))) return;
  throw new Refusal('token_name_taken', { name });
}

function summaryOf(doc: TokenDoc, now: Date, { timeZone }: Pick<AccountDoc, 'timeZone'>): TokenSummary {
  const { _id: id, name, scope, createdBy, createdAt, expiresAt, lastUsedAt } = doc;
  const expiresOn = expiresAt && dayIn(expiresAt, timeZone);
  return { id, name, scope, createdBy, createdAt, expiresAt, expiresOn, lastUsedAt, standing: tokenStanding(doc, now) };
}
