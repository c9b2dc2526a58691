import { announceCards } from '../src/services/settlement/payment-methods.ts';
import type { Job } from './kit/job.ts';

/** Announces cards that expire soon. */
export const cardsJob: Job = {
  name: 'cards',
  does: 'announces cards that expire soon',
  everyMs: 3_600_000,
  concurrency: 'each process',
  missed: 'cards that expire soon and haven’t been announced are announced, once each',
  run: announceCards,
};
