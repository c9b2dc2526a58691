import type { GetObjectCommandOutput, S3ClientConfig } from '@aws-sdk/client-s3';
import type { StoredObject } from '../../billing/source/deliveries.ts';
import type { S3Location, SourceCredentials } from '../../billing/source/source.ts';
import { type SourceStorage, StorageFault } from '../../services/sources/source-storage.ts';
import { type AddressRule, CONNECT_MS, guardedAgents } from './guarded-agents.ts';
import { type Asked, faultOf, faultOfStatus, replacedWhileRead } from './storage-faults.ts';

type Bytes = AsyncIterable<Uint8Array>;

const IDLE_MS = 60_000;
const MAX_ATTEMPTS = 3;

/**
 * A bucket of S3, or of anything that speaks its protocol. Without an access key, the machine’s own role is used.
 *
 * @param signal ends all requests
 */
export async function s3Storage(
  location: S3Location,
  credentials: SourceCredentials,
  { signal, rule }: { readonly signal: AbortSignal; readonly rule: AddressRule },
): Promise<SourceStorage> {
  const sdk = await import('@aws-sdk/client-s3');
  const agents = guardedAgents(rule);
  const { bucket: Bucket, prefix: Prefix, region, endpoint, pathStyle } = location;
  const { accessKeyId, secretAccessKey } = credentials;
  const client = new sdk.S3Client({
    region,
    ...(endpoint !== null && { endpoint }),
    forcePathStyle: pathStyle,
    ...(accessKeyId && secretAccessKey && { credentials: { accessKeyId, secretAccessKey } }),
    maxAttempts: MAX_ATTEMPTS,
    // only Amazon knows the checksums that are asked for otherwise
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      ...{ httpAgent: agents.http, httpsAgent: agents.https },
      ...{ connectionTimeout: CONNECT_MS, socketTimeout: IDLE_MS },
    },
    logger: {},
  } as S3ClientConfig);
  const server = endpoint === null ? 'Amazon S3' : new URL(endpoint).host;
  const abortSignal = signal;
  const head = (object: StoredObject) =>
    client.send(new sdk.HeadObjectCommand({ Bucket, Key: object.key }), { abortSignal });
  return {
    async *list() {
      const asked = { what: `the bucket ${Bucket}`, server };
      try {
        for await (const { Contents = [] } of sdk.paginateListObjectsV2(
          { client },
          { Bucket, Prefix },
          { abortSignal },
        )) {
          for (const { Key, ETag, Size, LastModified } of Contents) {
            if (Key === undefined || ETag === undefined || LastModified === undefined) continue;
            yield { key: Key, etag: ETag, size: Size ?? null, modified: LastModified };
          }
        }
      } catch (error) {
        throw faultIn(error, asked);
      }
    },
    async open(object) {
      const asked = { what: `the file ${object.key}`, server };
      const { key: Key, etag: IfMatch } = object;
      try {
        const found = await client.send(new sdk.GetObjectCommand({ Bucket, Key, IfMatch }), { abortSignal });
        // some servers ignore the condition
        if (found.ETag !== object.etag) {
          found.Body?.transformToWebStream()
            .cancel()
            .catch(() => undefined);
          throw replacedWhileRead(object.key);
        }
        return bodyOf(found, asked, async () => {
          if ((await head(object)).ETag !== object.etag) throw replacedWhileRead(object.key);
        });
      } catch (error) {
        throw faultIn(error, asked);
      }
    },
    async close() {
      client.destroy();
      agents.destroy();
    },
  };
}

/** The bytes, and at their end a check for servers that write into a file while it is read. */
async function* bodyOf(
  found: GetObjectCommandOutput,
  asked: Asked,
  check: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* found.Body as unknown as Bytes;
    await check();
  } catch (error) {
    throw faultIn(error, asked);
  }
}

function faultIn(error: unknown, asked: Asked): StorageFault {
  if (error instanceof StorageFault) return error;
  const known = typeof error === 'object' && error !== null ? error : {};
  const status = '$metadata' in known ? (known.$metadata as { httpStatusCode?: number }).httpStatusCode : undefined;
  const name = 'name' in known ? String(known.name) : '';
  if (name === 'CredentialsProviderError') {
    return new StorageFault('denied', 'No access key was entered, and this machine has no role for S3.', error);
  }
  if (name === 'PermanentRedirect' || status === 301) {
    return new StorageFault('invalid', `${asked.what} is in another region. Enter its own region.`, error);
  }
  return faultOfStatus(status, asked, error) ?? faultOf(error, asked);
}
