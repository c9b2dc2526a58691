import { missingDays, type SourceState } from '../../billing/insight/missing-exports.ts';
import { ZERO } from '../../billing/money/money.ts';
import { addDays } from '../../billing/period/day.ts';
import type { AnomalyDoc } from '../../store/anomalies/anomalies.ts';
import { missingExportsOf } from '../../store/anomalies/anomaly-reads.ts';
import { endAnomaly, extendAnomaly, insertAnomaly } from '../../store/anomalies/anomaly-writes.ts';
import { costsStamp, type Days } from '../../store/costs/day-cells.ts';
import { toDecimal128 } from '../../store/kit/decimal.ts';
import { takeTurn } from '../../store/kit/holds.ts';
import { newId } from '../../store/kit/ids.ts';
import type { Ctx } from '../kit/context.ts';
import { type Change, inTransaction } from '../kit/transaction.ts';
import { anomalyTurn, missingDaysText } from './anomaly-words.ts';

/** What an account’s sources have delivered. */
export interface Exports {
  readonly sources: readonly SourceState[];
  /** The days on which each source has costs. */
  readonly delivered: ReadonlyMap<string, ReadonlySet<string>>;
  /** In the account’s time zone. */
  readonly today: string;
  /** Which days were looked at, and the stamp of their costs from before. */
  readonly days: Days;
  readonly stamp: string;
}

interface Missing {
  readonly source: string;
  readonly since: string;
  readonly until: string;
}

/** Reports days that a source didn't deliver, once, and that they came after all. @returns how many were reported */
export async function checkExports(ctx: Ctx, accountId: string, of: Exports): Promise<number> {
  const missing = of.sources.flatMap((state) =>
    missingDays(state, of.delivered.get(state.source) ?? new Set(), of.today).map(
      ({ since, until }): Missing => ({ source: state.source, since, until: until ?? addDays(of.today, -1) }),
    ),
  );
  const known = await missingExportsOf(accountId);
  if (missing.length === 0 && known.every(({ state }) => state === 'ended')) return 0;
  return inTransaction(ctx, async (tx) => {
    await takeTurn(tx, anomalyTurn(accountId, null));
    // an import has begun, which may bring what is missing
    if ((await costsStamp(of.days)) !== of.stamp) return 0;
    return apply(tx, accountId, { of, missing, known: await missingExportsOf(accountId) });
  });
}

async function apply(
  tx: Change,
  accountId: string,
  { of, missing, known }: { of: Exports; missing: readonly Missing[]; known: readonly AnomalyDoc[] },
): Promise<number> {
  const isSame = (doc: AnomalyDoc, one: Missing) => doc.service === one.source && doc.since === one.since;
  for (const doc of known.filter(({ state }) => state !== 'ended')) {
    const still = missing.find((one) => isSame(doc, one));
    if (still && still.until !== doc.until)
      await extendAnomaly(tx, doc, { until: still.until, amount: doc.amount, peak: doc.peak });
    if (!still && of.delivered.get(doc.service)?.has(doc.since)) await resume(tx, doc);
    // nobody looks that far back, so that it would stay open forever
    else if (!still && doc.since < of.days.from)
      await endAnomaly(tx, doc, { until: doc.until, endedAt: tx.clock.now() });
  }
  const fresh = missing.filter((one) => !known.some((doc) => isSame(doc, one)));
  for (const one of fresh) {
    const doc = docFor(tx, accountId, one);
    await insertAnomaly(tx, doc);
    await tx.record({
      accountId,
      type: 'export_missing',
      description: `No costs were delivered from ${doc.service} for ${missingDaysText(doc)}. They are missing, not saved`,
      after: { anomalyId: doc._id, source: doc.service, since: doc.since, until: doc.until },
    });
  }
  if (fresh.length > 0) tx.nudge('news');
  return fresh.length;
}

async function resume(tx: Change, doc: AnomalyDoc): Promise<void> {
  if (!(await endAnomaly(tx, doc, { until: doc.until, endedAt: tx.clock.now() }))) return;
  await tx.record({
    accountId: doc.accountId,
    type: 'export_resumed',
    description: `Costs from ${doc.service} for ${missingDaysText({ since: doc.since, until: doc.since })} have been delivered`,
    after: { anomalyId: doc._id, source: doc.service, since: doc.since },
  });
  tx.nudge('news');
}

function docFor(tx: Change, accountId: string, { source, since, until }: Missing): AnomalyDoc {
  const none = toDecimal128(ZERO);
  return {
    ...{ _id: newId('anm'), accountId, kind: 'missing_export', projectId: null, billingGroupId: null },
    ...{ billingGroupIds: [], service: source, currency: '', side: 'below', since, until },
    ...{ amount: none, peak: since, low: none, high: none, parts: [], state: 'open' },
    ...{ reason: null, acceptedBy: null, acceptedAt: null, assignee: null, asked: [], toAsk: [], askedBy: null },
    ...{ foundAt: tx.clock.now(), endedAt: null },
  };
}
