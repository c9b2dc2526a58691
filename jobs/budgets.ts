import { checkBudgets } from '../src/services/budgets/budgets.ts';
import type { Job } from './kit/job.ts';

/** Warns of budgets. */
export const budgetsJob: Job = {
  name: 'budgets',
  does: 'warns when a budget’s threshold is passed',
  everyMs: 60_000,
  zone: 'a month begins and ends by its account’s clock',
  concurrency: 'each process',
  missed: 'the highest threshold that is passed by then is told, once for the month',
  run: checkBudgets,
};
