import mongoose from 'mongoose';
import { Decimal } from '../../src/billing/money/money.ts';
import { type Period, shiftPeriod, spanOf } from '../../src/billing/period/period.ts';
import { costReport } from '../../src/services/insight/cost-report.ts';
import { compareWithMonthBefore } from '../../src/services/insight/month-comparison.ts';
import { forecastMonth } from '../../src/services/insight/month-forecast.ts';
import type { Subject } from '../../src/services/insight/subject.ts';
import type { Ctx } from '../../src/services/kit/context.ts';
import { Loads } from '../../src/store/costs/costs.ts';
import { CostDays } from '../../src/store/costs/day-sums.ts';
import { CostItems } from '../../src/store/costs/item-sums.ts';
import { ProjectTotals, totalsDocs } from '../../src/store/costs/totals/project-totals.ts';
import { Groups, Projects } from '../../src/store/groups/groups.ts';
import { Lines } from '../../src/store/invoicing/invoices.ts';
import { toDecimal128 } from '../../src/store/kit/decimal.ts';
import { QueryCounter } from '../support/database/queries.ts';
import { largeAccount, PRESENT, storeTrails } from './large-account.ts';
import { judge, measure, RUNS, say } from './measure.ts';
import { benchContext } from './slack-side.ts';

const GROUPS = 1_000;
const PROJECTS_EACH = 10;
const MONTHS = 24;
const SERVICES = ['Compute', 'Storage', 'Network'];
const BATCH = 2_000;
const MOST_QUERIES = 10;
const MOST_MS = 250;
/** As in the reply. */
const MOST_NAMED = 60;
const clock = { now: () => new Date('2026-03-20T12:00:00Z') };
const DAYS = Array.from({ length: 28 }, (_, at) => at + 1);

/** What people and programs ask about costs, in an account with ten thousand projects and two years. */
export async function benchInsight(): Promise<void> {
  const ctx = benchContext(clock);
  const of = { groups: GROUPS, projectsEach: PROJECTS_EACH, members: ['UV0'], name: 'Insight' };
  const accountId = await largeAccount(ctx, of);
  await fill(accountId);
  const group = await Groups.findOne({ accountId, name: 'Group 0500' }).orFail().lean();
  const project = await Projects.findOne({ accountId, name: 'project-05000' }).orFail().lean();
  const subjects: Readonly<Record<string, Subject>> = {
    account: { kind: 'account' },
    group: { kind: 'group', group },
    project: { kind: 'project', project },
  };
  const queries = new QueryCounter();
  for (const [name, subject] of Object.entries(subjects)) {
    for (const [what, ask] of Object.entries(questions(ctx, accountId, subject))) {
      await ask();
      queries.take();
      await ask();
      const taken = queries.take();
      const { median } = await measure(RUNS, async () => undefined, ask);
      judge(
        `${what} of the ${name}`,
        { value: taken.length, most: MOST_QUERIES, unit: ' queries' },
        { value: median * 1_000, most: MOST_MS, unit: ' ms' },
      );
      if (taken.length > MOST_QUERIES) say(`  ${taken.join(', ')}`);
    }
  }
}

function questions(ctx: Ctx, accountId: string, subject: Subject): Readonly<Record<string, () => Promise<void>>> {
  const [from, until] = [`${shiftPeriod(PRESENT, -MONTHS + 1)}-01`, `${PRESENT}-31`];
  const report = (split: 'day' | 'service' | 'project', first: string) => async () =>
    void (await costReport(ctx, accountId, { subject, from: first, until, split, mostNamed: MOST_NAMED }));
  return {
    'two years of costs by day': report('day', from),
    'two years of costs by service': report('service', from),
    'a month of costs by project': report('project', `${PRESENT}-01`),
    'two years of costs by project': report('project', from),
    comparison: async () => void (await compareWithMonthBefore(ctx, accountId, subject, PRESENT)),
    forecast: async () => void (await forecastMonth(ctx, accountId, subject)),
  };
}

/** Sums by day and by item for each month, and the lines of the month before the open one. */
async function fill(accountId: string): Promise<void> {
  const projects = await Projects.find({ accountId }, { name: 1 }).lean();
  for (let at = 0; at < MONTHS; at++) await fillMonth(accountId, shiftPeriod(PRESENT, -at), projects);
  const before = shiftPeriod(PRESENT, -1);
  const { begin, end } = spanOf(before, 'Europe/Berlin');
  const lines = await Lines.find({ accountId, period: PRESENT }).lean();
  for (let at = 0; at < lines.length; at += BATCH) {
    const copies = lines.slice(at, at + BATCH).map(({ _id, invoiceId, place, ...line }) => ({
      ...line,
      ...{ invoiceId: invoiceId.replace(PRESENT, before), place, period: before, begin, end },
      ...{ exact: decimal(1 + (place % 7) / 10), total: decimal(1 + (place % 7) / 10) },
    }));
    await Lines.collection.insertMany(copies);
  }
  await storeTrails(accountId, before);
}

async function fillMonth(
  accountId: string,
  month: Period,
  projects: readonly { readonly _id: string }[],
): Promise<void> {
  const sumsId = new mongoose.Types.ObjectId();
  await Loads.create([
    {
      ...{ accountId, source: 'focus:b1', billingMonth: month, state: 'active', stagedBy: null },
      ...{ periods: [month], writer: 1, sums: { id: sumsId, writer: 1, hasDays: true, hasTotals: true } },
    },
  ]);
  const days = DAYS.map((day) => ({ day, amount: decimal(0.1) }));
  // older months are read only as a whole or for a few projects
  const services = month >= shiftPeriod(PRESENT, -1) ? SERVICES : SERVICES.slice(0, 1);
  const totals = new Map(projects.map(({ _id }) => [_id, new Decimal(2.8 * services.length)]));
  const span = { from: `${month}-01`, until: `${month}-28` };
  await ProjectTotals.insertMany(totalsDocs({ accountId, sumsId, month, ...span, currency: 'EUR' }, totals));
  const ids: (string | null)[] = [null, ...projects.map(({ _id }) => _id)];
  for (const serviceName of services) {
    const of = { accountId, sumsId, serviceName, currency: 'EUR' };
    for (let at = 0; at < ids.length; at += BATCH) {
      const batch = ids.slice(at, at + BATCH);
      await CostDays.collection.insertMany(
        batch.map((projectId) => ({ ...of, projectId, month, amount: decimal(2.8), days })) as never[],
      );
      if (services.length === 1) continue;
      const items = ['a', 'b'].map((item) => ({ item, unit: 'h', quantity: decimal(10), amount: decimal(1.4) }));
      await CostItems.collection.insertMany(
        batch.flatMap((projectId) =>
          projectId === null ? [] : [{ ...of, projectId, period: month, items }],
        ) as never[],
      );
    }
  }
}

function decimal(value: number): mongoose.Types.Decimal128 {
  return toDecimal128(new Decimal(value));
}
