import { announceCards } from '../src/services/settlement/payment-methods.ts';
import type { Job } from './kit/job.ts';

/** Announces cards that expire soon. */
export const cardsJob: Job = {
  name: 'cards',
  does: 'announces cards that expire soon',
  everyMs: 3_600_000,
  concurrency: 'each process',
  missed: 'each card that expires within the time of notice and has not been announced is announced then',
  run: announceCards,
};
