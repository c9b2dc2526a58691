/** Where the present instant comes from. It is handed in, so that a test, and local mode, can set the month forward. */
export interface Clock {
  /** The present instant. */
  now(): Date;
}
