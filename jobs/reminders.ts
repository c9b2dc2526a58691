import { remindDue } from '../src/services/settlement/reminders.ts';
import type { Job } from './kit/job.ts';

/** Sends reminders for unpaid invoices, on each account's schedule and in its time zone. */
export const remindersJob: Job = {
  name: 'reminders',
  does: 'sends reminders of unpaid invoices, on the account’s schedule',
  everyMs: 600_000,
  zone: 'days are in the account’s time zone, from nine in the morning',
  concurrency: 'each process',
  missed: 'only the latest reminder of each invoice goes out, once',
  run: remindDue,
};
