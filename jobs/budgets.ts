import { checkBudgets } from '../src/services/budgets/budget-checks.ts';
import type { Job } from './kit/job.ts';

/** Sends budget notifications. */
export const budgetsJob: Job = {
  name: 'budgets',
  does: 'warns when a budget passes a threshold',
  everyMs: 60_000,
  zone: 'months are in the account’s time zone',
  concurrency: 'each process',
  missed: 'the highest threshold passed by then is announced, once for the month',
  run: checkBudgets,
};
