import type { KnownBlock } from '@slack/types';
import { dayName } from '../../src/billing/period/day.ts';
import { type Period, periodName, shiftPeriod } from '../../src/billing/period/period.ts';
import type { CurrencyForecast, MonthForecast } from '../../src/services/insight/month-forecast.ts';
import { context, section } from '../../src/slack/blocks/blocks.ts';
import { escapeMrkdwn } from '../../src/slack/blocks/mrkdwn.ts';
import type { Reply } from '../../src/slack/requests/reply.ts';
import { count, money, USAGE_NOTE } from '../kit/figures.ts';
import { partialNote } from '../kit/partial.ts';

/** Where the open month’s costs will end: the total with its range, what it is made of, and the budget. */
export function forecastReply(forecast: MonthForecast): Reply {
  const { subject, period, completeUntil, daysLeft, currencies } = forecast;
  const whose = subject === null ? '' : ` for ${escapeMrkdwn(subject)}`;
  if (completeUntil === null || currencies.length === 0) {
    const none = `There are no costs to forecast from${whose} yet.`;
    return { text: none, blocks: [section(none), ...partialNote(forecast)] };
  }
  const totals = currencies.map(({ total, currency }) => `about ${money(total, currency)}`).join(' and ');
  const title = `Forecast for ${periodName(period)}${whose}: ${totals}`;
  const blocks: KnownBlock[] = [
    section(`*${title}*`),
    ...currencies.map((one) => section(linesOf(one, { period, completeUntil, daysLeft }).join('\n'))),
    context(currencies.some(({ method }) => method === 'model') ? `${MODEL} ${USAGE_NOTE}` : USAGE_NOTE),
    ...partialNote(forecast),
  ];
  return { text: title, blocks };
}

const MODEL =
  'From the daily costs of the last four months: their level, weekdays, and charges that come on the same day each month.';
const PACE = 'Too few days of costs for a forecast: this is the average of the days so far';

function linesOf(
  { currency, soFar, rest, band, charges, lastMonth, budget }: CurrencyForecast,
  { period, completeUntil, daysLeft }: { period: Period; completeUntil: string; daysLeft: number },
): string[] {
  return [
    ...(band === null
      ? [PACE]
      : [`In four of five cases between ${money(band.low, currency)} and ${money(band.high, currency)}`]),
    `${money(soFar, currency)} · until ${dayName(completeUntil)}`,
    `${money(rest, currency)} · expected for the other ${count(daysLeft, 'day')}`,
    ...charges.map(({ day, amount }) => `${money(amount, currency)} of it · monthly charge on ${dayName(day)}`),
    `${money(lastMonth, currency)} · ${periodName(shiftPeriod(period, -1))}`,
    ...(budget === null ? [] : [budgetLine(budget, { soFar, currency })]),
  ];
}

function budgetLine(
  { amount, usedUpOn }: NonNullable<CurrencyForecast['budget']>,
  { soFar, currency }: Pick<CurrencyForecast, 'soFar' | 'currency'>,
): string {
  const budget = `budget of ${money(amount, currency)}`;
  if (usedUpOn !== null) return `:warning: At this rate, the ${budget} is used up on ${dayName(usedUpOn)}`;
  return soFar.gte(amount) ? `:warning: The ${budget} is already used up` : `The ${budget} is likely to be enough`;
}
