import { isDeepStrictEqual } from 'node:util';
import { nameKey } from '../../billing/group/names.ts';
import { Refusal } from '../../billing/refusal.ts';
import { withKeptCredentials } from '../../billing/source/kept-credentials.ts';
import { placeOfSource, type SourceCredentials } from '../../billing/source/source.ts';
import { isDuplicateKey } from '../../store/kit/transaction.ts';
import { deleteDeliveriesOf, retryDeliveries } from '../../store/sources/delivery-queries.ts';
import { sourceById, sourcesOf, updateSource } from '../../store/sources/source-queries.ts';
import type { SourceDoc } from '../../store/sources/sources.ts';
import { admit } from '../access/rights.ts';
import { inChange } from '../kit/account-change.ts';
import type { Ctx } from '../kit/context.ts';
import { boxOrRefuse, openCredentials, sealCredentials } from './source-secrets.ts';
import { type SourceTools, StorageFault } from './source-storage.ts';
import { checkedSource, type NewSource } from './sources.ts';

/** What a person has typed to change a source. */
export interface EditedSource extends Omit<NewSource, 'kind'> {
  readonly id: string;
}

/** What editing a source has led to. */
export interface SourceEdit {
  readonly name: string;
  readonly hasChanged: boolean;
  /** Whether it is read at once. It isn't if nothing has changed, or while it is paused. */
  readonly isRead: boolean;
  /** Whether months stay that were read with another mapping than the source has now. */
  readonly hasOtherMapping: boolean;
}

/** The fields that people can change, as they are called in the log. */
const FIELDS = {
  name: 'name',
  location: 'location',
  everyHours: 'schedule',
  silentDays: 'days until it counts as silent',
  restated: 'what happens to restated months',
  files: 'which files count',
  mappingId: 'mapping',
} as const;

/**
 * Changes a source. Credentials that aren't typed stay, unless the server is another one. At another location, its
 * months count as new. With another mapping, months that are imported stay as they are until newer files come.
 * A run that is going on imports nothing more. The next one is at once, unless it is paused. Safe to repeat.
 *
 * @throws {Refusal} as `addSource`; `source_not_found`
 */
export async function editSource(ctx: Ctx, tools: SourceTools, input: EditedSource): Promise<SourceEdit> {
  await admit(ctx, input.accountId, 'issue');
  const before = await found(input);
  const kept = keptCredentials(tools, before);
  const typed = withKeptCredentials(before.location, kept, input.typed);
  const { name, location, credentials } = checkedSource(tools, { ...input, kind: before.location.kind, typed });
  const isSameSecret = isDeepStrictEqual(credentials, kept);
  const sealed = isSameSecret ? before.credentials : sealCredentials(boxOrRefuse(tools.box), before._id, credentials);
  return inChange(ctx, input.accountId, 'issue', async (tx) => {
    const current = await found(input);
    const others = (await sourcesOf(input.accountId)).filter(({ _id }) => _id !== input.id);
    if (others.some((other) => other.nameKey === nameKey(name))) throw new Refusal('source_name_taken', { name });
    const now = tx.clock.now();
    const change = {
      ...{ name, location, files: input.files ?? current.files, restated: input.restated ?? current.restated },
      everyHours: input.everyHours ?? current.everyHours,
      silentDays: input.silentDays ?? current.silentDays,
      mappingId: input.mappingId === undefined ? (current.mappingId ?? null) : input.mappingId,
    };
    const changed = changedFields(current, change);
    if (changed.length === 0 && isSameSecret) return { name, hasChanged: false, isRead: false, hasOtherMapping: false };
    const isElsewhere = changed.includes('location');
    if (isElsewhere) await deleteDeliveriesOf(tx, input.accountId, input.id);
    else await retryDeliveries(tx, input.accountId, input.id);
    try {
      await updateSource(tx, current, {
        ...{ ...change, nameKey: nameKey(name), credentials: sealed, failures: 0 },
        ...(isElsewhere && { lastNewAt: now, silentToldAt: null }),
        ...(current.nextRunAt !== null && { nextRunAt: now }),
      });
    } catch (error) {
      if (isDuplicateKey(error)) throw new Refusal('source_name_taken', { name });
      throw error;
    }
    const words = [...changed.map((field) => FIELDS[field]), ...(isSameSecret ? [] : ['credentials'])];
    await tx.record({
      accountId: input.accountId,
      type: 'source_changed',
      description: `Changed source "${name}": ${words.join(', ')}`,
      before: { source: input.id, ...shownIn(current, changed) },
      after: { source: input.id, ...shownIn(change, changed), ...(!isSameSecret && { hasNewCredentials: true }) },
    });
    tx.nudge('sources');
    tx.nudge('home');
    const hasOtherMapping = changed.includes('mappingId') && !isElsewhere;
    return { name, hasChanged: true, isRead: current.nextRunAt !== null, hasOtherMapping };
  });
}

type Field = keyof typeof FIELDS;
type Changeable = Pick<SourceDoc, Field>;

async function found({ accountId, id }: EditedSource): Promise<SourceDoc> {
  const source = await sourceById(accountId, id);
  if (!source) throw new Refusal('source_not_found', {});
  return source;
}

/** None if the server's keys can't read them: then they have to be typed again. */
function keptCredentials({ box }: SourceTools, source: SourceDoc): SourceCredentials {
  boxOrRefuse(box);
  try {
    return openCredentials(box, source);
  } catch (error) {
    if (error instanceof StorageFault) return {};
    throw error;
  }
}

function changedFields(before: Changeable, after: Changeable): Field[] {
  const fields = Object.keys(FIELDS) as Field[];
  return fields.filter((field) => !isDeepStrictEqual(before[field] ?? null, after[field] ?? null));
}

/** The fields that changed, without secrets. */
function shownIn(source: Changeable, fields: readonly Field[]): Record<string, unknown> {
  return Object.fromEntries(
    fields.map((field) => (field === 'location' ? ['place', placeOfSource(source.location)] : [field, source[field]])),
  );
}
