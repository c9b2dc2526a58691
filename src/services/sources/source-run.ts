import { count } from '../../billing/money/count.ts';
import { Refusal } from '../../billing/refusal.ts';
import { type Candidate, isVersionOf } from '../../billing/source/deliveries.ts';
import { deliveriesOf } from '../../store/sources/delivery-queries.ts';
import { sourceById } from '../../store/sources/source-queries.ts';
import type { DeliveryDoc, SourceDoc } from '../../store/sources/sources.ts';
import { Hold } from '../background/held-lease.ts';
import { refuseImport } from '../costs/import-queue.ts';
import type { Ctx } from '../kit/context.ts';
import { importDelivery, type SourceRun } from './deliver.ts';
import { type Delivered, isPending, note, SourceGone, settled } from './run-changes.ts';
import { type Contents, completenessOf, contentsOf, deliveryTitle } from './source-contents.ts';
import { noteOutcome, type RunOutcome } from './source-outcome.ts';
import { openCredentials } from './source-secrets.ts';
import { type SourceTools, StorageFault, type StorageFaultKind } from './source-storage.ts';

export interface RunOptions {
  /** How long a source, and its account's imports, wait if the process is killed, in milliseconds. */
  readonly leaseMs?: number;
}

/** Renewed while a run goes on. */
const LEASE_MS = 20_000;
/** The longest run, in milliseconds. What it doesn't reach is left to the next one. */
const MAX_RUN_MS = 2 * 3_600_000;
/** Faults that say nothing about other files of the source. */
const OF_ONE_FILE: readonly StorageFaultKind[] = ['denied', 'missing', 'invalid', 'too_large'];

/** What became of a delivery. `busy` if another import of the account runs. */
type Result =
  | { readonly kind: 'unchanged' | 'imported' | 'busy' | 'changing' }
  | { readonly kind: 'waiting' | 'unconfirmed' | 'refused'; readonly reason: string };

/**
 * Looks for new files of a source and imports what is complete, month by month. One process at a time does this, under
 * a lease. Safe to repeat, and to kill at any point: a delivery counts as imported in the same transaction as its
 * costs.
 *
 * @param of the source if it is due
 * @returns false if another process is doing it
 */
export async function runSource(
  ctx: Ctx,
  tools: SourceTools,
  { accountId, _id: id }: Pick<SourceDoc, 'accountId' | '_id'>,
  { leaseMs }: RunOptions = {},
): Promise<boolean> {
  const hold = await Hold.claim(`source:${id}`, leaseMs ?? LEASE_MS);
  if (!hold) return false;
  try {
    const source = await sourceById(accountId, id);
    if (!source?.nextRunAt || source.nextRunAt > ctx.clock.now()) return true;
    const outcome = await readSource(ctx, tools, source, { hold, leaseMs });
    await noteOutcome(ctx, { source, hold }, outcome);
    ctx.nudge('home');
    return true;
  } catch (error) {
    if (error instanceof SourceGone) return true;
    throw error;
  } finally {
    await hold.free();
  }
}

async function readSource(
  ctx: Ctx,
  tools: SourceTools,
  source: SourceDoc,
  { hold, leaseMs }: { readonly hold: Hold; readonly leaseMs: number | undefined },
): Promise<RunOutcome> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), MAX_RUN_MS).unref();
  try {
    const credentials = openCredentials(tools.box, source);
    const storage = await tools.open(source.location, credentials, over.signal);
    try {
      return await deliverAll(ctx, { source, storage, hold, leaseMs });
    } finally {
      await storage.close();
    }
  } catch (error) {
    if (!(error instanceof StorageFault)) throw error;
    ctx.log.warn({ sourceId: source._id, kind: error.kind, err: error }, 'a source can’t be read');
    return {
      found: error.problem,
      next: 'in time',
      failure: { reason: error.problem, isLasting: error.isLasting },
    };
  } finally {
    clearTimeout(timer);
    over.abort();
  }
}

async function deliverAll(ctx: Ctx, run: SourceRun): Promise<RunOutcome> {
  const { source, storage, hold } = run;
  const contents = await contentsOf(storage, source);
  const known = new Map((await deliveriesOf(source.accountId, source._id)).map((one) => [one.name, one]));
  const results: { readonly candidate: Candidate; readonly result: Result }[] = [];
  for (const candidate of contents.candidates) {
    hold.assert();
    const result = await deliver(ctx, run, { candidate, objects: contents.objects, before: known.get(candidate.name) });
    results.push({ candidate, result });
    if (result.kind === 'busy') break;
  }
  return outcomeOf(source, results, contents);
}

async function deliver(
  ctx: Ctx,
  run: SourceRun,
  of: Delivered & { readonly objects: Parameters<typeof completenessOf>[2] },
): Promise<Result> {
  const { candidate } = of;
  const before = await settled(ctx, run, of);
  if (before && isVersionOf(before.version, candidate)) {
    if (before.state === 'imported' || before.state === 'declined') return { kind: 'unchanged' };
    if (before.state !== 'waiting') return { kind: before.state, reason: before.reason ?? '' };
  }
  try {
    return await readDelivery(ctx, run, { ...of, before });
  } catch (error) {
    return refused(ctx, run, { candidate, before }, error);
  }
}

async function readDelivery(ctx: Ctx, run: SourceRun, of: Parameters<typeof deliver>[2]): Promise<Result> {
  const { source, storage } = run;
  const { candidate, objects, before } = of;
  const complete = await completenessOf(storage, candidate, objects);
  if ('waitsFor' in complete) {
    const reason = complete.waitsFor;
    // what is known of a month's files stays while one is rewritten, such as that someone has to confirm or has declined them
    const isKept = candidate.content.kind === 'unsettled' && before !== undefined && before.version !== '';
    const isNoted = before?.state === 'waiting' && before.reason === reason;
    if (!isKept && !isNoted) await note(ctx, run, of, { state: 'waiting', reason });
    // nor can a source be imported again that fails with them, until it has been
    if (isKept && before.state === 'refused') return { kind: 'refused', reason: before.reason ?? '' };
    return { kind: 'waiting', reason };
  }
  const latest = await withoutUnconfirmed(ctx, run, of);
  try {
    await importDelivery(ctx, run, { candidate, before: latest, ...complete });
  } catch (error) {
    return refused(ctx, run, { candidate, before: latest }, error);
  }
  const after = (await deliveriesOf(source.accountId, source._id)).find(({ name }) => name === candidate.name);
  if (after?.state === 'unconfirmed') return { kind: 'unconfirmed', reason: after.reason ?? '' };
  return { kind: 'imported' };
}

/** Ends an unconfirmed import of older files. @returns what is known of the delivery then */
async function withoutUnconfirmed(ctx: Ctx, run: SourceRun, of: Delivered): Promise<DeliveryDoc | undefined> {
  const { before } = of;
  if (!isPending(before)) return before;
  await refuseImport(ctx, { accountId: before.accountId, id: before.importId }, 'Newer files were delivered.');
  return settled(ctx, run, of);
}

/** What becomes of a delivery that can't be imported. @throws what concerns the whole source */
async function refused(ctx: Ctx, run: SourceRun, of: Delivered, error: unknown): Promise<Result> {
  const fault = error instanceof Refusal ? error.cause : error;
  if (fault instanceof StorageFault) return unreadable(ctx, run, of, fault);
  if (!(error instanceof Refusal)) throw error;
  if (['import_running', 'invoiced_meanwhile', 'costs_changed_meanwhile'].includes(error.code)) return { kind: 'busy' };
  const reason = ctx.explain?.(error) ?? error.code;
  const hasUnknownLayout = 'missing' in error.data && error.data.missing !== undefined;
  await note(ctx, run, of, { state: 'refused', reason, hasUnknownLayout });
  return { kind: 'refused', reason };
}

async function unreadable(ctx: Ctx, run: SourceRun, of: Delivered, fault: StorageFault): Promise<Result> {
  const { kind, problem: reason } = fault;
  if (kind === 'changed') return { kind: 'changing' };
  if (!OF_ONE_FILE.includes(kind)) throw fault;
  // a file that is too large stays so; whatever else it is may be over at the next run
  await note(ctx, run, of, { state: kind === 'too_large' ? 'refused' : 'waiting', reason });
  return { kind: 'refused', reason };
}

function outcomeOf(
  source: SourceDoc,
  results: readonly { readonly candidate: Candidate; readonly result: Result }[],
  { objects, settlesInMs }: Contents,
): RunOutcome {
  const of = (kind: Result['kind']) => results.filter(({ result }) => result.kind === kind);
  const [refusal] = of('refused');
  const next: RunOutcome['next'] =
    of('busy').length > 0 ? 'at once' : of('waiting').length + of('changing').length > 0 ? 'soon' : 'in time';
  const parts = [
    of('imported').length > 0 ? `${count(of('imported').length, 'new delivery', 'new deliveries')}` : 'nothing new',
    ...['waiting', 'unconfirmed', 'refused'].flatMap((kind) => {
      const number = of(kind as Result['kind']).length;
      return number > 0 ? [`${number} ${kind}`] : [];
    }),
    ...(of('changing').length > 0 ? ['files changed while they were read'] : []),
    ...(of('busy').length > 0 ? ['another import is running'] : []),
    ...(settlesInMs === undefined ? [] : ['files are still being written']),
  ];
  const outcome = { found: `${count(objects.length, 'file')}: ${parts.join(', ')}`, next, settlesInMs };
  if (!refusal || !('reason' in refusal.result)) return outcome;
  const reason = `${deliveryTitle(source, refusal.candidate)}: ${refusal.result.reason}`;
  return { ...outcome, failure: { reason, isLasting: true } };
}
