import type { CardProvider } from '../src/services/card-provider.ts';
import { takeCards } from '../src/services/card-setups.ts';
import { chargeDue } from '../src/services/charges.ts';
import { finishMemos } from '../src/services/credit-memos.ts';
import { eachStep } from '../src/services/each-of-all.ts';
import { refundDue } from '../src/services/refunds.ts';
import type { Job } from './job.ts';

/** Takes cards that were entered at the provider's, charges what is due by card, finishes credit memos that a crash left, and gives back what they owe to cards. */
export function chargesJob(cards: CardProvider | undefined): Job {
  return {
    name: 'charges',
    does: 'takes cards that were entered, charges what is due, finishes credit memos, gives money back to cards',
    everyMs: 30_000,
    concurrency: 'each process',
    missed: 'all that is due is charged then, each once: what may have been charged is looked up first',
    async run(ctx) {
      await eachStep(ctx, {
        'finish credit memos': () => finishMemos(ctx),
        ...(cards && {
          'take cards': () => takeCards(ctx, cards),
          charge: () => chargeDue(ctx, cards),
          refund: () => refundDue(ctx, cards),
        }),
      });
    },
  };
}
