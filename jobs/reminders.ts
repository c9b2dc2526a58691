import { remindDue } from '../src/services/settlement/reminders.ts';
import type { Job } from './kit/job.ts';

/** Reminds of unpaid invoices, by each account's schedule and clock. */
export const remindersJob: Job = {
  name: 'reminders',
  does: 'reminds of unpaid invoices, on the account’s schedule',
  everyMs: 600_000,
  zone: 'days are those of the account’s calendar, from nine in the morning',
  concurrency: 'each process',
  missed: 'of the reminders that should have gone out, the latest one goes out then, once',
  run: remindDue,
};
