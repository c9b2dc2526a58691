import { Refusal } from '../refusal.ts';
import type { SourceCredentials, SourceKind, SourceLocation } from './source.ts';

/** What a person has typed; only the fields of the kind are read. */
export type TypedSource = Readonly<Record<string, string | undefined>>;

/** What was typed, as a place and its secrets. */
export interface ReadSource {
  readonly location: SourceLocation;
  readonly credentials: SourceCredentials;
}

const READERS: Readonly<Record<SourceKind, (typed: TypedSource) => ReadSource>> = {
  s3: readS3,
  azure: readAzure,
  https: readHttps,
  folder: readFolder,
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; older buckets have capitals and `_`. */
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/;
const REGION = /^[a-z0-9-]{2,40}$/;
const CONTAINER = /^(?:\$root|[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9]))$/;
const DEFAULT_REGION = 'us-east-1';
/** The longest key of an object, in bytes, with S3 and Azure. */
const MAX_PREFIX = 1_024;
const HAS_CONTROLS = /\p{Cc}/u;

/** Reads where a source is, and its secrets. @throws {Refusal} `source_invalid` naming the field */
export function readSource(kind: SourceKind, typed: TypedSource): ReadSource {
  return READERS[kind](typed);
}

function readS3(typed: TypedSource): ReadSource {
  const bucket = textOf(typed.bucket).replace(/^s3:\/\//, '');
  if (!BUCKET.test(bucket)) throw wrong('bucket', 'Enter the bucket’s name, such as my-cost-exports.');
  const region = textOf(typed.region) || DEFAULT_REGION;
  if (!REGION.test(region)) throw wrong('region', 'Enter a region, such as eu-central-1.');
  const endpoint = textOf(typed.endpoint);
  const [accessKeyId, secretAccessKey] = [textOf(typed.accessKeyId), textOf(typed.secretAccessKey)];
  if ((accessKeyId === '') !== (secretAccessKey === '')) {
    throw wrong('secretAccessKey', 'Enter both the access key ID and the secret access key, or neither of them.');
  }
  if (endpoint !== '' && accessKeyId === '') {
    throw wrong('accessKeyId', 'Enter an access key. The server’s own role is only for Amazon S3.');
  }
  return {
    location: {
      kind: 's3',
      ...{ bucket, region, prefix: prefixOf(typed.prefix) },
      endpoint: endpoint === '' ? null : originOf('endpoint', endpoint),
      pathStyle: typed.pathStyle === 'true',
    },
    credentials: accessKeyId === '' ? {} : { accessKeyId, secretAccessKey },
  };
}

function readAzure(typed: TypedSource): ReadSource {
  const endpoint = baseOf('endpoint', textOf(typed.endpoint));
  const container = textOf(typed.container);
  if (!CONTAINER.test(container)) throw wrong('container', 'Enter the container’s name, such as cost-exports.');
  const [sas, accountKey] = [textOf(typed.sas).replace(/^\?/, ''), textOf(typed.accountKey)];
  if ((sas === '') === (accountKey === '')) {
    throw wrong('sas', 'Enter either a shared access signature (SAS) or an account key.');
  }
  return {
    location: { kind: 'azure', endpoint, container, prefix: prefixOf(typed.prefix) },
    credentials: sas === '' ? { accountKey } : { sas },
  };
}

function readHttps(typed: TypedSource): ReadSource {
  const url = urlOf('url', textOf(typed.url));
  const query = url.search.slice(1);
  const authorization = textOf(typed.authorization);
  url.search = '';
  url.hash = '';
  return {
    location: { kind: 'https', url: url.href },
    credentials: { ...(query !== '' && { query }), ...(authorization !== '' && { authorization }) },
  };
}

function readFolder(typed: TypedSource): ReadSource {
  const parts = textOf(typed.path)
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || parts.some((part) => HAS_CONTROLS.test(part) || part.includes('\\'))) {
    throw wrong('path', 'Enter a folder below the server’s folder for sources, such as exports/aws.');
  }
  return { location: { kind: 'folder', path: parts.join('/') }, credentials: {} };
}

function textOf(typed: string | undefined): string {
  const text = (typed ?? '').trim();
  // a header or address with a line break could become two
  if (HAS_CONTROLS.test(text)) throw wrong('name', 'Line breaks and control characters can’t be part of a source.');
  return text;
}

/** Keys begin without a slash, whatever people copy. */
function prefixOf(typed: string | undefined): string {
  const prefix = textOf(typed).replace(/^\/+/, '');
  if (Buffer.byteLength(prefix) > MAX_PREFIX) throw wrong('prefix', 'Enter a shorter prefix.');
  return prefix;
}

function originOf(field: string, typed: string): string {
  const url = urlOf(field, typed);
  if (url.pathname !== '/' || url.search !== '') throw wrong(field, 'Enter only the address, without a path.');
  return url.origin;
}

/** An address with an optional path, without its last slash. */
function baseOf(field: string, typed: string): string {
  const url = urlOf(field, typed);
  if (url.search !== '') throw wrong(field, 'Enter the address without the part after the question mark.');
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function urlOf(field: string, typed: string): URL {
  const url = URL.canParse(typed) ? new URL(typed) : undefined;
  if (!url || !['https:', 'http:'].includes(url.protocol)) {
    throw wrong(field, 'Enter an address that begins with https://.');
  }
  if (url.username !== '' || url.password !== '') {
    throw wrong(field, 'Enter user name and password as the Authorization header, not in the address.');
  }
  return url;
}

function wrong(field: string, problem: string): Refusal {
  return new Refusal('source_invalid', { field, problem }, { fields: [field] });
}
