import type { EventType } from '../../billing/event/event.ts';
import { hasHappenedSince } from '../../store/events/event-reads.ts';
import { lastEntryNumber } from '../../store/events/events.ts';
import { KeptResults } from './kept-results.ts';

/**
 * Keeps what was read of an account, in this process, until something happens that changes it. Each change and its event
 * are one transaction, so asking the log is enough, and it takes far less than reading thousands of documents.
 */
export class KeptUntil<T> {
  private readonly kept: KeptResults<T>;
  private readonly types: readonly EventType[];

  /**
   * @param types the events of all changes that the result depends on
   * @param sizeOf how many items a result has
   */
  constructor(types: readonly EventType[], sizeOf: (value: T) => number) {
    this.types = types;
    this.kept = new KeptResults(sizeOf);
  }

  /** Never older than what `read` would return when this is called. */
  async get(accountId: string, read: () => Promise<T>): Promise<T> {
    const before = this.kept.find(accountId);
    if (before && !(await hasHappenedSince(accountId, Number(before.stamp), this.types)))
      return this.kept.keep(accountId, before.stamp, before.value);
    // before the read, so that whatever happens meanwhile has a higher number
    const entry = await lastEntryNumber(accountId);
    return this.kept.keep(accountId, String(entry), await read());
  }
}
