import { eachStep } from '../src/services/background/each-of-all.ts';
import { finishMemos } from '../src/services/invoicing/credit-memos.ts';
import type { CardProvider } from '../src/services/settlement/card-provider.ts';
import { storeNewCards } from '../src/services/settlement/card-setups.ts';
import { chargeDue } from '../src/services/settlement/charges.ts';
import { refundDue } from '../src/services/settlement/refunds.ts';
import type { Job } from './kit/job.ts';

/**
 * Saves cards entered at the provider, charges cards, finishes credit memos that a crash left, and refunds what they
 * owe to cards.
 */
export function chargesJob(cards: CardProvider | undefined): Job {
  return {
    name: 'charges',
    does: 'stores new cards, charges amounts due, finishes credit memos, refunds cards',
    everyMs: 10_000,
    concurrency: 'each process',
    missed: 'every amount due is charged, once each. A charge whose outcome is unknown is looked up first',
    async run(ctx) {
      await eachStep(ctx, {
        'finish credit memos': () => finishMemos(ctx),
        ...(cards && {
          'take cards': () => storeNewCards(ctx, cards),
          charge: () => chargeDue(ctx, cards),
          refund: () => refundDue(ctx, cards),
        }),
      });
    },
  };
}
