import { MOST_PICTURE_BYTES, pictureFault } from '../../billing/account/picture.ts';
import { Refusal } from '../../billing/refusal.ts';
import { keepPicture } from '../../store/accounts/pictures.ts';
import { admit } from '../access/rights.ts';
import type { Ctx } from '../kit/context.ts';

/**
 * Stores a picture as a future logo. `updateSettings` makes it the account's logo by its hash. Safe to repeat: an
 * unused picture does no harm.
 *
 * @param pieces or a function that fetches them, only called if the caller has the right; at most the maximum size of a
 * logo is read
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
