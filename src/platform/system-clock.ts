import type { Clock } from '../billing/period/clock.ts';

/** The machine's own clock. */
export const systemClock: Clock = { now: () => new Date() };
