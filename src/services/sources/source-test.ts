import { periodName } from '../../billing/period/period.ts';
import { Refusal } from '../../billing/refusal.ts';
import { type Candidate, isVersionOf } from '../../billing/source/deliveries.ts';
import { readCosts } from '../../imports/costs/cost-file.ts';
import type { FocusRow } from '../../imports/focus/focus.ts';
import { deliveriesOf } from '../../store/sources/delivery-queries.ts';
import type { DeliveryDoc, SourceDoc } from '../../store/sources/sources.ts';
import { mappingsOfSource } from '../costs/mappings/cost-mappings.ts';
import type { Ctx } from '../kit/context.ts';
import { openGuarded, STORAGE_LIMITS } from './guarded-storage.ts';
import { type Contents, completenessOf, contentsOf } from './source-contents.ts';
import { openCredentials } from './source-secrets.ts';
import { type SourceStorage, type SourceTools, StorageFault } from './source-storage.ts';
import { findSource } from './sources.ts';

/** A delivery at a source, and what would become of it. */
export interface FoundDelivery {
  /** The month, or what it is called. */
  readonly title: string;
  /** Undefined if a manifest lists them. */
  readonly files: number | undefined;
  readonly state: 'new' | 'changed' | 'imported' | 'incomplete' | 'refused' | 'unconfirmed';
}

/** What a test of a source has found. Nothing is imported. */
export interface SourceTest {
  readonly name: string;
  readonly files: number;
  /** How many files don’t belong to any delivery. */
  readonly ignored: number;
  /** Whether others don't count yet, because they are still being written. */
  readonly hasUnsettled: boolean;
  /** The latest first. */
  readonly deliveries: readonly FoundDelivery[];
  /** The first rows of the latest complete delivery. */
  readonly rows: readonly Pick<FocusRow, 'begin' | 'subAccountId' | 'serviceName' | 'amount' | 'currency'>[];
  /** Why there are no rows: a sentence about the file. */
  readonly problem: string | undefined;
}

/** How many rows are shown. */
const FIRST_ROWS = 5;
/** How long a person waits at most, in milliseconds. */
const MAX_TEST_MS = 60_000;
const WAIT_MS = 20_000;

/**
 * Connects to a source and reports what it has, without importing anything.
 *
 * @param name the source’s name or ID
 * @throws {Refusal} `source_unreadable` with the reason, `source_not_found`, `role_needed`
 */
export async function testSource(ctx: Ctx, tools: SourceTools, accountId: string, name: string): Promise<SourceTest> {
  const source = await findSource(ctx, accountId, name);
  try {
    const signal = AbortSignal.timeout(MAX_TEST_MS);
    const storage = await tools.open(source.location, openCredentials(tools.box, source), signal);
    try {
      return await lookAt(ctx, source, storage);
    } finally {
      await storage.close();
    }
  } catch (error) {
    if (!(error instanceof StorageFault)) throw error;
    ctx.log.info({ sourceId: source._id, kind: error.kind, err: error }, 'the test of a source failed');
    throw new Refusal('source_unreadable', { problem: error.problem }, { cause: error });
  }
}

async function lookAt(ctx: Ctx, source: SourceDoc, storage: SourceStorage): Promise<SourceTest> {
  const contents = await contentsOf(storage, source);
  const known = new Map((await deliveriesOf(source.accountId, source._id)).map((one) => [one.name, one]));
  const latest = contents.candidates.toReversed();
  const found = latest.map((candidate) => ({
    title: candidate.month === undefined ? 'Files without a month in their names' : periodName(candidate.month),
    files: filesOf(candidate),
    state: stateOf(candidate, known.get(candidate.name)),
  }));
  return {
    ...{ name: source.name, files: contents.objects.length, ignored: contents.ignored },
    ...{
      hasUnsettled: contents.settlesInMs !== undefined,
      deliveries: found,
      ...(await firstRows(ctx, source, storage, contents)),
    },
  };
}

/** Of the latest delivery that is complete. */
async function firstRows(
  ctx: Ctx,
  source: SourceDoc,
  storage: SourceStorage,
  { candidates, objects }: Contents,
): Promise<Pick<SourceTest, 'rows' | 'problem'>> {
  const mappings = await mappingsOfSource(source);
  let problem: string | undefined;
  for (const candidate of candidates.toReversed()) {
    const complete = await completenessOf(storage, candidate, objects);
    if ('waitsFor' in complete) {
      problem ??= complete.waitsFor;
      continue;
    }
    const [part] = complete.parts;
    if (!part) continue;
    const open = () => openGuarded(storage, part, { ...STORAGE_LIMITS, waitMs: WAIT_MS });
    const rows: FocusRow[] = [];
    const options = {
      now: ctx.clock.now(),
      mappings,
      ...(candidate.month !== undefined && { month: candidate.month }),
    };
    try {
      for await (const row of readCosts({ bytes: await open(), again: open }, options)) {
        if (row.kind === 'rejected') problem ??= `Line ${row.line}, ${row.column}: ${row.reason}`;
        else if (rows.push(row) === FIRST_ROWS) break;
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problem = ctx.explain?.(error) ?? error.code;
    }
    return { rows, problem: rows.length > 0 ? undefined : problem };
  }
  return { rows: [], problem };
}

function filesOf({ content }: Candidate): number | undefined {
  if (content.kind === 'files') return content.files.length;
  return content.kind === 'unannounced' ? content.files : undefined;
}

function stateOf(candidate: Candidate, known: DeliveryDoc | undefined): FoundDelivery['state'] {
  if (['unannounced', 'unsettled'].includes(candidate.content.kind)) return 'incomplete';
  if (!known) return 'new';
  if (!isVersionOf(known.version, candidate)) return known.importedAt ? 'changed' : 'new';
  if (known.state === 'waiting') return 'incomplete';
  return known.state === 'declined' ? 'imported' : known.state;
}
