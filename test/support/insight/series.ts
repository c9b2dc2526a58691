import { type DayCost, dayOfMonth, daysToMonthEnd, weekdayOf } from '../../../src/billing/insight/daily-costs.ts';
import { addDays } from '../../../src/billing/period/day.ts';

/** The same numbers from 0 to 1 for the same seed. */
export function randomOf(seed: number): () => number {
  let state = (seed * 2_654_435_761 + 1) % 2_147_483_648;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** What a generated project does. */
export const SHAPES = [
  'steady',
  'weekly rhythm',
  'step up',
  'step down',
  'growth',
  'month-end charge',
  'first-of-month charge',
  'holidays',
  'refunds',
  'spikes',
] as const;
export type Shape = (typeof SHAPES)[number];

/** Daily costs of a project from a day on, made of a level, noise and what its shape adds. */
export function seriesOf(shape: Shape, seed: number, first: string, days: number): DayCost[] {
  const random = randomOf(seed + SHAPES.indexOf(shape) * 7_919);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const level = 10 ** (1 + random() * 3);
  const noise = 0.03 + random() * 0.09;
  const stepAt = Math.floor(days * (0.4 + random() * 0.5));
  const step = 0.3 + random() * 0.7;
  const growth = (random() * 0.3) / 30;
  const charge = level * (3 + random() * 10);
  const weekend = 0.3 + random() * 0.4;
  const holidayAt = Math.floor(random() * days);
  return Array.from({ length: days }, (_, at) => {
    const day = addDays(first, at);
    let amount = level * (1 + noise * normal());
    const isWeekend = [0, 6].includes(weekdayOf(day));
    if (shape === 'weekly rhythm' && isWeekend) amount *= weekend;
    if (shape === 'step up' && at >= stepAt) amount *= 1 + step;
    if (shape === 'step down' && at >= stepAt) amount *= 1 - step / 2;
    if (shape === 'growth') amount *= 1 + growth * at;
    if (shape === 'month-end charge' && daysToMonthEnd(day) === 0) amount += charge;
    if (shape === 'first-of-month charge' && dayOfMonth(day) === 1) amount += charge;
    if (shape === 'holidays' && (isWeekend || (at >= holidayAt && at < holidayAt + 3))) amount *= weekend;
    if (shape === 'refunds' && random() < 0.03) amount -= level * (1 + random());
    if (shape === 'spikes' && random() < 0.03) amount += level * (1 + random() * 2);
    return { day, amount: Math.round(amount * 100) / 100 };
  });
}
