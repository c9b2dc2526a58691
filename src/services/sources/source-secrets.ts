import { Refusal } from '../../billing/refusal.ts';
import type { SourceCredentials } from '../../billing/source/source.ts';
import type { SecretBox } from '../../platform/secret-box.ts';
import { eachSourceWithCredentials, resealCredentials } from '../../store/sources/source-queries.ts';
import type { SourceDoc } from '../../store/sources/sources.ts';
import { StorageFault } from './source-storage.ts';

/** The key with which credentials are encrypted. @throws {Refusal} `secrets_key_missing` */
export function boxOrRefuse(box: SecretBox | undefined): SecretBox {
  if (!box) throw new Refusal('secrets_key_missing');
  return box;
}

/** Credentials as they are stored; null if there are none. */
export function sealCredentials(box: SecretBox, sourceId: string, credentials: SourceCredentials): string | null {
  const isEmpty = Object.keys(credentials).length === 0;
  return isEmpty ? null : box.seal(JSON.stringify(credentials), placeOf(sourceId));
}

/** Stored credentials in plain text. @throws {StorageFault} `denied` if the server's keys can't read them */
export function openCredentials(
  box: SecretBox | undefined,
  { _id, credentials }: Pick<SourceDoc, '_id' | 'credentials'>,
): SourceCredentials {
  if (credentials === null) return {};
  try {
    return JSON.parse(boxOrRefuse(box).open(credentials, placeOf(_id)));
  } catch (error) {
    const problem = 'The stored credentials can’t be decrypted with this server’s SECRETS_KEY.';
    throw new StorageFault('denied', problem, error);
  }
}

/** Encrypts all credentials with the newest key, so that older keys can be removed. @returns how many were changed */
export async function resealSources(box: SecretBox): Promise<number> {
  let changed = 0;
  for await (const one of eachSourceWithCredentials()) {
    if (one.credentials === null || !box.isOutdated(one.credentials)) continue;
    const sealed = box.seal(box.open(one.credentials, placeOf(one._id)), placeOf(one._id));
    if (await resealCredentials(one, sealed)) changed += 1;
  }
  return changed;
}

function placeOf(sourceId: string): string {
  return `sources ${sourceId} credentials`;
}
