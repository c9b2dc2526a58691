import { eachStep } from '../src/services/background/each-of-all.ts';
import { checkBudgets } from '../src/services/budgets/budget-checks.ts';
import { warnOfForecasts } from '../src/services/budgets/budget-forecasts.ts';
import type { Job } from './kit/job.ts';

/** Sends budget notifications. */
export const budgetsJob: Job = {
  name: 'budgets',
  does: 'warns when a budget passes a threshold, and once a day when it is going to be used up',
  everyMs: 60_000,
  zone: 'months are in the account’s time zone',
  concurrency: 'each process',
  missed: 'the highest threshold passed by then is announced, once for the month',
  run: (ctx) => eachStep(ctx, { check: () => checkBudgets(ctx), forecast: () => warnOfForecasts(ctx) }),
};
