import {
  anomaliesIn,
  CALM_DAYS,
  isSteady,
  type Judging,
  judgeDays,
  RELATIVE_FLOOR,
} from '../../../src/billing/insight/anomalies.ts';
import { changesOf, type KnownAnomaly } from '../../../src/billing/insight/anomaly-changes.ts';
import { type DayCost, median } from '../../../src/billing/insight/daily-costs.ts';
import { addDays } from '../../../src/billing/period/day.ts';
import { randomOf, SHAPES, type Shape, seriesOf, stepOf } from './series.ts';

/** How well anomalies are found in generated projects with an injected fault each. */
export interface AnomalyTest {
  readonly series: number;
  /** The share of faults that are reported once two of their days are complete, and of those reported once at all. */
  readonly found: number;
  readonly once: number;
  /** Reports of days without a fault, by project and quarter. A shape’s own step is none. */
  readonly falseAlarms: number;
  readonly byFault: ReadonlyMap<FaultKind, { readonly found: number; readonly once: number }>;
  readonly byShape: ReadonlyMap<Shape, { readonly found: number; readonly falseAlarms: number }>;
}

const FAULTS = ['rise', 'spike', 'drop to zero'] as const;
export type FaultKind = (typeof FAULTS)[number];

interface Fault {
  readonly kind: FaultKind;
  /** Its first day’s place, and how many days it lasts. */
  readonly at: number;
  readonly days: number;
  readonly factor: number;
}

const FIRST = '2026-03-01';
const DAYS = 184;
/** June to August: a quarter of reports, after three months of history. */
const WATCHED_FROM = 92;
const FLOOR = 25;
/** As in the job. */
const JUDGED_DAYS = 14;
/** Costs that come late come this many days after the others. */
const LATE_DAYS = 4;

interface Report {
  readonly known: KnownAnomaly;
  /** The last complete day’s place when it was reported. */
  readonly at: number;
}

/** Watches every generated project for a quarter, day by day, with and without a fault, while costs come late. */
export function anomalyTest(seeds: number, shapes: readonly Shape[] = SHAPES): AnomalyTest {
  const all = shapes.flatMap((shape) => Array.from({ length: seeds }, (_, seed) => ({ shape, ...trial(shape, seed) })));
  const share = (some: readonly (typeof all)[number][], of: 'isFound' | 'isOnce') =>
    some.filter((one) => one[of]).length / some.length;
  const alarms = (some: readonly (typeof all)[number][]) =>
    some.reduce((sum, one) => sum + one.falseAlarms, 0) / (2 * some.length);
  return {
    ...{ series: all.length, found: share(all, 'isFound'), once: share(all, 'isOnce'), falseAlarms: alarms(all) },
    byFault: new Map(
      FAULTS.map((kind) => {
        const own = all.filter(({ fault }) => fault.kind === kind);
        return [kind, { found: share(own, 'isFound'), once: share(own, 'isOnce') }];
      }),
    ),
    byShape: new Map(
      shapes.map((shape) => {
        const own = all.filter((one) => one.shape === shape);
        return [shape, { found: share(own, 'isFound'), falseAlarms: alarms(own) }];
      }),
    ),
  };
}

function trial(shape: Shape, seed: number) {
  const random = randomOf(seed * 31 + SHAPES.indexOf(shape) + 5);
  const clean = seriesOf(shape, seed, FIRST, DAYS);
  const step = stepOf(shape, seed, DAYS);
  const fault = faultIn(clean, step, random);
  const late = clean.map(() => (random() < 0.1 ? 0.05 + random() * 0.2 : 0));
  const lag = 1 + Math.floor(random() * 3);
  const faulty = clean.map((one, at) => ({ ...one, amount: faultyAmount(one.amount, at, fault, clean) }));
  const [plain, injected] = [watch(clean, late, lag), watch(faulty, late, lag)];
  const isOfStep = ({ known }: Report) => step !== undefined && isNear(known, { at: step, days: CALM_DAYS + 1 });
  const ofFault = injected.filter(({ known }) => isNear(known, fault));
  const isRight = ({ known }: Report) => (known.side === 'below') === (fault.kind === 'drop to zero');
  return {
    fault,
    isFound: ofFault.some((one) => isRight(one) && one.at <= fault.at + 1),
    isOnce: ofFault.length === 1,
    falseAlarms: [
      ...plain.filter((one) => !isOfStep(one)),
      ...injected.filter((one) => !isOfStep(one) && !ofFault.includes(one)),
    ].length,
  };
}

function faultIn(clean: readonly DayCost[], step: number | undefined, random: () => number): Fault {
  const usual = median(clean.slice(WATCHED_FROM - 28, WATCHED_FROM).map(({ amount }) => amount));
  const at = WATCHED_FROM + 5 + Math.floor(random() * (DAYS - WATCHED_FROM - 35));
  const isClear = step === undefined || Math.abs(step - at) > 14;
  const choice = FAULTS[Math.floor(random() * FAULTS.length)] ?? 'rise';
  // less than the floor is no anomaly
  const kind = choice === 'drop to zero' && usual < 3 * FLOOR ? 'rise' : choice;
  const least = 1 + (2 * FLOOR) / Math.max(usual, 1);
  if (!isClear) return faultIn(clean, step, random);
  if (kind === 'drop to zero') return { kind, at, days: 3 + Math.floor(random() * 8), factor: 0 };
  if (kind === 'spike') return { kind, at, days: 1, factor: Math.max(least, 3 + random() * 5) };
  return { kind, at, days: 4 + Math.floor(random() * 17), factor: Math.max(least, 1.6 + random() * 3.4) };
}

function faultyAmount(amount: number, at: number, fault: Fault, clean: readonly DayCost[]): number {
  if (at < fault.at || at >= fault.at + fault.days) return amount;
  if (fault.factor === 0) return 0;
  const usual = median(clean.slice(fault.at - 28, fault.at).map((one) => one.amount));
  return amount + usual * (fault.factor - 1);
}

/** Reports day by day what the job would, with costs complete after `lag` days, apart from a share that comes later. */
function watch(days: readonly DayCost[], late: readonly number[], lag: number): Report[] {
  const reports: Report[] = [];
  for (let today = WATCHED_FROM + lag + 1; today < DAYS + lag + 1; today++) {
    const complete = today - lag - 1;
    const isLate = (at: number) => at > complete - LATE_DAYS;
    const seen = days
      .slice(0, complete + 1)
      .map((one, at) => ({ ...one, amount: one.amount * (1 - (isLate(at) ? (late[at] ?? 0) : 0)) }));
    const known = reports.map((one) => one.known);
    const judging: Judging = {
      ...{ days: seen, last: JUDGED_DAYS, accepted: [], undelivered: new Set(), unusual: daysOf(known) },
      floors: { absolute: FLOOR, relative: RELATIVE_FLOOR },
    };
    if (known.every(({ hasEnded }) => hasEnded) && isSteady(judging)) continue;
    const judged = judgeDays(judging);
    const completeUntil = addDays(FIRST, complete);
    const changes = changesOf(anomaliesIn(judged), known, {
      ...{ judgedFrom: judged[0]?.day ?? completeUntil, completeUntil },
    });
    const update = (id: string, to: Partial<KnownAnomaly>) => {
      const place = reports.findIndex((one) => one.known.id === id);
      const report = reports[place];
      if (report) reports[place] = { ...report, known: { ...report.known, ...to } };
    };
    for (const { id, now } of changes.ongoing) update(id, { until: now.until });
    for (const { id, until } of changes.ended) update(id, { until, hasEnded: true });
    for (const { side, since, until, isOver } of changes.begun)
      reports.push({ known: { id: `${reports.length}`, side, since, until, hasEnded: isOver }, at: complete });
  }
  return reports;
}

function daysOf(known: readonly KnownAnomaly[]): Set<string> {
  const days = new Set<string>();
  for (const { since, until } of known) for (let day = since; day <= until; day = addDays(day, 1)) days.add(day);
  return days;
}

function isNear({ since, until }: KnownAnomaly, { at, days }: Pick<Fault, 'at' | 'days'>): boolean {
  return since <= addDays(FIRST, at + days - 1) && until >= addDays(FIRST, at);
}
