import { changesOfImports } from '../../store/costs/import-queries.ts';
import type { DeliveryDoc } from '../../store/sources/sources.ts';

/** A delivery, with what it would change if it has to be confirmed. */
export interface ShownDelivery extends DeliveryDoc {
  /** The first changes by project, largest decrease first, as sentences. */
  readonly changes?: readonly string[];
  readonly changeCount?: number;
}

/** Adds what unconfirmed deliveries would change. One query for all of them. */
export async function withChanges(accountId: string, deliveries: readonly DeliveryDoc[]): Promise<ShownDelivery[]> {
  const ids = deliveries.flatMap(({ state, importId }) => (state === 'unconfirmed' && importId ? [importId] : []));
  const found = new Map((await changesOfImports(accountId, ids)).map((one) => [one._id, one]));
  return deliveries.map((one) => {
    const asked = one.importId === null ? undefined : found.get(one.importId);
    if (one.state !== 'unconfirmed' || !asked) return one;
    const { changes, changeCount = changes.length } = asked;
    return { ...one, changes, changeCount };
  });
}
