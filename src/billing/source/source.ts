/** Where cost files come from automatically. */
export const SOURCE_KINDS = ['s3', 'azure', 'https', 'folder'] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** How a kind is called where people see it. */
export const SOURCE_KIND_NAMES: Readonly<Record<SourceKind, string>> = {
  s3: 'S3 bucket',
  azure: 'Azure Blob Storage',
  https: 'HTTPS URL',
  folder: 'Folder on the server',
};

export interface S3Location {
  readonly kind: 's3';
  readonly bucket: string;
  /** What the keys of its objects begin with; may be empty. */
  readonly prefix: string;
  readonly region: string;
  /** Of a service that isn't Amazon's; null for Amazon's. */
  readonly endpoint: string | null;
  /** Whether the bucket is part of the path, and not of the host name. */
  readonly pathStyle: boolean;
}

export interface AzureLocation {
  readonly kind: 'azure';
  /** The storage account's address, such as `https://NAME.blob.core.windows.net`. */
  readonly endpoint: string;
  readonly container: string;
  readonly prefix: string;
}

export interface HttpsLocation {
  readonly kind: 'https';
  /** Without its query, which may be a secret. */
  readonly url: string;
}

export interface FolderLocation {
  readonly kind: 'folder';
  /** Relative to the folder that the server allows; empty for that folder itself. */
  readonly path: string;
}

/** Where a source's files are. Contains no secrets. */
export type SourceLocation = S3Location | AzureLocation | HttpsLocation | FolderLocation;

/** A source's secrets. Which ones there are depends on the kind. */
export interface SourceCredentials {
  /** S3: an access key. Without one, the machine's own role is used. */
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  /** Azure: a shared access signature, or an account key. */
  readonly sas?: string;
  readonly accountKey?: string;
  /** HTTPS: the query of the URL, and the value of the Authorization header. */
  readonly query?: string;
  readonly authorization?: string;
}

/**
 * What happens when files change a month that is already there: `replace` takes the new files, unless rows were
 * rejected or costs fall by more than half; `ask` always waits for a person.
 */
export const RESTATED_RULES = ['replace', 'ask'] as const;
export type RestatedRule = (typeof RESTATED_RULES)[number];

/**
 * For files without a manifest: `together` adds up all files of a month, `newest` takes only the newest one, for
 * exports that contain the whole month each time.
 */
export const FILES_RULES = ['together', 'newest'] as const;
export type FilesRule = (typeof FILES_RULES)[number];

/** The most sources of an account. */
export const MAX_SOURCES = 20;
/** The longest name, in characters. */
export const MAX_SOURCE_NAME = 60;
/** The intervals that people can choose between, in hours. */
export const SOURCE_INTERVALS = [1, 3, 6, 12, 24] as const;
export const DEFAULT_INTERVAL_HOURS = 6;
/** A source is silent when it has had nothing new for this many days. */
export const DEFAULT_SILENT_DAYS = 3;
export const MAX_SILENT_DAYS = 60;

/** A source's place in one line, without secrets: `s3://bucket/prefix`. */
export function placeOfSource(location: SourceLocation): string {
  switch (location.kind) {
    case 's3':
      return `s3://${location.bucket}/${location.prefix}`;
    case 'azure':
      return `${location.endpoint}/${location.container}/${location.prefix}`;
    case 'https':
      return location.url;
    case 'folder':
      return location.path === '' ? 'the whole folder' : location.path;
  }
}
