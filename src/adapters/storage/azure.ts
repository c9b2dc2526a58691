import type { BlobDownloadResponseParsed, ContainerClient } from '@azure/storage-blob';
import type { StoredObject } from '../../billing/source/deliveries.ts';
import type { AzureLocation, SourceCredentials } from '../../billing/source/source.ts';
import { type SourceStorage, StorageFault } from '../../services/sources/source-storage.ts';
import { type AddressRule, type GuardedAgents, guardedAgents } from './guarded-agents.ts';
import { type Asked, faultOf, faultOfStatus, replacedWhileRead } from './storage-faults.ts';

type Bytes = AsyncIterable<Uint8Array>;

const MAX_TRIES = 3;
const TRY_MS = 60_000;
/** The name of the storage account in an address such as https://NAME.blob.core.windows.net. */
const ACCOUNT = /^([a-z0-9]{3,24})\./;

/**
 * A container of Azure Blob Storage, with a shared access signature or an account key.
 *
 * @param signal ends all requests
 */
export async function azureStorage(
  location: AzureLocation,
  credentials: SourceCredentials,
  { signal, rule }: { readonly signal: AbortSignal; readonly rule: AddressRule },
): Promise<SourceStorage> {
  const agents = guardedAgents(rule);
  const container = await containerOf(location, credentials, agents);
  const server = new URL(location.endpoint).host;
  const abortSignal = signal;
  return {
    async *list() {
      const asked = { what: `the container ${location.container}`, server };
      try {
        for await (const { name, properties } of container.listBlobsFlat({ prefix: location.prefix, abortSignal })) {
          const { etag, contentLength = null, lastModified } = properties;
          yield { key: name, etag: quoted(etag), size: contentLength, modified: lastModified };
        }
      } catch (error) {
        throw faultIn(error, asked);
      }
    },
    async open(object) {
      const asked = { what: `the file ${object.key}`, server };
      try {
        const found = await container.getBlobClient(object.key).download(0, undefined, {
          ...{ abortSignal, conditions: { ifMatch: object.etag } },
          // a request that is continued asks for the same version
          maxRetryRequests: MAX_TRIES,
        });
        return bodyOf(found, object, asked);
      } catch (error) {
        throw faultIn(error, asked);
      }
    },
    close: async () => agents.destroy(),
  };
}

async function containerOf(
  { endpoint, container }: AzureLocation,
  { sas, accountKey }: SourceCredentials,
  agents: GuardedAgents,
): Promise<ContainerClient> {
  const sdk = await import('@azure/storage-blob');
  const credential =
    accountKey === undefined
      ? new sdk.AnonymousCredential()
      : new sdk.StorageSharedKeyCredential(accountOf(endpoint), accountKey);
  const pipeline = sdk.newPipeline(credential, { retryOptions: { maxTries: MAX_TRIES, tryTimeoutInMs: TRY_MS } });
  // instead of agents that would connect to any address
  pipeline.factories.unshift({
    create: (next) => ({
      sendRequest(request) {
        request.agent = request.url.startsWith('https:') ? agents.https : agents.http;
        return next.sendRequest(request);
      },
    }),
  });
  const query = sas === undefined ? '' : `?${sas}`;
  return new sdk.ContainerClient(`${endpoint}/${container}${query}`, pipeline);
}

/** From the host, or from the path of servers that have it there. */
function accountOf(endpoint: string): string {
  const { hostname, pathname } = new URL(endpoint);
  const inPath = pathname.split('/').find(Boolean);
  return inPath ?? ACCOUNT.exec(hostname)?.[1] ?? '';
}

async function* bodyOf(
  found: BlobDownloadResponseParsed,
  object: StoredObject,
  asked: Asked,
): AsyncGenerator<Uint8Array> {
  try {
    if (found.etag !== undefined && quoted(found.etag) !== object.etag) throw replacedWhileRead(object.key);
    for await (const chunk of found.readableStreamBody as unknown as Bytes) yield chunk;
  } catch (error) {
    throw faultIn(error, asked);
  }
}

/** Lists have ETags without quotation marks, and conditions need them. */
function quoted(etag: string): string {
  return etag.startsWith('"') ? etag : `"${etag}"`;
}

function faultIn(error: unknown, asked: Asked): StorageFault {
  if (error instanceof StorageFault) return error;
  const status =
    typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number'
      ? error.statusCode
      : undefined;
  return faultOfStatus(status, asked, error) ?? faultOf(error, asked);
}
