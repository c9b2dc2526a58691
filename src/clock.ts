import type { Clock } from './billing/clock.ts';

/** The machine's own clock. */
export const systemClock: Clock = { now: () => new Date() };
