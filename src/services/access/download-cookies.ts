import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Refusal } from '../../billing/refusal.ts';
import { sharedSecret } from '../../store/accounts/token-queries.ts';
import { BriefCache } from '../kit/brief-cache.ts';
import type { Ctx } from '../kit/context.ts';
import { callerOfToken, type TokenCaller } from './tokens.ts';

/** How long a link is valid. */
const LIFE_MS = 24 * 3_600_000;
const SECRET_ID = 'download-cookies';
const SECRET_BYTES = 32;
/** How long a process trusts the key that it has read: a key that is deleted makes links invalid within this time. */
const SECRET_KEPT_MS = 4_000;
const secrets = new BriefCache<string>({ most: 1, keptMs: SECRET_KEPT_MS });
const FORM = /^([0-9a-z]{1,11})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{1,120})$/;

/** The file that a link is for. */
export interface Download {
  readonly accountId: string;
  readonly billingGroupId: string;
  /** The invoice's number, or the name of an estimate. */
  readonly invoice: string;
}

/**
 * Lets someone without a token download an invoice for 24 hours, as long as the token that requested the link is valid.
 * Contains the expiry, a signature over it and the file, and the token's ID. Nothing is stored.
 *
 * @returns a function, so that the key is read only once for many links
 * @throws {Error} for anyone but a token
 */
export async function cookieMaker(ctx: Ctx): Promise<(download: Download) => string> {
  const { actor } = ctx;
  if (actor.kind !== 'token') throw new Error('A download link belongs to a token');
  const { tokenId } = actor;
  const key = await secret();
  const ends = (ctx.clock.now().getTime() + LIFE_MS).toString(36);
  return (download) =>
    `${ends}.${signature(key, { ...download, tokenId }, ends)}.${Buffer.from(tokenId).toString('base64url')}`;
}

/**
 * The token that a link was made with: anyone who has the link sees what the token sees.
 *
 * @throws {Refusal} `cookie_invalid` for a link to another file, a forged or expired one, or if its token was revoked
 * or has expired
 */
export async function callerOfCookie(
  ctx: Pick<Ctx, 'clock'>,
  cookie: string,
  of: Omit<Download, 'accountId'>,
): Promise<TokenCaller> {
  const [, ends, signed, token] = FORM.exec(cookie) ?? [];
  if (ends === undefined || signed === undefined || token === undefined) throw invalid();
  const tokenId = Buffer.from(token, 'base64url').toString();
  const caller = await callerOfToken(ctx, tokenId);
  if (caller === undefined) throw invalid();
  const { accountId } = caller;
  const wanted = Buffer.from(signature(await secret(), { ...of, accountId, tokenId }, ends));
  if (!timingSafeEqual(wanted, Buffer.from(signed))) throw invalid();
  if (Number.parseInt(ends, 36) <= ctx.clock.now().getTime()) throw invalid();
  return caller;
}

function signature(
  key: string,
  { accountId, billingGroupId, invoice, tokenId }: Download & { readonly tokenId: string },
  ends: string,
): string {
  const said = JSON.stringify([tokenId, accountId, billingGroupId, invoice, ends]);
  return createHmac('sha256', key).update(said).digest('base64url');
}

/** The key shared by all processes, created by the first one that needs it. One query every few seconds. */
function secret(): Promise<string> {
  return secrets.get(SECRET_ID, () => sharedSecret(SECRET_ID, () => randomBytes(SECRET_BYTES).toString('base64url')));
}

function invalid(): Refusal {
  return new Refusal('cookie_invalid');
}
