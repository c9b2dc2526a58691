import type { StoredObject } from '../../billing/source/deliveries.ts';
import type { SourceCredentials, SourceLocation } from '../../billing/source/source.ts';
import type { SecretBox } from '../../platform/secret-box.ts';

type Bytes = AsyncIterable<Uint8Array>;

/**
 * What went wrong at a source's storage:
 *
 * - `denied`: the credentials are wrong, expired or not sufficient
 * - `missing`: the bucket, container, folder or file doesn't exist
 * - `address`: an address that may not be used
 * - `invalid`: what was answered can't be used
 * - `too_large`: more than the limits allow
 * - `changed`: a file was replaced or deleted while it was being read
 * - `unreachable`, `slow`: the server didn't answer, or stopped answering
 */
export type StorageFaultKind =
  | 'denied'
  | 'missing'
  | 'address'
  | 'invalid'
  | 'too_large'
  | 'changed'
  | 'unreachable'
  | 'slow';

/** A source's storage can't be used, or a file at it can't be read. */
export class StorageFault extends Error {
  override readonly name = 'StorageFault';
  readonly kind: StorageFaultKind;
  /** A sentence for people. Contains no secrets. */
  readonly problem: string;

  constructor(kind: StorageFaultKind, problem: string, cause?: unknown) {
    super(problem, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.problem = problem;
  }

  /** Whether it will stay so until a person changes something. */
  get isLasting(): boolean {
    return !['changed', 'unreachable', 'slow'].includes(this.kind);
  }
}

/** A file that doesn't count yet. */
export interface UnsettledFile {
  readonly key: string;
  /** In how many milliseconds it counts, if nothing changes it. */
  readonly inMs: number;
}

/** The files at a source. Nothing is held open between two calls. */
export interface SourceStorage {
  /** All files, page by page. @throws {StorageFault} */
  list(): AsyncIterable<StoredObject>;
  /**
   * The files that the latest `list` left out, because they may still be being written. Absent where files only appear
   * once they are complete.
   */
  unsettled?(): readonly UnsettledFile[];
  /**
   * A version of a file as a stream. @throws {StorageFault} `changed` if there is another version by now, also later
   * while it is read
   */
  open(object: StoredObject): Promise<Bytes>;
  /** Ends all connections. */
  close(): Promise<void>;
}

/** Connects to a source. @param signal ends everything that is going on @throws {StorageFault} */
export type OpenStorage = (
  location: SourceLocation,
  credentials: SourceCredentials,
  signal: AbortSignal,
) => Promise<SourceStorage>;

/** What sources need besides the database. */
export interface SourceTools {
  readonly open: OpenStorage;
  /** Encrypts credentials; undefined if the server has no key. */
  readonly box: SecretBox | undefined;
  /** Whether the server has a folder whose files may be read. */
  readonly hasFolder: boolean;
  /** Whether accounts of unrelated workspaces share the server, so that its own role and folder aren't theirs. */
  readonly isShared: boolean;
}
