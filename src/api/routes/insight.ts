import { toFixedMinor } from '../../billing/money/money.ts';
import { daysBetween } from '../../billing/period/day.ts';
import { toPeriod } from '../../billing/period/period.ts';
import { type AnomalySummary, anomaliesFrom } from '../../services/anomalies/anomaly-lists.ts';
import { costReport } from '../../services/insight/cost-report.ts';
import { compareWithMonthBefore } from '../../services/insight/month-comparison.ts';
import { forecastMonth } from '../../services/insight/month-forecast.ts';
import { type Subject, subjectById } from '../../services/insight/subject.ts';
import { findProjects } from '../../services/projects/project-lists.ts';
import { nextCursor, partOf, USUAL_LIMIT } from '../cursor.ts';
import { apiError } from '../errors.ts';
import { resolvedId, shownId } from '../ids.ts';
import { type Caller, callerIn, json, type Route, route } from '../route.ts';
import {
  anomaliesAnswer,
  anomaliesQuery,
  comparisonAnswer,
  comparisonQuery,
  costsAnswer,
  costsQuery,
  forecastAnswer,
  subjectQuery,
} from '../schemas/insight.ts';

const ANOMALIES = 'anomalies';
/** Two years. */
const MOST_DAYS = 731;

/** What people ask with `/billing costs`, `compare` and `forecast`. */
export const insightRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/costs',
    operation: 'getCosts',
    tag: 'Costs',
    summary: 'The usage costs of some days by day, service, project or tag, in the currencies of the cost files',
    access: 'billing:read',
    query: costsQuery,
    answers: { 200: { description: 'The costs', schema: costsAnswer } },
    async run({ caller, query }) {
      const { ctx, accountId } = callerIn({ caller });
      const { from, until, by: split, tag } = query;
      if (daysBetween(from, until) < 0) throw apiError(400, 'invalid_input', 'until: Before from.');
      if (daysBetween(from, until) >= MOST_DAYS)
        throw apiError(400, 'invalid_input', `until: At most ${MOST_DAYS} days.`);
      const subject = await subjectOf({ ctx, accountId }, query);
      const report = await costReport(ctx, accountId, { subject, from, until, split, tag });
      return json({
        ...{ subject: report.subject, from, until },
        currencies: report.currencies.map(({ currency, total, shares }) => ({
          ...{ currency, total: toFixedMinor(total, currency) },
          shares: shares.map(({ name, amount }) => ({ name, amount: toFixedMinor(amount, currency) })),
        })),
      });
    },
  }),
  route({
    method: 'get',
    path: '/comparison',
    operation: 'getComparison',
    tag: 'Costs',
    summary: 'A month compared with the one before it, with the parts of the change; the last that has ended if absent',
    access: 'billing:read',
    query: comparisonQuery,
    answers: { 200: { description: 'The comparison', schema: comparisonAnswer } },
    async run({ caller, query }) {
      const { ctx, accountId } = callerIn({ caller });
      const month = query.month === undefined ? undefined : toPeriod(query.month);
      const compared = await compareWithMonthBefore(ctx, accountId, await subjectOf({ ctx, accountId }, query), month);
      const { subject, period, before, isOpen } = compared;
      return json({
        ...{ subject, month: period, month_before: before, is_open: isOpen },
        currencies: compared.currencies.map((one) => {
          const words = (amount: typeof one.now) => toFixedMinor(amount, one.currency);
          return {
            ...{ currency: one.currency, amount: words(one.now), amount_before: words(one.before) },
            change: words(one.change),
            parts: one.byKind.map(({ kind, amount }) => ({ kind, amount: words(amount) })),
            largest: one.largest.map(({ kind, project, service, amount }) => ({
              ...{ kind, project: project?.title ?? null, service, amount: words(amount) },
            })),
          };
        }),
      });
    },
  }),
  route({
    method: 'get',
    path: '/forecast',
    operation: 'getForecast',
    tag: 'Costs',
    summary: 'Where the open month’s usage costs will end, in the currencies of the cost files',
    access: 'billing:read',
    query: subjectQuery,
    answers: { 200: { description: 'The forecast', schema: forecastAnswer } },
    async run({ caller, query }) {
      const { ctx, accountId } = callerIn({ caller });
      const forecast = await forecastMonth(ctx, accountId, await subjectOf({ ctx, accountId }, query));
      const { subject, period: month, completeUntil: complete_until } = forecast;
      return json({
        ...{ subject, month, complete_until },
        currencies: forecast.currencies.map(({ currency, method, soFar, total, band, lastMonth, budget }) => {
          const words = (amount: typeof total) => toFixedMinor(amount, currency);
          return {
            ...{ currency, method, so_far: words(soFar), expected: words(total), last_month: words(lastMonth) },
            ...{ low: band && words(band.low), high: band && words(band.high) },
            ...{ budget: budget && words(budget.amount), budget_used_up_on: budget?.usedUpOn ?? null },
          };
        }),
      });
    },
  }),
  route({
    method: 'get',
    path: '/anomalies',
    operation: 'listAnomalies',
    tag: 'Costs',
    summary: 'Unusual costs of projects and services, and missing exports, those found last first',
    access: 'billing:read',
    query: anomaliesQuery,
    answers: { 200: { description: 'The anomalies', schema: anomaliesAnswer } },
    async run({ caller, query }) {
      const { ctx, accountId } = callerIn({ caller });
      const { limit = USUAL_LIMIT, after } = partOf(ANOMALIES, query);
      const states = query.state === undefined ? undefined : [query.state];
      const { items, next } = await anomaliesFrom(ctx, accountId, { after, limit, states });
      return json({ anomalies: items.map(anomalyBody), ...nextCursor(ANOMALIES, { limit }, next) });
    },
  }),
];

function anomalyBody(anomaly: AnomalySummary) {
  const { id, kind, project, service, currency, side, since, until, state, reason, assignee, parts } = anomaly;
  const words = (amount: AnomalySummary['amount']) => toFixedMinor(amount, currency);
  const isCosts = kind === 'costs';
  return {
    ...{ anomaly_id: shownId(id), kind, state, project: project?.title ?? null },
    ...{ service: isCosts ? service : null, source: isCosts ? null : service },
    ...{ side, since, until, peak: isCosts ? anomaly.peak : null, currency: isCosts ? currency : null },
    ...{ amount: isCosts ? words(anomaly.amount) : null },
    ...{ expected_low: isCosts ? words(anomaly.low) : null, expected_high: isCosts ? words(anomaly.high) : null },
    parts: parts.map(({ kind: of, name, before, now }) => ({
      ...{ kind: of, name, amount_before: words(before), amount: words(now) },
    })),
    ...{ reason, assignee },
  };
}

async function subjectOf(
  { ctx, accountId }: Pick<Caller, 'ctx' | 'accountId'>,
  query: { readonly billing_group_id?: string | undefined; readonly project?: string | undefined },
): Promise<Subject> {
  const { billing_group_id: given, project: name } = query;
  const [project] = name === undefined ? [] : await findProjects(ctx, accountId, [name]);
  if (project) return { kind: 'project', project };
  return subjectById(ctx, accountId, { group: given === undefined ? '' : resolvedId('bg', given), project: '' });
}
