import { cleanName, nameKey, nameLength } from '../../billing/group/names.ts';
import { Refusal } from '../../billing/refusal.ts';
import { readSource, type TypedSource } from '../../billing/source/read-location.ts';
import {
  DEFAULT_INTERVAL_HOURS,
  DEFAULT_SILENT_DAYS,
  type FilesRule,
  MAX_SILENT_DAYS,
  MAX_SOURCE_NAME,
  MAX_SOURCES,
  placeOfSource,
  type RestatedRule,
  SOURCE_INTERVALS,
  SOURCE_KIND_NAMES,
  type SourceCredentials,
  type SourceKind,
  type SourceLocation,
} from '../../billing/source/source.ts';
import { newId } from '../../store/kit/ids.ts';
import { isDuplicateKey } from '../../store/kit/transaction.ts';
import { deleteDeliveriesOf, deliveriesOfAccount, retryDeliveries } from '../../store/sources/delivery-queries.ts';
import {
  deleteSource,
  insertSource,
  sourceById,
  sourceByName,
  sourcesOf,
  updateSource,
} from '../../store/sources/source-queries.ts';
import type { SourceDoc } from '../../store/sources/sources.ts';
import { admit } from '../access/rights.ts';
import { inChange } from '../kit/account-change.ts';
import { actorName, type Ctx } from '../kit/context.ts';
import type { Change } from '../kit/transaction.ts';
import { type ShownDelivery, withChanges } from './shown-deliveries.ts';
import { boxOrRefuse, sealCredentials } from './source-secrets.ts';
import type { SourceTools } from './source-storage.ts';

/** A source as typed by a person. */
export interface NewSource {
  readonly accountId: string;
  readonly name: string;
  readonly kind: SourceKind;
  /** The fields of the kind: place and credentials. */
  readonly typed: TypedSource;
  readonly everyHours?: number | undefined;
  readonly silentDays?: number | undefined;
  readonly restated?: RestatedRule | undefined;
  readonly files?: FilesRule | undefined;
  /** The only mapping for its files; null to recognize them by their columns. */
  readonly mappingId?: string | null | undefined;
}

/** A source as shown to people: without its credentials. */
export interface SourceSummary extends Omit<SourceDoc, 'credentials' | 'nameKey' | 'changes' | '_id'> {
  readonly id: string;
  readonly hasCredentials: boolean;
  readonly isPaused: boolean;
  /** The latest month first. */
  readonly deliveries: readonly ShownDelivery[];
}

/** Where a source is, what it needs to be read, and what it is called. Checked. */
export interface CheckedSource {
  readonly name: string;
  readonly location: SourceLocation;
  readonly credentials: SourceCredentials;
}

/**
 * Connects a source. Its first run is at once.
 *
 * @throws {Refusal} `source_invalid`, `secrets_key_missing`, `source_name_taken`, `too_many_sources`, `role_needed`
 */
export async function addSource(ctx: Ctx, tools: SourceTools, input: NewSource): Promise<SourceSummary> {
  await admit(ctx, input.accountId, 'issue');
  const { name, location, credentials } = checkedSource(tools, input);
  const id = newId('src');
  const sealed = sealCredentials(boxOrRefuse(tools.box), id, credentials);
  return inChange(ctx, input.accountId, 'issue', async (tx, { account }) => {
    const others = await sourcesOf(account._id);
    if (others.length >= MAX_SOURCES) throw new Refusal('too_many_sources', { most: MAX_SOURCES });
    if (others.some((other) => other.nameKey === nameKey(name))) throw new Refusal('source_name_taken', { name });
    const now = tx.clock.now();
    const source: SourceDoc = {
      ...{ _id: id, accountId: account._id, name, nameKey: nameKey(name), location, credentials: sealed },
      ...{
        everyHours: input.everyHours ?? DEFAULT_INTERVAL_HOURS,
        silentDays: input.silentDays ?? DEFAULT_SILENT_DAYS,
      },
      ...{
        restated: input.restated ?? 'replace',
        files: input.files ?? 'together',
        mappingId: input.mappingId ?? null,
      },
      ...{ createdBy: actorName(ctx.actor), createdAt: now, nextRunAt: now, lastRunAt: null, outcome: null },
      ...{ lastNewAt: now, failures: 0, failingSince: null, failure: null, failureToldAt: null, silentToldAt: null },
      changes: 0,
    };
    await insertOnce(tx, source);
    await tx.record({
      accountId: account._id,
      type: 'source_connected',
      description: `Connected source "${name}" (${SOURCE_KIND_NAMES[location.kind]}, ${placeOfSource(location)})`,
      after: { source: id, kind: location.kind, place: placeOfSource(location), everyHours: source.everyHours },
    });
    tx.nudge('sources');
    return summaryOf(source, []);
  });
}

/** What a person has typed, checked. Connects nowhere. @throws {Refusal} `source_invalid`, `secrets_key_missing` */
export function checkedSource(tools: SourceTools, input: NewSource): CheckedSource {
  boxOrRefuse(tools.box);
  const name = cleanName(input.name);
  if (name === '' || nameLength(name) > MAX_SOURCE_NAME) {
    throw wrong('name', `Enter a name of up to ${MAX_SOURCE_NAME} characters.`);
  }
  const { everyHours, silentDays } = input;
  if (everyHours !== undefined && !SOURCE_INTERVALS.some((hours) => hours === everyHours)) {
    throw wrong('everyHours', `Choose an interval of ${SOURCE_INTERVALS.join(', ')} hours.`);
  }
  if (silentDays !== undefined && !(Number.isInteger(silentDays) && silentDays >= 1 && silentDays <= MAX_SILENT_DAYS)) {
    throw wrong('silentDays', `Enter a number of days from 1 to ${MAX_SILENT_DAYS}.`);
  }
  const { location, credentials } = readSource(input.kind, input.typed);
  assertOffered(tools, location, credentials);
  return { name, location, credentials };
}

/** An account's sources by name, with what they have delivered. @throws {Refusal} `role_needed` */
export async function listSources(ctx: Ctx, accountId: string): Promise<SourceSummary[]> {
  await admit(ctx, accountId, 'issue');
  const sources = await sourcesOf(accountId);
  const deliveries = await withChanges(accountId, await deliveriesOfAccount(accountId));
  return sources.map((source) =>
    summaryOf(
      source,
      deliveries.filter(({ sourceId }) => sourceId === source._id),
    ),
  );
}

/** A source by its name or ID. @throws {Refusal} `source_not_found`, `role_needed` */
export async function findSource(ctx: Ctx, accountId: string, name: string): Promise<SourceDoc> {
  await admit(ctx, accountId, 'issue');
  const found = (await sourceByName(accountId, nameKey(cleanName(name)))) ?? (await sourceById(accountId, name));
  if (!found) throw new Refusal('source_not_found', { name });
  return found;
}

/**
 * Has a source read as soon as possible, also files that were refused or declined. Also resumes a paused one.
 *
 * @throws {Refusal} `source_not_found`, `role_needed`
 */
export async function requestRun(ctx: Ctx, accountId: string, id: string): Promise<void> {
  await changeSource(ctx, accountId, id, async (tx, source) => {
    await retryDeliveries(tx, accountId, id);
    if (source.nextRunAt === null) await record(tx, source, 'Resumed');
    tx.nudge('sources');
    return { nextRunAt: tx.clock.now() };
  });
}

/**
 * Has a source read soon after a person decided about one of its months, so that this is noted. A paused one stays
 * paused, and other months that were refused or declined stay so.
 *
 * @throws {Refusal} `source_not_found`, `role_needed`
 */
export async function noteDecision(ctx: Ctx, accountId: string, id: string): Promise<void> {
  await changeSource(ctx, accountId, id, async (tx, { nextRunAt }) => {
    tx.nudge('sources');
    return nextRunAt === null ? {} : { nextRunAt: tx.clock.now() };
  });
}

/** Stops reading a source until it is resumed. Safe to repeat. @throws {Refusal} `source_not_found`, `role_needed` */
export async function pauseSource(ctx: Ctx, accountId: string, id: string): Promise<void> {
  await changeSource(ctx, accountId, id, async (tx, source) => {
    if (source.nextRunAt !== null) await record(tx, source, 'Paused');
    return { nextRunAt: null };
  });
}

/** Reads a paused source again, at once. Safe to repeat. @throws {Refusal} `source_not_found`, `role_needed` */
export async function resumeSource(ctx: Ctx, accountId: string, id: string): Promise<void> {
  await changeSource(ctx, accountId, id, async (tx, source) => {
    if (source.nextRunAt !== null) return {};
    await record(tx, source, 'Resumed');
    tx.nudge('sources');
    const now = tx.clock.now();
    // while it was paused, nothing could come
    return { nextRunAt: now, lastNewAt: now, silentToldAt: null };
  });
}

/**
 * Disconnects a source and deletes its credentials. Its costs stay. Safe to repeat. @throws {Refusal} `role_needed`
 */
export async function removeSource(ctx: Ctx, accountId: string, id: string): Promise<void> {
  await inChange(ctx, accountId, 'issue', async (tx) => {
    const source = await sourceById(accountId, id);
    if (!source) return;
    await deleteWithDeliveries(tx, source);
    tx.nudge('home');
  });
}

/** Deletes a source, its credentials and what is known about its deliveries, and records it. */
export async function deleteWithDeliveries(
  tx: Change,
  { accountId, _id: id, name, location }: SourceDoc,
): Promise<void> {
  await deleteSource(tx, accountId, id);
  await deleteDeliveriesOf(tx, accountId, id);
  await tx.record({
    accountId,
    type: 'source_removed',
    description: `Removed source "${name}". Its costs stay`,
    before: { source: id, kind: location.kind, place: placeOfSource(location) },
  });
}

async function changeSource(
  ctx: Ctx,
  accountId: string,
  id: string,
  change: (tx: Change, source: SourceDoc) => Promise<Partial<SourceDoc>>,
): Promise<void> {
  await inChange(ctx, accountId, 'issue', async (tx) => {
    const source = await sourceById(accountId, id);
    if (!source) throw new Refusal('source_not_found', {});
    await updateSource(tx, source, await change(tx, source));
    tx.nudge('home');
  });
}

async function record(tx: Change, { accountId, name, _id }: SourceDoc, done: 'Paused' | 'Resumed'): Promise<void> {
  const description = done === 'Paused' ? `Paused source "${name}"` : `Resumed source "${name}"`;
  await tx.record({
    accountId,
    type: 'source_changed',
    description,
    after: { source: _id, isPaused: done === 'Paused' },
  });
}

async function insertOnce(tx: Change, source: SourceDoc): Promise<void> {
  try {
    await insertSource(tx, source);
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    throw new Refusal('source_name_taken', { name: source.name });
  }
}

/** @throws {Refusal} for a place that this server can't or mustn't read */
function assertOffered(tools: SourceTools, location: SourceLocation, credentials: SourceCredentials): void {
  if (location.kind === 'folder' && tools.isShared) throw wrong('path', 'Folders aren’t available on this server.');
  if (location.kind === 'folder' && !tools.hasFolder) {
    throw wrong('path', 'This server has no folder for sources. Ask the people who run the app to set SOURCES_FOLDER.');
  }
  if (location.kind === 's3' && tools.isShared && credentials.accessKeyId === undefined) {
    throw wrong('accessKeyId', 'Enter an access key. On this server, there’s no role that may read your bucket.');
  }
}

function summaryOf(
  { _id: id, credentials, nameKey: _key, changes: _changes, ...source }: SourceDoc,
  deliveries: readonly ShownDelivery[],
): SourceSummary {
  const order = ({ month, name }: ShownDelivery) => `${month ?? ''} ${name}`;
  return {
    ...{ id, ...source, hasCredentials: credentials !== null, isPaused: source.nextRunAt === null },
    deliveries: deliveries.toSorted((a, b) => (order(a) > order(b) ? -1 : 1)),
  };
}

function wrong(field: string, problem: string): Refusal {
  return new Refusal('source_invalid', { field, problem }, { fields: [field] });
}
