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

/** What a generated project is like. */
interface Traits {
  readonly level: number;
  readonly noise: number;
  /** Where a step is, as a place among the days, and how large it is, as a share of the level. */
  readonly stepAt: number;
  readonly step: number;
  readonly growth: number;
  readonly charge: number;
  readonly weekend: number;
  readonly holidayAt: number;
}

function traitsOf(random: () => number, days: number): Traits {
  const level = 10 ** (1 + random() * 3);
  return {
    level,
    noise: 0.03 + random() * 0.09,
    stepAt: Math.floor(days * (0.4 + random() * 0.5)),
    step: 0.3 + random() * 0.7,
    growth: (random() * 0.3) / 30,
    charge: level * (3 + random() * 10),
    weekend: 0.3 + random() * 0.4,
    holidayAt: Math.floor(random() * days),
  };
}

/** The place of a project’s lasting change among its days; undefined if its shape has none. */
export function stepOf(shape: Shape, seed: number, days: number): number | undefined {
  return shape.startsWith('step') ? traitsOf(randomFor(shape, seed), days).stepAt : undefined;
}

function randomFor(shape: Shape, seed: number): () => number {
  return randomOf(seed + SHAPES.indexOf(shape) * 7_919);
}

/** Daily costs of a project from a day on, made of a level, noise and what its shape adds. */
export function seriesOf(shape: Shape, seed: number, first: string, days: number): DayCost[] {
  const random = randomFor(shape, seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const { level, noise, stepAt, step, growth, charge, weekend, holidayAt } = traitsOf(random, days);
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
