/** What all refusals with the same code have in common. */
export interface RefusalKind<Data> {
  /** The HTTP status of the API's response. */
  readonly status: 400 | 401 | 403 | 404 | 409 | 503;
  /** Whether the same request can succeed later without any change. */
  readonly isRetryable: boolean;
  /** The form fields at fault, unless the refusal names others. */
  readonly fields: readonly string[];
  /** Type only: the data that the texts need. */
  readonly data?: Data;
}

/** A refusal without data. */
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

/** The input is invalid. */
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

/** The input names something that doesn't exist in this account. */
export function notFound<Data = NoData>(...fields: readonly string[]): RefusalKind<Data> {
  return kind(STATUSES.notFound, fields);
}

/** The input is fine, but the current state doesn't allow it. */
export function conflict<Data = NoData>(...fields: readonly string[]): RefusalKind<Data> {
  return kind(STATUSES.conflict, fields);
}

/** A conflict with something in progress that will finish without further action. */
export function inProgress<Data = NoData>(): RefusalKind<Data> {
  return kind(STATUSES.conflict, [], true);
}

/** The product is too busy at the moment. */
export function unavailable<Data = NoData>(): RefusalKind<Data> {
  return kind(STATUSES.unavailable, [], true);
}
