interface Reading<T> {
  readonly current: Promise<T>;
  /** Begins when the current one has ended. */
  next: Promise<T> | undefined;
}

/**
 * Lets requests that ask for the same at the same time share a read of the database. A request never gets the result of
 * a read that began before it: it waits for the current one to end, and shares the next. So nobody sees older data than
 * they would alone, and at most one read of a kind runs at a time. Not for reads inside a transaction.
 */
export class SharedReads<T> {
  private readonly readings = new Map<string, Reading<T>>();

  /**
   * @param question the same for the same read; it must contain whatever the result depends on, the account above all
   * @throws what `read` throws, to all who share it
   */
  get(question: string, read: () => Promise<T>): Promise<T> {
    const reading = this.readings.get(question);
    if (!reading) return this.begin(question, read);
    const begin = () => this.begin(question, read);
    reading.next ??= reading.current.then(begin, begin);
    return reading.next;
  }

  private begin(question: string, read: () => Promise<T>): Promise<T> {
    const reading: Reading<T> = { current: read(), next: undefined };
    this.readings.set(question, reading);
    const end = () => {
      if (!reading.next) this.readings.delete(question);
    };
    reading.current.then(end, end);
    return reading.current;
  }
}
