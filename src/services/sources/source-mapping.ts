import type { Period } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { StoredObject } from '../../billing/source/deliveries.ts';
import { deliveriesOf, retryDeliveries } from '../../store/sources/delivery-queries.ts';
import { sourceById, updateSource } from '../../store/sources/source-queries.ts';
import type { SourceDoc } from '../../store/sources/sources.ts';
import { type ChosenColumns, type MappedFile, saveColumns } from '../costs/mappings/mapping-draft.ts';
import type { Ctx } from '../kit/context.ts';
import { refusing } from './deliver.ts';
import { openGuarded } from './guarded-storage.ts';
import { completenessOf, contentsOf } from './source-contents.ts';
import { openCredentials } from './source-secrets.ts';
import { type SourceStorage, type SourceTools, StorageFault } from './source-storage.ts';
import { findSource } from './sources.ts';

/** A file of a source whose columns a person chooses. */
export interface SourceFile extends MappedFile {
  /** Of its path or name; undefined if it names none. */
  readonly month: Period | undefined;
}

/** The longest time that a person waits, in milliseconds. */
const MAX_WAIT_MS = 60_000;

/**
 * Looks for a file of a source whose columns a person can choose: of the latest month that was refused, or else of the
 * latest one that is complete. Imports nothing.
 *
 * @throws {Refusal} `source_unreadable` with the reason, also when it is opened; `source_not_found`, `role_needed`
 */
export async function fileOfSource(ctx: Ctx, tools: SourceTools, accountId: string, id: string): Promise<SourceFile> {
  const source = await findSource(ctx, accountId, id);
  const connect = () =>
    tools.open(source.location, openCredentials(tools.box, source), AbortSignal.timeout(MAX_WAIT_MS));
  const { object, month } = await explained(async () => {
    const storage = await connect();
    try {
      return await latestFile(source, storage);
    } finally {
      await storage.close();
    }
  });
  const open = () =>
    explained(async () => {
      const storage = await connect();
      try {
        return refusing(closing(await openGuarded(storage, object), storage));
      } catch (error) {
        await storage.close();
        throw error;
      }
    });
  return { accountId, fileName: source.name, month, open };
}

/**
 * Saves a mapping for the files of a source, and has those read again that were refused.
 *
 * @returns the mapping's name
 * @throws {Refusal} as `tryMapping`, `too_many_mappings`, `source_not_found`
 */
export async function mapSource(
  ctx: Ctx,
  file: MappedFile,
  { id, chosen }: { readonly id: string; readonly chosen: ChosenColumns },
): Promise<string> {
  const { accountId } = file;
  return saveColumns(ctx, file, chosen, async (tx, saved) => {
    const source = await sourceById(accountId, id);
    if (!source) throw new Refusal('source_not_found', {});
    await retryDeliveries(tx, accountId, id);
    await updateSource(tx, source, {
      ...(source.mappingId && { mappingId: saved.id }),
      ...(source.nextRunAt !== null && { nextRunAt: tx.clock.now() }),
    });
    tx.nudge('sources');
    return saved.name;
  });
}

async function latestFile(
  source: SourceDoc,
  storage: SourceStorage,
): Promise<{ readonly object: StoredObject; readonly month: Period | undefined }> {
  const { candidates, objects } = await contentsOf(storage, source);
  const known = new Map((await deliveriesOf(source.accountId, source._id)).map((one) => [one.name, one.state]));
  const isRefused = ({ name }: (typeof candidates)[number]) => known.get(name) === 'refused';
  const latest = candidates.toReversed();
  for (const candidate of [...latest.filter(isRefused), ...latest.filter((one) => !isRefused(one))]) {
    const complete = await completenessOf(storage, candidate, objects);
    const object = 'parts' in complete ? complete.parts[0] : undefined;
    if (object) return { object, month: candidate.month };
  }
  throw new Refusal('source_unreadable', { problem: 'There’s no complete file at this source yet.' });
}

async function* closing(bytes: AsyncIterable<Uint8Array>, storage: SourceStorage): AsyncGenerator<Uint8Array, void> {
  try {
    yield* bytes;
  } finally {
    await storage.close();
  }
}

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StorageFault)) throw error;
    throw new Refusal('source_unreadable', { problem: error.problem }, { cause: error });
  }
}
