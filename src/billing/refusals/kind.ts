/** What every refusal with a code has in common. */
export interface RefusalKind<Data> {
  /** The HTTP status with which the API answers. */
  readonly status: 400 | 401 | 403 | 404 | 409 | 503;
  /** Whether the same request can succeed later although nobody changes anything. */
  readonly isRetryable: boolean;
  /** The fields of a form that are at fault, unless the throw names others. */
  readonly fields: readonly string[];
  /** Only for the compiler: what the texts need to know. */
  readonly data?: Data;
}

/** A refusal that says everything with its code. */
export type NoData = Readonly<Record<never, never>>;

const STATUSES = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  notFound: 404,
  conflict: 409,
  unavailable: 503,
} as const;

function kind(status: RefusalKind<unknown>['status'], fields: readonly string[], isRetryable = false) {
  return { status, isRetryable, fields };
}

/** The input itself is wrong. */
export function invalid<Data = NoData>(...fields: readonly string[]): RefusalKind<Data> {
  return kind(STATUSES.invalid, fields);
}

/** The token is no longer valid. */
export function unauthorized<Data = NoData>(): RefusalKind<Data> {
  return kind(STATUSES.unauthorized, []);
}

/** The person or token lacks the permission. */
export function forbidden<Data = NoData>(): RefusalKind<Data> {
  return kind(STATUSES.forbidden, []);
}

/** What the input names does not exist in this account. */
export function notFound<Data = NoData>(...fields: readonly string[]): RefusalKind<Data> {
  return kind(STATUSES.notFound, fields);
}

/** The input is fine, but the current state doesn't allow it. */
export function conflict<Data = NoData>(...fields: readonly string[]): RefusalKind<Data> {
  return kind(STATUSES.conflict, fields);
}

/** A conflict with something in progress, which ends without anybody doing anything. */
export function inProgress<Data = NoData>(): RefusalKind<Data> {
  return kind(STATUSES.conflict, [], true);
}

/** The product is too busy at the moment. */
export function unavailable<Data = NoData>(): RefusalKind<Data> {
  return kind(STATUSES.unavailable, [], true);
}
