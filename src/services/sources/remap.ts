import { deliveriesOf, readDeliveriesAgain } from '../../store/sources/delivery-queries.ts';
import type { SourceDoc } from '../../store/sources/sources.ts';
import { isReadBy, mappingsReplacedIn } from '../costs/mappings/cost-mappings.ts';
import type { Change } from '../kit/transaction.ts';

/**
 * Has months imported again that were read with another mapping for the columns of the source's new one. Those in
 * other layouts stay: the new mapping couldn't read them.
 */
export async function readAgainWith(
  tx: Change,
  { _id: sourceId, accountId }: Pick<SourceDoc, '_id' | 'accountId'>,
  mappingId: string | null,
): Promise<void> {
  const replaced = await mappingsReplacedIn({ accountId, mappingId });
  const deliveries = await deliveriesOf(accountId, sourceId);
  const concerned = deliveries.filter(({ loads }) =>
    loads.some(({ source }) => replaced.some((mapping) => isReadBy(mapping, source))),
  );
  await readDeliveriesAgain(tx, { accountId, sourceId, names: concerned.map(({ name }) => name) });
}
