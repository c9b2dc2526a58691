import { remindDue } from '../src/services/reminders.ts';
import type { Job } from './ticks.ts';

/** Reminds of unpaid invoices, by each account's schedule and clock. */
export const remindersJob: Job = { name: 'reminders', everyMs: 600_000, run: remindDue };
