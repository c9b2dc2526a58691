/** The source of the current time. It is passed in so that tests and local mode can advance the month. */
export interface Clock {
  /** The current instant. */
  now(): Date;
}
