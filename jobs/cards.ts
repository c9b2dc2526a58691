import { announceCards } from '../src/services/payment-methods.ts';
import type { Job } from './ticks.ts';

/** Announces cards that expire soon. */
export const cardsJob: Job = { name: 'cards', everyMs: 3_600_000, run: announceCards };
