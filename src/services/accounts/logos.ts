import { MOST_PICTURE_BYTES, pictureFault } from '../../billing/account/picture.ts';
import { Refusal } from '../../billing/refusal.ts';
import { keepPicture } from '../../store/accounts/pictures.ts';
import { admit } from '../access/rights.ts';
import type { Ctx } from '../kit/context.ts';

/**
 * Keeps a picture that is to become an account's logo, which `updateSettings` makes it by the hash. Safe to repeat: one
 * that is never named is of no consequence.
 *
 * @param pieces or what fetches them, called only for someone with the right; no more is read than a logo may have
 * @returns its hash
 * @throws {Refusal} `invalid_input` for the field `logo`, `role_needed`
 */
export async function keepLogo(
  ctx: Ctx,
  accountId: string,
  pieces: AsyncIterable<Uint8Array> | (() => Promise<AsyncIterable<Uint8Array>>),
): Promise<string> {
  await admit(ctx, accountId, 'administer');
  const bytes = await atMost(typeof pieces === 'function' ? await pieces() : pieces, MOST_PICTURE_BYTES + 1);
  const fault = pictureFault(bytes);
  if (fault !== undefined) throw new Refusal('invalid_input', { fields: { logo: fault } });
  return keepPicture(bytes, ctx.clock.now());
}

async function atMost(pieces: AsyncIterable<Uint8Array>, most: number): Promise<Buffer> {
  const read: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    read.push(piece);
    length += piece.length;
    if (length >= most) break;
  }
  return Buffer.concat(read);
}
