import { isDeepStrictEqual } from 'node:util';
import { count } from '../../billing/money/count.ts';
import { periodAt, periodName, toPeriod } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { Candidate, StoredObject } from '../../billing/source/deliveries.ts';
import { nameOfKey } from '../../billing/source/object-keys.ts';
import { assertRows, type Manifest } from '../../imports/file/manifest.ts';
import { timeZoneOf } from '../../store/accounts/account-reads.ts';
import { newId } from '../../store/kit/ids.ts';
import { fenceLease } from '../../store/kit/leases.ts';
import { otherOwnerOf, putDelivery } from '../../store/sources/delivery-queries.ts';
import { sourceById, updateSource } from '../../store/sources/source-queries.ts';
import type { DeliveredLoad, DeliveryDoc, SourceDoc } from '../../store/sources/sources.ts';
import { type Hold, HoldLost } from '../background/held-lease.ts';
import type { DeliveryEnd, DeliveryRun } from '../costs/importing/import-delivery.ts';
import { importFocus } from '../costs/imports.ts';
import { mappingsOfSource } from '../costs/mappings/cost-mappings.ts';
import type { Ctx } from '../kit/context.ts';
import type { Change } from '../kit/transaction.ts';
import { digestsOf, doubtsAbout, lastImported } from './delivered-files.ts';
import { openGuarded } from './guarded-storage.ts';
import { deliveryTitle } from './source-contents.ts';
import { type SourceStorage, StorageFault } from './source-storage.ts';

/** A complete delivery that is to be imported. */
export interface CompleteDelivery {
  readonly candidate: Candidate;
  readonly parts: readonly StoredObject[];
  readonly manifest: Manifest | undefined;
  /** What was delivered under this name before; undefined if nothing was. */
  readonly before: DeliveryDoc | undefined;
}

/** One run of a source, which nobody else does at the same time. */
export interface SourceRun {
  readonly source: SourceDoc;
  readonly storage: SourceStorage;
  readonly hold: Hold;
  /** How long the account's imports stay locked without a sign of life, in milliseconds. */
  readonly leaseMs?: number | undefined;
}

/** How many changes the description of a restated month names. The log has more. */
const NAMED_CHANGES = 5;

/**
 * Imports all files of a delivery as one load, in place of what it delivered before: all or nothing. Its new state is
 * stored in the same transaction.
 *
 * @throws {Refusal} as `importFocus`; `source_unreadable` caused by a `StorageFault`, or for costs that belong to
 * another delivery
 */
export async function importDelivery(ctx: Ctx, run: SourceRun, delivery: CompleteDelivery): Promise<void> {
  const { source, storage } = run;
  const [first, ...more] = delivery.parts.map((object) => ({
    fileName: nameOfKey(object.key),
    open: () => readable(storage, object),
  }));
  if (!first) throw new Refusal('source_unreadable', { problem: 'The manifest lists no files.' });
  await importFocus(ctx, {
    ...{ accountId: source.accountId, ...first, more, replace: true },
    mappings: await mappingsOfSource(source),
    confirmation: source.restated === 'ask' ? 'ask' : 'ask_if_doubtful',
    delivery: deliveryRun(run, delivery),
    // for files whose mapping has no dates
    ...(delivery.candidate.month !== undefined && { month: delivery.candidate.month }),
    ...(run.leaseMs !== undefined && { leaseMs: run.leaseMs }),
  });
}

function deliveryRun({ source, hold }: SourceRun, { candidate, manifest, before }: CompleteDelivery): DeliveryRun {
  const { accountId, _id: sourceId } = source;
  const { name } = candidate;
  return {
    of: { sourceId, name },
    title: deliveryTitle(source, candidate),
    doubts: doubtsAbout(source, candidate, before),
    async check(staged, rows) {
      if (manifest) assertRows(manifest, rows);
      for (const load of staged) await assertOwn({ accountId, sourceId, name }, load);
      return lastImported(before).loads;
    },
    async ended(tx, end) {
      if (!(await fenceLease(tx, hold.lease))) throw new HoldLost('Another process reads this source by now');
      const current = await sourceById(accountId, sourceId);
      // what was read before a person edited it isn't what it has now
      if (!current || !isReadTheSame(current, source)) throw new Refusal('source_not_found', {});
      const isImported = end.state === 'finished';
      const outcome = { ...outcomeOf(end, before, tx.clock.now()), files: digestsOf(source, candidate) };
      await putDelivery(tx, { ...stateOf(tx, source, candidate, before), ...outcome });
      // in any case, so that this conflicts with a removal of the source
      await updateSource(tx, current, isImported ? { lastNewAt: tx.clock.now(), silentToldAt: null } : {});
      await announce(tx, current, { candidate, before, end });
    },
  };
}

/** Whether a source still is where it was, and its files are read and replace costs in the same way. */
export function isReadTheSame(one: Reading, other: Reading): boolean {
  return isDeepStrictEqual(readingOf(one), readingOf(other));
}

type Reading = Pick<SourceDoc, 'location' | 'files' | 'restated' | 'mappingId'>;

function readingOf({ location, files, restated, mappingId = null }: Reading): Reading {
  return { location, files, restated, mappingId };
}

/** The fields of a delivery that its outcome doesn't decide. */
export function stateOf(
  { clock }: Pick<Ctx, 'clock'>,
  { accountId, _id: sourceId }: SourceDoc,
  { name, month, version }: Candidate,
  before: DeliveryDoc | undefined,
): Omit<DeliveryDoc, 'state' | 'reason'> {
  const { rows = 0, sums = {}, loads = [], files = [], imported = null } = before ?? {};
  const { importId = null, importedAt = null } = before ?? {};
  return {
    ...{ _id: before?._id ?? newId('del'), accountId, sourceId, name, month: month ?? null, version },
    ...{ rows, sums, loads, files, imported, importId, importedAt, hasUnknownLayout: false, updatedAt: clock.now() },
  };
}

function outcomeOf(
  { id: importId, state, counts, loads, doubts = [] }: DeliveryEnd,
  before: DeliveryDoc | undefined,
  now: Date,
): Partial<DeliveryDoc> & Pick<DeliveryDoc, 'state' | 'reason'> {
  if (state !== 'finished') {
    const reason = doubts.length > 0 ? doubts.join(' ') : 'Restated months have to be confirmed for this source.';
    const imported = lastImported(before);
    const both = [...imported.loads, ...loads.map(identityOf)];
    return { state: 'unconfirmed', importId, reason, loads: withoutDoubles(both), imported, updatedAt: now };
  }
  const rejected = counts.rejected > 0 ? `${count(counts.rejected, 'row was', 'rows were')} rejected.` : null;
  return {
    ...{ state: 'imported', importId, reason: rejected, rows: counts.read, sums: counts.sums, importedAt: now },
    ...{ loads: loads.map(identityOf), imported: null },
  };
}

async function announce(
  tx: Change,
  source: SourceDoc,
  of: { readonly candidate: Candidate; readonly before: DeliveryDoc | undefined; readonly end: DeliveryEnd },
): Promise<void> {
  const { candidate, before, end } = of;
  const { changeCount = 0, changes = [] } = end;
  const title = deliveryTitle(source, candidate);
  if (end.state === 'unconfirmed') {
    await tx.record({
      accountId: source.accountId,
      type: 'restatement_unconfirmed',
      description: `New files of ${title} have to be confirmed before they replace its costs. ${[...(end.doubts ?? []), summaryOf(changes, changeCount)].join(' ')}`,
      after: { source: source._id, import: end.id, changes: [...changes] },
    });
    return;
  }
  if (!before?.importedAt || changeCount === 0) return;
  await recordRestated(tx, source, { candidate, changes, changeCount });
}

/** Records what changed in a month that has ended. Changes of the current month are nothing special. */
export async function recordRestated(
  tx: Change,
  source: SourceDoc,
  of: Required<Pick<DeliveryEnd, 'changes' | 'changeCount'>> & { readonly candidate: Pick<Candidate, 'month'> },
): Promise<void> {
  const { month } = of.candidate;
  const current = periodAt(tx.clock.now(), await timeZoneOf(source.accountId));
  if (month !== undefined && month >= current) return;
  await tx.record({
    accountId: source.accountId,
    type: 'month_restated',
    description: `Costs of ${deliveryTitle(source, of.candidate)} were restated: ${summaryOf(of.changes, of.changeCount)}. Differences to issued invoices go on the next invoices as late costs`,
    after: { source: source._id, month: month ?? null, changes: [...of.changes] },
  });
}

function summaryOf(sentences: readonly string[], total: number): string {
  const named = sentences.slice(0, NAMED_CHANGES).map((sentence) => sentence.replace(/\.$/, ''));
  const more = Math.max(total, sentences.length) - named.length;
  return `${named.join('. ')}${more > 0 ? `, and ${count(more, 'more change')}` : ''}`;
}

/** @throws {Refusal} for costs that another delivery, or another source, brings */
async function assertOwn(of: Pick<DeliveryDoc, 'accountId' | 'sourceId' | 'name'>, load: DeliveredLoad): Promise<void> {
  const other = await otherOwnerOf(of, load);
  if (!other) return;
  const month = periodName(toPeriod(load.billingMonth));
  const whose = other.sourceId === of.sourceId ? 'other files of this source' : 'another source';
  throw new Refusal('source_unreadable', {
    problem: `These files contain costs of ${load.source} for ${month}, which also come from ${whose}.`,
    remedy: 'Choose a longer prefix, so that each month comes from one export.',
  });
}

async function readable(storage: SourceStorage, object: StoredObject): Promise<AsyncIterable<Uint8Array>> {
  try {
    return refusing(await openGuarded(storage, object));
  } catch (error) {
    throw refusalOf(error);
  }
}

/** The same bytes. A fault of the storage is a refusal with its reason. */
export async function* refusing(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  try {
    yield* bytes;
  } catch (error) {
    throw refusalOf(error);
  }
}

/** A fault of the storage ends an import like a fault in its files, with its reason. */
function refusalOf(error: unknown): unknown {
  if (!(error instanceof StorageFault)) return error;
  return new Refusal('source_unreadable', { problem: error.problem }, { cause: error });
}

function identityOf({ source, billingMonth }: DeliveredLoad): DeliveredLoad {
  return { source, billingMonth };
}

function withoutDoubles(loads: readonly DeliveredLoad[]): DeliveredLoad[] {
  return [...new Map(loads.map((load) => [JSON.stringify(load), load])).values()];
}
